// Section 4: rounding against clipping, for every threshold.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "03_fake_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch03 {
namespace {

// The noise of every threshold from 1 to 6 in steps of 1/20, and what the curves tell.
struct ThresholdSweep {
  std::vector<std::vector<double>> rows;  // T; rounding, clipping, total; the same in theory
  double crossing = 0.0;                  // the first T at which clipping is the smaller
  double best = 0.0, least = HUGE_VAL;    // the T of the smallest total, and that total
  double worst_ratio = 1.0;               // of measured and theoretical total, at least 1
};

template <class Theory>
ThresholdSweep sweep_thresholds(std::span<const float> x, QuantRange range, Theory theory) {
  ThresholdSweep sweep;
  for (int i = 20; i <= 120; ++i) {
    const double t = i / 20.0;
    const ClippedNoise got = measure_noise(x, static_cast<float>(t), range);
    const ClippedNoise expected = theory(t, range);
    sweep.rows.push_back({t, got.rounding, got.clipping, got.total(), expected.rounding,
                          expected.clipping, expected.total()});
    if (sweep.crossing == 0.0 && got.clipping < got.rounding) sweep.crossing = t;
    if (got.total() < sweep.least) sweep.best = t;
    sweep.least = std::min(sweep.least, got.total());
    const double ratio = got.total() / expected.total();
    sweep.worst_ratio = std::max({sweep.worst_ratio, ratio, 1.0 / ratio});
  }
  return sweep;
}

void say_thresholds(const char* name, const ThresholdSweep& sweep, const Signal& signal,
                    QuantRange range) {
  std::printf("  %s: the two cross near T = %.2f, their sum is least near T = %.2f;\n", name,
              sweep.crossing, sweep.best);
  const double unclipped = measure_noise(signal.x, signal.largest, range).total();
  std::printf("    against T = %.2f, the largest number drawn, that gains %.2f dB\n",
              static_cast<double>(signal.largest), decibels(unclipped / sweep.least));
}

}  // namespace

void clipping_error(Lesson& lesson) {
  section(4, "Rounding error against clipping error: 4 bits, variance 1");
  const QuantRange range = narrow_range(4);
  const std::vector<float> normal = normal_draws(lesson.options.seed);
  const std::vector<float> laplace = laplace_draws(lesson.options.seed);
  const ThresholdSweep gauss = sweep_thresholds(normal, range, normal_noise);
  const ThresholdSweep heavy = sweep_thresholds(laplace, range, laplace_noise);
  Table table({"Gauss, T", "rounding", "theory", "clipping", "theory", "total", "theory"});
  for (std::size_t i = 0; i < gauss.rows.size(); i += 10) {
    const std::vector<double>& row = gauss.rows[i];
    std::vector<std::string> cells = {fixed(row[0], 1)};
    for (std::size_t c : {1U, 4U, 2U, 5U, 3U, 6U}) cells.push_back(fixed(row[c], 5));
    table.row(cells);
  }
  table.print();
  say_thresholds("Gauss", gauss, Signal(normal), range);
  say_thresholds("Laplace", heavy, Signal(laplace), range);
  const std::vector<double>& at_three = heavy.rows[40];
  std::printf("    at T = %.0f: rounding %.5f, theory %.5f; clipping %.5f, theory %.5f\n",
              at_three[0], at_three[1], at_three[4], at_three[2], at_three[5]);
  const std::vector<std::string> header = {"threshold",   "rounding",        "clipping",
                                           "total",       "theory_rounding", "theory_clipping",
                                           "theory_total"};
  lesson.report.csv("clip_threshold", header, gauss.rows);
  lesson.report.csv("clip_threshold_laplace", header, heavy.rows);
  lesson.report.figure("gauss_best_threshold_4_bits", gauss.best);
  lesson.report.figure("laplace_best_threshold_4_bits", heavy.best);
  if (lesson.options.seed != 1) return;
  lesson.claims.expect(gauss.worst_ratio < 1.01 && heavy.worst_ratio < 1.05,
                       "measured and theory agree: Gauss within 1 %, Laplace within 5 %");
}

}  // namespace qfs::ch03
