#include "01_affine_math/experiments.hpp"

#include <cstdio>
#include <vector>

#include "01_affine_math/conventions.hpp"
#include "01_affine_math/paper_example.hpp"
#include "01_affine_math/quantizer.hpp"
#include "common/print.hpp"
#include "common/rng.hpp"

namespace qfs {

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

void conventions(Lesson& lesson) {
  section(4, "Four conventions, and ours, on the same six reals");
  const auto [min, max] = min_max(paper_affine::kX);
  const auto text = [](QuantRange range) {
    return std::to_string(range.qmin) + ".." + std::to_string(range.qmax);
  };
  Table table({"", "scale for", "clamp to", "scale", "z", "q", "a later 3"});
  std::vector<std::string> golden;
  std::vector<std::int32_t> later;
  for (const Convention& c : kConventions) {
    const auto [scale_range, clamp_range] = c.ranges;
    const QuantParams p = choose_qparams(min, max, scale_range, c.scheme);
    std::vector<std::int32_t> q(paper_affine::kX.size());
    quantize<std::int32_t>(paper_affine::kX, p, clamp_range, q, c.rounding);
    golden.push_back(list_text<std::int32_t>(q));
    later.push_back(quantize_value(3.0F, p, clamp_range, c.rounding));
    table.row({std::string(c.name), text(scale_range), text(clamp_range), fixed(p.scale, 7),
               std::to_string(p.zero_point), golden.back(), std::to_string(later.back())});
  }
  table.print();
  lesson.claims.expect(
      golden == std::vector<std::string>{"[0, 28, 42, 63, 89, 127]", "[0, 28, 42, 63, 89, 127]",
                                         "[0, 57, 85, 127, 179, 255]",
                                         "[-128, -71, -43, 0, 51, 127]",
                                         "[-64, -21, 0, 32, 70, 127]"},
      "every row has its known integers");
  lesson.claims.expect(later == std::vector<std::int32_t>{169, 127, 255, 127, 127},
                       "a later 3 exceeds 127 under PyTorch's reduce_range, and not here");
}

void rounding_rules(Lesson& lesson) {
  section(5, "One input, two integers: the rule of rounding is part of the contract");
  Table table({"x", "s", "z", "half_even", "half_even_divide", "half_away_divide"});
  const auto add = [&](float x, QuantParams p) {
    std::vector<std::string> cells = {general(x, 9), general(p.scale, 9),
                                      std::to_string(p.zero_point)};
    for (Rounding rule :
         {Rounding::half_even, Rounding::half_even_divide, Rounding::half_away_divide})
      cells.push_back(std::to_string(quantize_value(x, p, unsigned_range(8), rule)));
    table.row(cells);
  };
  for (float x : {0.5F, 1.5F, 2.5F}) add(x, {1.0F, 3});
  const QuantParams tie{0.00214854861F, 0};
  add(0.273939937F, tie);
  table.print();
  std::printf("  2.5 + 3: rounding first gives 2 + 3 = 5, adding first gives round(5.5) = %g\n",
              std::nearbyint(5.5));
  const auto q = [&](Rounding rule) {
    return quantize_value(0.273939937F, tie, unsigned_range(8), rule);
  };
  lesson.claims.expect(q(Rounding::half_even) == 128 && q(Rounding::half_even_divide) == 127,
                       "x * (1/s) = 127.5 goes to 128, x / s = 127.499992 to 127");
}

}  // namespace qfs
