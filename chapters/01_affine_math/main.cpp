// Chapter 01: how a real number becomes an 8-bit integer, and back.

#include <cstdio>
#include <vector>

#include "01_affine_math/conventions.hpp"
#include "01_affine_math/paper_example.hpp"
#include "01_affine_math/paper_trace.hpp"
#include "01_affine_math/quantizer.hpp"
#include "01_affine_math/your_tensor.hpp"
#include "common/cli.hpp"
#include "common/print.hpp"
#include "common/rng.hpp"

namespace {

using qfs::QuantParams;
using qfs::QuantRange;
using qfs::Rounding;

void on_paper(qfs::Lesson& lesson) {
  qfs::section(1, "Six reals in four bits, as on paper");
  const QuantRange range = qfs::paper_affine::kRange;
  const auto [min, max] = qfs::min_max(qfs::paper_affine::kX);
  const QuantParams p = qfs::choose_qparams(min, max, range);
  std::printf("  the interval [%g, %g] onto the integers %d to %d\n", min, max, range.qmin,
              range.qmax);
  std::printf("  scale s = (%g - %g) / %d = %g, zero point z = %d - round(%g / %g) = %d\n", max,
              min, range.qmax - range.qmin, p.scale, range.qmin, min, p.scale, p.zero_point);
  qfs::Table table({"x", "x/s", "round", "+ z", "q", "by hand", "PyTorch", "s(q - z)", "error"});
  bool all_equal = true;
  float largest_error = 0.0F;
  for (std::size_t i = 0; i < qfs::paper_affine::kX.size(); ++i) {
    const float x = qfs::paper_affine::kX[i];
    const std::int32_t q = qfs::quantize_value(x, p, range);
    const float back = qfs::dequantize_value(q, p);
    const float steps = x * (1.0F / p.scale);
    all_equal =
        all_equal && q == qfs::paper_affine::kByHand[i] && q == qfs::paper_affine::kByPyTorch[i];
    largest_error = std::max(largest_error, std::fabs(x - back));
    table.row({qfs::fixed(x, 2), qfs::fixed(steps, 2), qfs::fixed(std::nearbyint(steps), 0),
               qfs::fixed(std::nearbyint(steps) + static_cast<float>(p.zero_point), 0),
               std::to_string(q), std::to_string(qfs::paper_affine::kByHand[i]),
               std::to_string(qfs::paper_affine::kByPyTorch[i]), qfs::fixed(back, 2),
               qfs::fixed(x - back, 2)});
  }
  table.print();
  lesson.claims.expect_equal(p.scale, qfs::paper_affine::kScale, "the scale is 0.2");
  lesson.claims.expect_equal(p.zero_point, qfs::paper_affine::kZeroPoint, "the zero point is 5");
  lesson.claims.expect(all_equal, "by hand = this program = PyTorch, all six");
  lesson.claims.expect(qfs::dequantize_value(p.zero_point, p) == 0.0F, "0 comes back as exactly 0");
  // The factor leaves room for the two float32 roundings of s (q - z) and of the
  // difference, 2^-24 each.
  lesson.claims.expect(!(largest_error > p.scale / 2.0F * 1.000001F),
                       "no error exceeds half a step, 0.1");
  std::printf("  a later 3.1 lies outside: 15.5 -> 16, + 5 = 21, clamped to %d, back %g\n",
              qfs::quantize_value(3.1F, p, range),
              qfs::dequantize_value(qfs::quantize_value(3.1F, p, range), p));
}

void fewer_bits(qfs::Lesson& lesson) {
  qfs::section(2, "Eight bits down to two: 10 000 Gaussian numbers");
  qfs::Rng rng(lesson.options.seed);
  std::vector<float> x(10000), back(x.size());
  std::vector<std::int32_t> q(x.size());
  for (float& value : x) value = static_cast<float>(rng.normal());
  const auto [min, max] = qfs::min_max(x);
  std::printf("  interval [%.4f, %.4f], signed integers, affine and symmetric\n", min, max);
  qfs::Table table(
      {"bits", "integers", "scale", "zero point", "SQNR dB", "symmetric scale", "SQNR dB"});
  std::vector<std::vector<double>> curve;
  for (int bits = 8; bits >= 2; --bits) {
    std::vector<std::string> cells = {std::to_string(bits)};
    std::vector<double> decibels = {static_cast<double>(bits)};
    for (qfs::Scheme scheme : {qfs::Scheme::affine, qfs::Scheme::symmetric}) {
      const bool affine = scheme == qfs::Scheme::affine;
      const QuantRange range = affine ? qfs::signed_range(bits) : qfs::narrow_range(bits);
      const QuantParams p = qfs::choose_qparams(min, max, range, scheme);
      qfs::quantize<std::int32_t>(x, p, range, q);
      qfs::dequantize<std::int32_t>(q, p, back);
      decibels.push_back(qfs::measure_error(x, back).sqnr_db);
      if (affine) cells.push_back(std::to_string(range.qmin) + ".." + std::to_string(range.qmax));
      cells.push_back(qfs::fixed(p.scale, 5));
      if (affine) cells.push_back(std::to_string(p.zero_point));
      cells.push_back(qfs::fixed(decibels.back(), 2));
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

void rounding_rules(qfs::Lesson& lesson) {
  qfs::section(3, "One input, two integers: the rule of rounding is part of the contract");
  qfs::Table table({"x", "s", "z", "half_even", "half_even_divide", "half_away_divide"});
  const auto add = [&](float x, QuantParams p) {
    std::vector<std::string> cells = {qfs::general(x, 9), qfs::general(p.scale, 9),
                                      std::to_string(p.zero_point)};
    for (Rounding rule :
         {Rounding::half_even, Rounding::half_even_divide, Rounding::half_away_divide})
      cells.push_back(std::to_string(qfs::quantize_value(x, p, qfs::unsigned_range(8), rule)));
    table.row(cells);
  };
  for (float x : {0.5F, 1.5F, 2.5F}) add(x, {1.0F, 3});
  const QuantParams tie{0.00214854861F, 0};
  add(0.273939937F, tie);
  table.print();
  std::printf("  2.5 + 3: rounding first gives 2 + 3 = 5, adding first gives round(5.5) = %g\n",
              std::nearbyint(5.5));
  const auto q = [&](Rounding rule) {
    return qfs::quantize_value(0.273939937F, tie, qfs::unsigned_range(8), rule);
  };
  lesson.claims.expect(q(Rounding::half_even) == 128 && q(Rounding::half_even_divide) == 127,
                       "x * (1/s) = 127.5 goes to 128, x / s = 127.499992 to 127");
}

void four_conventions(qfs::Lesson& lesson) {
  qfs::section(4, "Four conventions on the same six reals");
  qfs::Table table({"", "integers", "scale", "zero point", "q"});
  std::vector<std::string> golden;
  for (const qfs::Convention& c : qfs::kConventions) {
    const auto [min, max] = qfs::min_max(qfs::paper_affine::kX);
    const QuantParams p = qfs::choose_qparams(min, max, c.range, c.scheme);
    std::vector<std::int32_t> q(qfs::paper_affine::kX.size());
    qfs::quantize<std::int32_t>(qfs::paper_affine::kX, p, c.range, q, c.rounding);
    golden.push_back(qfs::list_text<std::int32_t>(q));
    table.row({std::string(c.name),
               std::to_string(c.range.qmin) + ".." + std::to_string(c.range.qmax),
               qfs::fixed(p.scale, 7), std::to_string(p.zero_point), golden.back()});
  }
  table.print();
  lesson.claims.expect(
      golden == std::vector<std::string>{"[0, 28, 42, 63, 89, 127]", "[0, 57, 85, 127, 179, 255]",
                                         "[-128, -71, -43, 0, 51, 127]",
                                         "[-64, -21, 0, 32, 70, 127]"},
      "every row has its known integers");
}

void granularity(qfs::Lesson& lesson) {
  qfs::section(5, "Who shares a scale: two rows, one of them forty times larger");
  const qfs::Matrix<float> w = {{0.05F, -0.1F, 0.02F, 0.08F, -0.03F},
                                {4.0F, -3.1F, 2.2F, -0.9F, 1.7F}};
  qfs::Table table({"4 bits, symmetric", "scales", "MSE", "row 0 in integers"});
  std::vector<double> mse;
  const std::vector<std::pair<std::string, qfs::Granularity>> rows = {
      {"per tensor", {}},
      {"per channel, axis 0", {qfs::GranularityKind::per_channel, 0, 0}},
      {"groups of 2", {qfs::GranularityKind::per_group, 0, 2}}};
  for (const auto& [name, granularity] : rows) {
    qfs::Quantizer quantizer({qfs::narrow_range(4), qfs::Scheme::symmetric, granularity});
    quantizer.calibrate(qfs::values(w), qfs::shape_of(w));
    const auto q = quantizer.quantize(qfs::values(w), qfs::shape_of(w));
    mse.push_back(qfs::measure_error(qfs::values(w), quantizer.dequantize(q)).mse);
    table.row({name, std::to_string(quantizer.params().size()), qfs::fixed(mse.back(), 6),
               qfs::list_text(std::span<const std::int32_t>(q.values).first(5))});
  }
  table.print();
  lesson.claims.expect(mse[0] > mse[1] && mse[1] > mse[2], "finer granularity, smaller error");
}

void what_goes_wrong(qfs::Lesson& lesson) {
  qfs::section(6, "What goes wrong: an interval without 0");
  const float min = 1.0F, max = 4.0F;
  const QuantRange range = qfs::signed_range(8);
  const float wrong_scale = (max - min) / 255.0F;
  const int wanted = range.qmin - static_cast<int>(std::nearbyint(min / wrong_scale));
  const QuantParams wrong{wrong_scale, std::clamp(wanted, range.qmin, range.qmax)};
  const QuantParams right = qfs::choose_qparams(min, max, range);
  std::printf("  reals in [1, 4]: the zero point would be %d, and is clamped to %d\n", wanted,
              wrong.zero_point);
  qfs::Table table({"", "scale", "zero point", "3.0 becomes", "3.5 becomes", "4.0 becomes"});
  const auto back = [&](float x, QuantParams p) {
    return qfs::dequantize_value(qfs::quantize_value(x, p, range), p);
  };
  const auto add = [&](const std::string& name, QuantParams p) {
    table.row({name, qfs::fixed(p.scale, 6), std::to_string(p.zero_point),
               qfs::fixed(back(3.0F, p), 3), qfs::fixed(back(3.5F, p), 3),
               qfs::fixed(back(4.0F, p), 3)});
  };
  add("without 0", wrong);
  add("widened to 0", right);
  table.print();
  lesson.claims.expect(std::fabs(4.0F - back(4.0F, wrong)) > 0.99F,
                       "without 0 everything above 3 saturates: the error reaches 1");
  lesson.claims.expect(std::fabs(3.5F - back(3.5F, right)) < right.scale,
                       "widened, the error stays below a step");
}

}  // namespace

int main(int argc, char** argv) {
  qfs::TensorOptions tensor;
  qfs::Program program("01 Affine math", "How a real number becomes an 8-bit integer, and back.");
  qfs::add_tensor_options(program, tensor);
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    if (!tensor.tensor.empty()) return qfs::run_on_your_tensor(tensor, lesson.claims);
    qfs::require_no_tensor_options(tensor);
    on_paper(lesson);
    fewer_bits(lesson);
    rounding_rules(lesson);
    four_conventions(lesson);
    granularity(lesson);
    what_goes_wrong(lesson);
    if (lesson.options.trace) qfs::trace_paper_example();
    qfs::write_staircase(lesson.report);
  });
}
