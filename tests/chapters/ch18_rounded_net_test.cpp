// Chapter 18: a whole net rounded, layer by layer; and the chapter's program on other nets.
#include <cmath>

#include "18_better_rounding/bias_correction.hpp"
#include "18_better_rounding/rounded_net.hpp"
#include "18_better_rounding/weight_scales.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/net_magnitudes.hpp"
#include "tests/support/reference.hpp"
#include "tests/support/run_program.hpp"

using namespace qfs;
using namespace qfs::test;

namespace {

struct Trained {
  Dataset dataset = load_dataset("");
  Mlp mlp = takes_ink(load_mlp(reference_weights()));
};
const Trained& trained() {
  static const Trained net;
  return net;
}

CalibrationSet digits(std::size_t count) { return CalibrationSet(trained().dataset.train, count); }

constexpr QuantRange kThreeBits = signed_range(3);

std::vector<QuantParams> scales_of(const Matrix<float>& w) {
  return min_max_params(w, kThreeBits, WeightGranularity::per_channel);
}

// The inputs of layer 2 for the calibration digits, once layer 1 is `first`.
Matrix<float> behind(const Linear& first, std::size_t count) {
  Matrix<float> x = linear_forward_ref(first, ink(digits(count).batch(0, count)));
  relu_forward(x);
  return x;
}

}  // namespace

TEST_CASE("paper is 0, and the net computes what it did", "[hand][prop]") {
  const Matrix<std::uint8_t> pixels = {{0, 255, 0}};
  const Matrix<float> x = ink(normalized(pixels, 0, 1));
  CHECK(x(0, 0) == 0.0F);
  CHECK(x(0, 2) == 0.0F);
  // 1 / 0.3081 = 3.24570; a difference of two floats below 4
  CHECK(std::fabs(static_cast<double>(x(0, 1)) - 1.0 / 0.3081) < 1e-6);
  const Mlp as_trained = load_mlp(reference_weights());
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(difference(trained().mlp.layers[i].weight, as_trained.layers[i].weight) == "");
  const Matrix<float> some = normalized(trained().dataset.test.pixels, 0, 100);
  const Matrix<float> z = forward_ref(trained().mlp, ink(some)),
                      before = forward_ref(as_trained, some);
  const Matrix<double> most = magnitudes(trained().mlp, ink(some)),
                       most_before = magnitudes(as_trained, some);
  // Each sum is rounded K + 2 times; besides, ink and the first bias once each.
  const double roundings = 784 + 100 + 100 + 3 * 2 + 2;
  for (std::size_t i = 0; i < z.size(); ++i)
    CHECK(std::fabs(static_cast<double>(values(z)[i]) - static_cast<double>(values(before)[i])) <=
          1.01 * roundings * 0x1p-24 * (values(most)[i] + values(most_before)[i]));
  Mlp tiny = {
      {{.weight = {{2.0F, -0.5F}}, .bias = {1.0F}, .weight_gradient = {}, .bias_gradient = {}}}};
  // b = 1 + 1.5 (0 - 0.1307) / 0.3081
  CHECK(std::fabs(static_cast<double>(takes_ink(tiny).layers[0].bias(0)) - 0.3636806) < 1e-6);
}

TEST_CASE("rounded to nearest it is chapter 06's weights, and nothing else changes", "[prop]") {
  for (int bits : {2, 3, 4, 8})
    for (auto scales : {ScaleChoice::min_max, ScaleChoice::least_error}) {
      const RoundedNet rounded =
          round_net(trained().mlp, digits(10), {.bits = bits, .scales = scales});
      REQUIRE(rounded.weights.size() == 3);
      for (std::size_t i = 0; i < 3; ++i) {
        const Linear &real = trained().mlp.layers[i], &now = rounded.net.layers[i];
        const QuantRange range = signed_range(bits);
        constexpr auto per_channel = WeightGranularity::per_channel;
        const auto params = scales == ScaleChoice::min_max
                                ? min_max_params(real.weight, range, per_channel)
                                : least_error_params(real.weight, range, per_channel);
        const QuantizedWeight q = quantize_weight(real.weight, params, range);
        CHECK(difference(rounded.weights[i].q, q.q) == "");
        CHECK(difference(now.bias, real.bias) == "");
        CHECK(now.weight(1, 7) == q.scale(1) * static_cast<float>(q.q(1, 7)));
        CHECK(difference(now.weight, dequantized(q)) == "");
      }
    }
}

TEST_CASE("layer 1 by GPTQ equals NumPy's, 78 400 integers; unlit pixels get 0", "[ref]") {
  // tests/reference/ch18.py, save_layer(): 3 bits per channel, 1000 digits
  const RoundedNet rounded =
      round_net(trained().mlp, digits(1000),
                {.scales = ScaleChoice::min_max, .method = RoundingMethod::gptq});
  const auto expected = load_reference<std::int8_t, 2>("ch18/gptq_layer1");
  CHECK(difference(rounded.weights[0].q, expected) == "");
  const Matrix<float> x = ink(digits(1000).batch(0, 1000));
  std::size_t dead = 0;
  bool all_zero = true;
  for (std::size_t k = 0; k < 784; ++k) {
    bool lit = false;
    for (std::size_t m = 0; m < 1000; ++m) lit = lit || x(m, k) != 0.0F;
    if (lit) continue;
    ++dead;
    for (std::size_t n = 0; n < 100; ++n) all_zero = all_zero && rounded.weights[0].q(n, k) == 0;
  }
  CHECK(dead == 175);
  CHECK(all_zero);
}

TEST_CASE("a layer sees the net rounded so far, AdaRound aims at the float net's outputs",
          "[prop]") {
  const AdaRoundOptions few = {.steps = 20, .free_steps = 4};
  const Linear& second = trained().mlp.layers[1];
  const Matrix<float> y = matmul_f32(behind(trained().mlp.layers[0], 60), second.weight);
  for (auto method : {RoundingMethod::gptq, RoundingMethod::adaround}) {
    const RoundedNet rounded =
        round_net(trained().mlp, digits(60),
                  {.scales = ScaleChoice::min_max, .method = method, .adaround = few});
    const Moments seen = moments(behind(rounded.net.layers[0], 60), y);
    const QuantizedWeight q =
        method == RoundingMethod::gptq
            ? gptq(second.weight, scales_of(second.weight), kThreeBits, seen.inputs)
            : adaround(second.weight, scales_of(second.weight), kThreeBits, seen, few);
    CHECK(difference(rounded.weights[1].q, q.q) == "");
  }
}

TEST_CASE("corrected biases leave no mean error in layer 1, and the mean of its own inputs counts",
          "[prop]") {
  const RoundingOptions options = {.scales = ScaleChoice::min_max, .correct_biases = true};
  const RoundedNet rounded = round_net(trained().mlp, digits(200), options);
  const Matrix<float> x = ink(digits(200).batch(0, 200));
  const Matrix<float> y = linear_forward_ref(trained().mlp.layers[0], x);
  const Matrix<float> y_rounded = linear_forward_ref(rounded.net.layers[0], x);
  for (std::size_t n = 0; n < 100; ++n) {
    double error = 0.0;
    for (std::size_t m = 0; m < 200; ++m)
      error += (static_cast<double>(y_rounded(m, n)) - static_cast<double>(y(m, n))) / 200.0;
    CHECK(std::fabs(error) < 1e-3);  // float32 sums of 784 products, magnitudes below 300
  }
  Linear second = trained().mlp.layers[1];
  second.weight = rounded.net.layers[1].weight;
  correct_bias(second, trained().mlp.layers[1].weight,
               mean_input(behind(rounded.net.layers[0], 200)));
  CHECK(difference(second.bias, rounded.net.layers[1].bias) == "");
}

TEST_CASE("in three bits GPTQ and AdaRound come nearer to the float logits than nearest",
          "[prop]") {
  const Matrix<float> x = ink(normalized(trained().dataset.test.pixels, 0, 200));
  const Matrix<float> z = forward_ref(trained().mlp, x);
  const auto error = [&](RoundingMethod method, WeightGranularity weights) {
    const RoundedNet rounded = round_net(trained().mlp, digits(300),
                                         {.weights = weights,
                                          .scales = ScaleChoice::min_max,
                                          .method = method,
                                          .adaround = {.steps = 50, .free_steps = 10}});
    const Matrix<float> r = forward_ref(rounded.net, x);
    double sum = 0.0;
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double e = static_cast<double>(values(r)[i]) - static_cast<double>(values(z)[i]);
      sum += e * e;
    }
    return sum;
  };
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const double nearest = error(RoundingMethod::nearest, weights);
    CHECK(error(RoundingMethod::gptq, weights) < 0.6 * nearest);
    CHECK(error(RoundingMethod::adaround, weights) < 0.6 * nearest);
  }
}

TEST_CASE("one digit will do; weights that are not finite will not", "[hand]") {
  for (auto method : {RoundingMethod::gptq, RoundingMethod::adaround}) {
    const RoundingOptions options = {.method = method, .adaround = {.steps = 5, .free_steps = 1}};
    CHECK(round_net(trained().mlp, digits(1), options).weights.size() == 3);
    Mlp broken = trained().mlp;
    broken.layers[1].weight(3, 3) = NAN;
    CHECK_THROWS_AS(round_net(broken, digits(5), options), Error);
    broken = trained().mlp;
    broken.layers[0].bias(0) = HUGE_VALF;  // the activations of layer 1 are not finite
    CHECK_THROWS_AS(round_net(broken, digits(5), options), Error);
    Mlp dark = trained().mlp;
    for (float& b : values(dark.layers[0].bias)) b = -1e6F;  // no unit of layer 1 is ever lit
    CHECK_THROWS_AS(round_net(dark, digits(5), options), Error);
  }
}

TEST_CASE("the program takes nets of one, two or four layers", "[hand]") {
  const std::vector<std::vector<std::size_t>> nets = {
      {784, 10}, {784, 12, 10}, {784, 14, 13, 12, 10}};
  for (const std::vector<std::size_t>& widths : nets) {
    const Scratch scratch;
    Rng rng(widths.size());
    save_mlp(make_mlp(widths, rng), scratch.path("net"));
    const Outcome outcome =
        run_program(QFS_CH18_PROGRAM, "--quick --trace --weights '" + scratch.path("net") + "'");
    INFO(widths.size() - 1 << " layers\n" << outcome.out << outcome.err);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, QFS_CONTAINS("layer " + std::to_string(widths.size() - 1)) &&
                                QFS_CONTAINS("Trace: GPTQ"));
  }
}
