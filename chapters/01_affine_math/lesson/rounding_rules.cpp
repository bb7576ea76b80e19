// Section 5: inputs that three rules of rounding send to different integers.
#include <cstdio>

#include "01_affine_math/affine.hpp"
#include "01_affine_math/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch01 {

void rounding_rules(Lesson& lesson) {
  section(5, "One input, two integers: the rule of rounding is part of the contract");
  Table table({"x", "s", "z", "half_even", "half_even_divide", "half_away_divide"});
  const auto add = [&](float x, QuantParams p) {
    std::vector<std::string> cells = {general(x, 9), general(p.scale, 9),
                                      std::to_string(p.zero_point)};
    for (Rounding rule :
         {Rounding::half_even, Rounding::half_even_divide, Rounding::half_away_divide})
      cells.push_back(std::to_string(quantize_value(x, p, unsigned_range(8), rule)));
    table.row(cells);
  };
  for (float x : {0.5F, 1.5F, 2.5F}) add(x, {1.0F, 3});
  const QuantParams tie{0.00214854861F, 0};
  add(0.273939937F, tie);
  table.print();
  std::printf("  2.5 + 3: rounding first gives 2 + 3 = 5, adding first gives round(5.5) = %g\n",
              std::nearbyint(5.5));
  const auto q = [&](Rounding rule) {
    return quantize_value(0.273939937F, tie, unsigned_range(8), rule);
  };
  lesson.claims.expect(q(Rounding::half_even) == 128 && q(Rounding::half_even_divide) == 127,
                       "x * (1/s) = 127.5 goes to 128, x / s = 127.499992 to 127");
}

}  // namespace qfs::ch01
