// The digits, the measures and the ways to round that the sections share.
#include "18_better_rounding/lesson/study.hpp"

#include <cmath>

#include "18_better_rounding/equalize.hpp"

namespace qfs::ch18 {
namespace {

TrainDigits chosen(const TrainDigits& train, std::span<const std::uint32_t> which) {
  TrainDigits some{.pixels = make_tensor<std::uint8_t>({which.size(), train.pixels.shape(1)}),
                   .labels = {},
                   .rows = train.rows,
                   .cols = train.cols};
  for (std::size_t i = 0; i < which.size(); ++i) {
    std::ranges::copy(row(train.pixels, which[i]), row(some.pixels, i).begin());
    some.labels.push_back(train.labels[which[i]]);
  }
  return some;
}

std::vector<std::uint32_t> in_order(const TrainDigits& train) {
  std::vector<std::uint32_t> order(train.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  return order;
}

}  // namespace

TrainDigits drawn_digits(const TrainDigits& train, std::uint64_t seed) {
  std::vector<std::uint32_t> order = in_order(train);
  Rng rng(seed);
  rng.shuffle(order);
  order.resize(std::min(kCalibrationDigits, order.size()));
  return chosen(train, order);
}

Start make_start(Mlp takes_ink, TrainDigits calibration, const TestDigits& test) {
  Start start{.mlp = std::move(takes_ink), .calibration = std::move(calibration), .test = &test};
  start.logits = forward_ref(start.mlp, ink(normalized(test.pixels, 0, test.size())));
  start.classes = argmax_rows(start.logits);
  return start;
}

double percent_right(const Start& start, std::span<const std::uint8_t> classes) {
  return 100.0 * static_cast<double>(count_correct(classes, start.test->labels)) /
         static_cast<double>(start.test->size());
}

Outcome outcome_of(const Start& start, const Mlp& rounded) {
  const Matrix<float> logits =
      forward_ref(rounded, ink(normalized(start.test->pixels, 0, start.test->size())));
  double errors = 0.0, zz = 0.0, rr = 0.0, zr = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double z = static_cast<double>(values(start.logits)[i]);
    const double r = static_cast<double>(values(logits)[i]);
    errors += (r - z) * (r - z);
    zz += z * z;
    rr += r * r;
    zr += z * r;
  }
  Outcome outcome{.logit_error = 100.0 * std::sqrt(errors / zz),
                  .size = std::sqrt(rr / zz),
                  .cosine = zr / std::sqrt(zz * rr),
                  .classes = argmax_rows(logits)};
  outcome.right = percent_right(start, outcome.classes);
  outcome.flips =
      compare_classes(start.classes, outcome.classes, start.test->labels).classes_differ;
  return outcome;
}

Outcome outcome_of(const Start& start, const RoundingOptions& options) {
  return outcome_of(start, round_net(start.mlp, CalibrationSet(start.calibration), options).net);
}

Outcome outcome_of(const Start& start, Way way, int bits) {
  way.options.bits = bits;
  if (!way.equalized) return outcome_of(start, way.options);
  Mlp mlp = start.mlp;
  equalize(mlp);
  return outcome_of(start, round_net(mlp, CalibrationSet(start.calibration), way.options).net);
}

const std::array<Way, kWays>& ways() {
  static const std::array<Way, kWays> all = {{
      {.name = "nearest"},
      {.name = "bias correction", .options = {.correct_biases = true}},
      {.name = "least-error scales", .options = {.scales = ScaleChoice::least_error}},
      {.name = "AdaRound", .options = {.method = RoundingMethod::adaround}},
      {.name = "GPTQ", .options = {.method = RoundingMethod::gptq}},
  }};
  return all;
}

std::vector<int> bits_of(const Options& options) {
  return options.quick ? std::vector<int>{3} : std::vector<int>(kBits, std::end(kBits));
}

Way quickened(Way way, const Options& options) {
  if (options.quick) way.options.adaround = {.steps = 10, .free_steps = 2};
  return way;
}

}  // namespace qfs::ch18
