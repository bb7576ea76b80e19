// Section 7, for --trace: the paper example in detail; and the curve of the figure.
#include <cstdio>

#include "01_affine_math/lesson/paper_example.hpp"
#include "01_affine_math/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch01 {
namespace {

void trace_one(float x, QuantParams p, QuantRange range) {
  const float inverse = 1.0F / p.scale, steps = x * inverse, rounded = std::nearbyint(steps);
  const std::int32_t q = quantize_value(x, p, range);
  std::printf("  x                        %.9g\n", x);
  std::printf("  1/s                      %.9g\n", inverse);
  std::printf("  x * (1/s)                %.9g\n", steps);
  std::printf("  nearbyint (eq. 1.2)      %g\n", rounded);
  std::printf("  + z                      %g\n", rounded + static_cast<float>(p.zero_point));
  std::printf("  clamp to [%d, %d]         %d\n", range.qmin, range.qmax, q);
  std::printf("  s * (q - z) (eq. 1.1)    %.9g\n", dequantize_value(q, p));
  std::printf("  error                    %.9g\n\n", x - dequantize_value(q, p));
}

}  // namespace

void trace() {
  section(7, "Trace: every number of the paper example, end to end");
  const auto [min, max] = min_max(paper::kX);
  const QuantParams p = choose_qparams(min, max, paper::kRange);
  std::printf(
      "  lo = min(%g, 0), hi = max(%g, 0) (eq. 1.4); s = %.9g (eq. 1.5), z = %d (eq. 1.6)\n\n", min,
      max, p.scale, p.zero_point);
  for (float x : paper::kX) trace_one(x, p, paper::kRange);
  trace_one(3.1F, p, paper::kRange);
}

void write_staircase(const Report& report) {
  const QuantParams p{paper::kScale, paper::kZeroPoint};
  std::vector<std::vector<double>> rows;
  for (int i = -160; i <= 280; ++i) {
    const float x = static_cast<float>(i) / 100.0F;
    const double back = dequantize_value(quantize_value(x, p, paper::kRange), p);
    rows.push_back({x, back, x - back});
  }
  report.csv("staircase", {"x", "reconstruction", "error"}, rows);
}

}  // namespace qfs::ch01
