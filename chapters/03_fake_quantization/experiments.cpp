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
              decibels(4.0));
}

void clipping_error(Lesson& lesson) {
  section(4, "Rounding error against clipping error: 4 bits, Gaussian, sigma = 1");
  const std::vector<float> x = normal_draws(lesson.options.seed);
  const QuantRange range = narrow_range(4);
  Table table({"T", "rounding", "theory", "clipping", "theory", "total", "theory"});
  std::vector<std::vector<double>> curve;
  double crossing = 0.0, best = 0.0, least = HUGE_VAL, worst_ratio = 1.0;
  for (int i = 20; i <= 120; ++i) {
    const float threshold = static_cast<float>(i) / 20.0F;
    const double t = static_cast<double>(threshold);
    const ClippedNoise got = measure_noise(x, threshold, range);
    const ClippedNoise theory = normal_noise(t, range);
    curve.push_back({t, got.rounding, got.clipping, got.total(), theory.rounding, theory.clipping,
                     theory.total()});
    if (crossing == 0.0 && got.clipping < got.rounding) crossing = t;
    if (got.total() < least) best = t;
    least = std::min(least, got.total());
    worst_ratio =
        std::max(worst_ratio, std::max(got.total() / theory.total(), theory.total() / got.total()));
    if (i % 10 != 0) continue;
    std::vector<std::string> cells = {fixed(t, 1)};
    for (std::size_t c : {1U, 4U, 2U, 5U, 3U, 6U}) cells.push_back(fixed(curve.back()[c], 5));
    table.row(cells);
  }
  table.print();
  lesson.report.csv("clip_threshold",
                    {"threshold", "rounding", "clipping", "total", "theory_rounding",
                     "theory_clipping", "theory_total"},
                    curve);
  lesson.report.figure("crossing_4_bits", crossing);
  lesson.report.figure("best_threshold_4_bits", best);
  std::printf("  the two cross near T = %.2f; their sum is least near T = %.2f\n", crossing, best);
  const float largest = Signal(x).largest;
  std::printf("  the largest number is %.2f; clipping at the best T instead gains %.2f dB\n",
              static_cast<double>(largest),
              decibels(measure_noise(x, largest, range).total() / least));
  if (lesson.options.seed != 1) return;
  lesson.claims.expect(worst_ratio < 1.01, "measured and theoretical total agree within 1 %");
}

void fewer_bits(Lesson& lesson, const Matrix<float>& weights) {
  section(5, "8 down to 2 bits: SQNR in dB of the largest magnitude and of the best threshold");
  const std::vector<float> normal = normal_draws(lesson.options.seed);
  const auto laplace =  // variance 1
      draws(lesson.options.seed, [](Rng& rng) { return rng.laplace() / std::numbers::sqrt2; });
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
  lesson.claims.expect(curve.back()[3] < 0.5, "2 bits by Laplace's largest number keep nothing");
}

void outliers(Lesson& lesson, const Matrix<float>& weights) {
  section(6, "Outliers and granularity: 8 bits, SQNR in dB");
  // 16 channels of 256. A: channel 3 is 50 times as large. B: one weight of every channel is.
  Rng rng(lesson.options.seed);
  auto channel = make_tensor<float>({16, 256});
  for (float& w : values(channel)) w = static_cast<float>(rng.normal() * 0.05);
  Matrix<float> single = channel;
  for (float& w : row(channel, 3)) w *= 50.0F;
  for (std::size_t c = 0; c < 16; ++c) row(single, c)[rng.below(256)] *= 50.0F;
  Table table({"one scale per", "scales", "A: all", "A: worst channel", "B: all",
               "B: worst channel", "fc1 scales", "fc1: all"});
  const QuantRange range = narrow_range(8);
  std::vector<std::vector<double>> rows;
  const auto measure = [&](const std::string& name, Granularity granularity) {
    std::vector<std::string> cells = {name};
    std::vector<double> found;
    for (const Matrix<float>* w : {&std::as_const(channel), &std::as_const(single), &weights}) {
      const ParamLayout layout = make_layout(shape_of(*w), granularity);
      const std::vector<float> y = fake_quantize_min_max(values(*w), layout, range);
      if (w != &single) cells.push_back(std::to_string(layout.param_count()));
      found.push_back(measure_error(values(*w), y).sqnr_db);
      cells.push_back(fixed(found.back(), 1));
      if (w == &weights) continue;
      const std::size_t k = w->shape(1);
      double worst = HUGE_VAL;
      for (std::size_t c = 0; c < w->shape(0); ++c)
        worst = std::min(worst, measure_error(row(*w, c), std::span(y).subspan(c * k, k)).sqnr_db);
      found.push_back(worst);
      cells.push_back(fixed(worst, 1));
    }
    table.row(cells);
    rows.push_back(found);
  };
  measure("tensor", {});
  measure("channel", {.kind = GranularityKind::per_channel, .axis = 0});
  for (std::size_t size : {128U, 64U, 32U})
    measure("group of " + std::to_string(size),
            {.kind = GranularityKind::per_group, .group_size = size});
  table.print();
  lesson.claims.expect(rows[1][1] - rows[0][1] > 20.0,
                       "A: a scale per channel wins back more than 20 dB for the worst channel");
}

}  // namespace qfs
