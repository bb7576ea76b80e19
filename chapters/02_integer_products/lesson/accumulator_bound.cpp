// Section 7: how many products fit 32 bits.
#include <cstdio>

#include "02_integer_products/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch02 {

void accumulator_bound(Lesson& lesson) {
  section(7, "How long a sum may be in 32 bits");
  Table table({"q_x", "q_w", "largest product", "largest K"});
  const auto add = [&](const char* x_name, QuantRange x, const char* w_name, QuantRange w) {
    table.row({x_name, w_name, std::to_string(largest_magnitude(x) * largest_magnitude(w)),
               std::to_string(max_depth(x, w))});
  };
  add("0..255", unsigned_range(8), "-128..127", signed_range(8));
  add("0..127", unsigned_range(7), "-127..127", narrow_range(8));
  add("0..255", unsigned_range(8), "0..255", unsigned_range(8));
  add("0..15", unsigned_range(4), "-8..7", signed_range(4));
  table.print();
  constexpr int kTwoProducts = 2 * 255 * 127;
  std::printf("  in 16 bits two are too many: 2 * 255 * 127 = %d would be kept as %d\n",
              kTwoProducts, static_cast<std::int16_t>(kTwoProducts));
  lesson.claims.expect_equal(max_depth(unsigned_range(8), signed_range(8)), 65793,
                             "u8 by s8: 65793 products fit, whatever they are");
}

}  // namespace qfs::ch02
