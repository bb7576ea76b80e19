// Section 4: weights are known, and every channel may have a scale.
#include <algorithm>

#include "05_observers/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch05 {

void weights_per_channel(const Study& study, Lesson& lesson) {
  section(4, "Weights need no calibration: one scale per output channel");
  Table table({"", "shape", "per tensor", "smallest channel", "largest channel", "ratio"});
  bool wider = true;
  for (std::size_t i = 0; i < study.mlp.layers.size(); ++i) {
    const Matrix<float>& weight = study.mlp.layers[i].weight;
    PerChannelMinMaxObserver channels(0);
    channels.observe(values(weight), shape_of(weight));
    float smallest = 1e30F, largest = 0.0F;
    for (Interval interval : channels.intervals()) {
      const float scale =
          choose_qparams(interval.min, interval.max, signed_range(8), Scheme::symmetric).scale;
      smallest = std::min(smallest, scale);
      largest = std::max(largest, scale);
    }
    const Interval all = min_max(values(weight));
    const float tensor = choose_qparams(all.min, all.max, signed_range(8), Scheme::symmetric).scale;
    wider = wider && tensor == largest;
    table.row({"layer " + std::to_string(i + 1), shape_text(weight), fixed(tensor, 6),
               fixed(smallest, 6), fixed(largest, 6), fixed(largest / smallest, 2)});
  }
  table.print();
  lesson.claims.expect(wider, "the scale of the tensor is that of its widest channel");
}

}  // namespace qfs::ch05
