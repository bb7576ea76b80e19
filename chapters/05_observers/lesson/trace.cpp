// Section 7, for --trace: layer 1, batch by batch.
#include <string>

#include "05_observers/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch05 {

void trace(const Study& study) {
  section(7, "Trace: layer 1, batch by batch of 100 digits");
  const CalibrationSet digits(study.dataset.train);
  MinMaxObserver min_max;
  MovingAverageMinMaxObserver average;
  Table table({"batch", "of the batch", "min-max (eq. 5.1)", "moving average (eq. 5.2)"});
  for (std::size_t begin = 0; begin < digits.size(); begin += 100) {
    const auto y = linear_forward_ref(study.mlp.layers[0], digits.batch(begin, begin + 100));
    min_max.observe(values(y));
    average.observe(values(y));
    table.row({std::to_string(begin / 100 + 1), text(qfs::min_max(values(y))),
               text(min_max.interval()), text(average.interval())});
  }
  table.print();
}

}  // namespace qfs::ch05
