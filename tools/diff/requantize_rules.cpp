#include "02_integer_products/requantize.hpp"

#include <cmath>
#include <limits>
#include <memory>

#include "common/print.hpp"
#include "diff/fit.hpp"
#include "diff/questions.hpp"
#include "diff/steps.hpp"

namespace qfs::diff {
namespace {

enum : std::size_t { kSums = kFirstOwn, kBias, kArithmetic, kMultiplier };

// What one output channel is requantized with.
struct Channel {
  float x_scale = 0.0F, w_scale = 0.0F, y_scale = 0.0F;  // 0 where a multiplier was given
  float bias = 0.0F;
  std::int64_t bias_integer = 0;
};

// A bias in units of s_x s_w, as it is added to the sum.
struct BiasRule {
  Choice choice;
  double (*of)(const Channel& channel);
  bool is_float = false;
};

// acc * m, not yet rounded unless `rounds`; nothing where the numbers do not fit.
struct ArithmeticRule {
  Choice choice;
  std::optional<double> (*steps)(double sum, double multiplier);
  bool in_float32 = false;  // the precision of what follows
  bool rounds = false;      // to an integer, by itself
  bool back_to_real = false;
};

struct MultiplierRule {
  Choice choice;
  std::vector<double> values;  // one, or one per column
};

struct Tables {
  RequantizeQuestion question;
  Shapes shapes;
  StepRules steps;
  std::vector<Channel> channels;
  std::vector<BiasRule> biases;
  std::vector<ArithmeticRule> arithmetics;
  std::vector<MultiplierRule> multipliers;
};

double scaled_bias(float bias, float scale) {
  return static_cast<double>(std::nearbyint(bias * (1.0F / scale)));
}

std::vector<BiasRule> integer_bias_rules() {
  const auto b = [](const Channel& c) { return static_cast<double>(c.bias_integer); };
  return {{{"added", ""}, b},
          {{"left out", "add it before requantizing"}, [](const Channel&) { return 0.0; }},
          {{"added twice", "it is in the sums, or in the folded terms, already"},
           [](const Channel& c) { return 2.0 * static_cast<double>(c.bias_integer); }},
          {{"subtracted", "a sign"},
           [](const Channel& c) { return -static_cast<double>(c.bias_integer); }}};
}

std::vector<BiasRule> float_bias_rules() {
  const std::string scale = "a bias is added to the sums, so its scale is s_x s_w";
  return {{{"int32, b * (1 / (s_x s_w)) rounded", ""},
           [](const Channel& c) {
             return static_cast<double>(quantize_bias(c.bias, c.x_scale, c.w_scale));
           }},
          {{"left out", "add it before requantizing"}, [](const Channel&) { return 0.0; }},
          {{"int32, b / (s_x s_w) rounded", "PyTorch's qnnpack multiplies by the reciprocal"},
           [](const Channel& c) {
             return static_cast<double>(std::nearbyint(c.bias / (c.x_scale * c.w_scale)));
           }},
          {{"int32, truncated toward zero", "a conversion to int without rounding"},
           [](const Channel& c) {
             return static_cast<double>(std::trunc(c.bias * (1.0F / (c.x_scale * c.w_scale))));
           }},
          {{"float: acc + b / (s_x s_w)", "FBGEMM and oneDNN keep the bias in float"},
           [](const Channel& c) { return static_cast<double>(c.bias / (c.x_scale * c.w_scale)); },
           true},
          {{"added twice", "it is in the sums, or in the folded terms, already"},
           [](const Channel& c) {
             return 2.0 * static_cast<double>(quantize_bias(c.bias, c.x_scale, c.w_scale));
           }},
          {{"subtracted", "a sign"},
           [](const Channel& c) {
             return -static_cast<double>(quantize_bias(c.bias, c.x_scale, c.w_scale));
           }},
          {{"int32 of scale s_w", scale},
           [](const Channel& c) { return scaled_bias(c.bias, c.w_scale); }},
          {{"int32 of scale s_x", scale},
           [](const Channel& c) { return scaled_bias(c.bias, c.x_scale); }},
          {{"int32 of scale s_y", scale},
           [](const Channel& c) { return scaled_bias(c.bias, c.y_scale); }}};
}

std::vector<BiasRule> bias_rules(const RequantizeQuestion& q) {
  if (!q.bias_integers.empty()) return integer_bias_rules();
  if (q.bias.empty()) return {{{"none", ""}, [](const Channel&) { return 0.0; }}};
  std::vector<BiasRule> rules = float_bias_rules();
  if (q.y_scale == 0.0) rules.pop_back();  // sums have no s_y
  return rules;
}

// sum * m by 64-bit integers; `round` takes the product and the shift to the right.
template <class Round>
std::optional<double> fixed_product(double sum, double m, Round round) {
  constexpr double kMost = std::numeric_limits<std::int32_t>::max();
  if (!(m >= 0x1p-32 && m < 0x1p29) || std::fabs(sum) > kMost) return std::nullopt;
  const FixedPointMultiplier fixed = to_fixed_point(m);
  return static_cast<double>(
      round(static_cast<std::int64_t>(sum) * fixed.mantissa, 31 + fixed.shift));
}

std::int64_t shift_half_away(std::int64_t product, int shift) {
  const std::int64_t magnitude =
      rounding_shift_right<ShiftRounding::half_up>(std::abs(product), shift);
  return product < 0 ? -magnitude : magnitude;
}

// gemmlowp's output stage, for multipliers below 1.
std::optional<double> twice_rounded(double sum, double m) {
  if (!(m >= 0x1p-32 && m < 1.0) || std::fabs(sum) > 0x1p31 - 1.0) return std::nullopt;
  const FixedPointMultiplier fixed = to_fixed_point(m);
  if (fixed.shift < 0) return std::nullopt;  // the mantissa of the largest m below 1 rounds up
  const auto high =
      saturating_rounding_doubling_high_mul(static_cast<std::int32_t>(sum), fixed.mantissa);
  return static_cast<double>(rounding_divide_by_pot(high, fixed.shift));
}

std::optional<double> in_float32(double sum, double m) {
  return static_cast<double>(static_cast<float>(sum) * static_cast<float>(m));
}

std::vector<ArithmeticRule> arithmetic_rules() {
  return {
      {{"acc * m in float32", ""}, in_float32, true},
      {{"64-bit fixed point, ties to even", "requantize_fixed of chapter 02"},
       [](double sum, double m) {
         return fixed_product(sum, m, rounding_shift_right<ShiftRounding::half_even, std::int64_t>);
       },
       false,
       true},
      {{"64-bit fixed point, ties up", "TFLite's single rounding, XNNPACK's rndnu"},
       [](double sum, double m) {
         return fixed_product(sum, m, rounding_shift_right<ShiftRounding::half_up, std::int64_t>);
       },
       false,
       true},
      {{"64-bit fixed point, ties away from zero", "QNNPACK's precise requantization"},
       [](double sum, double m) { return fixed_product(sum, m, shift_half_away); },
       false,
       true},
      {{"fixed point, rounded twice", "gemmlowp and TFLite's default: SRDHM, then RDBPOT"},
       twice_rounded,
       false,
       true},
      {{"acc * m in float64", "NumPy and Python compute in double unless told otherwise"},
       [](double sum, double m) { return std::optional(sum * m); }},
      {{"back to real first: (acc s_x s_w + b) * (1 / s_y)", "a simulated, not an integer, layer"},
       in_float32,
       true,
       false,
       true}};
}

std::vector<double> changed(std::vector<double> values, double (*change)(double)) {
  for (double& value : values) value = change(value);
  return values;
}

double last_bit_up(double m) {
  return static_cast<double>(std::nextafter(static_cast<float>(m), INFINITY));
}
double last_bit_down(double m) {
  return static_cast<double>(std::nextafter(static_cast<float>(m), 0.0F));
}

std::vector<MultiplierRule> multipliers_of_scales(const RequantizeQuestion& q) {
  std::vector<MultiplierRule> rules = {
      {{"(s_x s_w) * (1 / s_y) in float32", ""}, {}},
      {{"s_x s_w / s_y in float32", "PyTorch's qnnpack multiplies by the reciprocal of s_y"}, {}},
      {{"s_x s_w / s_y in float64", "TFLite computes its multiplier in double"}, {}},
      {{"s_x s_w, without s_y", "the output scale is left out"}, {}}};
  const auto x = static_cast<float>(q.x_scale), y = static_cast<float>(q.y_scale);
  for (const double scale : q.w_scales.values) {
    const auto w = static_cast<float>(scale);
    rules[0].values.push_back(static_cast<double>(output_multiplier(x, w, y)));
    rules[1].values.push_back(static_cast<double>(x * w / y));
    rules[2].values.push_back(q.x_scale * scale / q.y_scale);
    rules[3].values.push_back(static_cast<double>(x * w));
  }
  return rules;
}

std::vector<MultiplierRule> multiplier_rules(const RequantizeQuestion& q) {
  std::vector<MultiplierRule> rules;
  if (q.multipliers.values.empty())
    rules = multipliers_of_scales(q);
  else
    rules = {{{"as given", ""}, q.multipliers.values},
             {{"1 / multiplier", "one side's multiplier divides"},
              changed(q.multipliers.values, [](double m) { return 1.0 / m; })}};
  const std::vector<double> given = rules.front().values;
  if (given.size() > 1) {
    const std::string note = "per tensor, where the weights' scales are per channel";
    rules.push_back({{"the largest for all columns", note}, {*std::ranges::max_element(given)}});
    rules.push_back({{"the first for all columns", note}, {given.front()}});
    rules.push_back({{"each that of the next column", "an index of the channels is off by one"},
                     {given.begin() + 1, given.end()}});
    rules.back().values.push_back(given.front());
  }
  const std::string order = "computed in another order or precision";
  rules.push_back({{"larger by its last bit", order, 1}, changed(given, last_bit_up)});
  rules.push_back({{"smaller by its last bit", order, 1}, changed(given, last_bit_down)});
  return rules;
}

std::vector<Channel> channels_of(const RequantizeQuestion& q) {
  std::vector<Channel> channels(q.shape.empty() ? 1 : q.shape.back());
  for (std::size_t n = 0; n < channels.size(); ++n) {
    Channel& c = channels[n];
    c.x_scale = static_cast<float>(q.x_scale);
    c.y_scale = static_cast<float>(q.y_scale);
    if (!q.w_scales.values.empty()) c.w_scale = static_cast<float>(q.w_scales.of(n));
    if (!q.bias.empty()) c.bias = q.bias[n];
    if (!q.bias_integers.empty()) c.bias_integer = q.bias_integers[n];
  }
  return channels;
}

double of_column(const std::vector<double>& multipliers, std::size_t column) {
  return multipliers[multipliers.size() == 1 ? 0 : column];
}

// Everything back to real first: (acc * (s_x s_w) + b) * (1 / s_y); a bias is added as it is.
std::optional<double> dequantized(const Tables& t, const Rule& rule, double acc, const Channel& c) {
  constexpr std::size_t kLeftOut = 1;
  if (c.w_scale == 0.0F || !t.question.bias_integers.empty() || rule[kBias] > kLeftOut ||
      rule[kMultiplier] != 0)
    return std::nullopt;
  const float b = rule[kBias] == kLeftOut ? 0.0F : c.bias;
  const float real = static_cast<float>(acc) * (c.x_scale * c.w_scale) + b;
  return static_cast<double>(real * (1.0F / c.y_scale));
}

double with_bias(const BiasRule& bias, double acc, const Channel& channel, bool in_float32) {
  const double b = bias.of(channel);
  if (bias.is_float && in_float32)
    return static_cast<double>(static_cast<float>(acc) + static_cast<float>(b));
  return acc + b;
}

// The real steps of one element, or the rounded ones of an arithmetic that rounds by itself.
std::optional<double> steps_of(const Tables& t, const Rule& rule, std::size_t place) {
  const ArithmeticRule& arithmetic = t.arithmetics[rule[kArithmetic]];
  const std::size_t column = place % t.channels.size();
  const Channel& channel = t.channels[column];
  const auto acc = static_cast<double>(t.question.sums[rule[kSums]].values[place]);
  if (arithmetic.back_to_real) return dequantized(t, rule, acc, channel);
  const BiasRule& bias = t.biases[rule[kBias]];
  if (arithmetic.rounds && bias.is_float) return std::nullopt;
  return arithmetic.steps(with_bias(bias, acc, channel, arithmetic.in_float32),
                          of_column(t.multipliers[rule[kMultiplier]].values, column));
}

// What the rule makes of the sum at this place.
std::optional<Bounds> requantized(const Tables& t, const Rule& rule, std::size_t place) {
  const auto steps = steps_of(t, rule, place);
  if (!steps) return std::nullopt;
  const ArithmeticRule& arithmetic = t.arithmetics[rule[kArithmetic]];
  const RequantizeQuestion& q = t.question;
  if (!arithmetic.rounds)
    return t.steps.finish(rule, *steps, arithmetic.in_float32, q.zero_point, q.range,
                          q.mine.storage);
  if (rule[kRounding] != 0 || t.steps.zero_points[rule[kZeroPoint]].before_rounding)
    return std::nullopt;
  return t.steps.finish_rounded(rule, *steps, q.zero_point, q.range, q.mine.storage);
}

std::optional<Bounds> evaluate(const Tables& t, const Rule& rule, std::size_t element) {
  return at_place(t.steps.layouts[rule[kLayout]], t.shapes, element,
                  [&](std::size_t place) { return requantized(t, rule, place); });
}

RuleSpace space_of(std::shared_ptr<const Tables> tables) {
  std::vector<Dimension> dimensions = tables->steps.dimensions();
  dimensions.push_back(dimension_of("sums", tables->question.sums));
  dimensions.push_back(dimension_of("bias", tables->biases));
  dimensions.push_back(dimension_of("arithmetic", tables->arithmetics));
  dimensions.push_back(dimension_of("multiplier", tables->multipliers));
  return {dimensions,
          [tables](const Rule& rule, std::size_t i) { return evaluate(*tables, rule, i); }};
}

// Another multiplier for all columns.
void add_fitted_multiplier(const std::vector<double>& steps, Tables& t) {
  const RequantizeQuestion& q = t.question;
  const auto fitted = fitted_factors({steps, q.mine.values, q.range}, q.zero_point, 0, 1);
  if (!fitted) return;
  const double factor = simplest_between(fitted->low, fitted->high);
  std::vector<double> values = t.multipliers.front().values;
  for (double& m : values) m *= factor;
  t.multipliers.push_back({{"about " + general(factor, 6) + " times the one given",
                            "a scale of another tensor, or of an earlier calibration", 1},
                           values});
}

// Another multiplier for each column that the given one does not explain.
void add_fitted_per_column(const std::vector<double>& steps, Tables& t) {
  const RequantizeQuestion& q = t.question;
  const std::size_t columns = t.channels.size();
  std::vector<double> values;
  std::size_t fitted_columns = 0;
  for (std::size_t n = 0; n < columns; ++n) {
    values.push_back(of_column(t.multipliers.front().values, n));
    const auto fitted = fitted_factors({steps, q.mine.values, q.range}, q.zero_point, n, columns);
    if (!fitted || (fitted->low <= 1.0 && 1.0 <= fitted->high)) continue;
    ++fitted_columns;
    values.back() *= simplest_between(fitted->low, fitted->high);
  }
  if (columns < 2 || fitted_columns == 0) return;
  t.multipliers.push_back(
      {{"another one for " + std::to_string(fitted_columns) + " of the " + std::to_string(columns) +
            " columns",
        "one side's weights are per channel, the other's per tensor", fitted_columns},
       values});
}

void add_fitted_multipliers(Tables& t) {
  if (!t.shapes.same()) return;
  std::vector<double> steps;
  for (std::size_t i = 0; i < t.question.mine.values.size(); ++i)
    steps.push_back(steps_of(t, Rule(t.steps.dimensions().size() + 4, 0), i).value_or(0.0));
  add_fitted_multiplier(steps, t);
  add_fitted_per_column(steps, t);
}

}  // namespace

RuleSpace requantize_rules(const RequantizeQuestion& question) {
  const Shapes shapes{question.mine.shape, question.shape};
  require_comparable(shapes);
  const auto tables = std::make_shared<Tables>(Tables{
      question, shapes, step_rules(question.mine, shapes, question.range), channels_of(question),
      bias_rules(question), arithmetic_rules(), multiplier_rules(question)});
  const auto expected = expected_by_course(space_of(tables), question.mine.values.size());
  add_fitted(question.mine, shapes, expected, question.range, tables->steps);
  add_fitted_multipliers(*tables);
  return space_of(tables);
}

RuleSpace sums_rules(const RequantizeQuestion& question) {
  const Shapes shapes{question.mine.shape, question.shape};
  require_comparable(shapes);
  const auto channels = channels_of(question);
  const auto biases = bias_rules(question);
  const auto space_with = [=](const std::vector<LayoutRule>& layouts) -> RuleSpace {
    const auto evaluate = [=](const Rule& rule, std::size_t i) {
      return at_place(layouts[rule[2]], shapes, i, [&](std::size_t place) -> Bounds {
        const double bias = biases[rule[1]].of(channels[place % channels.size()]);
        return question.sums[rule[0]].values[place] + static_cast<std::int64_t>(bias);
      });
    };
    return {{dimension_of("sums", question.sums), dimension_of("bias", biases),
             dimension_of("layout", layouts)},
            evaluate};
  };
  std::vector<LayoutRule> layouts = layout_rules(shapes);
  const auto expected = expected_by_course(space_with(layouts), question.mine.values.size());
  if (!expected.empty()) add_permutations(shapes, question.mine.values, expected, layouts);
  return space_with(layouts);
}

}  // namespace qfs::diff
