// ./learn diff: every rule by hand, every rule found by the search, the program and its bad input.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/npy.hpp"
#include "common/rng.hpp"
#include "diff/fit.hpp"
#include "diff/questions.hpp"
#include "diff/report.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/reference.hpp"

using namespace qfs::diff;
using qfs::QuantRange;

namespace {

constexpr QuantRange kU8 = qfs::unsigned_range(8), kS8 = qfs::signed_range(8);
constexpr QuantRange kS32 = {std::numeric_limits<std::int32_t>::min(),
                             std::numeric_limits<std::int32_t>::max()};

Integers integers(std::vector<std::int64_t> values, QuantRange storage = kU8,
                  std::vector<std::size_t> shape = {}) {
  if (shape.empty()) shape = {values.size()};
  return {"test", "|u1", shape, std::move(values), storage};
}

QuantizeQuestion quantize_question(std::vector<float> floats, float scale, double zero_point,
                                   QuantRange range = kU8) {
  std::vector<std::int64_t> none(floats.size(), 0);
  return {integers(none, range), {floats.size()}, floats, {{scale}}, {{zero_point}}, 0, range};
}

// The rule that deviates in one dimension, by the choice whose text begins with `choice`.
Rule deviation(const RuleSpace& space, const std::string& dimension, const std::string& choice) {
  for (std::size_t d = 0; d < space.dimensions.size(); ++d)
    for (std::size_t c = 0; c < space.dimensions[d].choices.size(); ++c)
      if (space.dimensions[d].name == dimension &&
          space.dimensions[d].choices[c].text.starts_with(choice)) {
        Rule rule(space.dimensions.size(), 0);
        rule[d] = c;
        return rule;
      }
  FAIL("there is no " << dimension << ": " << choice);
  return {};
}

// Stands where a rule gives nothing.
constexpr std::int64_t kNoSense = -999;

std::vector<std::int64_t> made_by(const RuleSpace& space, const Rule& rule, std::size_t elements) {
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < elements; ++i) {
    const auto given = space.evaluate(rule, i);
    values.push_back(given ? given->low : kNoSense);
  }
  return values;
}

using Values = std::vector<std::int64_t>;

bool is_offered(const RuleSpace& space, const std::string& dimension, const std::string& choice) {
  for (const Dimension& d : space.dimensions)
    for (const Choice& c : d.choices)
      if (d.name == dimension && c.text.starts_with(choice)) return true;
  return false;
}

// Checks that every single deviation makes other integers than the course's rule, and that the
// search finds it, and it alone; `twins` are the texts of deviations that are always the same.
void expect_all_found(const RuleSpace& space, std::size_t elements,
                      const std::vector<std::string>& twins = {}) {
  for (std::size_t d = 0; d < space.dimensions.size(); ++d)
    for (std::size_t c = 1; c < space.dimensions[d].choices.size(); ++c) {
      Rule rule(space.dimensions.size(), 0);
      rule[d] = c;
      INFO(rule_text(space, rule));
      const Findings findings = search(space, made_by(space, rule, elements));
      CHECK(findings.deviations == 1);
      CHECK(std::ranges::count(findings.complete, rule) == 1);
      if (std::ranges::count(twins, rule_text(space, rule)) == 1)
        CHECK(findings.complete.size() == twins.size());
      else
        CHECK(findings.complete == std::vector<Rule>{rule});
    }
}

}  // namespace

TEST_CASE("how floats may have been rounded and shifted", "[hand]") {
  // In steps of 0.5: -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.75; zero point 3.
  const auto space = quantize_rules(
      quantize_question({-1.25F, -0.75F, -0.25F, 0.25F, 0.75F, 1.25F, 1.375F}, 0.5F, 3.0));
  const auto made = [&](const std::string& dimension, const std::string& choice) {
    return made_by(space, deviation(space, dimension, choice), 7);
  };
  CHECK(made("rounding", "ties to even") == Values{1, 1, 3, 3, 5, 5, 6});
  CHECK(made("rounding", "ties away") == Values{0, 1, 2, 4, 5, 6, 6});
  CHECK(made("rounding", "ties up") == Values{1, 2, 3, 4, 5, 6, 6});
  CHECK(made("rounding", "truncated") == Values{1, 2, 3, 3, 4, 5, 5});
  CHECK(made("rounding", "always down") == Values{0, 1, 2, 3, 4, 5, 5});
  // 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 5.75
  CHECK(made("zero point", "added before") == Values{0, 2, 2, 4, 4, 6, 6});
  CHECK(made("zero point", "left out") == Values{0, 0, 0, 0, 2, 2, 3});
  CHECK(made("zero point", "subtracted") == Values{0, 0, 0, 0, 0, 0, 0});
  CHECK(made("zero point", "larger by 128") == Values{129, 129, 131, 131, 133, 133, 134});
  CHECK(made("parameters", "1 / scale") ==
        Values{2, 3, 3, 3, 3, 4, 4});  // x / 2: -0.625, -0.375, ...
}

TEST_CASE("how floats may have been clamped and stored", "[hand]") {
  // In steps of 1, zero point 100: 0, 200, -150, 60.
  const auto space = quantize_rules(quantize_question({0.0F, 200.0F, -150.0F, 60.0F}, 1.0F, 100.0));
  const auto made = [&](const std::string& dimension, const std::string& choice) {
    return made_by(space, deviation(space, dimension, choice), 4);
  };
  CHECK(made("clamp", "to the range, after") == Values{100, 255, 0, 160});
  CHECK(made("clamp", "missing") == Values{100, 44, 206, 160});  // 300 - 256, -50 + 256
  CHECK(made("clamp", "to the range, before") == Values{100, 44, 100, 160});  // 200 + 100, 0 + 100
  CHECK(made("clamp", "to the range without") == Values{100, 255, 1, 160});
  CHECK(made("clamp", "to half the range") == Values{100, 127, 0, 127});
  CHECK(made("clamp", "from the zero point") == Values{100, 255, 100, 160});
  // 300 and 160 clamped to 127; -50 keeps its bits, which are those of 206.
  CHECK(made("storage", "computed for the other") == Values{100, 127, 206, 127});
}

TEST_CASE("the scales that go with other conventions", "[hand]") {
  const auto space = quantize_rules(quantize_question({-1.0F, 0.0F, 4.1F}, 0.025F, 50.0));
  const auto made = [&](const std::string& choice) {
    return made_by(space, deviation(space, "parameters", choice), 3);
  };
  CHECK(made("as given") == Values{10, 50, 214});
  CHECK(made("affine, of these floats, per tensor") ==
        Values{0, 50, 255});  // 5.1 / 255 = 0.02 but for the last bit
  CHECK(made("affine, reduced range, of these floats, per tensor") ==
        Values{0, 25, 127});  // 5.1 / 127 = 0.0402, -1 is -24.9 steps
  CHECK(made("symmetric, of these floats, per tensor") ==
        Values{97, 128, 255});  // 4.1 / 127.5, -1 is -31.1
  CHECK(made("symmetric, narrow range, of these floats, per tensor") ==
        Values{97, 128, 255});  // 4.1 / 127 on 1..255, -1 is -31.0
  // 0.0502 with the zero point 50 * 127 / 255 = 24.9: -19.9 and 81.7 steps.
  CHECK(made("the scale times 255/127") == Values{5, 25, 107});
  CHECK(made("the scale max|x| / 127, where max|x| / 127.5 was given") ==
        Values{10, 50, 213});  // 4.1 is 163.4 steps, -1 is -39.8
  CHECK(made("the scale max|x| / 127.5, where max|x| / 127 was given") ==
        Values{10, 50, 215});  // 164.6, -40.2
}

TEST_CASE("numbers at the edge of what float and int64 hold", "[hand]") {
  // 0.49999997 + 0.5 is 1 in float32, and below it in float64.
  const auto half = quantize_rules(quantize_question({0.49999997F}, 1.0F, 0.0));
  Rule up = deviation(half, "rounding", "ties up");
  CHECK(made_by(half, up, 1) == Values{1});
  up[5] = 2;  // x / s in float64
  CHECK(made_by(half, up, 1) == Values{0});
  // 3e38 steps of 0.001 are infinite in float32.
  const auto large = quantize_rules(quantize_question({3e38F, -3e38F, 1e18F}, 0.001F, 7.0));
  CHECK(made_by(large, deviation(large, "clamp", "to the range, after"), 3) == Values{255, 0, 255});
}

TEST_CASE("clamps of signed ranges, and of zero points outside", "[hand]") {
  const auto low = quantize_rules(quantize_question({-100.0F, 100.0F}, 1.0F, 0.0, kS8));
  CHECK(made_by(low, deviation(low, "clamp", "to half the range"), 2) == Values{-64, 63});
  // z = -10 stands for 0 and is no integer of the range: the ReLU begins at 0.
  const auto outside = quantize_rules(quantize_question({-5.0F, 25.0F}, 1.0F, -10.0));
  CHECK(made_by(outside, deviation(outside, "clamp", "from the zero point up"), 2) ==
        Values{0, 15});
  // Added before rounding, z is still what stands for 0.
  const auto relu = quantize_rules(quantize_question({-5.0F, 25.0F}, 1.0F, 10.0));
  Rule before = deviation(relu, "clamp", "from the zero point up");
  before[1] = 1;
  CHECK(made_by(relu, before, 2) == Values{10, 35});
}

TEST_CASE("rules that would change nothing are not offered", "[hand]") {
  QuantizeQuestion question = quantize_question({-1.0F, 0.0F, 4.0F, 2.0F}, 0.0196078438F, 51.0);
  const auto full = quantize_rules(question);
  CHECK_FALSE(is_offered(full, "parameters", "affine, of these floats"));  // 5 / 255, as given
  CHECK(is_offered(full, "parameters", "symmetric, of these floats"));
  CHECK_FALSE(is_offered(full, "storage", "with its bytes"));
  CHECK(is_offered(full, "storage", "computed for the other"));
  CHECK_FALSE(is_offered(full, "clamp", "to the whole range"));
  question.range = qfs::unsigned_range(4);
  const auto four = quantize_rules(question);
  CHECK_FALSE(is_offered(four, "storage", "computed for the other"));
  CHECK(is_offered(four, "clamp", "to the whole range"));
  // One column: a scale per row is a scale per element.
  question.mine.shape = question.float_shape = {4, 1};
  CHECK_FALSE(is_offered(quantize_rules(question), "parameters",
                         "affine, reduced range, of these floats, one scale per"));
  question.mine.shape = question.float_shape = {2, 2};
  CHECK(is_offered(quantize_rules(question), "parameters",
                   "affine, reduced range, of these floats, one scale per row"));
  // A column of mine that stands twice for one of theirs is no permutation.
  const Integers theirs = integers({1, 2, 3, 4, 5, 6}, kU8, {2, 3});
  const Integers twice = integers({2, 1, 1, 5, 4, 4}, kU8, {2, 3});
  const Integers moved = integers({2, 3, 1, 5, 6, 4}, kU8, {2, 3});
  CHECK_FALSE(is_offered(relation_rules(twice, theirs), "layout", "columns permuted"));
  CHECK(is_offered(relation_rules(moved, theirs), "layout",
                   "columns permuted: 0 is 1, 1 is 2, 2 is 0"));
}

TEST_CASE("integers of a type: wrapped, swapped, of the other sign", "[hand]") {
  CHECK(wrapped(300, kU8) == 44);
  CHECK(wrapped(-1, kU8) == 255);
  CHECK(wrapped(200, kS8) == -56);
  CHECK(wrapped(-129, kS8) == 127);
  CHECK(bytes_swapped(0x0102, qfs::signed_range(16)) == 0x0201);
  CHECK(bytes_swapped(-2, qfs::signed_range(16)) == -257);  // fffe, feff
  CHECK(bytes_swapped(1, kS32) == 0x01000000);
  CHECK(other_signedness(kU8) == kS8);
  CHECK(other_signedness(kS8) == kU8);
  CHECK(other_signedness({0, 127}) == QuantRange{-64, 63});
  CHECK(other_signedness({-64, 63}) == QuantRange{0, 127});
  CHECK(other_signedness({-127, 127}) == QuantRange{1, 255});
  CHECK(is_narrow_type(qfs::signed_range(16)));
  CHECK_FALSE(is_narrow_type(kS32));
}

TEST_CASE("numbers found in the integers themselves", "[hand]") {
  // 0 and 9 are ends: only the differences 2, 2 and 1 count.
  const Values mine = {9, 9, 9, 5, 6, 4, 0, 0, 3}, theirs = {8, 8, 8, 3, 4, 3, 5, 5, 0};
  CHECK(fitted_offset(mine, {0, 9}, theirs, {0, 9}) == 2);
  CHECK(fitted_offset(theirs, {0, 9}, mine, {0, 9}) == -2);
  CHECK(fitted_offset(mine, {0, 9}, mine, {0, 9}) == std::nullopt);

  const std::vector<double> steps = {10.0, -4.0, 0.0, 100.0, -90.0};
  const auto factors = [&](const Values& q, std::int64_t z) {
    return fitted_factors({steps, q, {0, 20}}, z, 0, 1);
  };
  // 10 f in 4.5..5.5, -4 f in -2.5..-1.5; f <= 0.55, f >= 0.45; 100 and -90 are clamped.
  const auto found = factors({12, 5, 7, 20, 0}, 7);
  REQUIRE(found);
  CHECK(found->low == (4.5 - 0x1p-9) / 10.0);
  CHECK(found->high == (5.5 + 0x1p-9) / 10.0);
  CHECK_FALSE(factors({12, 5, 8, 20, 0}, 7));  // 0 steps are the zero point
  CHECK_FALSE(factors({12, 2, 7, 20, 0}, 7));  // f in 0.45..0.55 and in 1.125..1.375
  CHECK_FALSE(factors({12, 5, 7, 19, 0}, 7));  // 100 f = 12
  CHECK_FALSE(factors({12, 5, 7, 20, 1}, 7));  // -90 f = -6
  CHECK_FALSE(factors({20, 0, 7, 20, 0}, 7));  // all clamped: nothing is found
  const auto affine = fitted_affine({steps, Values{12, 5, 7, 20, 0}, {0, 20}}, 4);
  REQUIRE(affine);
  CHECK(affine->zero_point == 7);
  CHECK(simplest_between(0.0499, 0.0501) == 0.05);
  CHECK(simplest_between(0.1231, 0.1239) == 0.1235);
  CHECK(simplest_between(0.1, 0.1) == 0.1);
}

namespace {

// Two dimensions; a rule gives 1 where it is right. Both deviations together are, of all elements;
// the first, whose two numbers were fitted, alone of none.
RuleSpace two_dimensions() {
  RuleSpace space;
  space.dimensions = {{"a", {{"0", ""}, {"1", "", 2}, {"2", ""}}}, {"b", {{"0", ""}, {"1", ""}}}};
  space.evaluate = [](const Rule& rule, std::size_t i) -> std::optional<Bounds> {
    return rule[0] == 1 && rule[1] == 1 ? static_cast<std::int64_t>(i) : -1;
  };
  return space;
}

Values counting(std::size_t elements) {
  Values mine;
  for (std::size_t i = 0; i < elements; ++i) mine.push_back(static_cast<std::int64_t>(i));
  return mine;
}

}  // namespace

TEST_CASE("the elements that a verdict needs", "[hand]") {
  CHECK(elements_needed(1, 0) == 5);      // 4 + 1
  CHECK(elements_needed(37, 0) == 10);    // 4 + 6
  CHECK(elements_needed(37, 3) == 16);    // two for each fitted number
  CHECK(elements_needed(1000, 1) == 16);  // 4 + 10 + 2
  // Tried: 1, three singles and two pairs: 4 + 3, and 4 for the fitted numbers.
  const RuleSpace space = two_dimensions();
  const Findings findings = search(space, counting(11));
  CHECK(findings.tried == 6);
  CHECK(findings.needed == 11);
  CHECK(findings.rival_fails == 11);
  CHECK(findings.complete == std::vector<Rule>{{1, 1}});
  CHECK(findings.is_clear());
  CHECK_FALSE(search(space, counting(10)).is_clear());
}

TEST_CASE("x / s and x * (1 / s) differ on this input", "[hand]") {
  // 127.5 by the reciprocal, 127.499992 by division (chapter 01).
  const auto space = quantize_rules(quantize_question({0.273939937F}, 0.00214854861F, 0.0));
  CHECK(made_by(space, deviation(space, "division", "x * (1 / s)"), 1) == Values{128});
  CHECK(made_by(space, deviation(space, "division", "x / s in float32"), 1) == Values{127});
  CHECK(made_by(space, deviation(space, "division", "x / s in float64"), 1) == Values{127});
}

TEST_CASE("transposed, and scales along the wrong axis", "[hand]") {
  QuantizeQuestion question = quantize_question({1.0F, 2.0F, 3.0F, 4.0F}, 1.0F, 0.0);
  question.float_shape = question.mine.shape = {2, 2};
  question.scales.values = {1.0, 0.5};
  const auto space = quantize_rules(question);
  CHECK(made_by(space, deviation(space, "axis", "as given"), 4) == Values{1, 2, 6, 8});
  CHECK(made_by(space, deviation(space, "axis", "the other one"), 4) == Values{1, 4, 3, 8});
  CHECK(made_by(space, deviation(space, "layout", "transposed"), 4) == Values{1, 6, 2, 8});
  question.mine.shape = {4, 1};
  CHECK_THROWS_WITH(quantize_rules(question), QFS_CONTAINS("different shapes"));

  // Two scales, for rows: of the three columns the last has none.
  QuantizeQuestion wide = quantize_question({1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}, 1.0F, 0.0);
  wide.float_shape = wide.mine.shape = {2, 3};
  wide.scales.values = {1.0, 0.5};
  const auto rows = quantize_rules(wide);
  CHECK(made_by(rows, deviation(rows, "axis", "the other one"), 6) ==
        Values{1, 4, kNoSense, 4, 10, kNoSense});
  wide.float_shape = wide.mine.shape = {2, 3, 1};
  CHECK_FALSE(is_offered(quantize_rules(wide), "axis", "the other one"));
  // A symmetric matrix: its rows have the ranges of its columns, and both are offered.
  QuantizeQuestion symmetric = quantize_question({1.0F, 2.0F, 2.0F, 3.0F}, 1.0F, 0.0);
  symmetric.float_shape = symmetric.mine.shape = {2, 2};
  for (const char* line : {"row", "column"})
    CHECK(is_offered(quantize_rules(symmetric), "parameters",
                     std::string("affine, of these floats, one scale per ") + line));
}

TEST_CASE("the search finds every way to quantize, and no other", "[prop]") {
  // Multiples of half a scale of 0.07, where all three divisions differ, and numbers far outside.
  qfs::Rng rng(31);
  std::vector<float> floats;
  for (int i = 0; i < 1600; ++i)
    floats.push_back(i < 1400 ? 0.035F * (static_cast<float>(rng.below(700)) - 250.0F)
                              : static_cast<float>(rng.uniform(-20.0, 20.0)));
  QuantizeQuestion question = quantize_question(floats, 0.07F, 99.0);
  question.float_shape = question.mine.shape = {40, 40};
  expect_all_found(quantize_rules(question), floats.size());
  question.mine.storage = question.range = kS8;
  question.zero_points.values = {-29.0};
  expect_all_found(quantize_rules(question), floats.size());
  question.scales.values.clear();
  for (int i = 0; i < 40; ++i)
    question.scales.values.push_back(i % 3 == 0 ? 0.07 : i % 3 == 1 ? 0.14 : 0.28);
  question.axis = 1;
  expect_all_found(quantize_rules(question), floats.size());
}

TEST_CASE("two deviations at once are found", "[prop]") {
  qfs::Rng rng(32);
  std::vector<float> floats;
  for (int i = 0; i < 900; ++i)
    floats.push_back(static_cast<float>(rng.below(400)) * 0.125F - 20.0F);
  const auto space = quantize_rules(quantize_question(floats, 0.25F, 77.0));
  Rule rule = deviation(space, "rounding", "ties away");
  rule[2] = 1;  // and no clamp
  const Findings findings = search(space, made_by(space, rule, floats.size()));
  CHECK(findings.deviations == 2);
  CHECK(std::ranges::count(findings.complete, rule) == 1);
}

TEST_CASE("clamping just before rounding gives the same integers as just after", "[prop]") {
  qfs::Rng rng(34);
  for (int i = 0; i < 10000; ++i) {
    const double steps = rng.uniform(-300.0, 300.0);
    const double on_tie = std::floor(steps) + 0.5;
    for (double x : {steps, on_tie})
      CHECK(std::nearbyint(std::clamp(x, 0.0, 255.0)) == std::clamp(std::nearbyint(x), 0.0, 255.0));
  }
}

TEST_CASE("how sums may have been requantized", "[hand]") {
  RequantizeQuestion question;
  question.mine = integers({0, 0, 0, 0}, kU8, {2, 2});
  question.shape = {2, 2};
  question.sums = sums_as_given({7984, 30, 10, -2000});
  question.multipliers.values = {0.0014402704, static_cast<double>(1.0F / 12.0F)};
  question.zero_point = 3;
  question.range = kU8;
  const auto space = requantize_rules(question);
  const auto made = [&](const std::string& dimension, const std::string& choice) {
    return made_by(space, deviation(space, dimension, choice), 4);
  };
  // 11.499, 2.5 (2.50000007 unrounded), 0.0144, -166.7; + 3
  CHECK(made("arithmetic", "acc * m in float32") == Values{14, 5, 3, 0});
  CHECK(made("arithmetic", "64-bit fixed point, ties to even") == Values{14, 6, 3, 0});
  CHECK(made("arithmetic", "64-bit fixed point, ties up") == Values{14, 6, 3, 0});
  CHECK(made("arithmetic", "fixed point, rounded twice") == Values{15, 6, 3, 0});
  CHECK(made("arithmetic", "acc * m in float64") == Values{14, 6, 3, 0});
  CHECK(made("rounding", "truncated") == Values{14, 5, 3, 0});
  CHECK(made("rounding", "ties away") == Values{14, 6, 3, 0});
  CHECK(made("zero point", "added before") == Values{14, 6, 3, 0});  // 5.5 to even
  CHECK(made("clamp", "missing") == Values{14, 5, 3, 92});           // 3 - 167 = -164, + 256
  CHECK(made("clamp", "from the zero point") == Values{14, 5, 3, 3});
  CHECK(made("layout", "transposed") == Values{14, 3, 5, 0});
  CHECK(made("multiplier", "1 / multiplier") == Values{255, 255, 255, 0});
}

TEST_CASE("what may have happened to a bias", "[hand]") {
  RequantizeQuestion question;
  question.mine = integers({0});
  question.shape = {1};
  question.sums = sums_as_given({100});
  question.x_scale = 0.5;
  question.w_scales.values = {0.125};
  question.y_scale = 0.25;
  question.bias = {0.84375F};  // 13.5 / 16: 13.5 in units of s_x s_w = 1/16
  question.range = kU8;
  const auto space = requantize_rules(question);
  const auto made = [&](const std::string& dimension, const std::string& choice) {
    return space.evaluate(deviation(space, dimension, choice), 0)->low;
  };
  CHECK(made("bias", "int32, b * (1") == 28);  // (100 + 14) / 4 = 28.5, to even
  CHECK(made("bias", "left out") == 25);
  CHECK(made("bias", "float") == 28);                      // 113.5 / 4 = 28.375
  CHECK(made("bias", "int32 of scale s_w") == 27);         // 6.75 -> 7: 107 / 4 = 26.75
  CHECK(made("bias", "int32 of scale s_x") == 26);         // 1.6875 -> 2: 102 / 4 = 25.5, to even
  CHECK(made("bias", "int32 of scale s_y") == 26);         // 3.375 -> 3: 103 / 4 = 25.75
  CHECK(made("multiplier", "s_x s_w, without s_y") == 7);  // 114 / 16 = 7.125
  CHECK(made("arithmetic", "back to real first") == 28);   // (6.25 + 0.84375) * 4 = 28.375
}

TEST_CASE("what may have happened to a bias of integers", "[hand]") {
  RequantizeQuestion question;
  question.mine = integers({0});
  question.shape = {1};
  question.sums = sums_as_given({100});
  question.multipliers.values = {0.25};
  question.bias_integers = {10};
  question.range = kU8;
  const auto space = requantize_rules(question);
  const auto made = [&](const std::string& choice) {
    return made_by(space, deviation(space, "bias", choice), 1)[0];
  };
  CHECK(made("added") == 28);  // 27.5, to even
  CHECK(made("left out") == 25);
  CHECK(made("added twice") == 30);
  CHECK(made("subtracted") == 22);  // 22.5, to even
}

TEST_CASE("how a float bias may have been rounded", "[hand]") {
  RequantizeQuestion question;
  question.mine = integers({0});
  question.shape = {1};
  question.sums = sums_as_given({99});
  question.x_scale = 0.5;
  question.w_scales.values = {0.125};
  question.y_scale = 0.25;
  question.range = kU8;
  const auto made = [&](const std::string& choice) {
    const auto space = requantize_rules(question);
    return made_by(space, deviation(space, "bias", choice), 1)[0];
  };
  question.bias = {-0.84375F};         // -13.5 in units of s_x s_w
  CHECK(made("int32, b * (1") == 21);  // 99 - 14 = 85, over 4 = 21.25
  CHECK(made("int32, trunc") == 22);   // 99 - 13 = 86: 21.5, to even
  CHECK(made("added twice") == 18);    // 99 - 28 = 71: 17.75
  CHECK(made("subtracted") == 28);     // 99 + 14 = 113: 28.25
  question.bias = {0.84375F};
  CHECK(made("int32 of scale s_x") == 25);  // 99 + 2 = 101: 25.25
  CHECK(made("int32 of scale s_y") == 26);  // 99 + 3 = 102: 25.5, to even
  // 127.5 by the reciprocal, 127.499992 by division (chapter 01); the multiplier is 1.
  question.sums = sums_as_given({0});
  question.x_scale = question.y_scale = static_cast<double>(0.00214854861F);
  question.w_scales.values = {1.0};
  question.bias = {0.273939937F};
  CHECK(made("int32, b * (1") == 128);
  CHECK(made("int32, b / (s_x s_w) rounded") == 127);
}

TEST_CASE("a float bias is added in the precision of the arithmetic", "[hand]") {
  // 16777983 is 16777984 in float32, less 0.75 that again: 32769.5 steps, to even 32770. In float64
  // it is 16777982.25: 32769.497 steps.
  RequantizeQuestion question;
  question.mine = integers({0}, qfs::unsigned_range(16));
  question.shape = {1};
  question.sums = sums_as_given({16777983});
  question.x_scale = 1.0;
  question.w_scales.values = {1.0};
  question.y_scale = 512.0;
  question.bias = {-0.75F};
  question.range = qfs::unsigned_range(16);
  const auto space = requantize_rules(question);
  Rule rule = deviation(space, "bias", "float");
  CHECK(made_by(space, rule, 1) == Values{32770});
  rule[7] = deviation(space, "arithmetic", "acc * m in float64")[7];
  CHECK(made_by(space, rule, 1) == Values{32769});
}

TEST_CASE("where a way to requantize makes no sense", "[hand]") {
  RequantizeQuestion question;
  question.mine = integers({0});
  question.shape = {1};
  question.sums = sums_as_given({1000});
  question.range = kU8;
  const auto made = [&](const std::string& arithmetic) {
    const auto space = requantize_rules(question);
    return made_by(space, deviation(space, "arithmetic", arithmetic), 1)[0];
  };
  const std::string fixed = "64-bit fixed point, ties to even",
                    twice = "fixed point, rounded twice";
  for (const double outside : {0x1p-33, 0x1p29}) {
    question.multipliers.values = {outside};
    CHECK(made(fixed) == kNoSense);
    CHECK(made(twice) == kNoSense);
  }
  question.multipliers.values = {1.5};
  question.sums = sums_as_given({100});
  CHECK(made(fixed) == 150);
  CHECK(made(twice) == kNoSense);                 // gemmlowp's rule is for multipliers below 1
  question.multipliers.values = {1.0 - 0x1p-40};  // 1 in 31 bits
  CHECK(made(fixed) == 100);
  CHECK(made(twice) == kNoSense);
  question.multipliers.values = {0x1p-25};
  question.sums = sums_as_given({std::numeric_limits<std::int32_t>::max()});
  CHECK(made(fixed) == 64);
  CHECK(made(twice) == 64);
  question.bias_integers = {1};  // the sum leaves 32 bits
  CHECK(made(fixed) == kNoSense);
  CHECK(made(twice) == kNoSense);
}

TEST_CASE("sums have no output scale", "[hand]") {
  RequantizeQuestion question;
  question.mine = integers({100}, kS32);
  question.shape = {1};
  question.sums = sums_as_given({100});
  question.x_scale = 0.5;
  question.w_scales.values = {0.125};
  question.bias = {0.84375F};
  CHECK(is_offered(sums_rules(question), "bias", "int32 of scale s_x"));
  CHECK_FALSE(is_offered(sums_rules(question), "bias", "int32 of scale s_y"));
}

TEST_CASE("combinations that make no sense", "[hand]") {
  RequantizeQuestion question;
  question.mine = integers({0});
  question.shape = {1};
  question.sums = sums_as_given({100});
  question.x_scale = 0.5;
  question.w_scales.values = {0.125};
  question.y_scale = 0.25;
  question.bias = {0.84375F};
  question.range = kU8;
  const auto space = requantize_rules(question);
  const auto both = [&](const Rule& a, const Rule& b) {
    Rule rule = a;
    for (std::size_t d = 0; d < rule.size(); ++d) rule[d] += b[d];
    return made_by(space, rule, 1)[0];
  };
  const Rule fixed = deviation(space, "arithmetic", "64-bit fixed point, ties to even"),
             real = deviation(space, "arithmetic", "back to real first"),
             away = deviation(space, "rounding", "ties away");
  // Fixed point rounds by itself, and has no float.
  CHECK(both(fixed, away) == kNoSense);
  CHECK(both(fixed, deviation(space, "zero point", "added before")) == kNoSense);
  CHECK(both(fixed, deviation(space, "bias", "float")) == kNoSense);
  CHECK(both(fixed, deviation(space, "bias", "left out")) == 25);
  // Back to real has its own bias and no multiplier.
  CHECK(both(real, deviation(space, "bias", "added twice")) == kNoSense);
  CHECK(both(real, deviation(space, "multiplier", "s_x s_w / s_y in float32")) == kNoSense);
  CHECK(both(real, deviation(space, "bias", "left out")) == 25);
  CHECK(both(real, away) == 28);
}

TEST_CASE("the search finds every way to requantize", "[prop]") {
  qfs::Rng rng(33);
  RequantizeQuestion question;
  const std::size_t size = 60;
  // The sum that is half a step of column n, and a third of all sums an odd multiple of it: ties.
  const auto half_step = [](std::size_t n) { return (n + 3) % 20 + 2; };
  Values sums;
  for (std::size_t i = 0; i < size * size; ++i) {
    const auto odd = 2 * static_cast<std::int64_t>(rng.below(100)) - 99;
    sums.push_back(i / size % 3 == 0 ? odd * static_cast<std::int64_t>(half_step(i % size))
                                     : static_cast<std::int64_t>(rng.below(6001)) - 3000);
  }
  question.shape = {size, size};
  question.sums = sums_as_given(sums);
  question.mine = integers(Values(size * size, 0), kU8, {size, size});
  question.x_scale = static_cast<double>(0.02F);
  question.y_scale = static_cast<double>(0.03F);
  for (std::size_t n = 0; n < size; ++n) {
    // s_x s_w / s_y is near 1/4, 1/6, ... 1/42, on either side.
    const float w = 0.03F / 0.02F / static_cast<float>(2 * half_step(n));
    question.w_scales.values.push_back(
        static_cast<double>(n % 2 == 0 ? std::nextafter(w, 0.0F) : w));
    const double bias = n % 4 != 1 ? 0.0 : static_cast<double>(rng.below(400)) + 0.5;
    question.bias.push_back(static_cast<float>(bias * 0.02 * question.w_scales.values.back()));
  }
  question.zero_point = 101;
  question.range = kU8;
  // A double holds the product of a sum and a float32 exactly, as 64-bit integers do.
  expect_all_found(
      requantize_rules(question), sums.size(),
      {"arithmetic: 64-bit fixed point, ties to even", "arithmetic: acc * m in float64"});
}

TEST_CASE("PyTorch's layers are what the course's rule gives", "[ref]") {
  // tie_cases of ch02.py; one case is one layer, so each is a question of its own.
  const auto cases = qfs::test::load_reference<float, 2>("ch02/ties_scales_bias");
  const auto y = qfs::test::load_reference<std::uint8_t, 1>("ch02/ties_y");
  for (std::size_t i = 0; i < cases.shape(0); ++i) {
    RequantizeQuestion question;
    question.mine = integers({y(i)});
    question.shape = {1};
    question.sums = sums_as_given({0});
    question.x_scale = static_cast<double>(cases(i, 0));
    question.w_scales.values = {static_cast<double>(cases(i, 1))};
    question.y_scale = static_cast<double>(cases(i, 2));
    question.bias = {cases(i, 3)};
    question.range = kU8;
    CHECK(search(requantize_rules(question), question.mine.values).deviations == 0);
  }
}

TEST_CASE("integers against integers", "[hand]") {
  const Integers theirs = integers({-3, 0, 100, -128, 90, 5}, kS8, {2, 3});
  const auto found = [&](Values mine, std::vector<std::size_t> shape = {2, 3}) {
    const auto space = relation_rules(integers(mine, kU8, shape), theirs);
    const Findings findings = search(space, mine);
    return findings.complete.empty() ? "" : rule_text(space, findings.complete[0]);
  };
  CHECK(found({-3, 0, 100, -128, 90, 5}) == "equality");
  CHECK_THAT(found({125, 128, 228, 0, 218, 133}), QFS_CONTAINS("theirs + 128"));
  CHECK_THAT(found({3, 0, -100, 128, -90, -5}), QFS_CONTAINS("negated"));
  CHECK_THAT(found({-3, 0, 60, -10, 60, 5}), QFS_CONTAINS("clamped to -10..60"));
  CHECK_THAT(found({253, 0, 100, 128, 90, 5}), QFS_CONTAINS("same bits"));
  CHECK_THAT(found({-3, -128, 0, 90, 100, 5}, {3, 2}), QFS_CONTAINS("transposed"));
  CHECK(found({-3, 0, 100, -128, 90, 6}) == "");
}

namespace {

// A directory of .npy files, and the program run on them.
class Program {
 public:
  Program()
      : root_(std::filesystem::temp_directory_path() / ("qfs_diff_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(root_);
  }
  ~Program() { std::filesystem::remove_all(root_); }
  std::string path(const std::string& name) const { return (root_ / name).string(); }

  template <class T>
  std::string file(const std::string& name, std::vector<T> values,
                   std::vector<std::size_t> shape = {}) const {
    if (shape.empty()) shape = {values.size()};
    qfs::save_npy_bytes(path(name), qfs::npy_dtype<T>(), shape,
                        std::as_bytes(std::span<const T>(values)));
    return name;  // the program runs in this directory
  }

  // Runs the program; `code` is its exit code, the result what it printed on both streams.
  std::string run(const std::string& arguments, int expected_code) const {
    const std::string command =
        "cd '" + root_.string() + "' && '" + QFS_DIFF_PROGRAM + "' " + arguments + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 512> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
      output.append(buffer.data(), count);
    const int status = ::pclose(pipe);
    INFO(command << "\n" << output);
    CHECK(WEXITSTATUS(status) == expected_code);
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
    if (expected_code == 2)
      for (const char* part : {"got: ", "expected: ", "what to do: "})
        CHECK_THAT(output, QFS_CONTAINS(part));
    return output;
  }

 private:
  std::filesystem::path root_;
};

}  // namespace

TEST_CASE("the program: equal, explained, too few, not explained", "[hand]") {
  const Program diff;
  // 0.5, 2.5, -0.5 and 4 steps; zero point 7.
  const std::string x = diff.file<float>("x.npy", {0.125F, 0.625F, -0.125F, 1.0F});
  const std::string equal = diff.file<std::uint8_t>("equal.npy", {7, 9, 7, 11});
  const std::string away = diff.file<std::uint8_t>("away.npy", {8, 10, 6, 11});
  const std::string other = diff.file<std::uint8_t>("other.npy", {8, 9, 200, 11});
  const std::string options = " " + x + " --scale 0.25 --zero-point 7";
  CHECK_THAT(diff.run(equal + options, 0), QFS_CONTAINS("equal: every element"));
  CHECK_THAT(diff.run(away + options, 1), QFS_CONTAINS("too few to tell: ") &&
                                              QFS_CONTAINS("ties away from zero") &&
                                              QFS_CONTAINS("evidence: 3 of 4 elements differ"));
  CHECK_THAT(diff.run(other + options, 1), QFS_CONTAINS("not explained") &&
                                               QFS_CONTAINS("first difference") &&
                                               QFS_CONTAINS("[0] is 8, expected 7"));
  const std::string signed_x = diff.file<std::int8_t>("signed.npy", {-3, -1, -3, 1});
  CHECK_THAT(diff.run(signed_x + " " + x + " --scale 0.25 --zero-point -3", 0),
             QFS_CONTAINS("equal"));
  CHECK_THAT(diff.run(equal + " " + other, 1), QFS_CONTAINS("lie between -193 and 0"));
  CHECK_THAT(diff.run("--help", 0), QFS_CONTAINS("a named rule), 1 some are"));
}

TEST_CASE("the program says what differences without a rule have in common", "[hand]") {
  const Program diff;
  const auto says = [&](const std::string& arguments, const std::string& text) {
    const std::string output = diff.run(arguments, 1);
    CHECK_THAT(output,
               QFS_CONTAINS("not explained: no rule gives every element") && QFS_CONTAINS(text));
    return output;
  };
  const std::string ones = diff.file<std::uint8_t>("ones.npy", {8, 8, 7, 12, 20, 29});
  const std::string right = diff.file<std::uint8_t>("right.npy", {7, 9, 7, 11, 20, 30});
  CHECK_THAT(says(ones + " " + right, "no element is off by more than 1"),
             QFS_CONTAINS("first difference from \"equality\":\n    [0] is 8, expected 7\n"));
  const std::string x = diff.file<float>("x.npy", {1, 2, 30, 4, 50, 6, 7, 80, 9}, {3, 3});
  const std::string rows =
      diff.file<std::uint8_t>("rows.npy", {2, 3, 31, 9, 55, 11, 10, 83, 12}, {3, 3});
  const std::string columns =
      diff.file<std::uint8_t>("columns.npy", {2, 7, 33, 5, 55, 9, 8, 85, 12}, {3, 3});
  says(rows + " " + x + " --scale 1", "every row is off by a constant");
  says(columns + " " + x + " --scale 1", "every column is off by a constant");
  // Transposed, but for one element: the first difference is the one that is left.
  const std::string almost =
      diff.file<std::uint8_t>("almost.npy", {1, 4, 7, 2, 50, 80, 30, 6, 99}, {3, 3});
  CHECK_THAT(says(almost + " " + x + " --scale 1", "first difference from \"layout: transposed\""),
             QFS_CONTAINS("[2, 2] is 99, expected 9\n") &&
                 QFS_CONTAINS("  elements explained, of 9, by\n        2  the course's rule\n"
                              "        8  layout: transposed\n"));
  // One element, and one alone, differs as ties away from zero would make it.
  const std::string tie = diff.file<float>("tie.npy", {0.5F, 1.0F, 2.0F, 4.0F});
  const std::string one = diff.file<std::uint8_t>("one.npy", {1, 1, 2, 4});
  CHECK_THAT(diff.run(one + " " + tie + " --scale 1", 1),
             QFS_CONTAINS("but 1 element cannot") &&
                 QFS_CONTAINS("evidence: 1 of 4 elements differs from"));
}

TEST_CASE("the program names a rule by enough elements", "[hand]") {
  const Program diff;
  // -20.5, -19.5 ... 19.5 steps, three times over, and 300 steps: what is added before rounding, of
  // an odd zero point, is rounded to the other side of every tie.
  std::vector<float> x;
  std::vector<std::uint8_t> before, away;
  for (int i = 0; i < 120; ++i) {
    x.push_back(0.25F * (static_cast<float>(i % 40) - 20.5F));
    before.push_back(
        static_cast<std::uint8_t>(std::nearbyint(static_cast<double>(i % 40) - 13.5 + 20.0)));
    away.push_back(static_cast<std::uint8_t>(27 + std::lround(static_cast<double>(i % 40) - 20.5)));
  }
  const std::string floats = diff.file<float>("x.npy", x) + " --scale 0.25 --zero-point 27";
  const std::string text = diff.run(diff.file("before.npy", before) + " " + floats, 0);
  CHECK_THAT(text, QFS_CONTAINS("explained: every element, by one deviation") &&
                       QFS_CONTAINS("  - zero point: added before rounding\n") &&
                       QFS_CONTAINS("      instead of: added after rounding\n") &&
                       QFS_CONTAINS("      note:       round(x / s + z): move z"));
  CHECK_THAT(text, QFS_CONTAINS("evidence: 120 of 120 elements differ"));
  CHECK_THAT(diff.run(diff.file("away.npy", away) + " " + floats, 0),
             QFS_CONTAINS("rounding: ties away from zero"));
}

TEST_CASE("signed and unsigned integers of one tensor differ by 128", "[hand]") {
  const Program diff;
  std::vector<std::uint8_t> mine;
  std::vector<std::int8_t> theirs;
  for (int i = 0; i < 40; ++i) {
    mine.push_back(static_cast<std::uint8_t>(3 * i));
    theirs.push_back(static_cast<std::int8_t>(3 * i - 128));
  }
  CHECK_THAT(diff.run(diff.file("u8.npy", mine) + " " + diff.file("s8.npy", theirs), 0),
             QFS_CONTAINS("value: theirs + 128") && QFS_CONTAINS("one side is signed"));
}

TEST_CASE("the range asked for is the one that is used", "[hand]") {
  const Program diff;
  const std::string x = diff.file<float>("x.npy", {-300.0F, -5.0F, 5.0F, 20.0F, 300.0F});
  const auto equal = [&](const std::string& mine, const std::string& range) {
    const std::string arguments = mine + " " + x + " --scale 1 ";
    CHECK_THAT(diff.run(arguments + range, 0), QFS_CONTAINS("equal"));
    CHECK_THAT(diff.run(arguments, 1), !QFS_CONTAINS("equal: "));
  };
  equal(diff.file<std::uint8_t>("u4.npy", {0, 0, 5, 15, 15}), "--bits 4");
  equal(diff.file<std::int8_t>("s4.npy", {-8, -5, 5, 7, 7}), "--bits 4");
  equal(diff.file<std::int8_t>("u4s.npy", {0, 0, 5, 15, 15}), "--bits 4 --unsigned");
  equal(diff.file<std::int8_t>("u7.npy", {0, 0, 5, 20, 127}), "--bits 7 --unsigned");
  equal(diff.file<std::uint8_t>("low.npy", {3, 3, 5, 20, 255}), "--qmin 3");
  equal(diff.file<std::uint8_t>("high.npy", {0, 0, 5, 19, 19}), "--qmax 19");
  equal(diff.file<std::int16_t>("u16.npy", {0, 0, 5, 20, 300}), "--unsigned");
  equal(diff.file<std::int32_t>("s32.npy", {-128, -5, 5, 20, 127}), "--signed");
  equal(diff.file<std::int64_t>("s64.npy", {-16, -5, 5, 15, 15}), "--signed --bits 5");
  equal(diff.file<std::int64_t>("u64.npy", {0, 0, 5, 20, 31}), "--bits 5");
  const std::string wide = diff.file<std::int32_t>("u32.npy", {0, 0, 5, 20, 255});
  CHECK_THAT(diff.run(wide + " " + x + " --scale 1", 0), QFS_CONTAINS("range 0..255"));
  const std::string nine = diff.file<std::uint16_t>("u9.npy", {0, 0, 5, 20, 300});
  CHECK_THAT(diff.run(nine + " " + x + " --scale 1", 0), QFS_CONTAINS("range 0..65535"));
  CHECK_THAT(diff.run(nine + " " + x + " --scale 1 --signed", 1),
             QFS_CONTAINS("range -32768..32767"));
}

TEST_CASE("the program on sums", "[hand]") {
  const Program diff;
  const std::string acc = diff.file<std::int32_t>("acc.npy", {28, -21, 60, 39, 20, 3}, {2, 3});
  const std::string right = diff.file<std::uint8_t>("right.npy", {8, 0, 13, 9, 6, 3}, {2, 3});
  const std::string fixed = diff.file<std::uint8_t>("fixed.npy", {8, 0, 13, 10, 6, 4}, {2, 3});
  const std::string scales =
      " --input-scale 0.5 --weight-scale 0.25 --output-scale 0.75 --zero-point 3 --bits 4";
  CHECK_THAT(diff.run(right + " --acc " + acc + scales, 0), QFS_CONTAINS("equal"));
  CHECK_THAT(diff.run(fixed + " --acc " + acc + scales, 1),
             QFS_CONTAINS("too few to tell") && QFS_CONTAINS("ties away from zero") &&
                 QFS_CONTAINS("\nand 2 more that this data cannot tell apart"));
  // The symmetric example without its bias and folded terms: sums of q_x q_w alone.
  const std::string raw = diff.file<std::int32_t>("raw.npy", {50, 14, 83, 61, 55, 26}, {2, 3});
  const std::string folded = diff.file<std::int32_t>("folded.npy", {-22, -35, -23});
  CHECK_THAT(diff.run(right + " --acc " + raw + scales + " --bias " + folded, 0),
             QFS_CONTAINS("equal"));
  const std::string bias = diff.file<float>("bias.npy", {0.3F, -1.0F, 0.55F});
  const std::string centred =
      diff.file<std::int32_t>("centred.npy", {26, -13, 56, 37, 28, -1}, {2, 3});
  CHECK_THAT(diff.run(right + " --acc " + centred + scales + " --bias " + bias, 0),
             QFS_CONTAINS("equal"));
}

TEST_CASE("integers that are all one number are explained by equality alone", "[hand]") {
  const Program diff;
  const std::string x = diff.file<float>("x.npy", {0.1F, 0.6F, -0.1F, 3.0F});
  const std::string zeros = diff.file<std::uint8_t>("zeros.npy", {0, 0, 0, 0});
  const std::string sevens = diff.file<std::uint8_t>("sevens.npy", {7, 7, 7, 7});
  const std::string large = diff.file<float>("large.npy", {100.0F, 90.0F, 80.0F, 99.0F});
  const std::string full = diff.file<std::uint8_t>("full.npy", {255, 255, 255, 255});
  const std::string sums = diff.file<std::int32_t>("sums.npy", {10, 20, 30, 40});
  // Subtracting the zero point, say, and clamping would give zeros, whatever the floats are.
  for (const std::string& arguments :
       {zeros + " " + x + " --scale 0.25 --zero-point 7", zeros + " " + sevens,
        zeros + " --acc " + sums + " --multiplier 0.1 --zero-point 3"})
    CHECK_THAT(diff.run(arguments, 1), QFS_CONTAINS("not explained: your integers are all 0"));
  CHECK_THAT(diff.run(zeros + " " + sevens, 1), QFS_CONTAINS("every element is off by -7"));
  CHECK_THAT(diff.run(full + " " + large + " --scale 0.1", 0), QFS_CONTAINS("equal"));
  CHECK_THAT(diff.run(sevens + " " + sevens, 0), QFS_CONTAINS("equal"));
}

TEST_CASE("integers beyond 2^53 are refused, not wrapped around", "[hand]") {
  const Program diff;
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  const std::string ends = diff.file<std::int64_t>("ends.npy", {-kMost, kMost, 0, 5});
  const std::string swapped = diff.file<std::int64_t>("swapped.npy", {kMost, -kMost, 1, 7});
  CHECK_THAT(diff.run(ends + " " + swapped, 1),
             QFS_CONTAINS("between -18014398509481984 and 18014398509481984"));
  for (const std::int64_t value : {kMost + 1, -kMost - 1, std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min()}) {
    const std::string wide = diff.file<std::int64_t>("wide.npy", {0, 1, 2, value});
    CHECK_THAT(diff.run(wide + " " + ends, 2), QFS_CONTAINS("at most 2^53"));
    CHECK_THAT(diff.run(ends + " " + wide, 2), QFS_CONTAINS("at most 2^53"));
  }
}

TEST_CASE("differences that are one constant per column point at the folded terms", "[hand]") {
  const Program diff;
  // 4-bit outputs of the layer of the text, without the clamp, right and with the forgotten term.
  const std::string right = diff.file<std::int32_t>("a.npy", {8, -1, 13, 9, 6, 3}, {2, 3});
  const std::string wrong = diff.file<std::int32_t>("b.npy", {12, 4, 18, 13, 11, 8}, {2, 3});
  CHECK_THAT(diff.run(wrong + " " + right, 1),
             QFS_CONTAINS("too few to tell") && QFS_CONTAINS("folded term"));
}

TEST_CASE("the program on a layer", "[hand]") {
  const Program diff;
  // (q_x - 2)(q_w + 1): inputs 2, -1; 0, 3. Weights 4, -2; 3, 1.
  const std::string x = diff.file<std::uint8_t>("q_x.npy", {4, 1, 2, 5}, {2, 2});
  const std::string w = diff.file<std::int8_t>("q_w.npy", {3, -3, 2, 0}, {2, 2});
  const std::string layer = " --input " + x + " --weight " + w + " --input-zero-point 2";
  // 8 + 2, 6 - 1; -6, 3.
  const std::string sums = diff.file<std::int32_t>("sums.npy", {10, 5, -6, 3}, {2, 2});
  CHECK_THAT(diff.run(sums + layer + " --weight-zero-point -1", 0), QFS_CONTAINS("equal"));
  // q_w for q_w + 1: 6 + 3, 4; -9, 0.
  const std::string ignored = diff.file<std::int32_t>("ignored.npy", {9, 4, -9, 0}, {2, 2});
  CHECK_THAT(
      diff.run(ignored + layer + " --weight-zero-point -1", 1),
      QFS_CONTAINS("too few to tell") && QFS_CONTAINS("sums: the weights' zero point ignored"));
  // With one zero point per row of the weights, -1 and 1: 2 * 1 + 1, 3 * -1 in column 1.
  const std::string zeros = diff.file<std::int8_t>("z_w.npy", {-1, 1});
  const std::string other = diff.file<std::int32_t>("other.npy", {10, 3, -6, -3}, {2, 2});
  CHECK_THAT(diff.run(other + layer + " --weight-zero-point " + zeros, 0), QFS_CONTAINS("equal"));
  // Biases 1 and -2, in units of 0.5 * 0.25 = 1/8.
  const std::string bias = diff.file<std::int32_t>("bias.npy", {1, -2});
  const std::string reals = diff.file<float>("b.npy", {0.125F, -0.25F});
  const std::string biased = diff.file<std::int32_t>("biased.npy", {11, 3, -5, 1}, {2, 2});
  CHECK_THAT(diff.run(biased + layer + " --weight-zero-point -1 --bias " + bias, 0),
             QFS_CONTAINS("equal"));
  CHECK_THAT(diff.run(biased + layer + " --weight-zero-point -1 --bias " + reals +
                          " --input-scale 0.5 --weight-scale 0.25",
                      0),
             QFS_CONTAINS("equal"));
  // 11, 3, -5, 1 over 4 = 2.75, 0.75, -1.25, 0.25; zero point 7.
  const std::string out = diff.file<std::uint8_t>("out.npy", {10, 8, 6, 7}, {2, 2});
  for (const std::string& scales :
       {std::string("--multiplier 0.25"),
        std::string("--input-scale 0.5 --weight-scale 0.25 --output-scale 0.5")})
    CHECK_THAT(diff.run(out + layer + " --weight-zero-point -1 --zero-point 7 --bias " + bias +
                            " " + scales,
                        0),
               QFS_CONTAINS("equal") && QFS_CONTAINS("the layer of q_x.npy and q_w.npy"));
}

TEST_CASE("the program refuses bad input with code 2", "[hand]") {
  const Program diff;
  const std::string x = diff.file<float>("x.npy", {0.5F, 1.0F});
  const std::string q = diff.file<std::uint8_t>("q.npy", {1, 2});
  const std::string long_x = diff.file<float>("long.npy", {0.5F, 1.0F, 2.0F});
  const std::string nan =
      diff.file<float>("nan.npy", {0.5F, std::numeric_limits<float>::quiet_NaN()});
  const std::string empty = diff.file<std::uint8_t>("empty.npy", {}, {0});
  const std::string two = diff.file<float>("two.npy", {0.5F, 0.25F});
  const std::string acc = diff.file<std::int32_t>("acc.npy", {10, 20});
  const std::string wide = diff.file<std::int64_t>("wide.npy", {1, std::int64_t{1} << 40});
  const std::string low = diff.file<std::int64_t>("low.npy", {1, -(std::int64_t{1} << 40)});
  const std::string three = diff.file<std::uint8_t>("three.npy", {1, 2, 3});
  std::ofstream(diff.path("text.npy")) << "not an array";
  const auto refused = [&](const std::string& arguments, const std::string& message) {
    CHECK_THAT(diff.run(arguments, 2), QFS_CONTAINS(message));
  };
  refused("", "which integers are yours");
  refused(q, "what shall your integers be compared with");
  refused(q + " " + x, "floats need a scale");
  refused(q + " " + x + " --scale 0", "must be positive");
  refused(q + " " + x + " --scale -1", "must be positive");
  refused(q + " " + x + " --scale nan", "is not a number");
  refused(q + " " + x + " --scale 1e-50", "must be positive");
  refused(q + " " + x + " --scale 0.1x", "is not a number");
  refused(q + " " + x + " --scale 0.1 --zero-point 1.5", "must be an integer");
  refused(q + " " + x + " --scale 0.1 --zero-point 1e9", "must be an integer");
  refused(q + " " + x + " --scale 0.1 --bits 17", "--bits");
  refused(q + " " + x + " --scale 0.1 --qmin 5 --qmax 5", "no range");
  refused(q + " " + x + " --scale 0.1 --signed --unsigned", "excludes");
  refused(q + " " + x + " --scale 0.1 --colour", "--colour");
  refused(q + " " + two + " --scale " + long_x, "do not fit the axis");
  refused(q + " " + x + " --scale " + two + " --axis 1", "do not fit the axis");
  refused(q + " " + x + " --scale " + two + " --zero-point " + three, "differ in number");
  refused(q + " " + x + " --scale " + three + " --zero-point " + acc, "differ in number");
  refused(q + " " + long_x + " --scale 0.1", "different shapes");
  refused(q + " " + nan + " --scale 0.1", "nan");
  refused(x + " " + q, "does not hold integers");
  refused(empty + " " + x + " --scale 0.1", "is empty");
  refused(std::string("missing.npy") + " " + x + " --scale 0.1", "missing.npy");
  refused(std::string("text.npy") + " " + x + " --scale 0.1", "text.npy");
  refused(q + " --acc " + acc, "need a multiplier");
  refused(q + " --acc " + acc + " --multiplier 0.1 --output-scale 1", "need a multiplier");
  refused(q + " --acc " + acc + " --output-scale 1", "--input-scale");
  refused(q + " " + x + " --acc " + acc + " --multiplier 0.1", "one of theirs.npy");
  refused(q + " --acc " + wide + " --multiplier 0.1", "32-bit sums");
  refused(q + " --acc " + low + " --multiplier 0.1", "32-bit sums");
  refused(q + " --acc " + acc + " --multiplier " + long_x, "do not fit the sums");
  refused(q + " --acc " + acc + " --multiplier 0.1 --bias " + two, "s_x and s_w");
  refused(
      q + " --acc " + acc + " --input-scale 1 --weight-scale 1 --output-scale 1 --bias " + long_x,
      "does not fit the sums");
  refused(q + " --acc " + x + " --multiplier 0.1", "does not hold integers");
}

TEST_CASE("what an option holds is checked, and none is ignored", "[hand]") {
  const Program diff;
  const std::string x = diff.file<float>("x.npy", {0.5F, 1.0F});
  const std::string q = diff.file<std::uint8_t>("q.npy", {1, 2});
  const std::string acc = diff.file<std::int32_t>("acc.npy", {10, 20});
  const std::string q_x = diff.file<std::uint8_t>("q_x.npy", {1, 2, 3, 4}, {2, 2});
  const std::string q_w = diff.file<std::int8_t>("q_w.npy", {1, 2, 3}, {1, 3});
  const std::string w = diff.file<std::int8_t>("w.npy", {1, 2}, {1, 2});
  const std::string three = diff.file<std::int8_t>("three.npy", {1, 2, 3});
  const std::string sums = diff.file<std::int32_t>("sums.npy", {5, 11}, {2, 1});
  const auto refused = [&](const std::string& arguments, const std::string& message,
                           const std::string& got) {
    CHECK_THAT(diff.run(arguments, 2), QFS_CONTAINS(message) && QFS_CONTAINS("got:        " + got));
  };
  const std::string floats = q + " " + x + " --scale 0.1";
  refused(floats + " --bits x", "--bits is not a whole number", "x");
  refused(floats + " --bits 1", "--bits is not a whole number", "1");
  refused(floats + " --bits 8.5", "--bits is not a whole number", "8.5");
  refused(floats + " --qmin 70000", "--qmin is not a whole number", "70000");
  refused(floats + " --qmin 99999999999", "--qmin is not a whole number", "99999999999");
  refused(floats + " --axis -1", "--axis is not a whole number", "-1");
  refused(floats + " --bits", "the options are not understood", "--bits");
  refused(floats + " --colour red", "the options are not understood", "The following");
  refused(floats + " --zero-point ''", "--zero-point has an empty value", "''");
  refused(floats + " --multiplier 2", "--multiplier has no meaning for floats", "--multiplier 2");
  refused(floats + " --bias b.npy", "--bias has no meaning for floats", "--bias b.npy");
  refused(q + " " + q + " --scale 2", "--scale has no meaning for integers", "--scale 2");
  refused(q + " " + q + " --zero-point 2", "--zero-point has no meaning", "--zero-point 2");
  refused(q + " " + q + " --bits 4", "--bits has no meaning for integers", "--bits 4");
  refused(q + " " + q + " --signed", "a range has no meaning for integers", "--signed");
  refused(q + " " + q + " --unsigned", "a range has no meaning for integers", "--unsigned");
  const std::string scaled = q + " --acc " + acc + " --multiplier 0.1";
  refused(scaled + " --scale 2", "--scale has no meaning for sums", "--scale 2");
  refused(scaled + " --axis 0", "--axis has no meaning for sums", "--axis 0");
  refused(scaled + " --weight " + w, "--weight has no meaning for --acc", "--weight w.npy");
  refused(scaled + " --zero-point " + three, "--zero-point is one number", "3");
  refused(q + " --acc " + acc + " --input-scale " + x + " --weight-scale 1 --output-scale 1",
          "--input-scale is one number", "2");
  refused(q + " --weight " + w, "what shall your integers be compared with", "nothing");
  const std::string layer = sums + " --input " + q_x;
  refused(layer, "an input needs its weights", "no --weight");
  refused(layer + " --weight " + q_w, "do not fit together", "2 x 2 and 1 x 3");
  refused(layer + " --weight " + acc, "holds no 8-bit integers", "<i4");
  refused(layer + " --weight " + w + " --weight-zero-point " + three, "zero points do not fit",
          "3");
  refused(layer + " --weight " + w + " --input-zero-point " + three, "is one number", "3");
  refused(layer + " --weight " + w + " --zero-point 3", "--zero-point has no meaning", "--zero");
  refused(layer + " --weight " + w + " --qmin 3", "--qmin has no meaning for sums", "--qmin 3");
  refused(layer + " --weight " + w + " --bias " + x, "s_x and s_w", "no --weight-scale");
}

TEST_CASE("broken files are refused with code 2", "[hand]") {
  const Program diff;
  const std::string x = diff.file<float>("x.npy", {0.5F, 1.0F, 1.5F});
  const std::string good = diff.file<std::uint8_t>("good.npy", {1, 2, 3});
  std::string bytes;
  {
    std::ifstream file(diff.path("good.npy"), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  const auto refused = [&](std::string broken, const std::string& message) {
    std::ofstream(diff.path("broken.npy"), std::ios::binary) << broken;
    for (const std::string arguments :
         {"broken.npy x.npy --scale 1", "good.npy broken.npy --scale 1", "broken.npy good.npy",
          "good.npy --acc broken.npy --multiplier 1", "good.npy x.npy --scale broken.npy"})
      CHECK_THAT(diff.run(arguments, 2), QFS_CONTAINS(message));
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = bytes;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  refused("", "broken.npy");
  refused(bytes.substr(0, 5), "broken.npy");
  refused(bytes.substr(0, 40), "broken.npy");
  refused(bytes.substr(0, bytes.size() - 1), "is cut off");
  refused(bytes + "x", "is longer than its shape says");
  refused(with("(3,)", "(9,)"), "is cut off");
  refused(with("(3,), }", "(99999999999999999999,), }"), "broken.npy");
  refused(with("|u1", "<c8"), "broken.npy");
  refused(with("|u1", ">i2"), "big-endian");
  refused(with("False", "True "), "Fortran order");
  std::string huge = bytes;
  huge[8] = huge[9] = '\xff';  // the header's length
  refused(huge, "broken.npy");
  // A directory is no file.
  std::filesystem::create_directories(diff.path("folder.npy"));
  CHECK_THAT(diff.run("folder.npy " + x + " --scale 1", 2), QFS_CONTAINS("folder.npy"));
}
