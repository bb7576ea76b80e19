// Section 4: the inputs that fill the lanes most, made from the weights.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "10_kernel_ladder/saturation.hpp"
#include "11_avx2_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch11 {
namespace {

// The largest value, up or down, that a lane can reach.
std::int32_t fullest_lane(const PackedPanels& w, std::int32_t x_max) {
  std::int32_t most = 0;
  each_group(w, [&](std::size_t, std::size_t, std::span<const Step> steps) {
    Lanes lanes{};
    for (const Step& step : steps) lanes += lanes_of(step);
    for (const LaneSums& lane : lanes)
      most = std::max({most, x_max * lane.positive, -x_max * lane.negative});
  });
  return most;
}

// What chapter 10's rungs that add pairs in 16 bits make of it.
std::size_t wrong_by_pairs(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x,
                           const Matrix<std::int32_t>& exact) {
  std::size_t wrong = 0;
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < w.shape(0); ++n)
      wrong += dot_saturating(row(x, m), row(w, n)) != exact(m, n) ? 1 : 0;
  return wrong;
}

}  // namespace

void worst_inputs(const Study& study, Lesson& lesson) {
  section(4, "The worst inputs for layer 1: 200 rows made from its weights, 20 000 sums");
  Table table({"inputs", "weights", "fullest lane", "pairs wrong", "panels wrong"});
  std::size_t wrong = 0;
  std::int32_t most = 0;
  for (int bits : {7, 8})
    for (WeightGranularity weights :
         {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const QuantizedNet net = quantized(study, bits, weights);
      const Matrix<std::int8_t>& w = net.weights[0].weight.q;
      const std::int32_t x_max = bits == 7 ? 127 : 255;
      const Matrix<std::uint8_t> x = extreme_inputs(w, x_max);
      const Matrix<std::int32_t> exact = exact_product(w, x);
      const PackedPanels panels = pack_panels(w, x_max);
      const std::size_t by_panels = count_different(exact, product_of(panels, x));
      const std::int32_t lane = fullest_lane(panels, x_max);
      table.row({bits == 7 ? "0..127" : "0..255", granularity_text(weights), std::to_string(lane),
                 std::to_string(wrong_by_pairs(w, x, exact)), std::to_string(by_panels)});
      wrong += by_panels;
      most = std::max(most, lane);
    }
  table.print();
  lesson.claims.expect(most <= 32768, "no lane can leave 16 bits");
  lesson.claims.expect(wrong == 0, "no sum is wrong");
}

}  // namespace qfs::ch11
