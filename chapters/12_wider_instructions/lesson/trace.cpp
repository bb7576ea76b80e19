// Section 7: output 0 of layer 1 for the first test digit, step by step.
#include <cstdio>

#include "12_wider_instructions/instructions.hpp"
#include "12_wider_instructions/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch12 {

void trace(const Study& study) {
  const QuantizedNet net = quantized(study, WeightGranularity::per_tensor);
  const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, net, 1);
  const PackedFours packed = pack_fours(net.weights[0].weight.q);
  section(7, "Trace: output 0 of layer 1, first test digit: steps with ink");
  Table table({"k", "x", "w", "sum"});
  std::int32_t sum = 0;
  for (std::size_t line = 0; line * fours::kInputs < x.shape(1); ++line) {
    const std::span four(&x(0, line * fours::kInputs), fours::kInputs);
    const std::span w(packed.lines[line].of, fours::kInputs);  // those of output 0 come first
    sum = vpdpbusd(sum, four.data(), w.data());
    if (std::ranges::all_of(four, [](std::uint8_t one) { return one == 0; })) continue;
    table.row({std::to_string(line * fours::kInputs),
               list_text(std::span<const std::uint8_t>(four)),
               list_text(std::span<const std::int8_t>(w)), std::to_string(sum)});
  }
  table.print();
}

}  // namespace qfs::ch12
