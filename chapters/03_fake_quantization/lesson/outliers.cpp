// Section 6: what one outlier does to the others, and who shares its scale.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "03_fake_quantization/lesson/study.hpp"
#include "common/print.hpp"
#include "common/rng.hpp"

namespace qfs::ch03 {
namespace {

// One row of the table of granularities: SQNR of all of A, B and the real weights, and of the worst
// channel of A and B.
struct GranularityRow {
  std::array<std::size_t, 3> scales{};
  std::array<double, 3> all{}, worst{};
};

GranularityRow measure_granularity(const std::array<const Matrix<float>*, 3>& tensors,
                                   Granularity granularity) {
  GranularityRow found;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Matrix<float>& w = *tensors[i];
    const ParamLayout layout = make_layout(shape_of(w), granularity);
    const std::vector<float> y = fake_quantize_min_max(values(w), layout, narrow_range(8));
    found.scales[i] = layout.param_count();
    found.all[i] = measure_error(values(w), y).sqnr_db;
    found.worst[i] = HUGE_VAL;
    for (std::size_t c = 0; c < w.shape(0); ++c) {
      const auto y_row = std::span(y).subspan(c * w.shape(1), w.shape(1));
      found.worst[i] = std::min(found.worst[i], measure_error(row(w, c), y_row).sqnr_db);
    }
  }
  return found;
}

}  // namespace

void outliers(Lesson& lesson, const Matrix<float>& weights) {
  section(6, "Outliers and granularity: 8 bits, SQNR in dB");
  Rng rng(lesson.options.seed);
  auto a = make_tensor<float>({16, 256});
  for (float& w : values(a)) w = static_cast<float>(rng.normal() * 0.05);
  Matrix<float> b = a;
  for (float& w : row(a, 3)) w *= 50.0F;
  for (std::size_t c = 0; c < 16; ++c) row(b, c)[rng.below(256)] *= 50.0F;
  std::printf("  A: 16 x 256 Gaussian weights, channel 3 made 50 times as large.\n");
  std::printf("  B: the same, but one weight of every channel is. fc1: trained.\n");
  std::printf("  worst: the channel with the lowest SQNR.\n");
  Table table(
      {"scale per", "scales", "A: all", "worst", "B: all", "worst", "scales", "fc1: all", "worst"});
  std::vector<GranularityRow> rows;
  const auto add = [&](const std::string& name, Granularity granularity) {
    const GranularityRow r = measure_granularity({&a, &b, &weights}, granularity);
    table.row({name, std::to_string(r.scales[0]), fixed(r.all[0], 1), fixed(r.worst[0], 1),
               fixed(r.all[1], 1), fixed(r.worst[1], 1), std::to_string(r.scales[2]),
               fixed(r.all[2], 1), fixed(r.worst[2], 1)});
    rows.push_back(r);
  };
  add("tensor", {});
  add("channel", {.kind = GranularityKind::per_channel, .axis = 0});
  for (std::size_t size : {128U, 64U, 32U})
    add("group of " + std::to_string(size),
        {.kind = GranularityKind::per_group, .group_size = size});
  table.print();
  if (lesson.options.seed != 1) return;
  lesson.claims.expect(rows[0].worst[0] < 10.0 && rows[1].worst[0] > 40.0,
                       "A: the worst channel has < 10 dB with one scale, > 40 dB with its own");
  lesson.claims.expect(rows[4].all[1] - rows[1].all[1] > 5.0,
                       "B: against outliers inside the channels, groups of 32 gain > 5 dB more");
}

}  // namespace qfs::ch03
