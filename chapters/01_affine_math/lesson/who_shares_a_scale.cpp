// Section 2: one scale for two rows, one for each, one for every two neighbours.
#include <vector>

#include "01_affine_math/lesson/study.hpp"
#include "01_affine_math/quantizer.hpp"
#include "common/print.hpp"

namespace qfs::ch01 {

void who_shares_a_scale(Lesson& lesson) {
  section(2, "Who shares a scale: two rows, one of them forty times larger");
  const Matrix<float> w = {{0.05F, -0.1F, 0.02F, 0.08F, -0.03F}, {4.0F, -3.1F, 2.2F, -0.9F, 1.7F}};
  Table table({"4 bits, symmetric", "scales", "MSE", "row 0 in integers"});
  std::vector<double> mse;
  const std::vector<std::pair<std::string, Granularity>> rows = {
      {"per tensor", {}},
      {"per channel, axis 0", {GranularityKind::per_channel, 0, 0}},
      {"groups of 2", {GranularityKind::per_group, 0, 2}}};
  for (const auto& [name, granularity] : rows) {
    Quantizer quantizer({narrow_range(4), Scheme::symmetric, granularity});
    quantizer.calibrate(values(w), shape_of(w));
    const auto q = quantizer.quantize(values(w), shape_of(w));
    mse.push_back(measure_error(values(w), quantizer.dequantize(q)).mse);
    table.row({name, std::to_string(quantizer.params().size()), fixed(mse.back(), 6),
               list_text(std::span<const std::int32_t>(q.values).first(5))});
  }
  table.print();
  lesson.claims.expect(mse[0] > mse[1] && mse[1] > mse[2], "finer granularity, smaller error");
}

}  // namespace qfs::ch01
