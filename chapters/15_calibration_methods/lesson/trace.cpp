// Section 9, for --trace: the divergence along the candidates of layer 1.
#include <algorithm>
#include <cmath>
#include <vector>

#include "15_calibration_methods/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch15 {

void trace(const Study& study, std::uint64_t seed) {
  const std::size_t t = shown_tensor(study);
  section(9, "Trace: candidates of " + tensor_name(t) + ", " + std::to_string(study.digits) +
                 " digits, 8 bits");
  const Tensors drawn = drawn_tensors(study, seed, study.digits);
  const Watch seen = watch(study, drawn, study.digits, Condition::clean, seed)[t];
  const Histogram& h = seen.magnitudes.histogram();
  const std::size_t levels = magnitude_levels(8, seen.magnitudes.is_signed());
  const std::vector<double> losses = divergences(h, levels);
  const std::size_t best = entropy_search(h, levels).bin;
  Table table({"i", "T = i w", "beyond", "divergence (eq. 15.7)", "mean squared error (eq. 15.8)"});
  std::vector<std::size_t> shown;
  for (std::size_t i = kStartBin; i <= h.counts.size(); i += 128) shown.push_back(i);
  shown.insert(std::ranges::upper_bound(shown, best), best);
  for (std::size_t i : shown) {
    std::uint64_t beyond = 0;
    for (std::size_t j = i; j < h.counts.size(); ++j) beyond += h.counts[j];
    const double loss = losses[i - kStartBin];
    table.row({std::to_string(i) + (i == best ? " best" : ""), fixed(h.edge(i), 4),
               std::to_string(beyond), std::isinf(loss) ? "infinite" : fixed(loss, 5),
               fixed(clip_error(h, h.edge(i), levels), 6)});
  }
  table.print();
}

}  // namespace qfs::ch15
