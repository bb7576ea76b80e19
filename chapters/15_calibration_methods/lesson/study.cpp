// What is computed once, and how a set of intervals is judged.
#include "15_calibration_methods/lesson/study.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "01_affine_math/errors.hpp"
#include "03_fake_quantization/fake_quantize.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "common/rng.hpp"

namespace qfs::ch15 {
namespace {

// The input and the hidden layers after their ReLU, of the first `count` digits.
Tensors tensors_of(const Mlp& mlp, const Matrix<std::uint8_t>& pixels, std::size_t count) {
  Tensors tensors = {normalized(pixels, 0, count)};
  for (std::size_t i = 0; i + 1 < mlp.layers.size(); ++i) {
    tensors.push_back(linear_forward_ref(mlp.layers[i], tensors.back()));
    relu_forward(tensors.back());
  }
  return tensors;
}

double root_mean_square(std::span<const float> x) {
  double sum = 0.0;
  for (float value : x) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

Method percentile(double percent, const std::string& text) {
  return {"percentile " + text, [percent](const Watch& watch, int) {
            return watch.magnitudes.clipped_at(
                percentile_threshold(watch.magnitudes.histogram(), percent));
          }};
}

}  // namespace

void hit(std::span<float> x, const Hits& hits, float largest, Rng& rng) {
  for (float& value : x)
    if (rng.uniform() < hits.share) value = hits.size * largest;
}

std::string name_of(Condition condition) {
  if (condition == Condition::clean) return "clean";
  return condition == Condition::both ? "outliers in both" : "outliers in calibration only";
}

void Watch::observe(std::span<const float> x) {
  min_max.observe(x);
  average.observe(x);
  magnitudes.observe(x);
  histogram.observe(x);
}
const std::vector<Method>& methods() {
  const auto levels = [](const Watch& watch, int bits) {
    return magnitude_levels(bits, watch.magnitudes.is_signed());
  };
  static const std::vector<Method> all = {
      {"min-max", [](const Watch& watch, int) { return watch.min_max.interval(); }},
      {"moving average", [](const Watch& watch, int) { return watch.average.interval(); }},
      percentile(99.0, "99"),
      percentile(99.9, "99.9"),
      percentile(99.99, "99.99"),
      percentile(99.999, "99.999"),
      {"entropy",
       [levels](const Watch& watch, int bits) {
         return watch.magnitudes.clipped_at(
             entropy_search(watch.magnitudes.histogram(), levels(watch, bits)).threshold);
       }},
      {"MSE",
       [levels](const Watch& watch, int bits) {
         return watch.magnitudes.clipped_at(
             mse_search(watch.magnitudes.histogram(), levels(watch, bits)).threshold);
       }},
      {"PyTorch's histogram", [](const Watch& watch, int) { return watch.histogram.interval(); }},
  };
  return all;
}

Study make_study(const Options& options) {
  Study study;
  study.data = load_dataset(options.data_dir);
  study.mlp = trained_or_pretrained(options, study.data);
  if (options.quick) {
    study.digits = 64;
    study.draws = 2;
    study.digit_counts = {1, 4, 16, 64, 128};
    study.data.test = first_digits(study.data.test, 200);
  }
  const std::size_t count = std::min<std::size_t>(1000, study.data.train.size());
  for (const Matrix<float>& tensor : tensors_of(study.mlp, study.data.train.pixels, count)) {
    const Interval seen = min_max(values(tensor));
    study.largest.push_back(std::max(-seen.min, seen.max));
  }
  study.test = tensors_of(study.mlp, study.data.test.pixels, study.data.test.size());
  study.logits = linear_forward_ref(study.mlp.layers.back(), study.test.back());
  study.by_float = argmax_rows(study.logits);
  return study;
}

Tensors drawn_tensors(const Study& study, std::uint64_t seed, std::size_t count) {
  const Matrix<std::uint8_t>& all = study.data.train.pixels;
  count = std::min(count, study.data.train.size());
  std::vector<std::uint32_t> order(study.data.train.size());
  std::iota(order.begin(), order.end(), 0U);
  Rng(seed).shuffle(order);
  Matrix<std::uint8_t> pixels = make_tensor<std::uint8_t>({count, all.shape(1)});
  for (std::size_t m = 0; m < count; ++m)
    std::ranges::copy(row(all, order[m]), row(pixels, m).begin());
  return tensors_of(study.mlp, pixels, count);
}

std::vector<Watch> watch(const Study& study, const Tensors& drawn, std::size_t count,
                         Condition condition, std::uint64_t seed) {
  constexpr std::size_t kBatch = 64;
  std::vector<Watch> watches(drawn.size());
  for (std::size_t t = 0; t < drawn.size(); ++t) {
    Rng rng(seed * 1000 + t);
    const std::size_t size = drawn[t].shape(1);
    count = std::min(count, drawn[t].shape(0));
    for (std::size_t begin = 0; begin < count; begin += kBatch) {
      const std::size_t digits = std::min(kBatch, count - begin);
      const auto true_values = values(drawn[t]).subspan(begin * size, digits * size);
      std::vector<float> x(true_values.begin(), true_values.end());
      if (condition != Condition::clean) hit(x, study.hits, study.largest[t], rng);
      watches[t].observe(x);
    }
  }
  return watches;
}

std::vector<Interval> intervals_of(const Method& method, const std::vector<Watch>& watches,
                                   int bits) {
  std::vector<Interval> intervals;
  for (const Watch& watch : watches) intervals.push_back(method.interval(watch, bits));
  return intervals;
}
Result run_rounded(const Study& study, const std::vector<Interval>& intervals, int bits,
                   Condition condition, std::uint64_t seed) {
  const QuantRange range = unsigned_range(bits);
  Rng rng(seed * 1000 + 999);
  Matrix<float> x = study.test.front();
  for (std::size_t t = 0; t < study.test.size(); ++t) {
    if (t > 0) {
      x = linear_forward_ref(study.mlp.layers[t - 1], x);
      relu_forward(x);
    }
    if (condition == Condition::both) hit(values(x), study.hits, study.largest[t], rng);
    if (intervals.empty()) continue;
    const QuantParams p = choose_qparams(intervals[t].min, intervals[t].max, range);
    fake_quantize(values(std::as_const(x)), p, range, values(x));
  }
  const Matrix<float> logits = linear_forward_ref(study.mlp.layers.back(), x);
  Matrix<float> error = logits;
  for (std::size_t i = 0; i < error.size(); ++i) values(error)[i] -= values(study.logits)[i];
  Result result{.classes = argmax_rows(logits)};
  const std::size_t right = count_correct(result.classes, study.data.test.labels);
  result.accuracy = 100.0 * static_cast<double>(right) / static_cast<double>(result.classes.size());
  result.logit_error =
      100.0 * root_mean_square(values(error)) / root_mean_square(values(study.logits));
  return result;
}

double sqnr_of(const Study& study, std::size_t t, Interval interval, int bits) {
  const QuantRange range = unsigned_range(bits);
  const std::span<const float> x = values(study.test[t]);
  std::vector<float> y(x.size());
  fake_quantize(x, choose_qparams(interval.min, interval.max, range), range, y);
  return measure_error(x, y).sqnr_db;
}

std::size_t shown_tensor(const Study& study) { return study.test.size() > 1 ? 1 : 0; }

std::string tensor_name(std::size_t t) { return t == 0 ? "input" : "layer " + std::to_string(t); }

}  // namespace qfs::ch15
