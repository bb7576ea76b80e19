// Section 2: how deep the packer may add in 16 bits, layer by layer.
#include <cstdio>

#include "11_avx2_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch11 {
namespace {

std::string depth_text(const LaneProof& proof) {
  return fixed(proof.products_per_lane(), 1) + " (" + std::to_string(proof.shallowest) + " to " +
         std::to_string(proof.deepest) + ")";
}

// How many products a lane would get if steps were grouped as they come, each into the group of the
// one before it while it fits.
double in_order(const Matrix<std::int8_t>& w, std::int32_t x_max) {
  std::size_t steps = 0, groups = 0;
  for (std::size_t n = 0; n < w.shape(0); ++n) {
    Group open;
    for (const Step& step : steps_of(w, n, 0, w.shape(1), x_max)) {
      const Lanes lanes = lanes_of(step);
      ++steps;
      if (open.steps.empty() || open.steps.size() == panel::kLongest ||
          !fit_together(open.lanes, lanes, x_max)) {
        open = {};
        ++groups;
      }
      open.steps.push_back(step);
      open.lanes += lanes;
    }
  }
  return 2.0 * static_cast<double>(steps) / static_cast<double>(groups);
}

}  // namespace

void what_is_proven(const Study& study, Lesson& lesson) {
  section(2, "How many products a lane may hold, proven for every input");
  Table table({"inputs", "weights", "layer", "steps", "split", "run", "as they come", "as packed"});
  bool deep_enough = true, never_split = true;
  for (int bits : {7, 8})
    for (WeightGranularity weights :
         {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const QuantizedNet net = quantized(study, bits, weights);
      for (std::size_t layer = 0; layer < net.weights.size(); ++layer) {
        const Matrix<std::int8_t>& w = net.weights[layer].weight.q;
        const std::int32_t x_max = bits == 7 ? 127 : 255;
        const LaneProof proof = pack_panels(w, x_max).proof;
        table.row({bits == 7 ? "0..127" : "0..255", granularity_text(weights),
                   std::to_string(layer + 1), std::to_string(w.shape(0) * ((w.shape(1) + 3) / 4)),
                   std::to_string(proof.remainders), std::to_string(proof.steps),
                   fixed(in_order(w, x_max), 1), depth_text(proof)});
        deep_enough = deep_enough && proof.products_per_lane() > 2.0;
        never_split = never_split && (bits == 8 || proof.remainders == 0);
      }
    }
  table.print();
  lesson.claims.expect(never_split, "with 7 bits no step need be split, whatever the weights");
  if (study.by_default)
    lesson.claims.expect(deep_enough, "every layer adds more than two products in 16 bits");
}

}  // namespace qfs::ch11
