// Section 1: one output of eight inputs, in two groups.
#include <algorithm>
#include <cstdio>

#include "17_int4_weights/group_linear.hpp"
#include "17_int4_weights/lesson/paper_example.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "17_int4_weights/pack_bits.hpp"
#include "common/print.hpp"

namespace qfs::ch17 {
namespace {

constexpr Granularity kGroups = {GranularityKind::per_group, 0, paper::kGroupSize};
constexpr Granularity kOneScale = {GranularityKind::per_channel, 0, 0};

Table table_of(const GroupWeight& w, const GroupWeight& one) {
  Table table({"k", "w", "group", "scale", "w / scale", "q_w", "code", "q_w, one scale"});
  for (std::size_t k = 0; k < w.inputs(); ++k) {
    const std::size_t g = k / w.group_size;
    const float scale = w.scale_of(0, g);
    table.row({std::to_string(k), number_text(paper::kWeights[k]), std::to_string(g),
               number_text(scale), number_text(paper::kWeights[k] / scale), number_text(w.q(0, k)),
               std::to_string(w.q(0, k) + 8), number_text(one.q(0, k))});
  }
  return table;
}

void print_sums(const Tensor<std::int32_t, 3>& raw, const Tensor<std::int32_t, 3>& sums,
                const GroupWeight& w) {
  for (std::size_t g = 0; g < 2; ++g)
    std::printf("  group %zu: sum of q_x q_w %d, less z_x = %d times %d: %d, times %s: %s\n", g,
                raw(0, 0, g), paper::kInput.zero_point, paper::kWeightSums[g], sums(0, 0, g),
                number_text(w.scale_of(0, g)).c_str(),
                number_text(w.scale_of(0, g) * static_cast<float>(sums(0, 0, g))).c_str());
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "Eight weights in 4 bits, two groups: one output");
  const GroupWeight w = quantize_groups(paper::weight(), 4, kGroups);
  const GroupWeight one = quantize_groups(paper::weight(), 4, kOneScale);
  table_of(w, one).print();
  std::array<std::uint8_t, 4> bytes{};
  pack_bits(row(w.q, 0), 4, bytes);
  std::printf("  bytes: %02X %02X %02X %02X\n", bytes[0], bytes[1], bytes[2], bytes[3]);
  const auto raw = group_sums(paper::inputs(), 0, w);
  const auto sums = group_sums(paper::inputs(), paper::kInput.zero_point, w);
  print_sums(raw, sums, w);
  const std::array<float, 1> bias = {paper::kBias};
  const float y = group_linear_ref(paper::inputs(), paper::kInput, w, bias)(0, 0);
  const float coarse = group_linear_ref(paper::inputs(), paper::kInput, one, bias)(0, 0);
  std::printf("  y = 0.5 (24 + 8) + 1 = %s; with one scale %s; in reals %s\n",
              number_text(y).c_str(), number_text(coarse).c_str(),
              number_text(paper::kExact).c_str());
  lesson.claims.expect(std::ranges::equal(values(w.q), paper::kIntegers) &&
                           std::ranges::equal(values(one.q), paper::kIntegersOfOneScale) &&
                           std::ranges::equal(bytes, paper::kBytes),
                       "by hand = this program: integers and bytes");
  lesson.claims.expect(std::ranges::equal(values(raw), paper::kProducts) &&
                           std::ranges::equal(values(sums), paper::kSums) && y == paper::kOutput &&
                           coarse == paper::kOutputOfOneScale,
                       "and sums and outputs");
}

}  // namespace qfs::ch17
