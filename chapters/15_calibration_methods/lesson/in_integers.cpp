// Section 5: the observers in chapter 05's calibrate, and chapter 07's net in integers.
#include "04_mnist_mlp/mcnemar.hpp"
#include "05_observers/calibrate.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "15_calibration_methods/lesson/study.hpp"
#include "common/print.hpp"
#include "common/rng.hpp"

namespace qfs::ch15 {
namespace {

// [hit_pass]
// The pass of chapter 05 that shows hit values to every observer but that of the logits.
TappedPass hit_pass(const Study& study, Rng& rng) {
  return [&study, &rng](const Matrix<float>& x, const Tap& tap) {
    tapped_forward(study.mlp, OutputPoint::after_relu, x,
                   [&](std::size_t t, std::span<const float> true_values) {
                     std::vector<float> seen(true_values.begin(), true_values.end());
                     if (t < study.largest.size()) hit(seen, study.hits, study.largest[t], rng);
                     tap(t, seen);
                   });
  };
}

template <Observer O>
std::vector<std::uint8_t> classes_by(const Study& study, std::uint64_t seed, const O& fresh) {
  Rng rng(seed);
  const CalibrationSet digits(study.data.train);
  const std::size_t tensors = study.mlp.layers.size() + 1;
  const auto all = calibrate<O>(hit_pass(study, rng), tensors, digits, 100, fresh);
  const ActivationIntervals intervals = {all.front(), {all.begin() + 1, all.end()}};
  return classify_u8(pack(quantize_fused_mlp(study.mlp, intervals, {})), study.data.test.pixels);
}
// [/hit_pass]

}  // namespace

void in_integers(const Study& study, Lesson& lesson) {
  section(5, "In integers, weights too: calibrated with outliers, tested without");
  const std::uint64_t seed = lesson.options.seed;
  const auto& labels = study.data.test.labels;
  Table table({"net", "right", "accuracy", "95 % interval", "only min-max", "only this", "p"});
  const auto min_max = classes_by(study, seed, MinMaxObserver{});
  const auto percentile = classes_by(study, seed, PercentileObserver(99.9));
  add_compared(table, "min-max", min_max, nullptr, labels);
  const PairedResult pair = add_compared(table, "percentile 99.9", percentile, &min_max, labels);
  add_compared(table, "entropy", classes_by(study, seed, EntropyObserver{}), &min_max, labels);
  add_compared(table, "MSE", classes_by(study, seed, MseObserver{}), &min_max, labels);
  add_compared(table, "PyTorch's histogram", classes_by(study, seed, HistogramObserver{}), &min_max,
               labels);
  table.print();
  if (!lesson.options.is_default_run()) return;
  const double lost = static_cast<double>(count_correct(study.by_float, labels)) -
                      static_cast<double>(count_correct(min_max, labels));
  const double won = static_cast<double>(pair.only_b) - static_cast<double>(pair.only_a);
  lesson.claims.expect(won >= 0.9 * lost && pair.p < 0.001,
                       "percentile 99.9 recovers at least 90 % of what min-max loses, p < 0.001");
}

}  // namespace qfs::ch15
