// Section 1: six reals in four bits, every column beside the one worked out by hand.
#include <cstdio>

#include "01_affine_math/lesson/paper_example.hpp"
#include "01_affine_math/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch01 {

void on_paper(Lesson& lesson) {
  section(1, "Six reals in four bits, as on paper");
  const QuantRange range = paper::kRange;
  const auto [min, max] = min_max(paper::kX);
  const QuantParams p = choose_qparams(min, max, range);
  std::printf("  the interval [%g, %g] onto the integers %d to %d\n", min, max, range.qmin,
              range.qmax);
  std::printf("  scale s = (%g - %g) / %d = %g, zero point z = %d - round(%g / %g) = %d\n", max,
              min, range.qmax - range.qmin, p.scale, range.qmin, min, p.scale, p.zero_point);
  Table table({"x", "x/s", "round", "+ z", "q", "by hand", "PyTorch", "s(q - z)", "error"});
  bool all_equal = true;
  float largest_error = 0.0F;
  for (std::size_t i = 0; i < paper::kX.size(); ++i) {
    const float x = paper::kX[i];
    const std::int32_t q = quantize_value(x, p, range);
    const float back = dequantize_value(q, p);
    const float steps = x * (1.0F / p.scale);
    all_equal = all_equal && q == paper::kByHand[i] && q == paper::kByPyTorch[i];
    largest_error = std::max(largest_error, std::fabs(x - back));
    table.row({fixed(x, 2), fixed(steps, 2), fixed(std::nearbyint(steps), 0),
               fixed(std::nearbyint(steps) + static_cast<float>(p.zero_point), 0),
               std::to_string(q), std::to_string(paper::kByHand[i]),
               std::to_string(paper::kByPyTorch[i]), fixed(back, 2), fixed(x - back, 2)});
  }
  table.print();
  lesson.claims.expect_equal(p.scale, paper::kScale, "the scale is 0.2");
  lesson.claims.expect_equal(p.zero_point, paper::kZeroPoint, "the zero point is 5");
  lesson.claims.expect(all_equal, "by hand = this program = PyTorch, all six");
  lesson.claims.expect(dequantize_value(p.zero_point, p) == 0.0F, "0 comes back as exactly 0");
  // (eq. 1.3) The factor leaves room for the two float32 roundings of s (q - z) and of the
  // difference, 2^-24 each.
  lesson.claims.expect(!(largest_error > p.scale / 2.0F * 1.000001F),
                       "no error exceeds half a step, 0.1");
  std::printf("  a later 3.1 lies outside: 15.5 -> 16, + 5 = 21, clamped to %d, back %g\n",
              quantize_value(3.1F, p, range), dequantize_value(quantize_value(3.1F, p, range), p));
}

}  // namespace qfs::ch01
