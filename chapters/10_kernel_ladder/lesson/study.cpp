#include "10_kernel_ladder/lesson/study.hpp"

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "05_observers/calibrate.hpp"
#include "06_static_ptq/operations.hpp"

namespace qfs::ch10 {

QuantizedNet quantized(const Study& study, const PtqOptions& options) {
  const ActivationIntervals intervals = calibrate<MinMaxObserver>(
      study.mlp, CalibrationSet(study.data.train), OutputPoint::after_linear, 100);
  return quantize_mlp(study.mlp, intervals, options);
}

Matrix<std::uint8_t> layer_1_inputs(const Study& study, const QuantizedNet& net, std::size_t rows) {
  const TensorSpec& input = layers_of(net)[0].input;
  auto q = make_tensor<std::uint8_t>({rows, input.size()});
  quantize(values(batch_to_time(study.data.test, rows)), input.params, input.range, values(q));
  return q;
}

}  // namespace qfs::ch10
