// Section 5: the moving average depends on how the digits come; min-max does not.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "05_observers/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch05 {

namespace {

// What the first of so many batches still counts in a moving average: every later one leaves 1 - c.
double share_of_first(std::size_t batches, double c) {
  return std::pow(1.0 - c, static_cast<double>(batches - 1));
}

}  // namespace

void batches_and_order(const Study& study, Lesson& lesson) {
  const CalibrationSet digits(study.dataset.train);
  section(5, "The same " + std::to_string(digits.size()) +
                 " digits in other batches: layer 1 before ReLU");
  Table table({"size", "batches", "min-max", "average, c = 0.01", "width kept", "first counts"});
  std::vector<Interval> min_max, average;
  std::vector<double> first;
  for (std::size_t size : {std::size_t{1}, std::size_t{10}, std::size_t{100}, std::size_t{1000}}) {
    const auto point = OutputPoint::after_linear;
    min_max.push_back(calibrate<MinMaxObserver>(study.mlp, digits, point, size).outputs[0]);
    average.push_back(
        calibrate<MovingAverageMinMaxObserver>(study.mlp, digits, point, size).outputs[0]);
    const float kept =
        (average.back().max - average.back().min) / (min_max[0].max - min_max[0].min);
    const std::size_t batches = (digits.size() + size - 1) / size;
    first.push_back(100.0 * share_of_first(batches, 0.01));
    table.row({std::to_string(size), std::to_string(batches), text(min_max.back()),
               text(average.back()), fixed(100.0F * kept, 1) + " %",
               fixed(first.back(), 1) + " %"});
    lesson.report.figure("moving_average_width_batch_" + std::to_string(size), kept);
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  const bool same = std::ranges::all_of(min_max, [&](Interval i) { return i == min_max[0]; });
  lesson.claims.expect(same, "min-max: one interval, however the digits are cut into batches");
  lesson.claims.expect(average[0].max < average[2].max,
                       "moving average: single digits have smaller extremes than batches of 100");
  lesson.claims.expect(first[2] > 90.0 && first[1] < 40.0,
                       "of ten batches the first counts over 90 %, of a hundred under 40 %");
}

}  // namespace qfs::ch05
