#include "21_int8_cnn/lesson/study.hpp"

#include "06_static_ptq/plumbing/model_file.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "common/temporary.hpp"

namespace qfs::ch21 {

TrainedNet make_net(const std::string& name, const Dataset& data, std::size_t calibration) {
  const bool residual = name.starts_with("residual");
  TrainedNet net{.name = name};
  net.trained =
      load_committed_cnn(name, residual ? make_residual_net(nullptr) : make_small_cnn(nullptr));
  net.folded = fold_batch_norm(net.trained);
  net.intervals =
      calibrate<MinMaxObserver>(net.folded, CalibrationSet(data.train, calibration), 100);
  // By BLAS, whose last bits differ from CPU to CPU. The classes do not: of the bundled test
  // digits' two largest logits the nearest are 4e-3 apart, hundreds of times as much.
  CnnBuffers buffers;
  net.by_float = classify(data.test.pixels, [&](const Matrix<float>& x) -> const Matrix<float>& {
    return forward(net.folded, x, buffers);
  });
  return net;
}

std::vector<TrainedNet> make_nets(const Options& options, const Dataset& data) {
  require(options.weights_dir.empty(), "this lesson's nets are convolutions", options.weights_dir,
          "no --weights, which holds an MLP's", "leave it out");
  const std::size_t calibration = options.quick ? 100 : 1000;
  const bool fashion = options.data_dir == kFashionDir;
  std::vector<TrainedNet> nets;
  if (!fashion) nets.push_back(make_net("small_mnist", data, calibration));
  nets.push_back(make_net(fashion ? "residual_fashion" : "residual_mnist", data, calibration));
  return nets;
}

PtqOptions ptq(int bits, WeightGranularity weights) { return {unsigned_range(bits), weights}; }

std::vector<std::uint8_t> classes_of(const QuantizedNet& net, const Matrix<std::uint8_t>& pixels,
                                     std::span<const OperationKind> table) {
  Engine engine(net, choose_backend(), table);
  Matrix<float> logits;
  return classify(pixels, [&](const Matrix<float>& x) -> const Matrix<float>& {
    fit_shape(logits, x.shape(0), engine.outputs());
    engine.run(values(x), x.shape(0), values(logits));
    return logits;
  });
}

NetBuffers tensors_of(const QuantizedNet& net, const Matrix<float>& x, const Backend& backend) {
  NetBuffers buffers;
  run(pack(net, backend, cnn_operations()), x, buffers);
  return buffers;
}

std::size_t bytes_on_disk(const QuantizedNet& net) {
  const TemporaryDirectory folder;
  return save_model(folder.path("net.qfs"), net, cnn_operations());
}

std::size_t bytes_of_floats(const Cnn& folded) {
  std::size_t numbers = 0;
  Cnn copy = folded;
  for (const ParamView& param : parameters(copy)) numbers += param.values.size();
  return 4 * numbers;
}

}  // namespace qfs::ch21
