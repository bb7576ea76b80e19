#include "03_fake_quantization/experiments.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "03_fake_quantization/noise.hpp"
#include "common/print.hpp"
#include "common/rng.hpp"

namespace qfs {
namespace {

constexpr std::size_t kDraws = 100000;

template <class Draw>
std::vector<float> draws(std::uint64_t seed, Draw draw) {
  Rng rng(seed);
  std::vector<float> x(kDraws);
  for (float& value : x) value = static_cast<float>(draw(rng));
  return x;
}

std::vector<float> laplace_draws(std::uint64_t seed) {  // variance 1
  return draws(seed, [](Rng& rng) { return rng.laplace() / std::numbers::sqrt2; });
}

// Numbers to quantize, with what every row of a table needs of them.
struct Signal {
  explicit Signal(std::span<const float> x_) : x(x_) {
    const auto [min, max] = min_max(x);
    largest = std::max(-min, max);
    for (float value : x) power += static_cast<double>(value) * static_cast<double>(value);
    power /= static_cast<double>(x.size());
  }
  double sqnr_db(float threshold, QuantRange range) const {
    return decibels(power / measure_noise(x, threshold, range).total());
  }
  std::span<const float> x;
  float largest = 0.0F;
  double power = 0.0;
};

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

std::vector<float> normal_draws(std::uint64_t seed) {
  return draws(seed, [](Rng& rng) { return rng.normal(); });
}

void rounding_error(Lesson& lesson) {
  section(3, "Rounding error: uniform, s^2/12, 6.02 dB a bit");
  const auto x = draws(lesson.options.seed, [](Rng& rng) { return rng.uniform(-1.0, 1.0); });
  std::vector<float> y(x.size());
  Table table({"bits", "s", "s^2/12", "measured MSE", "measured / theory", "SQNR dB", "gain dB"});
  double last = 0.0;
  bool holds = true;
  for (int bits = 2; bits <= 8; ++bits) {
    const QuantRange range = unsigned_range(bits);
    const QuantParams p = choose_qparams(-1.0F, 1.0F, range);
    fake_quantize(x, p, range, y);
    const ErrorMeasures error = measure_error(x, y);
    const double theory = rounding_noise(static_cast<double>(p.scale));
    // The mean of n squares of a uniform error has a standard deviation of sqrt(0.8 / n) of itself,
    // 0.28 %: five of them are 1.4 %.
    holds = holds && std::fabs(error.mse / theory - 1.0) < 0.0142;
    table.row({std::to_string(bits), fixed(static_cast<double>(p.scale), 6), general(theory, 4),
               general(error.mse, 4), fixed(error.mse / theory, 3), fixed(error.sqnr_db, 2),
               bits == 2 ? "" : fixed(error.sqnr_db - last, 2)});
    last = error.sqnr_db;
    if (bits != 4) continue;
    std::array<std::size_t, 8> counts{};
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float eighth = ((x[i] - y[i]) / p.scale + 0.5F) * 8.0F;
      ++counts[static_cast<std::size_t>(std::clamp(eighth, 0.0F, 7.0F))];
    }
    print_histogram("error x - y in steps, 4 bits, 100 000 uniform numbers", counts, -0.5, 0.5);
  }
  table.print();
  lesson.claims.expect(holds, "measured and s^2/12 agree within 1.4 % at every number of bits");
  std::printf("  half the step, a quarter of the noise: 10 log10(4) = %.2f dB a bit\n",
              decibels(4.0));  // (eq. 3.6)
}

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
  std::printf("    Laplace at T = %.0f: rounding %.5f, theory %.5f; clipping %.5f, theory %.5f\n",
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

void fewer_bits(Lesson& lesson, const Matrix<float>& weights) {
  section(5, "8 down to 2 bits: SQNR in dB, T from the largest magnitude and the best T");
  const std::vector<float> normal = normal_draws(lesson.options.seed);
  const std::vector<float> laplace = laplace_draws(lesson.options.seed);
  const std::array<Signal, 3> signals = {Signal(normal), Signal(laplace), Signal(values(weights))};
  Table table({"bits", "Gauss: max", "best", "T/sigma", "Laplace: max", "best", "T/sigma",
               "fc1: max", "best", "T/sigma"});
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
  lesson.claims.expect(
      curve.back()[3] < 0.5,
      "2 bits, a scale from the largest number: less than 0.5 dB of Laplace is left");
}

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
  std::printf(
      "  A: 16 x 256 Gaussian weights, channel 3 made 50 times as large. B: the same, but one\n");
  std::printf(
      "  weight of every channel is. fc1: trained. worst: the channel with the lowest SQNR.\n");
  Table table({"one scale per", "scales", "A: all", "worst", "B: all", "worst", "fc1 scales",
               "fc1: all", "worst"});
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

}  // namespace qfs
