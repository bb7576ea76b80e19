// What the sections of this lesson share, in the order of the text.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "15_calibration_methods/histogram_observers.hpp"
#include "common/cli.hpp"
#include "common/rng.hpp"

namespace qfs::ch15 {

// The tensors that are calibrated: the input, and the hidden layers after their ReLU.
using Tensors = std::vector<Matrix<float>>;  // each digits x values

// A number in memory is hit: it becomes `size` times the largest that the tensor has in training.
struct Hits {
  double share = 1.0 / 5000.0;  // of all values
  float size = 100.0F;
};

// Hits every value of x with that chance.
void hit(std::span<float> x, const Hits& hits, float largest, Rng& rng);

// Where values are hit. In calibration the observer sees them, and the pass goes on with the true
// ones, so that every tensor has the same share; at test time the pass goes on with the hit values.
enum class Condition { clean, calibration_only, both };
std::string name_of(Condition condition);

// Everything that watches one tensor.
struct Watch {
  MinMaxObserver min_max{};
  MovingAverageMinMaxObserver average{};
  MagnitudeObserver magnitudes{};
  HistogramObserver histogram{};
  void observe(std::span<const float> x);
};

// A way from what was watched to an interval for b bits.
struct Method {
  std::string name;
  std::function<Interval(const Watch& watch, int bits)> interval;
};
const std::vector<Method>& methods();
// Places among the methods.
inline constexpr std::size_t kMinMax = 0, kPercentile99_9 = 3, kEntropy = 6, kMse = 7;

// The net with all that is computed once. `drawn` are training digits in an order of the seed.
struct Study {
  Mlp mlp{};
  Dataset data{};
  std::vector<float> largest{};  // of each tensor, over the first 1000 training digits
  Tensors test{};                // of the test digits
  Matrix<float> logits{};        // by float
  std::vector<std::uint8_t> by_float{};
  Hits hits{};
  std::size_t digits = 512;  // that the sections calibrate on
  // Section 10: draws of the digits, and how many of them each method sees.
  std::uint64_t draws = 5;
  std::array<std::size_t, 5> digit_counts = {1, 8, 64, 512, 4096};
};
Study make_study(const Options& options);

// The tensors of `count` training digits, drawn by `seed`.
Tensors drawn_tensors(const Study& study, std::uint64_t seed, std::size_t count);

// Watches the first `count` digits of `drawn`, in batches of 64; hit ones unless clean.
std::vector<Watch> watch(const Study& study, const Tensors& drawn, std::size_t count,
                         Condition condition, std::uint64_t seed);

// The intervals of one method, one a tensor.
std::vector<Interval> intervals_of(const Method& method, const std::vector<Watch>& watches,
                                   int bits);

// The test digits through the float net whose input and hidden layers are rounded to b bits; hit
// values where the condition is `both`. No intervals: not rounded.
struct Result {
  std::vector<std::uint8_t> classes{};
  double accuracy = 0.0;     // percent
  double logit_error = 0.0;  // root mean square, in percent of that of the float net's logits
};
Result run_rounded(const Study& study, const std::vector<Interval>& intervals, int bits,
                   Condition condition, std::uint64_t seed);

// In decibels, of the clean tensor `t` of the test digits.
double sqnr_of(const Study& study, std::size_t t, Interval interval, int bits);

// "input", "layer 1", ...
std::string tensor_name(std::size_t t);
// The tensor that is looked at closely: layer 1, or the input of a net without hidden layers.
std::size_t shown_tensor(const Study& study);

void on_paper(Lesson& lesson);                           // section 1
void histograms(const Study& study, Lesson& lesson);     // 2
void clean(const Study& study, Lesson& lesson);          // 3
void outliers(const Study& study, Lesson& lesson);       // 4
void in_integers(const Study& study, Lesson& lesson);    // 5
void infinite(const Study& study, Lesson& lesson);       // 6
void one_candidate(const Study& study, Lesson& lesson);  // 7
void uncounted(const Study& study, Lesson& lesson);      // 8
void trace(const Study& study, std::uint64_t seed);      // 9
// 10; not full: only what the figure needs.
void all_seeds(const Study& study, const std::string& tables, bool full, Lesson& lesson);

}  // namespace qfs::ch15
