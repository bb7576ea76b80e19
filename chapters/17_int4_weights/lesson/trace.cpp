// Section 8, with --trace: one output of layer 1, group by group.
#include <algorithm>
#include <cstdio>

#include "17_int4_weights/group_linear.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "17_int4_weights/pack_bits.hpp"
#include "common/print.hpp"

namespace qfs::ch17 {

void trace(const Study& study) {
  section(8, "Trace: output 0 of layer 1 on test digit 0, 4 bits, groups of 128");
  const GroupMlp net = quantize_groups(study.start.mlp, study.start.intervals, {});
  const auto& [w, bias, input] = net.layers[0];
  auto x = make_tensor<std::uint8_t>({1, w.inputs()});
  quantize(row(study.start.x, 0), input, unsigned_range(8), values(x));
  const auto raw = group_sums(x, 0, w), sums = group_sums(x, input.zero_point, w);
  std::vector<std::uint8_t> bytes(packed_bytes(w.inputs(), w.bits));
  pack_bits(row(w.q, 0), w.bits, bytes);
  Table table({"group", "first bytes", "sum q_x q_w", "sum q_w", "less z_x sum q_w", "s_w",
               "s_w times that", "so far"});
  float total = 0.0F;
  for (std::size_t g = 0; g < w.groups(); ++g) {
    char first[16];
    const std::size_t at = g * w.group_size / 2;
    std::snprintf(first, sizeof first, "%02X %02X", bytes[at],
                  at + 1 < bytes.size() ? bytes[at + 1] : 0);
    const float part = w.scale_of(0, g) * static_cast<float>(sums(0, 0, g));
    total += part;
    std::int32_t of_weights = 0;
    for (std::size_t k = g * w.group_size; k < std::min((g + 1) * w.group_size, w.inputs()); ++k)
      of_weights += w.q(0, k);
    table.row({std::to_string(g), first, std::to_string(raw(0, 0, g)), std::to_string(of_weights),
               std::to_string(sums(0, 0, g)), number_text(w.scale_of(0, g)), number_text(part),
               number_text(total)});
  }
  table.print();
  std::printf("  y = s_x %s times %s, and the bias %s: %s; in float %s\n",
              number_text(input.scale).c_str(), number_text(total).c_str(),
              number_text(bias(0)).c_str(), number_text(input.scale * total + bias(0)).c_str(),
              number_text(linear_forward_ref(study.start.mlp.layers[0],
                                             normalized(study.data.test.pixels, 0, 1))(0, 0))
                  .c_str());
}

}  // namespace qfs::ch17
