#include "18_better_rounding/adaround.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "03_fake_quantization/fake_quantize.hpp"
#include "04_mnist_mlp/adam.hpp"
#include "common/rng.hpp"

namespace qfs {

float portable_exp(float x) {
  const float bounded = std::min(std::max(x, -80.0F), 80.0F);
  const float n = round_fast(bounded * 1.44269504F);                  // x = n ln 2 + r, |r| <= 0.35
  const float r = (bounded - n * 0.693359375F) + n * 2.12194440e-4F;  // ln 2 in two parts
  const float p = 1.0F + r +
                  r * r *
                      (0.5F + r * (1.0F / 6.0F +
                                   r * (1.0F / 24.0F + r * (1.0F / 120.0F + r * (1.0F / 720.0F)))));
  return p * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);  // times 2^n
}

Rectified rectified_sigmoid(float V) {
  const float sigmoid = 1.0F / (1.0F + portable_exp(-V));
  const float stretched = sigmoid * (kZeta - kGamma) + kGamma;
  const bool inside = stretched > 0.0F && stretched < 1.0F;
  return {std::min(std::max(stretched, 0.0F), 1.0F),
          inside ? sigmoid * (1.0F - sigmoid) * (kZeta - kGamma) : 0.0F};
}

float rectified_sigmoid_inverse(float share) {
  const double sigmoid = (static_cast<double>(share) - static_cast<double>(kGamma)) /
                         (static_cast<double>(kZeta) - static_cast<double>(kGamma));
  return static_cast<float>(portable_log(sigmoid / (1.0 - sigmoid)));
}

int beta_at(int t, const AdaRoundOptions& options) {
  const int free = options.free_steps;
  require(
      0 <= free && free < options.steps, "AdaRound needs steps with the regularizer", options.steps,
      [&] { return "more than the " + std::to_string(free) + " free ones"; },
      "raise steps, or lower free_steps");
  return t < free ? 0 : 20 - 2 * ((t - free) * 10 / (options.steps - free));
}

namespace {

// All of one layer while it learns; each N x K.
struct Learning {
  Matrix<float> below;  // w / s rounded down, in steps
  Matrix<float> V, V_gradient;
  Matrix<float> soft;          // w~ = s clip(below + h(V))
  Matrix<float> h, slope;      // h(V) and its slope
  Matrix<float> gradient;      // w~ G - D
  std::vector<float> scale{};  // one per row
  float cost = 1.0F;           // e, of rounding a weight: the mean of s^2 / 12 times G_ii
};

float mean_cost(const std::vector<float>& scale, const Matrix<float>& G) {
  double power = 0.0, squares = 0.0;
  for (std::size_t k = 0; k < G.shape(0); ++k) power += static_cast<double>(G(k, k));
  for (float s : scale) squares += static_cast<double>(s) * static_cast<double>(s);
  require(power > 0.0, "every input of the layer is 0 for every calibration digit", power,
          "a digit that lights one of them", "calibrate on other digits, or more of them");
  const float cost = static_cast<float>(power / static_cast<double>(G.shape(0)) * squares /
                                        static_cast<double>(scale.size()) / 12.0);
  require(std::isnormal(cost), "adaround: scales or activations leave float32", cost,
          "s^2 / 12 times the mean of G_ii a normal number",
          "choose the scales with choose_qparams");
  return cost;
}

Learning start(const Matrix<float>& weight, std::span<const QuantParams> params, QuantRange range,
               const Matrix<float>& G) {
  const float below_all = static_cast<float>(range.qmin - 1);  // a step of room on either side:
  const float above_all = static_cast<float>(range.qmax + 1);  // what is outside stays outside
  const std::size_t N = weight.shape(0), K = weight.shape(1);
  const Matrix<float> zero = make_tensor<float>({N, K});
  Learning layer{.below = zero,
                 .V = zero,
                 .V_gradient = zero,
                 .soft = zero,
                 .h = zero,
                 .slope = zero,
                 .gradient = zero};
  for (std::size_t n = 0; n < N; ++n) {
    layer.scale.push_back(params[params.size() == 1 ? 0 : n].scale);
    for (std::size_t k = 0; k < K; ++k) {
      const float exact = weight(n, k) * (1.0F / layer.scale[n]);
      const float steps = std::min(std::max(exact, below_all), above_all);
      layer.below(n, k) = std::floor(steps);
      layer.V(n, k) = rectified_sigmoid_inverse(steps - std::floor(steps));
    }
  }
  layer.cost = mean_cost(layer.scale, G);
  return layer;
}

// [one_step]
// w~ = s clip(below + h(V)). Where that clips, both neighbours are one integer: V decides nothing,
// and its gradient does not matter.
void soften(Learning& layer, QuantRange range) {
  const float low = static_cast<float>(range.qmin), high = static_cast<float>(range.qmax);
  for (std::size_t n = 0; n < layer.V.shape(0); ++n)
    for (std::size_t k = 0; k < layer.V.shape(1); ++k) {
      const Rectified at = rectified_sigmoid(layer.V(n, k));
      const float q = layer.below(n, k) + at.h;
      layer.soft(n, k) = layer.scale[n] * std::min(std::max(q, low), high);
      layer.h(n, k) = at.h;
      layer.slope(n, k) = at.slope;
    }
}

// gradient = w~ G - D (eq. 18.10), the products of each sum in the order k = 0, 1, ..., whatever
// the CPU: four of them in one pass over the row.
void output_gradient(Learning& layer, const Moments& moments) {
  const std::size_t N = layer.soft.shape(0), K = layer.soft.shape(1), fours = K - K % 4;
  for (std::size_t n = 0; n < N; ++n) {
    const float* w = row(layer.soft, n).data();
    float* sum = row(layer.gradient, n).data();
    for (std::size_t j = 0; j < K; ++j) sum[j] = -moments.outputs(n, j);
    for (std::size_t k = 0; k < fours; k += 4) {
      const float* g = moments.inputs.data() + k * K;
      for (std::size_t j = 0; j < K; ++j)
        sum[j] = sum[j] + w[k] * g[j] + w[k + 1] * g[K + j] + w[k + 2] * g[2 * K + j] +
                 w[k + 3] * g[3 * K + j];
    }
    for (std::size_t k = fours; k < K; ++k)
      for (std::size_t j = 0; j < K; ++j) sum[j] += w[k] * moments.inputs(k, j);
  }
}

// dL/dV by the chain rule through h: what the outputs say, and what the regularizer says.
void fill_gradient(Learning& layer, float strength, int beta) {
  std::vector<float> power(layer.V.shape(1));
  for (std::size_t n = 0; n < layer.V.shape(0); ++n) {
    const std::span<const float> h = row(layer.h, n);
    const float factor = 2.0F * layer.scale[n] / layer.cost;
    const float pull = beta == 0 ? 0.0F : -2.0F * strength * static_cast<float>(beta);
    std::ranges::fill(power, pull);  // becomes the regularizer's slope, pull (2 h - 1)^(beta - 1)
    for (int i = 1; i < beta; ++i)
      for (std::size_t k = 0; k < power.size(); ++k) power[k] *= 2.0F * h[k] - 1.0F;
    for (std::size_t k = 0; k < power.size(); ++k)
      layer.V_gradient(n, k) = (factor * layer.gradient(n, k) + power[k]) * layer.slope(n, k);
  }
}
// [/one_step]

void require_moments(const Matrix<float>& weight, const Moments& moments) {
  const std::size_t N = weight.shape(0), K = weight.shape(1);
  const auto fits = [&](const Matrix<float>& m, std::size_t rows) {
    return m.shape(0) == rows && m.shape(1) == K;
  };
  require(
      fits(moments.inputs, K) && fits(moments.outputs, N),
      "adaround: the moments are not this layer's", shape_text(moments.outputs),
      [&] { return shape_text(weight); }, "take the moments of this very layer");
}

// Columns `which` of a.
Matrix<float> columns(const Matrix<float>& a, std::span<const std::size_t> which) {
  Matrix<float> some = make_tensor<float>({a.shape(0), which.size()});
  for (std::size_t i = 0; i < a.shape(0); ++i)
    for (std::size_t j = 0; j < which.size(); ++j) some(i, j) = a(i, which[j]);
  return some;
}

}  // namespace

// [adaround]
QuantizedWeight adaround(const Matrix<float>& weight, std::span<const QuantParams> params,
                         QuantRange range, const Moments& moments, const AdaRoundOptions& options) {
  QuantizedWeight result = quantize_weight(weight, params, range);  // checks; and dead inputs' q
  require_moments(weight, moments);
  beta_at(0, options);  // refuses options without a step
  std::vector<std::size_t> live;
  for (std::size_t k = 0; k < weight.shape(1); ++k)
    if (moments.inputs(k, k) != 0.0F) live.push_back(k);
  const Moments seen = {transposed(columns(transposed(columns(moments.inputs, live)), live)),
                        columns(moments.outputs, live)};
  Learning layer = start(columns(weight, live), params, range, seen.inputs);
  Adam adam({{"V", shape_of(layer.V), values(layer.V), values(layer.V_gradient)}},
            {.learning_rate = options.learning_rate});
  for (int t = 0; t < options.steps; ++t) {
    soften(layer, range);
    output_gradient(layer, seen);
    fill_gradient(layer, options.strength, beta_at(t, options));
    adam.step();
  }
  for (std::size_t n = 0; n < weight.shape(0); ++n)
    for (std::size_t k = 0; k < live.size(); ++k) {
      const float q = layer.below(n, k) + (layer.V(n, k) >= 0.0F ? 1.0F : 0.0F);
      result.q(n, live[k]) = static_cast<std::int8_t>(
          std::clamp(q, static_cast<float>(range.qmin), static_cast<float>(range.qmax)));
    }
  return result;
}
// [/adaround]

}  // namespace qfs
