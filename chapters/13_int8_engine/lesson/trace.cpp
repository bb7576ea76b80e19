// Section 7: the first outputs of layer 1 for the first test digit, from sums to bytes.
#include <cstdio>

#include "02_integer_products/dot.hpp"
#include "13_int8_engine/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch13 {

void trace(const Study& study) {
  section(7, "Trace: eight outputs of layer 1 of the fused net, first test digit");
  const OperationParts layer = layers_of(study.fused())[0];
  const Matrix<std::uint8_t> x = layer_1_inputs(study, 1);
  const Matrix<std::int8_t>& w = layer.weights->weight.q;
  const ToU8 to = make_to_u8(layer);
  std::vector<std::int32_t> acc(w.shape(0));
  gemm_u8s8s32_ref({1, w.shape(0), w.shape(1)}, values(x), values(w), acc);
  Table table({"output", "sum", "folded bias", "with bias", "times m", "byte"});
  for (std::size_t n = 0; n < 8; ++n) {
    const std::int32_t sum = acc[n] + to.bias(n);
    const float multiplier = of_channel(values(to.multiplier), n);
    table.row({std::to_string(n), std::to_string(acc[n]), std::to_string(to.bias(n)),
               std::to_string(sum),
               general(static_cast<double>(static_cast<float>(sum) * multiplier), 6),
               std::to_string(requantize_float(sum, multiplier, to.output.zero_point, to.range))});
  }
  table.print();
}

}  // namespace qfs::ch13
