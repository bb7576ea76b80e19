#include "tests/onnxruntime/nets.hpp"

#include "07_layer_fusion/fuse.hpp"
#include "09_qat/convert.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"

namespace qfs {
namespace {

// One epoch, whose integers and scales are others than calibration's. The pixels get the same bits
// as the hidden layers.
QuantizedNet train_with_quantization(const Mlp& mlp, const ActivationIntervals& intervals, int bits,
                                     const TrainDigits& digits) {
  const QatOptions options{.activation_bits = bits, .weights = WeightGranularity::per_channel};
  QatMlp net = make_qat(mlp, intervals, options);
  net.input.range = unsigned_range(bits);
  net.input.params = {choose_qparams(intervals.input.min, intervals.input.max, net.input.range)};
  Rng rng(1);
  train_qat(net, digits, options,
            {.epochs = 1, .adam = {.learning_rate = 1e-3F}, .label = "training with quantization"},
            rng);
  return convert(net);
}

}  // namespace

std::vector<NamedNet> make_mlp_nets(const Mlp& mlp, const TrainDigits& digits) {
  const CalibrationSet calibration(digits);
  const auto before = calibrate<MinMaxObserver>(mlp, calibration, OutputPoint::after_linear, 100);
  const auto after = calibrate<MinMaxObserver>(mlp, calibration, OutputPoint::after_relu, 100);
  std::vector<NamedNet> nets;
  for (const int bits : {8, 7}) {
    const QuantRange range = unsigned_range(bits);
    nets.push_back({"static", bits, quantize_mlp(mlp, before, {range})});
    nets.push_back({"fused", bits, quantize_fused_mlp(mlp, after, {range})});
    nets.push_back({"fused_per_channel", bits,
                    quantize_fused_mlp(mlp, after, {range, WeightGranularity::per_channel})});
    nets.push_back({"qat", bits, train_with_quantization(mlp, after, bits, digits)});
  }
  const DynamicInput onnx{.options = {InputGranularity::per_tensor, RangeRule::onnx}};
  for (const auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
    nets.push_back({weights == WeightGranularity::per_tensor ? "dynamic" : "dynamic_per_channel", 8,
                    quantize_dynamic(mlp, weights, onnx)});
  return nets;
}

std::vector<NamedNet> make_cnn_nets(const std::string& name, const Cnn& folded,
                                    const TrainDigits& digits) {
  const TensorIntervals intervals =
      calibrate<MinMaxObserver>(folded, CalibrationSet(digits, 200), 100);
  std::vector<NamedNet> nets;
  for (const int bits : {8, 7}) {
    const PtqOptions options{unsigned_range(bits), WeightGranularity::per_channel};
    nets.push_back({name + "_static", bits, quantize_cnn(folded, intervals, options)});
    nets.push_back({name + "_fused", bits, quantize_fused_cnn(folded, intervals, options)});
  }
  return nets;
}

}  // namespace qfs
