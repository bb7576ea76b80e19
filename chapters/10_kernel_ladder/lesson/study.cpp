#include "10_kernel_ladder/lesson/study.hpp"

#include "05_observers/calibrate.hpp"
#include "06_static_ptq/operations.hpp"

namespace qfs::ch10 {

QuantizedNet quantized(const Study& study, const PtqOptions& options) {
  const ActivationIntervals intervals = calibrate<MinMaxObserver>(
      study.mlp, CalibrationSet(study.data.train), OutputPoint::after_linear, 100);
  return quantize_mlp(study.mlp, intervals, options);
}

}  // namespace qfs::ch10
