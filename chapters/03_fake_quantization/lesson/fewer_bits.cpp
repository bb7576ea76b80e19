// Section 5: 8 bits down to 2, with the largest and with the best threshold.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "03_fake_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch03 {
namespace {

// The clip threshold with the least noise, by trying every hundredth of the largest magnitude.
float best_threshold(const Signal& signal, QuantRange range) {
  float best = signal.largest;
  double least = measure_noise(signal.x, signal.largest, range).total();
  for (int i = 99; i >= 1; --i) {
    const float threshold = signal.largest * static_cast<float>(i) / 100.0F;
    const double noise = measure_noise(signal.x, threshold, range).total();
    if (noise < least) best = threshold;
    least = std::min(least, noise);
  }
  return best;
}

}  // namespace

void fewer_bits(Lesson& lesson, const Matrix<float>& weights) {
  section(5, "8 down to 2 bits: SQNR in dB, T from the largest magnitude and the best T");
  const std::vector<float> normal = normal_draws(lesson.options.seed);
  const std::vector<float> laplace = laplace_draws(lesson.options.seed);
  const std::array<Signal, 3> signals = {Signal(normal), Signal(laplace), Signal(values(weights))};
  std::printf("  max: T is the largest magnitude; best: with the best T, which stands\n");
  std::printf("  beside it in standard deviations\n");
  Table table({"bits", "Gauss: max", "best", "at T", "Laplace: max", "best", "at T", "fc1: max",
               "best", "at T"});
  std::vector<std::vector<double>> curve;
  for (int bits = 8; bits >= 2; --bits) {
    const QuantRange range = narrow_range(bits);
    std::vector<std::string> cells = {std::to_string(bits)};
    std::vector<double> row = {static_cast<double>(bits)};
    for (const Signal& signal : signals) {
      const float best = best_threshold(signal, range);
      row.push_back(signal.sqnr_db(signal.largest, range));
      row.push_back(signal.sqnr_db(best, range));
      cells.push_back(fixed(row[row.size() - 2], 1));
      cells.push_back(fixed(row.back(), 1));
      cells.push_back(fixed(static_cast<double>(best) / std::sqrt(signal.power), 2));
    }
    table.row(cells);
    curve.push_back(row);
  }
  table.print();
  lesson.report.csv(
      "sqnr_by_bits",
      {"bits", "gauss_max", "gauss_best", "laplace_max", "laplace_best", "fc1_max", "fc1_best"},
      curve);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(curve[0][2] - curve[0][1] < 1.0 && curve[4][2] - curve[4][1] > 3.0,
                       "Gauss: the best threshold gains < 1 dB at 8 bits and > 3 dB at 4");
  lesson.claims.expect(curve.back()[3] < 0.5,
                       "at 2 bits, T the largest number, less than 0.5 dB of Laplace is left");
}

}  // namespace qfs::ch03
