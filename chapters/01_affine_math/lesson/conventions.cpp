// Section 4: the same six reals by the conventions of four libraries, and by ours.
#include <vector>

#include "01_affine_math/conventions.hpp"
#include "01_affine_math/lesson/paper_example.hpp"
#include "01_affine_math/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch01 {

void conventions(Lesson& lesson) {
  section(4, "Four conventions, and ours, on the same six reals");
  const auto [min, max] = min_max(paper::kX);
  const auto text = [](QuantRange range) {
    return std::to_string(range.qmin) + ".." + std::to_string(range.qmax);
  };
  Table contracts({"", "scale for", "clamp to", "scale", "zero point"});
  Table integers({"", "q of the six", "a later 3"});
  std::vector<std::string> golden;
  std::vector<std::int32_t> later;
  for (const Convention& c : kConventions) {
    const auto [scale_range, clamp_range] = c.ranges;
    const QuantParams p = choose_qparams(min, max, scale_range, c.scheme);
    std::vector<std::int32_t> q(paper::kX.size());
    quantize<std::int32_t>(paper::kX, p, clamp_range, q, c.rounding);
    golden.push_back(list_text<std::int32_t>(q));
    later.push_back(quantize_value(3.0F, p, clamp_range, c.rounding));
    contracts.row({std::string(c.name), text(scale_range), text(clamp_range), fixed(p.scale, 7),
                   std::to_string(p.zero_point)});
    integers.row({std::string(c.name), golden.back(), std::to_string(later.back())});
  }
  contracts.print();
  integers.print();
  lesson.claims.expect(
      golden == std::vector<std::string>{"[0, 28, 42, 63, 89, 127]", "[0, 28, 42, 63, 89, 127]",
                                         "[0, 57, 85, 127, 179, 255]",
                                         "[-128, -71, -43, 0, 51, 127]",
                                         "[-64, -21, 0, 32, 70, 127]"},
      "every row has its known integers");
  lesson.claims.expect(later == std::vector<std::int32_t>{169, 127, 255, 127, 127},
                       "a later 3 exceeds 127 under PyTorch's reduce_range, and not here");
}

}  // namespace qfs::ch01
