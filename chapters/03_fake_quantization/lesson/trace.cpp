// Section 9, for --trace: numbers end to end, forward and backward.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "03_fake_quantization/lesson/paper_example.hpp"
#include "03_fake_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch03 {
namespace {

void trace_one(float x, QuantParams p, QuantRange range, float dy) {
  const float inv_scale = 1.0F / p.scale, steps = x * inv_scale, r = std::nearbyint(steps);
  const float z = static_cast<float>(p.zero_point);
  const auto [y, inside] = fake_quantize_ref(x, p, range);
  const std::int32_t q = quantize_value(x, p, range);
  float dx = 0.0F;
  fake_quantize_backward({&x, 1}, {&dy, 1}, p, range, {&dx, 1});
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

}  // namespace

void trace(const Matrix<float>& weights) {
  section(9, "Trace: numbers end to end, forward and backward");
  const QuantRange range = paper::kRange;
  for (std::size_t i = 2; i < 5; ++i) trace_one(paper::kX[i], paper::kParams, range, paper::kDy[i]);
  const float z = static_cast<float>(paper::kParams.zero_point);
  const float wrong = std::nearbyint(paper::kX[2] * 4.0F + z);
  std::printf("  with z added before rounding, x = 0.375 would become round(6.5) = %g, y = %g\n",
              wrong, (wrong - z) * paper::kParams.scale);
  const auto [min, max] = min_max(row(weights, 0));
  const float largest = std::max(-min, max);
  const QuantParams p = clip_at(largest / 2.0F, narrow_range(4));
  std::printf("  row 0 of the first layer, 4 bits, clipped at half its largest magnitude:\n");
  trace_one(-min > max ? min : max, p, narrow_range(4), 1.0F);
  trace_one(weights(0, weights.shape(1) / 2), p, narrow_range(4), 1.0F);
}

}  // namespace qfs::ch03
