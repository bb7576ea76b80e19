// --write: the committed files again, by chapter 23's export.
#include "04_mnist_mlp/pretrained.hpp"
#include "05_observers/calibrate.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "23_onnx_export/onnx_write.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "24_onnx_import/lesson/study.hpp"
#include "common/npy.hpp"

namespace qfs::ch24 {
namespace {

QuantizedNet quantized(const Cnn& cnn, const TrainDigits& digits) {
  const Cnn folded = fold_batch_norm(cnn);
  const auto intervals = calibrate<MinMaxObserver>(folded, CalibrationSet(digits), 100);
  return quantize_fused_cnn(folded, after_relu(folded, intervals),
                            {.weights = WeightGranularity::per_channel});
}

}  // namespace

void write_files(const std::string& folder, const Dataset& data) {
  const Mlp mlp = load_mlp(datasets_dir() + "/pretrained");
  const auto intervals =
      calibrate<MinMaxObserver>(mlp, CalibrationSet(data.train), OutputPoint::after_relu, 100);
  const auto save = [&](const std::string& name, const QuantizedNet& net, OnnxForm form) {
    save_onnx(folder + "/" + name + ".onnx", to_onnx(net, {.form = form}, onnx_operations()));
  };
  save("mlp_qdq", quantize_fused_mlp(mlp, intervals, {}), OnnxForm::qdq);
  save(
      "mlp_dynamic",
      quantize_dynamic(mlp, WeightGranularity::per_channel, {.options = {.rule = RangeRule::onnx}}),
      OnnxForm::qdq);
  save("small_cnn_qoperator",
       quantized(load_committed_cnn("small_mnist", make_small_cnn(nullptr)), data.train),
       OnnxForm::qoperator);
  save("residual_qdq",
       quantized(load_committed_cnn("residual_mnist", make_residual_net(nullptr)), data.train),
       OnnxForm::qdq);
}

}  // namespace qfs::ch24
