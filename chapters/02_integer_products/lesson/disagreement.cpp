// Section 5: how often the three rules disagree; and the curve of the figure.
#include <cstdio>

#include "02_integer_products/lesson/disagreement.hpp"
#include "02_integer_products/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch02 {

void disagreement(Lesson& lesson) {
  section(5, "How often the three rules disagree: 100 000 random sums a row");
  std::printf("  outputs that are not those of the fixed-point rule (eq. 2.11):\n");
  Table table({"multiplier", "gemmlowp", "half up", "float", "by at most"});
  bool pinned = true;
  for (const DisagreementRow& row : kDisagreementRows) {
    const Disagreements c = count_disagreements(lesson.options.seed, row.low, row.high, kDraws);
    const std::string name =
        row.low == row.high ? "2^-8" : general(row.low, 4) + " to " + general(row.high, 4);
    table.row({name, std::to_string(c.gemmlowp_fixed), std::to_string(c.half_up_fixed),
               std::to_string(c.fixed_float), std::to_string(c.largest)});
    pinned = pinned && c == row.counts;
    lesson.report.figure("gemmlowp != fixed at " + name, c.gemmlowp_fixed);
  }
  table.print();
  if (lesson.options.seed == 1)
    lesson.claims.expect(pinned, "these are the counts that a test pins");
  const FixedPointMultiplier m = to_fixed_point(0.0014402704);
  const auto high = saturating_rounding_doubling_high_mul(7984, m.mantissa);
  std::printf("  7984 * 0.0014402704 = %.6f; gemmlowp: rounded to %d,\n", 7984 * 0.0014402704,
              high);
  std::printf("  %d / 2^%d = %g, rounded to %d\n", high, m.shift, high / 512.0,
              rounding_divide_by_pot(high, m.shift));
  lesson.claims.expect(requantize_gemmlowp(7984, m, 0, signed_range(8)) == 12 &&
                           requantize_fixed(7984, m, 0, signed_range(8)) == 11 &&
                           requantize_float(7984, 0.0014402704F, 0, signed_range(8)) == 11,
                       "rounded twice it becomes 12, rounded once 11");
}

void write_disagreement_curve(const Lesson& lesson) {
  if (!lesson.report.wants_csv()) return;
  std::vector<std::vector<double>> rows;
  for (double low = 0x1p-14; low < 1.0; low *= 2.0) {
    const Disagreements c = count_disagreements(lesson.options.seed, low, 2.0 * low, kDraws);
    const auto percent = [](int count) { return 100.0 * count / kDraws; };
    rows.push_back({low, 2.0 * low, percent(c.gemmlowp_fixed), percent(c.half_up_fixed),
                    percent(c.fixed_float)});
  }
  lesson.report.csv("disagreement",
                    {"low", "high", "gemmlowp_fixed", "half_up_fixed", "fixed_float"}, rows);
}

}  // namespace qfs::ch02
