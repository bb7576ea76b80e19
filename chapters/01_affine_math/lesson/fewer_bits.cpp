// Section 3: what every bit less costs.
#include <cstdio>
#include <vector>

#include "01_affine_math/affine.hpp"
#include "01_affine_math/errors.hpp"
#include "01_affine_math/lesson/study.hpp"
#include "common/print.hpp"
#include "common/rng.hpp"

namespace qfs::ch01 {

void fewer_bits(Lesson& lesson) {
  section(3, "Eight bits down to two: 10 000 Gaussian numbers");
  Rng rng(lesson.options.seed);
  std::vector<float> x(10000), back(x.size());
  std::vector<std::int32_t> q(x.size());
  for (float& value : x) value = static_cast<float>(rng.normal());
  const auto [min, max] = min_max(x);
  std::printf("  interval [%.4f, %.4f], signed integers, affine and symmetric\n", min, max);
  Table table({"bits", "integers", "scale", "zero point", "SQNR dB", "symmetric scale", "SQNR dB"});
  std::vector<std::vector<double>> curve;
  for (int bits = 8; bits >= 2; --bits) {
    std::vector<std::string> cells = {std::to_string(bits)};
    std::vector<double> decibels = {static_cast<double>(bits)};
    for (Scheme scheme : {Scheme::affine, Scheme::symmetric}) {
      const bool affine = scheme == Scheme::affine;
      const QuantRange range = affine ? signed_range(bits) : narrow_range(bits);
      const QuantParams p = choose_qparams(min, max, range, scheme);
      quantize<std::int32_t>(x, p, range, q);
      dequantize<std::int32_t>(q, p, back);
      decibels.push_back(measure_error(x, back).sqnr_db);
      if (affine) cells.push_back(std::to_string(range.qmin) + ".." + std::to_string(range.qmax));
      cells.push_back(fixed(p.scale, 5));
      if (affine) cells.push_back(std::to_string(p.zero_point));
      cells.push_back(fixed(decibels.back(), 2));
    }
    table.row(cells);
    curve.push_back(decibels);
  }
  table.print();
  lesson.report.csv("bits", {"bits", "affine_db", "symmetric_db"}, curve);
  lesson.report.figure("sqnr_db_8_bits", curve.front()[1]);
  if (lesson.options.seed != 1) return;
  lesson.claims.expect(curve.front()[1] > 38.0 && curve.back()[1] < 8.0,
                       "8 bits leave more than 38 dB, 2 bits less than 8 dB");
}

}  // namespace qfs::ch01
