// ./learn diff: every rule by hand, every rule found by the search, the program and its bad input.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/npy.hpp"
#include "common/rng.hpp"
#include "diff/report.hpp"
#include "diff/rules.hpp"
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

std::vector<std::int64_t> made_by(const RuleSpace& space, const Rule& rule, std::size_t elements) {
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < elements; ++i)
    values.push_back(space.evaluate(rule, i).value_or(-999));
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
  CHECK(made("affine, full range") == Values{0, 50, 255});  // 5.1 / 255 = 0.02 but for the last bit
  CHECK(made("affine, reduced range") ==
        Values{0, 25, 127});  // 5.1 / 127 = 0.0402, -1 is -24.9 steps
  CHECK(made("symmetric, full range") == Values{97, 128, 255});  // 4.1 / 127.5, -1 is -31.1
  CHECK(made("symmetric, narrow range") ==
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
  CHECK(space.evaluate(deviation(space, "division", "x * (1 / s)"), 0) == 128);
  CHECK(space.evaluate(deviation(space, "division", "x / s in float32"), 0) == 127);
  CHECK(space.evaluate(deviation(space, "division", "x / s in float64"), 0) == 127);
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
  rule[4] = 1;  // and no clamp
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
  question.acc = integers({7984, 30, 10, -2000}, kS32, {2, 2});
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
  question.acc = integers({100}, kS32);
  question.x_scale = 0.5;
  question.w_scales.values = {0.125};
  question.y_scale = 0.25;
  question.bias = {0.84375F};  // 13.5 / 16: 13.5 in units of s_x s_w = 1/16
  question.range = kU8;
  const auto space = requantize_rules(question);
  const auto made = [&](const std::string& dimension, const std::string& choice) {
    return *space.evaluate(deviation(space, dimension, choice), 0);
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
  Values sums;
  for (std::size_t i = 0; i < size * size; ++i)
    sums.push_back(static_cast<std::int64_t>(rng.below(6001)) - 3000);
  question.acc = integers(sums, kS32, {size, size});
  question.mine = integers(Values(size * size, 0), kU8, {size, size});
  question.x_scale = static_cast<double>(0.02F);
  question.y_scale = static_cast<double>(0.03F);
  for (std::size_t n = 0; n < size; ++n) {
    // Steps whose product with s_x / s_y is near 1/12, 1/10, 1/8: many ties.
    question.w_scales.values.push_back(
        static_cast<double>(0.03F / 0.02F / static_cast<float>(2 * (n % 20) + 4)));
    const double bias = n % 2 == 0 ? 0.0 : static_cast<double>(rng.below(400)) + 0.5;
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
    question.acc = integers({0}, kS32);
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
  CHECK(found({-3, 0, 100, -128, 90, 5}) == "the course's rule");
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
    return path(name);
  }

  // Runs the program; `code` is its exit code, the result what it printed on both streams.
  std::string run(const std::string& arguments, int expected_code) const {
    const std::string command = "'" + std::string(QFS_DIFF_PROGRAM) + "' " + arguments + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 512> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
      output.append(buffer.data(), count);
    const int status = ::pclose(pipe);
    INFO(command << "\n" << output);
    CHECK(WEXITSTATUS(status) == expected_code);
    return output;
  }

 private:
  std::filesystem::path root_;
};

}  // namespace

TEST_CASE("the program: equal, explained, not explained", "[hand]") {
  const Program diff;
  const std::string x = diff.file<float>("x.npy", {0.125F, 0.625F, -0.125F, 1.0F});
  const std::string equal = diff.file<std::uint8_t>("equal.npy", {7, 9, 7, 11});
  const std::string away = diff.file<std::uint8_t>("away.npy", {8, 10, 6, 11});
  const std::string other = diff.file<std::uint8_t>("other.npy", {8, 9, 200, 11});
  const std::string options = " " + x + " --scale 0.25 --zero-point 7";
  CHECK_THAT(diff.run(equal + options, 0), QFS_CONTAINS("equal: every element"));
  CHECK_THAT(diff.run(away + options, 0),
             QFS_CONTAINS("by one deviation") && QFS_CONTAINS("ties away from zero"));
  CHECK_THAT(diff.run(other + options, 1), QFS_CONTAINS("not explained") &&
                                               QFS_CONTAINS("first difference") &&
                                               QFS_CONTAINS("[0] is 8, expected 7"));
  const std::string signed_x = diff.file<std::int8_t>("signed.npy", {-3, -1, -3, 1});
  CHECK_THAT(diff.run(signed_x + " " + x + " --scale 0.25 --zero-point -3", 0),
             QFS_CONTAINS("equal"));
  CHECK_THAT(diff.run(equal + " " + away, 1), QFS_CONTAINS("no element is off by more than 1"));
  CHECK_THAT(diff.run("--help", 0), QFS_CONTAINS("Exit codes"));
}

TEST_CASE("the program on sums", "[hand]") {
  const Program diff;
  const std::string acc = diff.file<std::int32_t>("acc.npy", {28, -21, 60, 39, 20, 3}, {2, 3});
  const std::string right = diff.file<std::uint8_t>("right.npy", {8, 0, 13, 9, 6, 3}, {2, 3});
  const std::string fixed = diff.file<std::uint8_t>("fixed.npy", {8, 0, 13, 10, 6, 4}, {2, 3});
  const std::string scales =
      " --input-scale 0.5 --weight-scale 0.25 --output-scale 0.75 --zero-point 3 --bits 4";
  CHECK_THAT(diff.run(right + " --acc " + acc + scales, 0), QFS_CONTAINS("equal"));
  CHECK_THAT(diff.run(fixed + " --acc " + acc + scales, 0), QFS_CONTAINS("ties away from zero"));
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
  CHECK_THAT(diff.run(wrong + " " + right, 1), QFS_CONTAINS("folded zero-point terms"));
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
  refused("", "mine");
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
  refused(diff.path("missing.npy") + " " + x + " --scale 0.1", "missing.npy");
  refused(diff.path("text.npy") + " " + x + " --scale 0.1", "text.npy");
  refused(q + " --acc " + acc, "need a multiplier");
  refused(q + " --acc " + acc + " --multiplier 0.1 --output-scale 1", "need a multiplier");
  refused(q + " --acc " + acc + " --output-scale 1", "--input-scale");
  refused(q + " " + x + " --acc " + acc + " --multiplier 0.1", "not both");
  refused(q + " --acc " + wide + " --multiplier 0.1", "32-bit sums");
  refused(q + " --acc " + acc + " --multiplier " + long_x, "do not fit the sums");
  refused(q + " --acc " + acc + " --multiplier 0.1 --bias " + two, "three scales");
  refused(
      q + " --acc " + acc + " --input-scale 1 --weight-scale 1 --output-scale 1 --bias " + long_x,
      "does not fit the sums");
  refused(q + " --acc " + x + " --multiplier 0.1", "does not hold integers");
}
