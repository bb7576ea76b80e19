// Section 6: what goes wrong when reduce_range is forgotten.
#include <cmath>
#include <cstdio>

#include "05_observers/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch05 {

void mistakes(const Study& study, Lesson& lesson) {
  section(6, "What goes wrong: the scale by hand is not the one the library prints");
  const CalibrationSet digits(study.dataset.train);
  const Interval interval =
      calibrate<MinMaxObserver>(study.mlp, digits, OutputPoint::after_linear, 100).outputs[0];
  const QuantRange full = unsigned_range(8);
  const QuantParams by_formula = choose_qparams(interval.min, interval.max, full);
  const QuantParams by_library = choose_qparams(interval.min, interval.max, reduced(full));
  std::printf("  layer 1, the interval %s\n", text(interval).c_str());
  std::printf("  width / 255 = %.6f, by hand;  width / 127 = %.6f, PyTorch on x86\n",
              by_formula.scale, by_library.scale);
  std::printf("  their ratio is %.4f = 255 / 127: reduce_range keeps 7 of the 8 bits\n",
              by_library.scale / by_formula.scale);
  // 255 / 127 = 2.00787; both scales are rounded once, so the ratio is off by at most 2 ulp, 5e-7.
  const float ratio = by_library.scale / by_formula.scale;
  if (by_formula.scale > kSmallestScale)  // a dead layer has the smallest scale in both
    lesson.claims.expect(std::fabs(ratio - 255.0F / 127.0F) < 1e-6F, "the ratio is 255 / 127");
}

}  // namespace qfs::ch05
