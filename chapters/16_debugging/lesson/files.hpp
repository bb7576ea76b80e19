// Which fault is in which file of datasets/debugging: three are shown, two are drawn and left to
// the exercise.
#pragma once

#include "16_debugging/lesson/faults.hpp"
#include "common/rng.hpp"

namespace qfs::ch16 {

inline constexpr std::array kShownFaults = {Fault{2, FaultKind::seven_bits},
                                            Fault{3, FaultKind::weight_scale},
                                            Fault{0, FaultKind::zero_point}};
inline constexpr std::size_t kDrawnFaults = 2;

// Of all faults that `net` has a place for, in another kind each than those before.
inline std::vector<Fault> faults_of_files(const QuantizedNet& net) {
  std::vector<Fault> faults(kShownFaults.begin(), kShownFaults.end());
  const std::vector<Fault> all = all_faults(net);
  Rng rng(16);
  while (faults.size() < kShownFaults.size() + kDrawnFaults) {
    const Fault drawn = all[rng.below(all.size())];
    if (std::ranges::find(faults, drawn.kind, &Fault::kind) == faults.end())
      faults.push_back(drawn);
  }
  return faults;
}

}  // namespace qfs::ch16
