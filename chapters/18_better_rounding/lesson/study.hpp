// What the sections of this lesson share, in the order of the text.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "04_mnist_mlp/mcnemar.hpp"
#include "18_better_rounding/rounded_net.hpp"
#include "common/cli.hpp"
#include "common/print.hpp"

namespace qfs::ch18 {

// A float net that takes ink, the digits its weights are rounded by, and what it makes of the test
// digits.
struct Start {
  Mlp mlp{};
  TrainDigits calibration{};
  const TestDigits* test = nullptr;
  Matrix<float> logits{};
  std::vector<std::uint8_t> classes{};
};

// The first 1000 training digits calibrate; or, with a seed, 1000 that it draws.
inline constexpr std::size_t kCalibrationDigits = 1000;
TrainDigits drawn_digits(const TrainDigits& train, std::uint64_t seed);
Start make_start(Mlp takes_ink, TrainDigits calibration, const TestDigits& test);

// What a rounded net makes of the test digits, beside the float net of `start`.
struct Outcome {
  double logit_error = 0.0;  // percent: |z^ - z| / |z| over all logits of all test digits
  double right = 0.0;        // percent
  std::size_t flips = 0;     // digits that changed class
  double size = 1.0;         // |z^| / |z|
  double cosine = 1.0;       // of the angle between z^ and z
  std::vector<std::uint8_t> classes{};
};
Outcome outcome_of(const Start& start, const Mlp& rounded);
Outcome outcome_of(const Start& start, const RoundingOptions& options);
double percent_right(const Start& start, std::span<const std::uint8_t> classes);

// A way to round, as the tables call it.
struct Way {
  std::string name;
  bool equalized = false;
  RoundingOptions options{};
};
Outcome outcome_of(const Start& start, Way way, int bits);

// Per channel: what sections 3 and 4 compare, in the order of the table. All others are compared
// with the first.
enum : std::size_t { kNearest, kBiasCorrection, kLeastError, kAdaRound, kGptq, kWays };
const std::array<Way, kWays>& ways();
inline constexpr int kBits[] = {4, 3, 2};
// Less of it for --quick: three bits alone, AdaRound of ten steps.
std::vector<int> bits_of(const Options& options);
Way quickened(Way way, const Options& options);

struct Study {
  const Dataset& data;
  Mlp as_trained{};  // takes normalized pixels
  Start start{};     // takes ink; the first 1000 training digits
};

void on_paper(Lesson& lesson);                                                  // section 1
void equalization(const Study& study, Lesson& lesson);                          // 2
void methods(const Study& study, Lesson& lesson);                               // 3
void draws(const Study& study, Lesson& lesson);                                 // 4
void mistakes(const Study& study, Lesson& lesson);                              // 5
void trace(const Study& study);                                                 // 6
void five_nets(const Study& study, const std::string& tables, Lesson& lesson);  // 7: --full
void search_recipe(const Study& study, const std::string& tables);              // 8: --search

}  // namespace qfs::ch18
