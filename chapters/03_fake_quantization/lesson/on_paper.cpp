// Sections 1 and 2: the paper example, forward and backward.
#include <array>
#include <bit>
#include <cstdio>

#include "03_fake_quantization/lesson/paper_example.hpp"
#include "03_fake_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch03 {
namespace {

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float left, float right) {
    return std::bit_cast<std::uint32_t>(left) == std::bit_cast<std::uint32_t>(right);
  });
}

std::string text(float value) { return number_text(value, 6); }

}  // namespace

void forward(Lesson& lesson) {
  section(1, "Quantize and dequantize, all in float");
  const QuantRange range = paper::kRange;
  std::printf("  s = %g, z = %d, integers %d to %d: the reals %g to %g\n", paper::kParams.scale,
              paper::kParams.zero_point, range.qmin, range.qmax,
              dequantize_value(range.qmin, paper::kParams),
              dequantize_value(range.qmax, paper::kParams));
  Table table({"x", "x (1/s)", "rounded", "+ z", "clamped", "- z", "y", "by hand", "PyTorch"});
  std::array<float, 7> y{};
  fake_quantize(paper::kX, paper::kParams, range, y);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const float steps = paper::kX[i] * (1.0F / paper::kParams.scale);
    const float r = std::nearbyint(steps);
    const std::int32_t q = quantize_value(paper::kX[i], paper::kParams, range);
    table.row({text(paper::kX[i]), text(steps), text(r),
               text(r + static_cast<float>(paper::kParams.zero_point)), std::to_string(q),
               std::to_string(q - paper::kParams.zero_point), text(y[i]), text(paper::kYByHand[i]),
               text(paper::kYByPyTorch[i])});
  }
  table.print();
  lesson.claims.expect(same_bits(y, paper::kYByHand) && same_bits(y, paper::kYByPyTorch),
                       "by hand = this program = PyTorch, all seven");
  const std::vector<float> x = normal_draws(lesson.options.seed);
  std::vector<float> fake(x.size()), real(x.size()), by_definition(x.size());
  std::vector<std::uint8_t> q(x.size());
  fake_quantize(x, paper::kParams, range, fake);
  quantize<std::uint8_t>(x, paper::kParams, range, q);
  dequantize<std::uint8_t>(q, paper::kParams, real);
  for (std::size_t i = 0; i < x.size(); ++i)
    by_definition[i] = fake_quantize_ref(x[i], paper::kParams, range).y;
  std::printf("  100 000 Gaussian numbers, compared bit for bit:\n");
  lesson.claims.expect(same_bits(fake, real), "fake quantization = through real 8-bit integers");
  lesson.claims.expect(same_bits(fake, by_definition), "the fast rounding = nearbyint");
}

void gradient(Lesson& lesson) {
  section(2, "The gradient: pass inside the range, stop outside");
  const QuantRange range = paper::kRange;
  std::array<float, 7> dx{};
  fake_quantize_backward(paper::kX, paper::kDy, paper::kParams, range, dx);
  Table table({"x", "q unclamped", "mask", "mean slope", "dy", "dx", "by hand", "PyTorch"});
  for (std::size_t i = 0; i < dx.size(); ++i) {
    const float x = paper::kX[i], s = paper::kParams.scale;
    const float q = std::nearbyint(x * (1.0F / s)) + static_cast<float>(paper::kParams.zero_point);
    const auto y = [&](float at) { return fake_quantize_ref(at, paper::kParams, range).y; };
    table.row({text(x), text(q), fake_quantize_ref(x, paper::kParams, range).inside ? "1" : "0",
               text((y(x + s) - y(x - s)) / (2.0F * s)), text(paper::kDy[i]), text(dx[i] + 0.0F),
               text(paper::kDxByHand[i]), text(paper::kDxByPyTorch[i])});
  }
  table.print();
  lesson.claims.expect(dx == paper::kDxByHand && dx == paper::kDxByPyTorch,
                       "by hand = this program = PyTorch, all seven");
}

}  // namespace qfs::ch03
