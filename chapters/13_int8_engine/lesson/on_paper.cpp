// Section 2: from eight sums to eight bytes, by chapter 02's function and in one register.
#include <algorithm>
#include <cstdio>

#include "02_integer_products/requantize.hpp"
#include "13_int8_engine/edges.hpp"
#include "13_int8_engine/lesson/paper_example.hpp"
#include "13_int8_engine/lesson/study.hpp"
#include "common/cpu.hpp"
#include "common/print.hpp"

namespace qfs::ch13 {
namespace {

#if defined(__x86_64__)
std::array<std::uint8_t, 8> in_a_register() {
  std::array<float, 8> multipliers;
  multipliers.fill(paper::kMultiplier);
  std::array<std::uint8_t, 8> y{};
  edges::to_u8_avx2({paper::kSums.data(), 8, 1, 8},
                    {multipliers.data(), paper::kRange.qmin - paper::kZeroPoint,
                     paper::kRange.qmax - paper::kZeroPoint, paper::kZeroPoint},
                    y.data(), 8);
  return y;
}
#endif

}  // namespace

void on_paper(Lesson& lesson) {
  section(2, "Eight sums to eight bytes: m = 1/16, zero point 10, range 10..255");
  Table table({"sum", "times m", "rounded, clamped", "byte"});
  bool by_hand = true;
  for (std::size_t i = 0; i < paper::kSums.size(); ++i) {
    const std::int32_t byte =
        requantize_float(paper::kSums[i], paper::kMultiplier, paper::kZeroPoint, paper::kRange);
    table.row({std::to_string(paper::kSums[i]),
               general(static_cast<double>(paper::kSums[i]) * paper::kMultiplier, 6),
               std::to_string(byte - paper::kZeroPoint), std::to_string(byte)});
    by_hand =
        by_hand && byte == paper::kOutputs[i] && byte - paper::kZeroPoint == paper::kRounded[i];
  }
  table.print();
  lesson.claims.expect(by_hand, "by hand = chapter 02's function");
#if defined(__x86_64__)
  if (cpu_features().avx2)
    lesson.claims.expect(in_a_register() == paper::kOutputs, "= eight lanes of a register", "avx2");
#endif
}

}  // namespace qfs::ch13
