// Section 2: the interval, scale and zero point of every tensor, by both observers.
#include <string>
#include <vector>

#include "05_observers/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch05 {

std::string text(Interval interval) {
  return "[" + fixed(interval.min, 2) + ", " + fixed(interval.max, 2) + "]";
}

std::vector<std::string> tensor_names(const Mlp& mlp) {
  std::vector<std::string> names = {"input"};
  for (std::size_t i = 1; i <= mlp.layers.size(); ++i)
    names.push_back("layer " + std::to_string(i));
  return names;
}

std::vector<Interval> in_order(const ActivationIntervals& intervals) {
  std::vector<Interval> all = {intervals.input};
  all.insert(all.end(), intervals.outputs.begin(), intervals.outputs.end());
  return all;
}

void where_scales_come_from(const Study& study, Lesson& lesson) {
  const CalibrationSet digits(study.dataset.train);
  section(2, "Every tensor that becomes integers needs an interval: " +
                 std::to_string(digits.size()) + " training digits");
  const auto names = tensor_names(study.mlp);
  for (OutputPoint point : {OutputPoint::after_linear, OutputPoint::after_relu}) {
    const bool linear = point == OutputPoint::after_linear;
    const auto min_max = in_order(calibrate<MinMaxObserver>(study.mlp, digits, point, 100));
    const auto average =
        in_order(calibrate<MovingAverageMinMaxObserver>(study.mlp, digits, point, 100));
    Table table({linear ? "before ReLU" : "after ReLU", "min-max", "scale", "z", "moving average",
                 "scale", "z"});
    for (std::size_t t = 0; t < names.size(); ++t) {
      std::vector<std::string> cells = {names[t]};
      for (Interval interval : {min_max[t], average[t]}) {
        const QuantParams p = choose_qparams(interval.min, interval.max, study.range);
        cells.insert(cells.end(),
                     {text(interval), fixed(p.scale, 6), std::to_string(p.zero_point)});
      }
      table.row(cells);
    }
    table.print();
    bool none_below = true;  // the input and the last layer have no ReLU
    for (std::size_t t = 1; t + 1 < names.size(); ++t)
      none_below = none_below && min_max[t].min >= 0.0F;
    if (!linear && names.size() > 2)
      lesson.claims.expect(none_below, "hidden layers after ReLU: nothing is below 0");
  }
}

}  // namespace qfs::ch05
