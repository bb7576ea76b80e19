// Section 5: what goes wrong: inputs that no calibration digit lights.
#include <cstdio>

#include "18_better_rounding/lesson/study.hpp"
#include "18_better_rounding/weight_scales.hpp"

namespace qfs::ch18 {
namespace {

std::vector<bool> dead_inputs(const Matrix<float>& x) {
  std::vector<bool> dead(x.shape(1), true);
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t k = 0; k < dead.size(); ++k) dead[k] = dead[k] && x(m, k) == 0.0F;
  return dead;
}

// What GPTQ has rounded, but the weights of dead inputs rounded to nearest in place of 0. On the
// calibration digits nothing changes by that, so it may be done afterwards.
struct Mended {
  Mlp net;
  std::size_t dead_pixels = 0;
};
Mended dead_to_nearest(const Start& start, const RoundedNet& rounded, int bits) {
  Mended mended{.net = rounded.net};
  Matrix<float> x = ink(normalized(start.calibration.pixels, 0, start.calibration.size()));
  for (std::size_t i = 0; i < rounded.net.layers.size(); ++i) {
    const std::vector<bool> dead = dead_inputs(x);
    const Matrix<float>& real = start.mlp.layers[i].weight;
    const QuantRange range = signed_range(bits);
    const Matrix<float> nearest = dequantized(
        quantize_weight(real, min_max_params(real, range, WeightGranularity::per_channel), range));
    for (std::size_t k = 0; k < dead.size(); ++k) {
      if (i == 0) mended.dead_pixels += dead[k] ? 1 : 0;
      for (std::size_t n = 0; dead[k] && n < real.shape(0); ++n)
        mended.net.layers[i].weight(n, k) = nearest(n, k);
    }
    x = linear_forward_ref(rounded.net.layers[i], x);
    relu_forward(x);
  }
  return mended;
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(5, "What goes wrong: GPTQ in three bits, calibrated on few digits");
  Table table({"digits", "dead pixels", "dead weights 0: error", "right", "to nearest: error",
               "right", "p"});
  std::vector<Outcome> zero, nearest;
  std::vector<std::size_t> counts = {1, 10};
  if (!lesson.options.quick) counts.insert(counts.end(), {100, 1000});
  for (std::size_t count : counts) {
    Start start = study.start;
    start.calibration = first_digits(study.data.train, count);
    RoundingOptions options = ways()[kGptq].options;
    options.bits = 3;
    const RoundedNet rounded = round_net(start.mlp, CalibrationSet(start.calibration), options);
    const Mended mended = dead_to_nearest(start, rounded, options.bits);
    zero.push_back(outcome_of(start, rounded.net));
    nearest.push_back(outcome_of(start, mended.net));
    const PairedResult pair =
        compare_classes(zero.back().classes, nearest.back().classes, start.test->labels);
    table.row({std::to_string(count), std::to_string(mended.dead_pixels),
               fixed(zero.back().logit_error, 1) + " %", fixed(zero.back().right, 2) + " %",
               fixed(nearest.back().logit_error, 1) + " %", fixed(nearest.back().right, 2) + " %",
               p_text(pair.p)});
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(zero[0].right < 50.0,
                       "after one digit most pixels are dead, and their weights are missed");
  lesson.claims.expect(nearest[0].logit_error < zero[0].logit_error / 2.0 &&
                           nearest[1].logit_error < zero[1].logit_error,
                       "rounded to nearest, they would have done less harm");
}

}  // namespace qfs::ch18
