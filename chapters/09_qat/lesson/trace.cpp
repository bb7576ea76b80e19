// Section 8: one weight, one activation and their scales through one training step.
#include <cmath>
#include <cstdio>

#include "04_mnist_mlp/adam.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch09 {
namespace {

void trace_quantizer(const char* name, const FakeQuantizer& q, float x, float dy, float dx) {
  const double s = static_cast<double>(q.params[0].scale), t = static_cast<double>(x) / s;
  const FakeQuantized fake = fake_quantize_ref(x, q.params[0], q.range);
  std::printf("  %-10s %.6f / %.6f = %.4f steps,\n", name, static_cast<double>(x), s, t);
  std::printf("  %-10s rounded %g, clamped to %d..%d: %.6f\n", "", std::nearbyint(t), q.range.qmin,
              q.range.qmax, static_cast<double>(fake.y));
  std::printf("  %-10s gradient %.7f, mask %d: %.7f\n", "", static_cast<double>(dy),
              fake.inside ? 1 : 0, static_cast<double>(dx));
}

// The element of `values` with the largest magnitude.
std::size_t largest_of(std::span<const float> values) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::fabs(values[i]) > std::fabs(values[best])) best = i;
  return best;
}

}  // namespace

void trace(const Study& study) {
  section(8, "Trace: layer 1 in 2 bits, one step on the first 32 training digits");
  const TrainDigits& digits = study.data.train;
  const std::size_t count = std::min<std::size_t>(32, digits.size());
  QatMlp net = make_qat(study.start.mlp, study.start.intervals, in_bits(2, ScaleSource::learned));
  Adam adam(parameters(net), {.learning_rate = study.recipe.learning_rate});
  QatPassBuffers buffers;
  const float loss = forward_backward(net, normalized(digits.pixels, 0, count),
                                      std::span(digits.labels).first(count), buffers);
  std::printf("  loss %.4f\n", static_cast<double>(loss));
  QatLinear& layer = net.layers[0];
  const std::span<const float> w = values(layer.real.weight);
  const std::size_t i = largest_of(values(std::as_const(layer.real.weight_gradient)));
  std::printf("  the weight with the largest gradient: output %zu, input %zu\n",
              i / layer.real.inputs(), i % layer.real.inputs());
  trace_quantizer("w", layer.weight, w[i], values(layer.fake.weight_gradient)[i],
                  values(layer.real.weight_gradient)[i]);
  LearnedScales& scale = layer.weight.learned;
  std::printf("  s_w        %.6f * %.6f; g = %.7f; dL/du = %.7f\n",
              static_cast<double>(scale.initial[0]), static_cast<double>(scale.ratio[0]),
              static_cast<double>(layer.weight.gradient_factor),
              static_cast<double>(scale.ratio_gradient[0]));
  const float before = w[i];
  adam.step();
  std::printf("  after Adam w %.6f -> %.6f, u %.6f, s_w %.6f\n", static_cast<double>(before),
              static_cast<double>(w[i]), static_cast<double>(scale.ratio[0]),
              static_cast<double>(scale.scale(0)));
}

}  // namespace qfs::ch09
