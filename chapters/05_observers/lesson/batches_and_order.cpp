// Section 5: the moving average depends on how the digits come; min-max does not.
#include <algorithm>
#include <string>
#include <vector>

#include "05_observers/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch05 {

void batches_and_order(const Study& study, Lesson& lesson) {
  const CalibrationSet digits(study.dataset.train);
  section(5, "The same " + std::to_string(digits.size()) +
                 " digits in other batches: layer 1 before ReLU");
  Table table({"batch size", "batches", "min-max", "moving average, c = 0.01", "width kept"});
  std::vector<Interval> min_max, average;
  for (std::size_t size : {std::size_t{1}, std::size_t{10}, std::size_t{100}, std::size_t{1000}}) {
    const auto point = OutputPoint::after_linear;
    min_max.push_back(calibrate<MinMaxObserver>(study.mlp, digits, point, size).outputs[0]);
    average.push_back(
        calibrate<MovingAverageMinMaxObserver>(study.mlp, digits, point, size).outputs[0]);
    const float kept =
        (average.back().max - average.back().min) / (min_max[0].max - min_max[0].min);
    table.row({std::to_string(size), std::to_string((digits.size() + size - 1) / size),
               text(min_max.back()), text(average.back()), fixed(100.0F * kept, 1) + " %"});
    lesson.report.figure("moving_average_width_batch_" + std::to_string(size), kept);
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  const bool same = std::ranges::all_of(min_max, [&](Interval i) { return i == min_max[0]; });
  lesson.claims.expect(same, "min-max: one interval, however the digits are cut into batches");
  lesson.claims.expect(average[0].max < average[2].max,
                       "moving average: single digits have smaller extremes than batches of 100");
}

}  // namespace qfs::ch05
