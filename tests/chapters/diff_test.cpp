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
             QFS_CONTAINS("too few to tell") && QFS_CONTAINS("ties away from zero"));
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
