// Section 1: batch norm goes into the convolution before it.
#include <cmath>
#include <cstdio>

#include "21_int8_cnn/lesson/paper_example.hpp"
#include "21_int8_cnn/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {
namespace {

// The example on paper by this chapter's fold.
bool paper_folds() {
  Conv2d conv{.window = {1, 2, 1, 0}, .weight = make_tensor<float>({1, 2})};
  std::ranges::copy(kW, values(conv.weight).begin());
  BatchNorm norm = make_batch_norm(1);
  norm.gamma(0) = kGamma, norm.beta(0) = kBeta, norm.epsilon = kEps;
  norm.running_mean(0) = kMean, norm.running_variance(0) = kVariance;
  const Conv2d folded = fold(conv, norm);
  std::printf("  w = %g, %g   gamma %g, beta %g, mean %g, var + eps %g + %g: g = %g\n",
              static_cast<double>(kW[0]), static_cast<double>(kW[1]), static_cast<double>(kGamma),
              static_cast<double>(kBeta), static_cast<double>(kMean),
              static_cast<double>(kVariance), static_cast<double>(kEps), static_cast<double>(kG));
  std::printf("  w' = %g, %g   b' = %g\n", static_cast<double>(folded.weight(0, 0)),
              static_cast<double>(folded.weight(0, 1)), static_cast<double>(folded.bias(0)));
  const float y = folded.weight(0, 0) * kSeen[0] + folded.weight(0, 1) * kSeen[1] + folded.bias(0);
  std::printf("  x = 4, 2: convolution %g, batch norm %g; folded %g\n",
              static_cast<double>(kConvolved), static_cast<double>(kNormed),
              static_cast<double>(y));
  return y == kNormed && folded.weight(0, 0) == 0.75F && folded.bias(0) == -1.0F;
}

double largest_distance(const Matrix<float>& a, const Matrix<float>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::fabs(static_cast<double>(a.data()[i] - b.data()[i])));
  return largest;
}

double largest_magnitude(const Matrix<float>& a) {
  double largest = 0.0;
  for (float y : values(a)) largest = std::max(largest, std::fabs(static_cast<double>(y)));
  return largest;
}

}  // namespace

void folding(const Study& study, Lesson& lesson) {
  section(1, "Batch norm goes into the convolution before it");
  lesson.claims.expect(paper_folds(), "by hand = this program");
  const TrainedNet& net = study.residual();
  const Matrix<float> x = normalized(study.data.test.pixels, 0, 50);
  const Matrix<float> before = forward_ref(net.trained, x), after = forward_ref(net.folded, x);
  std::printf("  %-16s  %zu layers, %zu of them batch norm; folded %zu layers\n", net.name.c_str(),
              net.trained.layers.size(), net.trained.norms.size(), net.folded.layers.size());
  const auto one = argmax_rows(before), other = argmax_rows(after);
  std::printf(
      "  50 test pictures, logits up to %.1f: folding moves them by %s millionths at most\n",
      largest_magnitude(before), fixed(1e6 * largest_distance(before, after), 1).c_str());
  lesson.claims.expect(largest_distance(before, after) < 1e-4 * largest_magnitude(before),
                       "folding is a rewrite: what differs is rounding in float32");
  lesson.claims.expect(one == other, "and no class of the 50");
}

}  // namespace qfs::ch21
