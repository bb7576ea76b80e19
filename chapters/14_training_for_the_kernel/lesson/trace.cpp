// Section 6: the lanes of the first eight outputs of layer 1, bounded throughout.
#include <algorithm>
#include <cstdio>

#include "14_training_for_the_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch14 {

void trace(const Study& study) {
  section(6, "Trace: lanes of the first outputs of layer 1, bounded throughout");
  const Matrix<std::int8_t>& w = study.throughout().weights[0].weight.q;
  Table table({"output", "lane", "weights", "not 0", "positive sum", "negative sum", "of"});
  for (std::size_t n = 0; n < std::min<std::size_t>(w.shape(0), 8); ++n) {
    std::size_t lane_number = 0;
    for_each_lane(w.shape(1), kThroughout, [&](std::span<const std::size_t> lane) {
      LaneSums sums;
      std::size_t used = 0;
      for (std::size_t k : lane) {
        sums += sums_of(w(n, k), 0);
        used += w(n, k) != 0 ? 1 : 0;
      }
      table.row({std::to_string(n), std::to_string(lane_number++), std::to_string(lane.size()),
                 std::to_string(used), std::to_string(sums.positive), std::to_string(sums.negative),
                 std::to_string(lane_capacity(kXMax))});
    });
  }
  table.print();
}

}  // namespace qfs::ch14
