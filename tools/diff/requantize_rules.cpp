#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "02_integer_products/requantize.hpp"
#include "diff/rules.hpp"

namespace qfs::diff {
namespace {

enum : std::size_t { kArithmetic, kRounding, kBias, kMultiplier, kZeroPoint, kClamp, kLayout };
enum : std::size_t { kFloat32, kFixed, kFixedHalfUp, kGemmlowp, kFloat64, kDequantize };
enum : std::size_t { kQuantizedBias, kNoBias, kDividedBias, kFloatBias, kScaleW, kScaleX, kScaleY };

struct MultiplierSet {
  Choice choice;
  std::vector<double> values;
};

std::vector<MultiplierSet> multiplier_sets(const RequantizeQuestion& q) {
  if (!q.multipliers.values.empty()) {
    std::vector<double> inverse = q.multipliers.values;
    for (double& m : inverse) m = 1.0 / m;
    return {{{"as given", ""}, q.multipliers.values},
            {{"1 / multiplier", "one side's multiplier divides"}, inverse}};
  }
  std::vector<MultiplierSet> sets = {
      {{"(s_x s_w) * (1 / s_y) in float32", ""}, {}},
      {{"s_x s_w / s_y in float32", "PyTorch's qnnpack multiplies by the reciprocal of s_y"}, {}},
      {{"s_x s_w / s_y in float64", "TFLite computes its multiplier in double"}, {}},
      {{"s_x s_w, without s_y", "the output scale is left out"}, {}}};
  const auto x = static_cast<float>(q.x_scale), y = static_cast<float>(q.y_scale);
  for (double scale : q.w_scales.values) {
    const auto w = static_cast<float>(scale);
    sets[0].values.push_back(static_cast<double>(output_multiplier(x, w, y)));
    sets[1].values.push_back(static_cast<double>(x * w / y));
    sets[2].values.push_back(q.x_scale * scale / q.y_scale);
    sets[3].values.push_back(static_cast<double>(x * w));
  }
  return sets;
}

std::vector<Choice> bias_choices(const RequantizeQuestion& q) {
  if (!q.bias_integers.empty()) return {{"added", ""}, {"left out", "add it before requantizing"}};
  if (q.bias.empty()) return {{"none", ""}};
  const std::string wrong = "a bias is added to the sums, so its scale is s_x * s_w";
  return {{"int32, b * (1 / (s_x s_w)) rounded", ""},
          {"left out", "add it before requantizing"},
          {"int32, b / (s_x s_w) rounded", "PyTorch's qnnpack multiplies by the reciprocal"},
          {"float: acc + b / (s_x s_w)", "FBGEMM and oneDNN keep the bias in float"},
          {"int32 of scale s_w", wrong},
          {"int32 of scale s_x", wrong},
          {"int32 of scale s_y", wrong}};
}

// The bias in units of s_x s_w, as `choice` would add it to the sum.
double bias_of(const RequantizeQuestion& q, std::size_t choice, std::size_t channel) {
  if (choice == kNoBias) return 0.0;
  if (!q.bias_integers.empty()) return static_cast<double>(q.bias_integers[channel]);
  if (q.bias.empty()) return 0.0;
  const float b = q.bias[channel], x = static_cast<float>(q.x_scale),
              y = static_cast<float>(q.y_scale);
  const auto w = static_cast<float>(q.w_scales.values[q.w_scales.of(channel)]);
  switch (choice) {
    case kDividedBias:
      return static_cast<double>(std::nearbyint(b / (x * w)));
    case kFloatBias:
      return static_cast<double>(b / (x * w));
    case kScaleW:
      return static_cast<double>(std::nearbyint(b * (1.0F / w)));
    case kScaleX:
      return static_cast<double>(std::nearbyint(b * (1.0F / x)));
    case kScaleY:
      return static_cast<double>(std::nearbyint(b * (1.0F / y)));
    default:
      return static_cast<double>(quantize_bias(b, x, w));
  }
}

// acc * m by 64-bit integers, already rounded; nothing where the numbers do not fit.
std::optional<double> fixed_product(double acc, double m, std::size_t arithmetic) {
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  if (!(m >= 0x1p-32 && m < 0x1p29) || std::fabs(acc) > kMost) return std::nullopt;
  const FixedPointMultiplier fixed = to_fixed_point(m);
  const std::int64_t sum = static_cast<std::int64_t>(acc), product = sum * fixed.mantissa;
  if (arithmetic == kFixed)
    return static_cast<double>(rounding_shift_right(product, 31 + fixed.shift));
  if (arithmetic == kFixedHalfUp)
    return static_cast<double>(
        rounding_shift_right<ShiftRounding::half_up>(product, 31 + fixed.shift));
  if (fixed.shift < 0) return std::nullopt;
  const auto high =
      saturating_rounding_doubling_high_mul(static_cast<std::int32_t>(sum), fixed.mantissa);
  return static_cast<double>(rounding_divide_by_pot(high, fixed.shift));
}

// acc * m in float, with a zero point that is added before rounding.
double float_product(double acc, double m, double inside, std::size_t arithmetic) {
  if (arithmetic == kFloat64) return acc * m + inside;
  return static_cast<double>(static_cast<float>(acc) * static_cast<float>(m) +
                             static_cast<float>(inside));
}

// Everything back to real first: (acc * (s_x s_w) + b) * (1 / s_y).
std::optional<double> dequantized(const RequantizeQuestion& q, double acc, std::size_t bias,
                                  std::size_t channel, double inside) {
  if (q.w_scales.values.empty() || !q.bias_integers.empty() || bias > kNoBias) return std::nullopt;
  const float scale =
      static_cast<float>(q.x_scale) * static_cast<float>(q.w_scales.values[q.w_scales.of(channel)]);
  const float b = bias == kNoBias || q.bias.empty() ? 0.0F : q.bias[channel];
  const float real = static_cast<float>(acc) * scale + b;
  return static_cast<double>(real * (1.0F / static_cast<float>(q.y_scale)) +
                             static_cast<float>(inside));
}

std::optional<double> product(const RequantizeQuestion& q, const Rule& rule, double acc, double m,
                              std::size_t channel, double inside) {
  const std::size_t arithmetic = rule[kArithmetic], bias = rule[kBias];
  const bool in_float32 = arithmetic != kFloat64;
  const auto round = static_cast<Round>(rule[kRounding]);
  if (arithmetic == kDequantize) {
    const auto steps = dequantized(q, acc, bias, channel, inside);
    return steps ? std::optional(rounded(*steps, round, in_float32)) : std::nullopt;
  }
  const bool integers_only =
      arithmetic == kFixed || arithmetic == kFixedHalfUp || arithmetic == kGemmlowp;
  double sum = acc + bias_of(q, bias, channel);
  if (bias == kFloatBias && in_float32)
    sum = static_cast<double>(static_cast<float>(acc) +
                              static_cast<float>(bias_of(q, bias, channel)));
  if (!integers_only) return rounded(float_product(sum, m, inside, arithmetic), round, in_float32);
  if (bias == kFloatBias || inside != 0.0 || round != Round::half_even) return std::nullopt;
  return fixed_product(sum, m, arithmetic);
}

std::vector<Dimension> dimensions_of(const RequantizeQuestion& q,
                                     const std::vector<MultiplierSet>& sets) {
  Dimension multiplier{"multiplier", {}};
  for (const MultiplierSet& set : sets) multiplier.choices.push_back(set.choice);
  return {{"arithmetic",
           {{"acc * m in float32", ""},
            {"64-bit fixed point, ties to even", "requantize_fixed of chapter 02"},
            {"64-bit fixed point, ties up", "TFLite's single rounding, XNNPACK's rndnu"},
            {"fixed point, rounded twice", "gemmlowp and TFLite's default: SRDHM, then RDBPOT"},
            {"acc * m in float64", "NumPy and Python compute in double unless told otherwise"},
            {"back to real first: (acc s_x s_w + b) * (1 / s_y)",
             "a simulated, not an integer, layer"}}},
          rounding_dimension(),
          {"bias", bias_choices(q)},
          multiplier,
          zero_point_dimension(bits_of(q.range)),
          clamp_dimension(q.mine),
          layout_dimension()};
}

}  // namespace

RuleSpace requantize_rules(const RequantizeQuestion& question) {
  const auto sets = std::make_shared<std::vector<MultiplierSet>>(multiplier_sets(question));
  const auto q = std::make_shared<RequantizeQuestion>(question);
  const Shapes shapes{question.mine.shape, question.acc.shape};
  require_comparable(shapes);
  const auto evaluate = [q, sets, shapes](const Rule& rule,
                                          std::size_t i) -> std::optional<std::int64_t> {
    const auto place = place_in_theirs(shapes, static_cast<Layout>(rule[kLayout]), i);
    if (!place) return std::nullopt;
    const std::size_t channel = q->acc.shape.empty() ? 0 : *place % q->acc.shape.back();
    const std::vector<double>& multipliers = (*sets)[rule[kMultiplier]].values;
    const ZeroPoint z = apply_zero_point(rule[kZeroPoint], q->zero_point, bits_of(q->range));
    const auto acc = static_cast<double>(q->acc.values[*place]);
    const double m = multipliers[multipliers.size() == 1 ? 0 : channel];
    const auto rounded_steps = product(*q, rule, acc, m, channel, z.inside);
    if (!rounded_steps) return std::nullopt;
    return apply_clamp(rule[kClamp], *rounded_steps, z, q->range, q->mine.storage);
  };
  return {dimensions_of(question, *sets), evaluate};
}

}  // namespace qfs::diff
