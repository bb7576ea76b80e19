// Section 1: two observers and three batches, beside what was worked out by hand.
#include <cstdio>

#include "05_observers/lesson/paper_example.hpp"
#include "05_observers/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch05 {

void on_paper(Lesson& lesson) {
  section(1, "Two observers, three batches, as on paper");
  MinMaxObserver min_max;
  MovingAverageMinMaxObserver average(paper::kConstant);
  Table table({"t", "batch", "min-max", "by hand", "average", "by hand"});
  bool equal = true;
  for (std::size_t b = 0; b < paper::kBatches.size(); ++b) {
    min_max.observe(paper::kBatches[b]);
    average.observe(paper::kBatches[b]);
    const Interval by_hand = paper::kMinMax[b], average_by_hand = paper::kMovingAverage[b];
    equal = equal && min_max.interval() == by_hand && average.interval() == average_by_hand;
    table.row({std::to_string(b + 1), list_text<float>(paper::kBatches[b]),
               text(min_max.interval()), text(by_hand), text(average.interval()),
               text(average_by_hand)});
  }
  table.print();
  const QuantRange range = reduced(unsigned_range(8));
  const QuantParams a = choose_qparams(min_max.interval().min, min_max.interval().max, range);
  const QuantParams b = choose_qparams(average.interval().min, average.interval().max, range);
  std::printf("  in 7 bits: min-max s = %.5f, z = %d; moving average s = %.5f, z = %d\n", a.scale,
              a.zero_point, b.scale, b.zero_point);
  lesson.claims.expect(equal, "by hand = this program = PyTorch, all six intervals");
  lesson.claims.expect(a == paper::kMinMaxParams && b == paper::kMovingAverageParams,
                       "and both pairs of parameters");
}

}  // namespace qfs::ch05
