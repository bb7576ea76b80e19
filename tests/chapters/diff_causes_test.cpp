// ./learn diff: pairs of arrays that disagree for a known cause, each made here by code of its own.
// The tool must name the cause, and nothing else; where there is none it must name nothing.
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "02_integer_products/requantize.hpp"
#include "common/rng.hpp"
#include "common/tensor.hpp"
#include "diff/questions.hpp"
#include "diff/report.hpp"
#include "tests/support/catch.hpp"

using namespace qfs::diff;
using qfs::QuantRange;

namespace {

using Values = std::vector<std::int64_t>;
using Shape = std::vector<std::size_t>;

constexpr QuantRange kU8 = qfs::unsigned_range(8), kS8 = qfs::signed_range(8),
                     kS16 = qfs::signed_range(16);
constexpr QuantRange kS32 = {INT32_MIN, INT32_MAX};

Integers integers(Values values, Shape shape, QuantRange storage) {
  return {"test", "|u1", std::move(shape), std::move(values), storage};
}

// The rules that the search names: every one that explains all elements, if they are enough.
std::vector<std::string> named(const RuleSpace& space, const Values& mine) {
  const Findings findings = search(space, mine);
  if (!findings.is_clear()) return {};
  std::vector<std::string> texts;
  for (const Rule& rule : findings.complete) texts.push_back(rule_text(space, rule));
  return texts;
}

// Checks that exactly these rules are named, each by the beginning of its text; several where they
// are the same to every element.
void expect_named(const std::string& cause, const RuleSpace& space, const Values& mine,
                  const std::vector<std::string>& beginnings) {
  const Findings findings = search(space, mine);
  INFO(cause << ": " << findings.differing << " of " << mine.size() << " differ; needed "
             << findings.needed << ", " << rule_text(space, findings.rival) << " fails at "
             << findings.rival_fails);
  for (const Rule& rule : findings.complete) UNSCOPED_INFO("complete: " << rule_text(space, rule));
  const std::vector<std::string> texts = named(space, mine);
  REQUIRE(texts.size() == beginnings.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    CHECK(texts[i].substr(0, beginnings[i].size()) == beginnings[i]);
}

std::int64_t clamped(double q, QuantRange range) {
  return static_cast<std::int64_t>(std::clamp(q, double(range.qmin), double(range.qmax)));
}

// The low 8 bits of an integer, signed or not.
std::int64_t low_byte(double q, QuantRange range) {
  const auto low = static_cast<std::int64_t>(q) & 0xff;
  return range.qmin < 0 && low > 127 ? low - 256 : low;
}

// ---------------------------------------------------------------- floats

constexpr float kScale = 0.07F;
constexpr int kZero = 99;

// Multiples of half a step, among which x / s and x * (1 / s) differ, and numbers outside the
// range.
QuantizeQuestion floats_question(Shape shape, std::uint64_t seed = 41) {
  qfs::Rng rng(seed);
  std::vector<float> floats(qfs::element_count(shape));
  for (float& x : floats)
    x = rng.below(8) > 0 ? 0.035F * (static_cast<float>(rng.below(700)) - 250.0F)
                         : static_cast<float>(rng.uniform(-20.0, 20.0));
  Values none(floats.size(), 0);
  return {integers(none, shape, kU8), shape, floats, {{double(kScale)}}, {{kZero}}, 0, kU8};
}

// One cause: what it makes of x, which stands in this row and column.
struct FloatCause {
  std::string cause;
  std::string named;
  std::function<std::int64_t(float x, std::size_t row, std::size_t column)> of;
  std::function<void(QuantizeQuestion&)> change = [](QuantizeQuestion&) {};
};

void expect_cause(const FloatCause& c) {
  QuantizeQuestion question = floats_question({96, 64});
  c.change(question);
  const std::size_t columns = question.float_shape[1];
  for (std::size_t i = 0; i < question.floats.size(); ++i)
    question.mine.values[i] = c.of(question.floats[i], i / columns, i % columns);
  expect_named(c.cause, quantize_rules(question), question.mine.values, {c.named});
}

double steps(float x, float scale = kScale) { return double(x * (1.0F / scale)); }
double even(float x, float scale = kScale) { return std::nearbyint(steps(x, scale)); }

std::vector<FloatCause> float_causes() {
  return {
      {"ties away", "rounding: ties away",
       [](float x, auto, auto) { return clamped(kZero + std::round(steps(x)), kU8); }},
      {"ties up", "rounding: ties up",
       [](float x, auto, auto) {
         return clamped(kZero + std::floor(double(x * (1.0F / kScale) + 0.5F)), kU8);
       }},
      {"truncated", "rounding: truncated",
       [](float x, auto, auto) { return clamped(kZero + std::trunc(steps(x)), kU8); }},
      {"floor", "rounding: always down",
       [](float x, auto, auto) { return clamped(kZero + std::floor(steps(x)), kU8); }},
      {"ONNX's division", "division: x / s in float32",
       [](float x, auto, auto) {
         return clamped(kZero + std::nearbyint(double(x / kScale)), kU8);
       }},
      {"Python's division", "division: x / s in float64",
       [](float x, auto, auto) {
         return clamped(kZero + std::nearbyint(double(x) / double(kScale)), kU8);
       }},
      {"z before rounding", "zero point: added before",
       [](float x, auto, auto) {
         return clamped(std::nearbyint(double(x * (1.0F / kScale) + float(kZero))), kU8);
       }},
      {"z left out", "zero point: left out",
       [](float x, auto, auto) { return clamped(even(x), kU8); }},
      {"z subtracted", "zero point: subtracted",
       [](float x, auto, auto) { return clamped(even(x) - kZero, kU8); }},
      {"z added twice", "zero point: added twice",
       [](float x, auto, auto) { return clamped(even(x) + 2 * kZero, kU8); }},
      {"z off by 1, with clamps", "zero point: larger by 1",
       [](float x, auto, auto) { return clamped(kZero + 1 + even(x), kU8); }},
      {"z off by -3, with clamps", "zero point: smaller by 3",
       [](float x, auto, auto) { return clamped(kZero - 3 + even(x), kU8); }},
      {"z of the signed integers", "zero point: larger by 128",
       [](float x, auto, auto) { return clamped(kZero + even(x), kU8); },
       [](QuantizeQuestion& q) { q.zero_points.values = {kZero - 128}; }},
      {"z of the unsigned integers", "zero point: smaller by 128",
       [](float x, auto, auto) { return clamped(kZero - 128 + even(x), kS8); },
       [](QuantizeQuestion& q) { q.mine.storage = q.range = kS8; }},
      {"no clamp", "clamp: missing",
       [](float x, auto, auto) { return low_byte(kZero + even(x), kU8); }},
      {"only std::min", "clamp: only from above",
       [](float x, auto, auto) { return low_byte(std::min(kZero + even(x), 255.0), kU8); }},
      {"only std::max", "clamp: only from below",
       [](float x, auto, auto) { return low_byte(std::max(kZero + even(x), 0.0), kU8); }},
      {"clamp before z", "clamp: to the range, before",
       [](float x, auto, auto) { return low_byte(std::clamp(even(x), 0.0, 255.0) + kZero, kU8); }},
      {"narrow range", "clamp: to the range without its lowest",
       [](float x, auto, auto) {
         return clamped(even(x), {-127, 127});
       },
       [](QuantizeQuestion& q) {
         q.mine.storage = q.range = kS8;
         q.zero_points.values = {0};
       }},
      {"clamp of 7 bits", "clamp: to half the range",
       [](float x, auto, auto) {
         return clamped(kZero + even(x), {0, 127});
       }},
      {"a fused ReLU", "clamp: from the zero point up",
       [](float x, auto, auto) {
         return clamped(kZero + even(x), {kZero, 255});
       }},
      {"a missing ReLU", "clamp: to the whole range of the type",
       [](float x, auto, auto) { return clamped(kZero + even(x), kU8); },
       [](QuantizeQuestion& q) { q.range.qmin = kZero; }},
      {"int8 bytes read as uint8", "storage: computed for the other signedness",
       [](float x, auto, auto) { return low_byte(double(clamped(even(x) - 29, kS8)), kU8); },
       [](QuantizeQuestion& q) { q.zero_points.values = {-29}; }},
      // 255/127 of 0.07 is 0.140551180; z = 99 * 127 / 255 = 49.3.
      {"a reduced range", "parameters: the scale times 255/127",
       [](float x, auto, auto) {
         return clamped(49 + even(x, float(double(kScale) * 255.0 / 127.0)), {0, 127});
       }},
      {"PyTorch's reduce_range", "parameters: the scale times 255/127, clamped to the full range",
       [](float x, auto, auto) {
         return clamped(49 + even(x, float(double(kScale) * 255.0 / 127.0)), kU8);
       }},
      {"max|x| / 127 for max|x| / 127.5", "parameters: the scale max|x| / 127, where",
       [](float x, auto, auto) {
         return clamped(kZero + even(x, float(double(kScale) * 127.5 / 127.0)), kU8);
       }},
      {"max|x| / 127.5 for max|x| / 127", "parameters: the scale max|x| / 127.5, where",
       [](float x, auto, auto) {
         return clamped(kZero + even(x, float(double(kScale) * 127.0 / 127.5)), kU8);
       }},
      {"1 / scale", "parameters: 1 / scale",
       [](float x, auto, auto) { return clamped(kZero + even(x, 1.0F / kScale), kU8); }},
      {"the scale's last bit, up", "parameters: the scale, larger by its last bit",
       [](float x, auto, auto) {
         return clamped(kZero + even(x, std::nextafter(kScale, 1.0F)), kU8);
       }},
      {"the scale's last bit, down", "parameters: the scale, smaller by its last bit",
       [](float x, auto, auto) {
         return clamped(kZero + even(x, std::nextafter(kScale, 0.0F)), kU8);
       }},
      {"the scale of another tensor", "parameters: another scale, of about 0.0573",
       [](float x, auto, auto) { return clamped(kZero + even(x, 0.0573F), kU8); }},
      {"scale and z of another tensor",
       "parameters: another scale, of about 0.0573, and the zero point 71",
       [](float x, auto, auto) { return clamped(71 + even(x, 0.0573F), kU8); }},
      {"no clamp, and ties away", "rounding: ties away from zero; clamp: missing",
       [](float x, auto, auto) { return low_byte(kZero + std::round(steps(x)), kU8); }},
  };
}

}  // namespace

TEST_CASE("causes of disagreement: floats to integers", "[prop]") {
  for (const FloatCause& cause : float_causes()) expect_cause(cause);
}

namespace {

// Quantizes the question's floats, element i with the parameters of(i).
void quantize_with(QuantizeQuestion& q, const std::function<qfs::QuantParams(std::size_t)>& of,
                   QuantRange range = kU8, bool divide = false) {
  for (std::size_t i = 0; i < q.floats.size(); ++i) {
    const auto p = of(i);
    const float t = divide ? q.floats[i] / p.scale : q.floats[i] * (1.0F / p.scale);
    q.mine.values[i] = clamped(p.zero_point + std::nearbyint(double(t)), range);
  }
}

// Multiples of half a step of a scale and a zero point that each row, or each column, has of its
// own: its smallest and largest are 0 and 255 steps, so that its range gives them back.
QuantizeQuestion uneven_question(bool by_row) {
  QuantizeQuestion q = floats_question({40, 56}, 43);
  qfs::Rng rng(47);
  for (std::size_t i = 0; i < q.floats.size(); ++i) {
    const std::size_t line = by_row ? i / 56 : i % 56, along = by_row ? i % 56 : i / 56;
    const auto halves = along == 0 ? 0 : along == 1 ? 510 : static_cast<int>(rng.below(511));
    const auto zero = static_cast<int>(90 + line);
    q.floats[i] = (0.013F + 0.002F * static_cast<float>(line * 7 % 41)) *
                  static_cast<float>(halves - 2 * zero) * 0.5F;
  }
  return q;
}

// min and max of a row or column, or of all, as an affine range on 0..255.
qfs::QuantParams affine_of(const QuantizeQuestion& q, std::size_t first, std::size_t last,
                           std::size_t stride) {
  float low = 0.0F, high = 0.0F;
  for (std::size_t i = first; i < last; i += stride) {
    low = std::min(low, q.floats[i]);
    high = std::max(high, q.floats[i]);
  }
  const float scale = (high - low) / 255.0F;
  return {scale, -static_cast<std::int32_t>(std::nearbyint(low / scale))};
}

float largest_of(const QuantizeQuestion& q, std::size_t first, std::size_t last,
                 std::size_t stride) {
  float largest = 0.0F;
  for (std::size_t i = first; i < last; i += stride)
    largest = std::max(largest, std::fabs(q.floats[i]));
  return largest;
}

}  // namespace

TEST_CASE("causes of disagreement: rows share a scale, or all do", "[prop]") {
  QuantizeQuestion rows = uneven_question(true);
  const auto whole = affine_of(rows, 0, rows.floats.size(), 1);
  rows.scales.values = {double(whole.scale)};
  rows.zero_points.values = {double(whole.zero_point)};
  const auto of_row = [&](std::size_t i) {
    return affine_of(rows, i / 56 * 56, i / 56 * 56 + 56, 1);
  };
  quantize_with(rows, of_row);
  expect_named("a dynamic range per row, for one per tensor", quantize_rules(rows),
               rows.mine.values, {"parameters: affine, of these floats, one scale per row"});
  quantize_with(rows, of_row, kU8, true);
  expect_named("the same, divided as ONNX does", quantize_rules(rows), rows.mine.values,
               {"division: x / s in float32; parameters: affine, of these floats, one scale per "
                "row"});

  QuantizeQuestion given_rows = rows;
  given_rows.scales.values.clear();
  given_rows.zero_points.values.clear();
  for (std::size_t m = 0; m < 40; ++m) {
    given_rows.scales.values.push_back(double(of_row(m * 56).scale));
    given_rows.zero_points.values.push_back(double(of_row(m * 56).zero_point));
  }
  quantize_with(given_rows, [&](std::size_t) { return whole; });
  expect_named("a range per tensor, for one per row", quantize_rules(given_rows),
               given_rows.mine.values, {"parameters: affine, of these floats, per tensor"});
}

// As weights are: symmetric, a scale per column.
TEST_CASE("causes of disagreement: columns share a scale, or all do", "[prop]") {
  QuantizeQuestion columns = uneven_question(false);
  columns.mine.storage = columns.range = kS8;
  columns.zero_points.values = {0};
  columns.scales.values = {double(largest_of(columns, 0, columns.floats.size(), 1) / 127.5F)};
  const auto scale_of_column = [&](std::size_t n) {
    return largest_of(columns, n, columns.floats.size(), 56) / 127.0F;
  };
  quantize_with(columns,
                [&](std::size_t i) {
                  return qfs::QuantParams{scale_of_column(i % 56), 0};
                },
                {-127, 127});
  expect_named("per column, narrow, for per tensor", quantize_rules(columns), columns.mine.values,
               {"parameters: symmetric, narrow range, of these floats, one scale per column"});

  columns.scales.values.clear();
  for (std::size_t n = 0; n < 56; ++n) columns.scales.values.push_back(double(scale_of_column(n)));
  columns.axis = 1;
  const auto one_for_all = [&](double scale) {
    quantize_with(
        columns,
        [&](std::size_t) {
          return qfs::QuantParams{float(scale), 0};
        },
        kS8);
  };
  one_for_all(*std::ranges::max_element(columns.scales.values));
  expect_named("the largest scale for all, for per column", quantize_rules(columns),
               columns.mine.values,
               {"parameters: the largest of the scales",
                "parameters: symmetric, narrow range, of these floats, per tensor"});
  one_for_all(columns.scales.values[0]);
  expect_named("the first scale for all, for per column", quantize_rules(columns),
               columns.mine.values, {"parameters: the first of the scales"});
  one_for_all(0.137);
  expect_named("a scale of its own for all, for per column", quantize_rules(columns),
               columns.mine.values, {"parameters: another scale, of about 0.137"});
}

TEST_CASE("causes of disagreement: scales along the wrong axis", "[prop]") {
  QuantizeQuestion square = floats_question({50, 50}, 44);
  square.scales.values.clear();
  for (int n = 0; n < 50; ++n) square.scales.values.push_back(0.05 + 0.002 * n);
  square.axis = 1;
  quantize_with(square, [&](std::size_t i) {
    return qfs::QuantParams{float(square.scales.values[i / 50]), kZero};
  });
  expect_named("scales along the wrong axis", quantize_rules(square), square.mine.values,
               {"axis: the other one"});
}

namespace {

// Where the element of mine stands among the right integers.
struct LayoutCause {
  std::string cause, named;
  Shape shape;
  std::function<std::size_t(std::size_t row, std::size_t column)> from;
};

std::vector<LayoutCause> layout_causes() {
  const Shape wide = {40, 60}, square = {50, 50};
  return {{"transposed", "layout: transposed", square, [](auto m, auto n) { return n * 50 + m; }},
          {"reshaped for transposed", "layout: read by columns", wide,
           [](auto m, auto n) {
             const std::size_t i = m * 60 + n;  // the i-th element, column by column
             return i % 40 * 60 + i / 40;
           }},
          {"columns permuted", "layout: columns permuted: 7 is 31, 31 is 7", wide,
           [](auto m, auto n) {
             return m * 60 + (n == 7 ? 31 : n == 31 ? 7 : n);
           }},
          {"rows permuted", "layout: rows permuted: 3 is 5, 4 is 3, 5 is 4", wide,
           [](auto m, auto n) {
             return (m == 3 ? 5 : m == 4 || m == 5 ? m - 1 : m) * 60 + n;
           }},
          {"one row down, the first repeated", "layout: one row too low", wide,
           [](auto m, auto n) { return (m == 0 ? 0 : m - 1) * 60 + n; }},
          {"one row up, cyclic", "layout: one row too high", wide,
           [](auto m, auto n) { return (m + 1) % 40 * 60 + n; }},
          {"one column right", "layout: one column too far to the right", wide,
           [](auto m, auto n) { return m * 60 + (n == 0 ? 0 : n - 1); }},
          {"one column left", "layout: one column too far to the left", wide,
           [](auto m, auto n) { return m * 60 + (n == 59 ? 59 : n + 1); }},
          {"BGR for RGB",
           "layout: the columns in reverse order",
           {900, 3},
           [](auto m, auto n) { return m * 3 + 2 - n; }},
          {"bottom row first", "layout: the rows in reverse order", wide,
           [](auto m, auto n) { return (39 - m) * 60 + n; }}};
}

}  // namespace

TEST_CASE("causes of disagreement: the layout", "[prop]") {
  for (const LayoutCause& c : layout_causes()) {
    QuantizeQuestion q = floats_question(c.shape, 45);
    const std::size_t columns = c.shape[1];
    Values right;
    for (const float x : q.floats) right.push_back(clamped(kZero + even(x), kU8));
    for (std::size_t i = 0; i < right.size(); ++i)
      q.mine.values[i] = right[c.from(i / columns, i % columns)];
    expect_named(c.cause, quantize_rules(q), q.mine.values, {c.named});
    const Integers theirs = integers(right, c.shape, kU8);
    expect_named(c.cause + ", integers", relation_rules(q.mine, theirs), q.mine.values, {c.named});
  }
}

TEST_CASE("causes of disagreement: bytes in the other order", "[prop]") {
  QuantizeQuestion q = floats_question({50, 40}, 46);
  q.mine.storage = q.range = kS16;
  q.scales.values = {0.0007};
  for (std::size_t i = 0; i < q.floats.size(); ++i) {
    const std::int64_t right = clamped(kZero + even(q.floats[i], 0.0007F), kS16);
    const std::int64_t swapped = ((right & 0xff) << 8) | ((right >> 8) & 0xff);
    q.mine.values[i] = swapped > 32767 ? swapped - 65536 : swapped;
  }
  expect_named("big-endian", quantize_rules(q), q.mine.values, {"storage: with its bytes"});
}

// ---------------------------------------------------------------- sums

namespace {

constexpr std::size_t kRows = 160, kColumns = 50;

// The sum that is half a step of this column's output.
std::int64_t half_steps(std::size_t column) {
  return static_cast<std::int64_t>((column + 3) % 20 + 2);
}

// Sums in whole and half steps of the output for a good part, so that roundings show, and beyond
// its range; scales per column; a bias.
RequantizeQuestion sums_question(float x_scale = 0.02F) {
  qfs::Rng rng(51);
  RequantizeQuestion q;
  q.shape = {kRows, kColumns};
  q.mine = integers(Values(kRows * kColumns, 0), q.shape, kU8);
  Values acc;
  for (std::size_t i = 0; i < kRows * kColumns; ++i) {
    const auto odd = 2 * static_cast<std::int64_t>(rng.below(100)) - 99;
    acc.push_back(i % 3 == 0 ? odd * half_steps(i % kColumns)
                             : static_cast<std::int64_t>(rng.below(6001)) - 3000);
  }
  q.sums = sums_as_given(acc);
  q.x_scale = double(x_scale);
  q.y_scale = double(0.03F);
  for (std::size_t n = 0; n < kColumns; ++n) {
    // s_x s_w / s_y is near 1/4, 1/6, ... 1/42, on either side.
    const float w = 0.03F / x_scale / static_cast<float>(2 * half_steps(n));
    q.w_scales.values.push_back(double(n % 2 == 0 ? std::nextafter(w, 0.0F) : w));
    const double bias = n % 4 != 1 ? 0.0 : static_cast<double>(rng.below(400)) + 0.5;
    q.bias.push_back(static_cast<float>(bias * q.x_scale * q.w_scales.values.back()));
  }
  q.zero_point = 101;
  q.range = kU8;
  return q;
}

// What a cause needs of one element.
struct Sum {
  std::int64_t acc;
  float x, w, y, b;        // scales and bias
  std::int32_t bias;       // b in units of s_x s_w
  float m;                 // s_x s_w / s_y
  std::int32_t with_bias;  // acc + bias
};

Sum sum_of(const RequantizeQuestion& q, std::size_t i) {
  const std::size_t n = i % kColumns;
  const auto x = float(q.x_scale), w = float(q.w_scales.values[n]), y = float(q.y_scale);
  const float b = q.bias[n];
  const std::int32_t bias = qfs::quantize_bias(b, x, w);
  const std::int64_t acc = q.sums[0].values[i];
  return {acc,
          x,
          w,
          y,
          b,
          bias,
          qfs::output_multiplier(x, w, y),
          static_cast<std::int32_t>(acc + bias)};
}

struct SumCause {
  std::string cause;
  std::vector<std::string> named;
  std::function<std::int64_t(const Sum&)> of;
};

constexpr std::int32_t kOut = 101;  // the zero point
std::int64_t by_float(double acc, float m) {
  return clamped(kOut + std::nearbyint(double(float(acc) * m)), kU8);
}

std::vector<SumCause> sum_causes() {
  // A double holds the product of a sum and a float32 exactly, as 64-bit integers do.
  return {
      {"gemmlowp",
       {"arithmetic: fixed point, rounded twice"},
       [](const Sum& s) {
         return qfs::requantize_gemmlowp(s.with_bias, qfs::to_fixed_point(double(s.m)), kOut, kU8);
       }},
      {"TFLite's single rounding",
       {"arithmetic: 64-bit fixed point, ties up"},
       [](const Sum& s) {
         return qfs::requantize_fixed<qfs::ShiftRounding::half_up>(
             s.with_bias, qfs::to_fixed_point(double(s.m)), kOut, kU8);
       }},
      {"64-bit fixed point",
       {"arithmetic: 64-bit fixed point, ties to even", "arithmetic: acc * m in float64"},
       [](const Sum& s) {
         return qfs::requantize_fixed(s.with_bias, qfs::to_fixed_point(double(s.m)), kOut, kU8);
       }},
      {"fixed point, ties away",
       {"arithmetic: 64-bit fixed point, ties away"},
       [](const Sum& s) {
         return clamped(kOut + std::round(double(s.with_bias) * double(s.m)), kU8);
       }},
      {"float32, ties away",
       {"rounding: ties away"},
       [](const Sum& s) {
         return clamped(kOut + std::round(double(float(s.with_bias) * s.m)), kU8);
       }},
      {"truncated",
       {"rounding: truncated"},
       [](const Sum& s) {
         return clamped(kOut + std::trunc(double(float(s.with_bias) * s.m)), kU8);
       }},
      {"back to real first",
       {"arithmetic: back to real first"},
       [](const Sum& s) {
         const float real = float(s.acc) * (s.x * s.w) + s.b;
         return clamped(kOut + std::nearbyint(double(real * (1.0F / s.y))), kU8);
       }},
      {"z before rounding",
       {"zero point: added before"},
       [](const Sum& s) {
         return clamped(std::nearbyint(double(float(s.with_bias) * s.m + float(kOut))), kU8);
       }},
      {"z off by 1, with clamps",
       {"zero point: larger by 1"},
       [](const Sum& s) {
         return clamped(1 + kOut + std::nearbyint(double(float(s.with_bias) * s.m)), kU8);
       }},
      {"z off by -3, with clamps",
       {"zero point: smaller by 3"},
       [](const Sum& s) {
         return clamped(-3 + kOut + std::nearbyint(double(float(s.with_bias) * s.m)), kU8);
       }},
      {"no clamp",
       {"clamp: missing"},
       [](const Sum& s) {
         return low_byte(kOut + std::nearbyint(double(float(s.with_bias) * s.m)), kU8);
       }},
      {"float bias",
       {"bias: float"},
       [](const Sum& s) { return by_float(double(float(s.acc) + s.b / (s.x * s.w)), s.m); }},
      {"no bias", {"bias: left out"}, [](const Sum& s) { return by_float(double(s.acc), s.m); }},
      {"the bias twice",
       {"bias: added twice"},
       [](const Sum& s) { return by_float(double(s.with_bias + s.bias), s.m); }},
      {"the bias subtracted",
       {"bias: subtracted"},
       [](const Sum& s) { return by_float(double(s.acc - s.bias), s.m); }},
      {"a bias of scale s_w",
       {"bias: int32 of scale s_w"},
       [](const Sum& s) {
         return by_float(double(s.acc) + double(std::nearbyint(s.b / s.w)), s.m);
       }},
      {"no output scale",
       {"multiplier: s_x s_w, without s_y"},
       [](const Sum& s) { return by_float(s.with_bias, s.x * s.w); }},
      {"an int16 accumulator that wraps around",
       {"sums: wrapped around at 16 bits"},
       [](const Sum& s) { return by_float(double(std::int16_t(s.acc)) + s.bias, s.m); }},
      {"an int16 accumulator that saturates", {"sums: saturated at 16 bits"}, [](const Sum& s) {
         return by_float(double(std::clamp<std::int64_t>(s.acc, -32768, 32767)) + s.bias, s.m);
       }}};
}

}  // namespace

TEST_CASE("causes of disagreement: sums to integers", "[prop]") {
  for (const SumCause& c : sum_causes()) {
    RequantizeQuestion q = sums_question();
    // Sums of more than 16 bits where 16 bits are the cause.
    if (c.cause.starts_with("an int16")) {
      Values large = q.sums[0].values;
      for (std::int64_t& acc : large) acc *= 20;
      q.sums = sums_as_given(large);
      q.y_scale *= 20.0;
    }
    for (std::size_t i = 0; i < q.mine.values.size(); ++i) q.mine.values[i] = c.of(sum_of(q, i));
    expect_named(c.cause, requantize_rules(q), q.mine.values, c.named);
  }
}

namespace {

// Every element by the course's rule with a multiplier of its column.
void requantize_with(RequantizeQuestion& q, const std::function<float(std::size_t n)>& m) {
  for (std::size_t i = 0; i < q.mine.values.size(); ++i)
    q.mine.values[i] = by_float(double(sum_of(q, i).with_bias), m(i % kColumns));
}

}  // namespace

TEST_CASE("causes of disagreement: multipliers", "[prop]") {
  RequantizeQuestion q = sums_question(0.017F);
  const auto m = [&](std::size_t n) { return sum_of(q, n).m; };
  const auto check = [&](const std::string& cause, const std::string& text) {
    expect_named(cause, requantize_rules(q), q.mine.values, {text});
  };
  requantize_with(q,
                  [&](std::size_t n) { return sum_of(q, n).x * sum_of(q, n).w / sum_of(q, n).y; });
  check("a division by s_y", "multiplier: s_x s_w / s_y in float32");
  requantize_with(q, [&](std::size_t) { return m(17); });
  check("the largest for all", "multiplier: the largest for all columns");
  requantize_with(q, [&](std::size_t n) { return m((n + 1) % kColumns); });
  check("the next channel's", "multiplier: each that of the next column");
  requantize_with(q, [&](std::size_t n) { return 1.37F * m(n); });
  check("another output scale", "multiplier: about 1.37 times");
  requantize_with(q, [&](std::size_t n) { return std::nextafter(m(n), 1.0F); });
  check("the last bit", "multiplier: larger by its last bit");
  requantize_with(q, [&](std::size_t n) { return std::nextafter(m(n), 0.0F); });
  check("the last bit", "multiplier: smaller by its last bit");
  requantize_with(q, [&](std::size_t) { return m(0); });
  check("the first for all", "multiplier: the first for all columns");

  // A sum that is not scaled per column: per channel for per tensor.
  RequantizeQuestion tensor = sums_question();
  tensor.w_scales.values.assign(kColumns, 0.08);
  tensor.bias.clear();
  for (std::size_t i = 0; i < tensor.mine.values.size(); ++i) {
    const float one = qfs::output_multiplier(0.02F, 0.08F, 0.03F);
    const float own = one * (0.6F + 0.01F * static_cast<float>(i % kColumns));
    tensor.mine.values[i] = by_float(double(tensor.sums[0].values[i]), own);
  }
  tensor.w_scales.values = {0.08};
  expect_named("per channel for per tensor", requantize_rules(tensor), tensor.mine.values,
               {"multiplier: another one for 49 of the 50 columns"});
}

TEST_CASE("one column has one multiplier, and one rule for it", "[prop]") {
  qfs::Rng rng(52);
  RequantizeQuestion q;
  q.shape = {200, 1};
  Values acc;
  for (std::size_t i = 0; i < 200; ++i) acc.push_back(static_cast<std::int64_t>(rng.below(2000)));
  q.sums = sums_as_given(acc);
  q.multipliers.values = {0.1};
  q.zero_point = 20;
  q.range = kU8;
  q.mine = integers({}, q.shape, kU8);
  for (const std::int64_t sum : acc)
    q.mine.values.push_back(clamped(20 + std::nearbyint(double(float(sum) * 0.073F)), kU8));
  expect_named("another multiplier", requantize_rules(q), q.mine.values,
               {"multiplier: about 0.73 times"});
}

TEST_CASE("a truncated bias is named where it shows, and not where one element shows it",
          "[prop]") {
  RequantizeQuestion q = sums_question();
  const auto truncated = [&](std::size_t i) {
    const Sum s = sum_of(q, i);
    return by_float(double(s.acc) + double(std::trunc(s.b * (1.0F / (s.x * s.w)))), s.m);
  };
  for (std::size_t n = 0; n < kColumns; ++n)
    q.bias[n] = static_cast<float>((static_cast<double>(n) + 0.75) * 0.02 * q.w_scales.values[n]);
  for (std::size_t i = 0; i < q.mine.values.size(); ++i) q.mine.values[i] = truncated(i);
  expect_named("truncated bias", requantize_rules(q), q.mine.values, {"bias: int32, truncated"});

  // The course's integers everywhere but at one of those elements.
  std::size_t differing = 0;
  for (std::size_t i = 0; i < q.mine.values.size(); ++i) {
    const Sum s = sum_of(q, i);
    const std::int64_t right = by_float(s.with_bias, s.m);
    if (right != q.mine.values[i] && differing++ > 0) q.mine.values[i] = right;
  }
  const RuleSpace space = requantize_rules(q);
  const Findings findings = search(space, q.mine.values);
  CHECK(differing > 100);
  CHECK(findings.differing == 1);
  CHECK_FALSE(findings.is_clear());
}

// ---------------------------------------------------------------- products

namespace {

struct Layer {
  std::size_t rows = 30, outputs = 24, depth = 0;
  std::vector<std::uint8_t> x;
  std::vector<std::int8_t> w;
  std::int64_t z_x = 114, z_w = -5;
};

Layer layer(std::size_t depth = 61) {
  qfs::Rng rng(61);
  Layer l;
  l.depth = depth;
  for (std::size_t i = 0; i < l.rows * depth; ++i)
    l.x.push_back(static_cast<std::uint8_t>(rng.below(256)));
  for (std::size_t i = 0; i < l.outputs * depth; ++i)
    l.w.push_back(static_cast<std::int8_t>(static_cast<int>(rng.below(256)) - 128));
  return l;
}

ProductQuestion product_question(const Layer& l) {
  return {integers(Values(l.x.begin(), l.x.end()), {l.rows, l.depth}, kU8),
          integers(Values(l.w.begin(), l.w.end()), {l.outputs, l.depth}, kS8),
          l.z_x,
          {{double(l.z_w)}}};
}

using Term =
    std::function<std::int64_t(const Layer& l, std::size_t m, std::size_t n, std::size_t k)>;

struct ProductCause {
  std::string cause, named;
  Term term;  // summed over k
};

std::int64_t x_at(const Layer& l, std::size_t m, std::size_t k) { return l.x[m * l.depth + k]; }
std::int64_t w_at(const Layer& l, std::size_t n, std::size_t k) { return l.w[n * l.depth + k]; }
std::int64_t right_term(const Layer& l, std::size_t m, std::size_t n, std::size_t k) {
  return (x_at(l, m, k) - l.z_x) * (w_at(l, n, k) - l.z_w);
}

std::vector<ProductCause> product_causes() {
  using L = const Layer&;
  using N = std::size_t;
  return {{"input zero point ignored", "sums: the input's zero point ignored",
           [](L l, N m, N n, N k) { return x_at(l, m, k) * (w_at(l, n, k) - l.z_w); }},
          {"input zero point of the wrong sign", "sums: the input's zero point added",
           [](L l, N m, N n, N k) { return (x_at(l, m, k) + l.z_x) * (w_at(l, n, k) - l.z_w); }},
          {"row sums dropped", "sums: the weights' zero point ignored",
           [](L l, N m, N n, N k) { return (x_at(l, m, k) - l.z_x) * w_at(l, n, k); }},
          {"the raw product", "sums: both zero points ignored",
           [](L l, N m, N n, N k) { return x_at(l, m, k) * w_at(l, n, k); }},
          {"no K z_x z_w", "sums: without the term K z_x z_w",
           [](L l, N m, N n, N k) { return right_term(l, m, n, k) - l.z_x * l.z_w; }},
          {"int8 for uint8 inputs", "sums: the input's bytes read with the other sign",
           [](L l, N m, N n, N k) {
             return (std::int8_t(x_at(l, m, k)) - l.z_x) * (w_at(l, n, k) - l.z_w);
           }},
          {"uint8 for int8 weights", "sums: the weights' bytes read with the other sign",
           [](L l, N m, N n, N k) {
             return (x_at(l, m, k) - l.z_x) * (std::uint8_t(w_at(l, n, k)) - l.z_w);
           }},
          {"weights K x N", "sums: the weights stored K x N",
           [](L l, N m, N n, N k) {
             return (x_at(l, m, k) - l.z_x) * (l.w[k * l.outputs + n] - l.z_w);
           }},
          {"a loop to K - 1", "sums: the last place of K left out",
           [](L l, N m, N n, N k) { return k + 1 == l.depth ? 0 : right_term(l, m, n, k); }},
          {"no tail, of 8", "sums: K cut to a multiple of 8",
           [](L l, N m, N n, N k) { return k >= 56 ? 0 : right_term(l, m, n, k); }},
          {"no tail, of 16", "sums: K cut to a multiple of 16",
           [](L l, N m, N n, N k) { return k >= 48 ? 0 : right_term(l, m, n, k); }},
          {"no tail, of 32", "sums: K cut to a multiple of 32",
           [](L l, N m, N n, N k) { return k >= 32 ? 0 : right_term(l, m, n, k); }},
          {"vpmaddubsw", "sums: pairs of products saturate", [](L l, N m, N n, N k) {
             // At every even k the pair, and the zero-point terms of both.
             std::int64_t pair = 0, terms = 0;
             if (k % 2 == 1) return std::int64_t{0};
             for (N i = k; i < std::min(k + 2, l.depth); ++i) {
               pair += x_at(l, m, i) * w_at(l, n, i);
               terms += right_term(l, m, n, i) - x_at(l, m, i) * w_at(l, n, i);
             }
             return terms + std::clamp<std::int64_t>(pair, -32768, 32767);
           }}};
}

Values summed(const Layer& l, const Term& term) {
  Values sums;
  for (std::size_t m = 0; m < l.rows; ++m)
    for (std::size_t n = 0; n < l.outputs; ++n) {
      sums.push_back(0);
      for (std::size_t k = 0; k < l.depth; ++k) sums.back() += term(l, m, n, k);
    }
  return sums;
}

RequantizeQuestion question_of(const Layer& l) {
  RequantizeQuestion q;
  q.shape = {l.rows, l.outputs};
  q.sums = sums_of_product(product_question(l));
  q.bias_integers.assign(l.outputs, 1000);
  q.multipliers.values = {double(0.0011F)};
  q.zero_point = kOut;
  q.range = kU8;
  return q;
}

// The cause must be found in the sums, and in the integers made of them.
void expect_product_cause(const std::string& cause, const std::string& text, const Layer& l,
                          Values sums) {
  RequantizeQuestion q = question_of(l);
  for (std::int64_t& sum : sums) sum += 1000;
  q.mine = integers(sums, q.shape, kS32);
  expect_named(cause + ", sums", sums_rules(q), sums, {text});
  Values outputs;
  for (const std::int64_t sum : sums) outputs.push_back(by_float(double(sum), 0.0011F));
  q.mine = integers(outputs, q.shape, kU8);
  expect_named(cause, requantize_rules(q), outputs, {text});
}

}  // namespace

TEST_CASE("causes of disagreement: products", "[prop]") {
  const Layer l = layer();
  for (const ProductCause& c : product_causes())
    expect_product_cause(c.cause, c.named, l, summed(l, c.term));
  Values wrapping;
  for (std::size_t m = 0; m < l.rows; ++m)
    for (std::size_t n = 0; n < l.outputs; ++n) {
      std::int16_t raw = 0;
      std::int64_t terms = 0;
      for (std::size_t k = 0; k < l.depth; ++k) {
        const std::int64_t product = x_at(l, m, k) * w_at(l, n, k);
        raw = static_cast<std::int16_t>(raw + product);
        terms += right_term(l, m, n, k) - product;
      }
      wrapping.push_back(raw + terms);
    }
  expect_product_cause("a 16-bit accumulator", "sums: sums of 16 bits", l, wrapping);
}

TEST_CASE("where a loop over K ends too early", "[hand]") {
  // (5 - 1)(2 + 3) + (3 - 1)(-1 + 3) = 20 + 4.
  const ProductQuestion question{
      integers({5, 3}, {1, 2}, kU8), integers({2, -1}, {1, 2}, kS8), 1, {{-3.0}}};
  const auto rules = sums_of_product(question);
  CHECK(rules[0].values == Values{24});
  const auto last = std::ranges::find_if(rules, [](const SumsRule& rule) {
    return rule.choice.text == "the last place of K left out";
  });
  REQUIRE(last != rules.end());
  CHECK(last->values == Values{20});
}

TEST_CASE("the sums of a product are those of chapter 02", "[prop]") {
  const Layer l = layer(37);
  auto x = qfs::make_tensor<std::uint8_t>({l.rows, l.depth});
  auto w = qfs::make_tensor<std::int8_t>({l.outputs, l.depth});
  std::ranges::copy(l.x, x.begin());
  std::ranges::copy(l.w, w.begin());
  const auto acc = qfs::product_by_definition(x, 114, w, -5);
  CHECK(sums_of_product(product_question(l))[0].values == Values(acc.begin(), acc.end()));
}

// ---------------------------------------------------------------- integers

namespace {

struct RelationCause {
  std::string cause, named;
  std::function<std::int64_t(double theirs, std::size_t row, std::size_t column)> of;
  QuantRange mine = kU8;
  QuantRange theirs = kU8;
};

std::vector<RelationCause> relation_causes() {
  // Theirs are clamped to their range: see below.
  return {{"z off by 3, both clamped", "value: theirs + 3",
           [](double q, auto, auto) { return clamped(q + 3, kU8); }},
          {"z off by -1, both clamped", "value: theirs - 1",
           [](double q, auto, auto) { return clamped(q - 1, kU8); }},
          {"signed and unsigned", "value: theirs + 128",
           [](double q, auto, auto) { return clamped(q + 128, kU8); }, kU8, kS8},
          {"a sign", "value: theirs, negated",
           [](double q, auto, auto) { return -clamped(q, kU8); }, kS16},
          {"mine has a ReLU", "value: theirs, clamped to 99..255",
           [](double q, auto, auto) {
             return clamped(q, {99, 255});
           }},
          {"theirs is reduced",
           "value: theirs before it was clamped to 20..127",
           [](double q, auto, auto) { return clamped(q, kU8); },
           kU8,
           {20, 127}},
          {"int8 bytes read as uint8", "value: the same bits",
           [](double q, auto, auto) { return low_byte(double(clamped(q, kS8)), kU8); }, kU8, kS8},
          {"int32 cast to int8", "value: theirs, wrapped around",
           [](double q, auto, auto) { return low_byte(q, kS8); }, kS8, kS32},
          {"a constant per column", "value: theirs + a constant of each column",
           [](double q, auto, std::size_t n) { return std::int64_t(q) + std::int64_t(n * n) % 17; },
           kS32, kS32},
          {"a constant per row", "value: theirs + a constant of each row",
           [](double q, std::size_t m, auto) { return std::int64_t(q) + std::int64_t(m * m) % 19; },
           kS32, kS32},
          {"big-endian int32", "value: theirs with its bytes",
           [](double q, auto, auto) {
             const auto bits = static_cast<std::uint32_t>(std::int64_t(q));
             return std::int64_t(std::int32_t(__builtin_bswap32(bits)));
           },
           kS32, kS32}};
}

}  // namespace

TEST_CASE("causes of disagreement: integers against integers", "[prop]") {
  for (const RelationCause& c : relation_causes()) {
    qfs::Rng rng(71);
    Values mine, theirs;
    for (std::size_t i = 0; i < 60 * 50; ++i) {
      // Far enough beyond every range that some are clamped.
      const double q = std::nearbyint(rng.uniform(-200.0, 400.0));
      theirs.push_back(clamped(q, c.theirs));
      mine.push_back(c.of(q, i / 50, i % 50));
    }
    expect_named(
        c.cause,
        relation_rules(integers(mine, {60, 50}, c.mine), integers(theirs, {60, 50}, c.theirs)),
        mine, {c.named});
  }
}

// ---------------------------------------------------------------- no cause

namespace {

// Changes about one element in `every` by at most `most`.
void disturb(Values& values, std::uint64_t every, std::uint64_t most, std::uint64_t seed) {
  qfs::Rng rng(seed);
  for (std::int64_t& q : values)
    if (rng.below(every) == 0) {
      const auto by = static_cast<std::int64_t>(1 + rng.below(most));
      q = std::clamp<std::int64_t>(q + (rng.below(2) == 0 ? by : -by), 0, 255);
    }
}

}  // namespace

TEST_CASE("differences without a rule get no name", "[prop]") {
  struct Disturbance {
    std::uint64_t every, most;
  };
  for (const auto& [every, most] : std::vector<Disturbance>{{1, 1},
                                                            {2, 1},
                                                            {10, 1},
                                                            {100, 1},
                                                            {1000, 1},
                                                            {1, 100},
                                                            {10, 20},
                                                            {1000, 200},
                                                            {3000, 1}})
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      INFO("one in " << every << ", by at most " << most << ", seed " << seed);
      QuantizeQuestion q = floats_question({96, 64});
      quantize_with(q, [](std::size_t) { return qfs::QuantParams{kScale, kZero}; });
      Integers theirs = q.mine;
      disturb(q.mine.values, every, most, seed);
      CHECK(named(quantize_rules(q), q.mine.values).empty() == (q.mine.values != theirs.values));
      CHECK(named(relation_rules(q.mine, theirs), q.mine.values).empty() ==
            (q.mine.values != theirs.values));
      RequantizeQuestion r = sums_question();
      requantize_with(r, [&](std::size_t n) { return sum_of(r, n).m; });
      const Values right = r.mine.values;
      disturb(r.mine.values, every, most, seed);
      CHECK(named(requantize_rules(r), r.mine.values).empty() == (r.mine.values != right));
    }
}

TEST_CASE("another tensor is no rule", "[prop]") {
  QuantizeQuestion q = floats_question({96, 64});
  const QuantizeQuestion other = floats_question({96, 64}, 99);
  for (std::size_t i = 0; i < q.floats.size(); ++i)
    q.mine.values[i] = clamped(kZero + even(other.floats[i]), kU8);
  CHECK(named(quantize_rules(q), q.mine.values).empty());
  // A block of it that was never written.
  quantize_with(q, [](std::size_t) { return qfs::QuantParams{kScale, kZero}; });
  std::fill_n(q.mine.values.begin() + 700, 200, 0);
  CHECK(named(quantize_rules(q), q.mine.values).empty());
}
