// Section 6: one output of layer 1 for the first test digit, pair by pair.
#include <cstdio>

#include "10_kernel_ladder/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch10 {

void trace(const Study& study) {
  const QuantizedNet net = quantized(study, {});
  const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, net, 1);
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  section(6, "Trace: output 0 of layer 1, first test digit, inputs of 8 bits: pairs with ink");
  Table table({"k", "x", "w", "exact", "in 16 bits", "sum"});
  std::int32_t exact_sum = 0, sum = 0;
  for (std::size_t k = 0; k + 1 < w.shape(1); k += 2) {
    const std::int32_t exact = x(0, k) * w(0, k) + x(0, k + 1) * w(0, k + 1);
    const std::int32_t pair = add_pair(x(0, k), w(0, k), x(0, k + 1), w(0, k + 1));
    exact_sum += exact;
    sum += pair;
    if (x(0, k) == 0 && x(0, k + 1) == 0) continue;
    table.row({std::to_string(k), std::to_string(x(0, k)) + ", " + std::to_string(x(0, k + 1)),
               std::to_string(w(0, k)) + ", " + std::to_string(w(0, k + 1)), std::to_string(exact),
               std::to_string(pair), std::to_string(sum)});
  }
  table.print();
  std::printf("  exact %d, in 16 bits %d\n", exact_sum, sum);
}

}  // namespace qfs::ch10
