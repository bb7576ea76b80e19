// Section 6: what goes wrong when the interval does not contain 0.
#include <cstdio>

#include "01_affine_math/affine.hpp"
#include "01_affine_math/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch01 {

void mistakes(Lesson& lesson) {
  section(6, "What goes wrong: an interval without 0");
  const float min = 1.0F, max = 4.0F;
  const QuantRange range = signed_range(8);
  const float wrong_scale = (max - min) / 255.0F;
  const int wanted = range.qmin - static_cast<int>(std::nearbyint(min / wrong_scale));
  const QuantParams wrong{wrong_scale, std::clamp(wanted, range.qmin, range.qmax)};
  const QuantParams right = choose_qparams(min, max, range);
  std::printf("  reals in [1, 4]: the zero point would be %d, and is clamped to %d\n", wanted,
              wrong.zero_point);
  Table table({"", "scale", "zero point", "3.0 becomes", "3.5 becomes", "4.0 becomes"});
  const auto back = [&](float x, QuantParams p) {
    return dequantize_value(quantize_value(x, p, range), p);
  };
  const auto add = [&](const std::string& name, QuantParams p) {
    table.row({name, fixed(p.scale, 6), std::to_string(p.zero_point), fixed(back(3.0F, p), 3),
               fixed(back(3.5F, p), 3), fixed(back(4.0F, p), 3)});
  };
  add("without 0", wrong);
  add("widened to 0", right);
  table.print();
  lesson.claims.expect(std::fabs(4.0F - back(4.0F, wrong)) > 0.99F,
                       "without 0 everything above 3 saturates: the error reaches 1");
  lesson.claims.expect(std::fabs(3.5F - back(3.5F, right)) < right.scale,
                       "widened, the error stays below a step");
}

}  // namespace qfs::ch01
