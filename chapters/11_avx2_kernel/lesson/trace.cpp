// Section 8: output 0 of layer 1 for the first test digit, group by group.
#include <cstdio>

#include "11_avx2_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch11 {

void trace(const Study& study) {
  const QuantizedNet net = quantized(study, 8, WeightGranularity::per_tensor);
  const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, net, 1);
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  section(8, "Trace: output 0 of layer 1, first test digit, inputs of 8 bits: its groups");
  Table table({"products a lane", "weights of lane 0", "of lane 1", "lane 0", "lane 1", "sum"});
  std::int32_t sum = 0;
  const PackedPanels panels = pack_panels(w, 255);
  each_group(panels, [&](std::size_t begin, std::size_t n, std::span<const Step> steps) {
    if (n != 0) return;
    std::int32_t lanes[2] = {};
    Lanes weights{};
    for (const Step& step : steps)
      for (std::size_t lane = 0; lane < 2; ++lane) {
        weights[lane] += lanes_of(step)[lane];
        for (std::size_t i = 2 * lane; i < 2 * lane + 2; ++i)
          if (const std::size_t k = begin + step.k + i; k < x.shape(1))
            lanes[lane] += x(0, k) * step.w[i];
      }
    sum += lanes[0] + lanes[1];
    table.row({std::to_string(2 * steps.size()),
               std::to_string(weights[0].positive) + ", " + std::to_string(weights[0].negative),
               std::to_string(weights[1].positive) + ", " + std::to_string(weights[1].negative),
               std::to_string(lanes[0]), std::to_string(lanes[1]), std::to_string(sum)});
  });
  table.print();
}

}  // namespace qfs::ch11
