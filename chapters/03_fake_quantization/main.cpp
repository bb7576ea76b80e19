// Chapter 03: quantize and dequantize in one step, its gradient and its error.

#include <bit>
#include <cstdio>

#include "03_fake_quantization/clipped_training.hpp"
#include "03_fake_quantization/experiments.hpp"
#include "03_fake_quantization/noise.hpp"
#include "03_fake_quantization/paper_example.hpp"
#include "common/dataset.hpp"
#include "common/npy.hpp"
#include "common/print.hpp"

namespace {

using qfs::QuantParams;
using qfs::QuantRange;

constexpr QuantParams kPaper{qfs::paper_fake::kScale, qfs::paper_fake::kZeroPoint};

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float left, float right) {
    return std::bit_cast<std::uint32_t>(left) == std::bit_cast<std::uint32_t>(right);
  });
}

std::string text(float value) { return qfs::number_text(value, 6); }

void forward(qfs::Lesson& lesson) {
  qfs::section(1, "Quantize and dequantize, all in float");
  const QuantRange range = qfs::paper_fake::kRange;
  std::printf("  s = %g, z = %d, integers %d to %d: the reals %g to %g\n", kPaper.scale,
              kPaper.zero_point, range.qmin, range.qmax, qfs::dequantize_value(range.qmin, kPaper),
              qfs::dequantize_value(range.qmax, kPaper));
  qfs::Table table({"x", "x (1/s)", "rounded", "+ z", "clamped", "- z", "y", "by hand", "PyTorch"});
  std::array<float, 7> y{};
  qfs::fake_quantize(qfs::paper_fake::kX, kPaper, range, y);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const float steps = qfs::paper_fake::kX[i] * (1.0F / kPaper.scale);
    const float r = std::nearbyint(steps);
    const std::int32_t q = qfs::quantize_value(qfs::paper_fake::kX[i], kPaper, range);
    table.row({text(qfs::paper_fake::kX[i]), text(steps), text(r),
               text(r + static_cast<float>(kPaper.zero_point)), std::to_string(q),
               std::to_string(q - kPaper.zero_point), text(y[i]),
               text(qfs::paper_fake::kYByHand[i]), text(qfs::paper_fake::kYByPyTorch[i])});
  }
  table.print();
  lesson.claims.expect(
      same_bits(y, qfs::paper_fake::kYByHand) && same_bits(y, qfs::paper_fake::kYByPyTorch),
      "by hand = this program = PyTorch, all seven");
  const std::vector<float> x = qfs::normal_draws(lesson.options.seed);
  std::vector<float> fake(x.size()), real(x.size()), by_definition(x.size());
  std::vector<std::uint8_t> q(x.size());
  qfs::fake_quantize(x, kPaper, range, fake);
  qfs::quantize<std::uint8_t>(x, kPaper, range, q);
  qfs::dequantize<std::uint8_t>(q, kPaper, real);
  for (std::size_t i = 0; i < x.size(); ++i)
    by_definition[i] = qfs::fake_quantize_ref(x[i], kPaper, range).y;
  std::printf("  100 000 Gaussian numbers, compared bit for bit:\n");
  lesson.claims.expect(same_bits(fake, real), "fake quantization = through real 8-bit integers");
  lesson.claims.expect(same_bits(fake, by_definition), "the fast rounding = nearbyint");
}

void gradient(qfs::Lesson& lesson) {
  qfs::section(2, "The gradient: pass inside the range, stop outside");
  const QuantRange range = qfs::paper_fake::kRange;
  std::array<float, 7> dx{};
  qfs::fake_quantize_backward(qfs::paper_fake::kX, qfs::paper_fake::kDy, kPaper, range, dx);
  qfs::Table table(
      {"x", "q unclamped", "mask", "mean slope, x - s to x + s", "dy", "dx", "by hand", "PyTorch"});
  for (std::size_t i = 0; i < dx.size(); ++i) {
    const float x = qfs::paper_fake::kX[i], s = kPaper.scale;
    const float q = std::nearbyint(x * (1.0F / s)) + static_cast<float>(kPaper.zero_point);
    const auto y = [&](float at) { return qfs::fake_quantize_ref(at, kPaper, range).y; };
    table.row({text(x), text(q), qfs::fake_quantize_ref(x, kPaper, range).inside ? "1" : "0",
               text((y(x + s) - y(x - s)) / (2.0F * s)), text(qfs::paper_fake::kDy[i]),
               text(dx[i] + 0.0F), text(qfs::paper_fake::kDxByHand[i]),
               text(qfs::paper_fake::kDxByPyTorch[i])});
  }
  table.print();
  lesson.claims.expect(dx == qfs::paper_fake::kDxByHand && dx == qfs::paper_fake::kDxByPyTorch,
                       "by hand = this program = PyTorch, all seven");
}

void what_goes_wrong(qfs::Lesson& lesson) {
  qfs::section(8, "What goes wrong: the backward pass without the clip mask");
  std::printf(
      "  two weights, one fixed scale 1/8, integers -7 to 7; the targets are 1.5 and 0.25\n");
  std::array<float, 2> masked = {0.5F, 0.5F}, unmasked = masked;
  qfs::Table table({"step", "no mask: w0", "w1", "loss", "mask: w0", "w1", "loss"});
  qfs::ToyStep last_masked, last_unmasked;
  bool same_losses = true;
  for (int step = 0; step <= 200; ++step) {
    last_unmasked = qfs::toy_step(unmasked, false);
    last_masked = qfs::toy_step(masked, true);
    same_losses = same_losses && last_masked.loss == last_unmasked.loss;
    if (step > 7 && step != 20 && step != 200) continue;
    table.row({std::to_string(step), qfs::fixed(last_unmasked.w[0], 6),
               qfs::fixed(last_unmasked.w[1], 4), qfs::fixed(last_unmasked.loss, 4),
               qfs::fixed(last_masked.w[0], 6), qfs::fixed(last_masked.w[1], 4),
               qfs::fixed(last_masked.loss, 4)});
  }
  table.print();
  lesson.claims.expect(same_losses,
                       "both losses are the same in every step: training shows nothing");
  std::printf("  then the weights are converted, with a scale from their largest magnitude:\n");
  std::array<float, 2> kept{};
  std::array<std::array<float, 2>, 2> trained = {last_unmasked.w, last_masked.w};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto y =
        qfs::fake_quantize_min_max(trained[i], {.inner = 2, .group_size = 2}, qfs::kToyRange);
    kept[i] = y[1];
    std::printf("    %-8s w = (%.4f, %.4f) becomes (%.4f, %.4f)\n",
                i == 0 ? "no mask:" : "mask:", trained[i][0], trained[i][1], y[0], y[1]);
  }
  lesson.claims.expect(kept[0] == 0.0F && kept[1] != 0.0F,
                       "without the mask one weight ran away and the other became 0");
}

void trace_one(float x, QuantParams p, QuantRange range, float dy) {
  const float inv_scale = 1.0F / p.scale, steps = x * inv_scale, r = std::nearbyint(steps);
  const float z = static_cast<float>(p.zero_point);
  const auto [y, inside] = qfs::fake_quantize_ref(x, p, range);
  const std::int32_t q = qfs::quantize_value(x, p, range);
  float dx = 0.0F;
  qfs::fake_quantize_backward({&x, 1}, {&dy, 1}, p, range, {&dx, 1});
  std::printf("  x = %.9g, s = %.9g, z = %d, integers %d to %d\n", x, p.scale, p.zero_point,
              range.qmin, range.qmax);
  std::printf("    x * (1/s)       %.9g * %.9g = %.9g\n", x, inv_scale, steps);
  std::printf("    rounded, + z    %g + %d = %g\n", r, p.zero_point, r + z);
  std::printf("    inside?         %s, so the mask is %d\n", inside ? "yes" : "no", inside ? 1 : 0);
  std::printf("    clamped         %d\n", q);
  std::printf("    y = s (q - z)   %.9g * %d = %.9g, error x - y = %.9g\n", p.scale,
              q - p.zero_point, y, x - y);
  std::printf("    dx = dy * mask  %g * %d = %g\n", dy, inside ? 1 : 0, dx + 0.0F);
}

void trace(const qfs::Matrix<float>& weights) {
  qfs::section(9, "Trace: numbers end to end, forward and backward");
  const QuantRange range = qfs::paper_fake::kRange;
  for (std::size_t i = 2; i < 5; ++i)
    trace_one(qfs::paper_fake::kX[i], kPaper, range, qfs::paper_fake::kDy[i]);
  const float z = static_cast<float>(kPaper.zero_point);
  const float wrong = std::nearbyint(qfs::paper_fake::kX[2] * 4.0F + z);
  std::printf("  with z added before rounding, x = 0.375 would become round(6.5) = %g, y = %g\n",
              wrong, (wrong - z) * kPaper.scale);
  const auto [min, max] = qfs::min_max(qfs::row(weights, 0));
  const float largest = std::max(-min, max);
  const QuantParams p = qfs::clip_at(largest / 2.0F, qfs::narrow_range(4));
  std::printf("  row 0 of the first layer, 4 bits, clipped at half its largest magnitude:\n");
  trace_one(-min > max ? min : max, p, qfs::narrow_range(4), 1.0F);
  trace_one(weights(0, weights.shape(1) / 2), p, qfs::narrow_range(4), 1.0F);
}

}  // namespace

int main(int argc, char** argv) {
  qfs::Program program("03 Fake quantization",
                       "Quantize and dequantize in one step, its gradient and its error.");
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    const std::string weights_dir = lesson.options.weights_dir.empty()
                                        ? qfs::datasets_dir() + "/pretrained"
                                        : lesson.options.weights_dir;
    const auto weights = qfs::load_npy<float, 2>(weights_dir + "/fc1_weight.npy");
    qfs::min_max(qfs::values(weights));  // refuses an empty tensor, NaN and infinity
    forward(lesson);
    gradient(lesson);
    qfs::rounding_error(lesson);
    qfs::clipping_error(lesson);
    qfs::fewer_bits(lesson, weights);
    qfs::outliers(lesson, weights);
    qfs::bytes_on_disk(lesson, weights);
    what_goes_wrong(lesson);
    if (lesson.options.trace) trace(weights);
  });
}
