// Section 11: one output of layer 1 for the first test digit, end to end.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "08_dynamic_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch08 {
namespace {

// The middle row of the picture; the sum runs over all of it.
void trace_products(const Study& study, const Matrix<float>& x, const QuantizedInput& input,
                    std::size_t n) {
  const Matrix<std::int8_t>& q_w = study.net.weights[0].weight.q;
  const std::size_t from = study.data.test.rows / 2 * study.data.test.cols,
                    to = from + study.data.test.cols;
  Table table({"k", "x", "q_x", "w", "q_w", "product", "sum"});
  std::int32_t raw = 0;
  for (std::size_t k = 0; k < q_w.shape(1); ++k) {
    const int product = input.q(0, k) * q_w(n, k);
    raw += product;
    if (k >= from && k < to && study.data.test.pixels(0, k) > 0)
      table.row({std::to_string(k), fixed(x(0, k), 5), std::to_string(input.q(0, k)),
                 fixed(study.mlp.layers[0].weight(n, k), 5), number_text(q_w(n, k)),
                 std::to_string(product), std::to_string(raw)});
  }
  table.print();
  std::printf("  sum q_x q_w     %8d   over all %zu inputs (above: ink in the middle row)\n", raw,
              q_w.shape(1));
}

}  // namespace

void trace(const Study& study, std::size_t neuron) {
  const OperationParts layer = layers_of(study.net)[0];
  const ToF32 to_f32 = make_to_f32(*layer.weights);
  const std::size_t n = std::min(neuron, layer.output.size() - 1);
  const bool rows = study.input.options.granularity == InputGranularity::per_row;
  const std::size_t some = std::min(kDynamicBatch, study.x.shape(0));
  section(11, "Trace: output " + std::to_string(n) + " of layer 1, first test digit, " +
                  (rows ? "its own range" : "the range of the first " + std::to_string(some)));
  const Matrix<float> x = rows_of(study.x, 0, some);
  Steps steps = run_layer(layer, x, study.input);
  const QuantizedInput& input = steps.input;
  const QuantParams p = input.params[0];
  const Interval seen = min_max(rows ? row(x, 0) : values(x));
  std::printf("  range [%.7g, %.7g]: s_x = %.9g, z_x = %d\n", static_cast<double>(seen.min),
              static_cast<double>(seen.max), static_cast<double>(p.scale), p.zero_point);
  trace_products(study, x, input, n);
  const std::int32_t sum = steps.sum(0, n);
  const float s_w = of_channel(values(layer.weights->weight.scale), n);
  std::printf("  - z_x sum q_w   %8d   (-%d * %d, at run time; the row sum offline)\n",
              -p.zero_point * to_f32.weight_sum(n), p.zero_point, to_f32.weight_sum(n));
  std::printf("  =               %8d\n", sum);
  std::printf("  s_x s_w = %.9g * %.9g = %.9g\n", static_cast<double>(p.scale),
              static_cast<double>(s_w), static_cast<double>(p.scale * s_w));
  Matrix<float>& y = steps.y;
  std::printf("  %d * s_x s_w + bias %.7g = %.7g", sum, static_cast<double>(to_f32.bias(n)),
              static_cast<double>(y(0, n)));
  Matrix<float> real = linear_forward_ref(study.mlp.layers[0], rows_of(study.x, 0, 1));
  if (study.mlp.layers.size() > 1) {  // the last layer has none
    relu_forward(y);
    relu_forward(real);
    std::printf(", after ReLU %.7g", static_cast<double>(y(0, n)));
  }
  std::printf("\n");
  std::printf("  the float net has %.7g there\n", static_cast<double>(real(0, n)));
}

}  // namespace qfs::ch08
