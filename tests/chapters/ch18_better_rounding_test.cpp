// Chapter 18: scales, biases, equalization, GPTQ and AdaRound, one method after the other.
#include <algorithm>
#include <cmath>

#include "18_better_rounding/adaround.hpp"
#include "18_better_rounding/bias_correction.hpp"
#include "18_better_rounding/equalize.hpp"
#include "18_better_rounding/gptq.hpp"
#include "18_better_rounding/lesson/paper_example.hpp"
#include "18_better_rounding/rounded_net.hpp"
#include "18_better_rounding/weight_scales.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/net_magnitudes.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/reference.hpp"

using namespace qfs;
using namespace qfs::test;
namespace paper = qfs::paper_rounding;

namespace {

constexpr WeightGranularity kBoth[] = {WeightGranularity::per_tensor,
                                       WeightGranularity::per_channel};

Matrix<float> normal_matrix(Rng& rng, std::size_t rows, std::size_t columns) {
  Matrix<float> m = make_tensor<float>({rows, columns});
  for (float& value : values(m)) value = static_cast<float>(rng.normal());
  return m;
}

// Inputs as they are behind a ReLU: about half of them 0.
Matrix<float> activations(Rng& rng, std::size_t rows, std::size_t columns) {
  Matrix<float> x = normal_matrix(rng, rows, columns);
  relu_forward(x);
  return x;
}

// The block `index` of a stack, as a matrix.
template <class T>
Matrix<T> block(const Tensor<T, 3>& stack, std::size_t index) {
  Matrix<T> m = make_tensor<T>({stack.shape(1), stack.shape(2)});
  for (std::size_t i = 0; i < m.shape(0); ++i)
    for (std::size_t j = 0; j < m.shape(1); ++j) m(i, j) = stack(index, i, j);
  return m;
}

// The mean over the digits of the squared output errors, in double, by definition.
double output_error(const QuantizedWeight& q, const Matrix<float>& w, const Matrix<float>& x) {
  double sum = 0.0;
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < w.shape(0); ++n) {
      double error = 0.0;
      for (std::size_t k = 0; k < w.shape(1); ++k) {
        const float scale = q.scale(q.scale.size() == 1 ? 0 : n);
        const float real = scale * static_cast<float>(q.q(n, k));
        error += (static_cast<double>(real) - static_cast<double>(w(n, k))) *
                 static_cast<double>(x(m, k));
      }
      sum += error * error;
    }
  return sum / static_cast<double>(x.shape(0));
}

Moments moments_of(const Matrix<float>& x, const Matrix<float>& w) {
  return moments(x, matmul_f32(x, w));
}

const QuantParams kOne = {1.0F, 0};

}  // namespace

// --- scales --------------------------------------------------------------------------------------

TEST_CASE("min-max scales are chapter 06's", "[prop]") {
  Rng rng(1);
  const Matrix<float> w = normal_matrix(rng, 7, 13);
  for (auto granularity : kBoth) {
    const auto params = min_max_params(w, kWeightRange, granularity);
    const QuantizedWeight theirs = quantize_weight(w, granularity);
    REQUIRE(params.size() == theirs.scale.size());
    for (std::size_t c = 0; c < params.size(); ++c) CHECK(params[c].scale == theirs.scale(c));
  }
}

TEST_CASE("the least-error scale, by hand", "[hand]") {
  // Two bits, -2..1. By min-max s = 3 / 1.5 = 2: 3 is clamped to 2 and the ones, at half a step, go
  // to 0 (ties to even): 1 + 4 = 5. With s = 1: 1 + 1 + 1 + 1 are exact and 3 becomes 1: 4. At
  // 1.08, 54 %: 4 (0.08)^2 + 1.92^2 = 3.712, and the slope 8 (s - 1) - 2 (3 - s) is 0 at s = 1.4,
  // where 0.64 + 2.56 = 3.2; a one still rounds to 1 up to s = 2. 1.4 is 70 % of 2.
  const Matrix<float> w = {{1.0F, 1.0F, 1.0F, 1.0F, 3.0F}};
  CHECK(squared_error(values(w), {2.0F, 0}, signed_range(2)) == 5.0);
  CHECK(squared_error(values(w), {1.0F, 0}, signed_range(2)) == 4.0);
  const auto best = least_error_params(w, signed_range(2), WeightGranularity::per_tensor);
  CHECK(best == std::vector<QuantParams>{{2.0F * 70.0F / 100.0F, 0}});
}

TEST_CASE("one weight of 100 among 20 000 ones: the least error is at 2 %", "[hand]") {
  // Two bits, s = 100 / 1.5 by min-max. At 2 % s = 4/3: the ones are off by 1/3, 100 by 98.67, 2222
  // + 9735. At 1 % s = 2/3: 2222 + 9867. From 3 % on (s = 2, half a step) the ones become 0: 20
  // 000.
  Matrix<float> w = make_tensor<float>({1, 20001}, 1.0F);
  w(0, 7) = 100.0F;
  const auto largest = min_max_params(w, signed_range(2), WeightGranularity::per_tensor);
  const auto best = least_error_params(w, signed_range(2), WeightGranularity::per_tensor);
  CHECK(best[0].scale == largest[0].scale * 2.0F / 100.0F);
}

TEST_CASE("least-error scales equal a search in NumPy", "[ref]") {
  // tests/reference/ch18.py, save_scales()
  const auto w = load_reference<float, 3>("ch18/scales_w");
  const auto percent = load_reference<std::int32_t, 2>("ch18/scales_percent");
  const int bits[] = {2, 3, 4, 8};
  for (std::size_t b = 0; b < 4; ++b) {
    const Matrix<float> rows = block(w, b);
    const QuantRange range = signed_range(bits[b]);
    const auto largest = min_max_params(rows, range, WeightGranularity::per_channel);
    const auto best = least_error_params(rows, range, WeightGranularity::per_channel);
    for (std::size_t i = 0; i < best.size(); ++i) {
      INFO(bits[b] << " bits, row " << i);
      const float scale = largest[i].scale, share = static_cast<float>(percent(b, i));
      CHECK(best[i].scale == (percent(b, i) == 100 ? scale : scale * share / 100.0F));
      CHECK(best[i].zero_point == 0);
    }
  }
}

TEST_CASE("the least error is never above that of min-max, and 0 keeps its scale", "[prop]") {
  Rng rng(2);
  Matrix<float> w = normal_matrix(rng, 6, 50);
  std::ranges::fill(row(w, 2), 0.0F);
  for (int bits : {2, 3, 4, 8}) {
    const QuantRange range = signed_range(bits);
    const auto largest = min_max_params(w, range, WeightGranularity::per_channel);
    const auto best = least_error_params(w, range, WeightGranularity::per_channel);
    for (std::size_t n = 0; n < 6; ++n) {
      CHECK(squared_error(row(w, n), best[n], range) <=
            squared_error(row(w, n), largest[n], range));
      CHECK(best[n].scale > 0.0F);
    }
    CHECK(best[2] == QuantParams{kSmallestScale, 0});
  }
  w(0, 0) = NAN;
  CHECK_THROWS_AS(least_error_params(w, signed_range(3), WeightGranularity::per_tensor), Error);
}

// --- biases --------------------------------------------------------------------------------------

TEST_CASE("bias correction on paper", "[hand]") {
  // E[x] = (2.5, 3.5), w^ - w = (-0.4, -0.3): b = 0 - (-1 - 1.05) = 2.05.
  const std::vector<double> mean = mean_input(paper::digits());
  CHECK(mean == std::vector<double>{2.5, 3.5});
  Linear rounded = paper::layer_of({{0.0F, 0.0F}}, {0.0F});
  correct_bias(rounded, paper::weight(), mean);
  CHECK(std::fabs(static_cast<double>(rounded.bias(0)) + paper::kCandidates[0].shift) < 1e-6);
  CHECK(rounded.weight(0, 0) == 0.0F);
}

TEST_CASE("bias correction equals NumPy's, and leaves no mean error", "[ref][prop]") {
  // tests/reference/ch18.py, save_bias()
  const auto x = load_reference<float, 2>("ch18/bias_x"),
             w = load_reference<float, 2>("ch18/bias_w");
  Linear rounded = paper::layer_of(load_reference<float, 2>("ch18/bias_rounded"),
                                   load_reference<float, 1>("ch18/bias_before"));
  const Vector<float> before = rounded.bias;
  correct_bias(rounded, w, mean_input(x));
  const auto expected = load_reference<double, 1>("ch18/bias_after");
  for (std::size_t n = 0; n < 8; ++n) {
    // one rounding to float of a number below 8, and sums in double
    CHECK(std::fabs(static_cast<double>(rounded.bias(n)) - expected(n)) <= 0x1p-22);
    double error = 0.0;
    for (std::size_t m = 0; m < x.shape(0); ++m) {
      error += static_cast<double>(rounded.bias(n)) - static_cast<double>(before(n));
      for (std::size_t k = 0; k < w.shape(1); ++k)
        error += (static_cast<double>(rounded.weight(n, k)) - static_cast<double>(w(n, k))) *
                 static_cast<double>(x(m, k));
    }
    CHECK(std::fabs(error) / static_cast<double>(x.shape(0)) <= 0x1p-22);
  }
}

TEST_CASE("bias correction refuses what it cannot use", "[hand]") {
  Linear rounded = paper::layer_of({{0.0F, 0.0F}}, {0.0F});
  CHECK_THROWS_AS(mean_input(make_tensor<float>({0, 2})), Error);
  CHECK_THROWS_AS(mean_input({{1.0F, NAN}}), Error);
  CHECK_THROWS_AS(correct_bias(rounded, paper::weight(), std::vector<double>{1.0}), Error);
  CHECK_THROWS_AS(correct_bias(rounded, {{1.0F}}, std::vector<double>{1.0}), Error);
}

// --- equalization --------------------------------------------------------------------------------

TEST_CASE("equalization on paper: two units", "[hand]") {
  Linear a = paper::before(), b = paper::behind();
  const auto s = equalizing_factors(a, b);
  CHECK(difference<float>(s, paper::kFactors) == "");
  rescale_units(a, b, s);
  CHECK(difference(a.weight, Matrix<float>{{2.0F}, {-2.0F}}) == "");
  CHECK(difference(a.bias, Vector<float>{0.0F, 4.0F}) == "");
  CHECK(difference(b.weight, Matrix<float>{{2.0F, 2.0F}}) == "");
  CHECK(b.bias(0) == 0.25F);
  Mlp mlp{{paper::before(), paper::behind()}};
  CHECK(equalize(mlp) == 2);  // the second pass finds nothing to do
  CHECK(difference(mlp.layers[0].weight, a.weight) == "");
}

TEST_CASE("the factors equal NumPy's", "[ref]") {
  // tests/reference/ch18.py, save_equalized(), in float64: two square roots and a division here,
  // then a division or a product
  Linear a = paper::layer_of(load_reference<float, 2>("ch18/equalize_a"), make_tensor<float>({9}));
  Linear b = paper::layer_of(load_reference<float, 2>("ch18/equalize_b"), make_tensor<float>({5}));
  const auto s = equalizing_factors(a, b);
  rescale_units(a, b, s);
  const auto near = [](float got, double expected) {
    return std::fabs(static_cast<double>(got) - expected) <= 0x1p-22 * std::fabs(expected);
  };
  const auto expected = load_reference<double, 1>("ch18/equalize_s");
  for (std::size_t j = 0; j < 9; ++j) CHECK(near(s[j], expected(j)));
  const auto a_after = load_reference<double, 2>("ch18/equalize_a_after");
  const auto b_after = load_reference<double, 2>("ch18/equalize_b_after");
  for (std::size_t i = 0; i < a.weight.size(); ++i)
    CHECK(near(values(a.weight)[i], values(a_after)[i]));
  for (std::size_t i = 0; i < b.weight.size(); ++i)
    CHECK(near(values(b.weight)[i], values(b_after)[i]));
}

TEST_CASE("an equalized net computes what it did, and its ranges are equal", "[prop]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Mlp before = random_mlp(seed);
    Mlp mlp = before;
    Rng rng(seed);
    for (std::size_t i = 0; i + 1 < mlp.layers.size(); ++i) {
      std::vector<float> s(mlp.layers[i].outputs());
      for (float& factor : s) factor = static_cast<float>(rng.uniform(0.01, 100.0));
      rescale_units(mlp.layers[i], mlp.layers[i + 1], s);
    }
    const int passes = equalize(mlp);
    CHECK(passes < kMostPasses);
    for (std::size_t i = 0; i + 1 < mlp.layers.size(); ++i)
      for (float s : equalizing_factors(mlp.layers[i], mlp.layers[i + 1]))
        CHECK(std::fabs(s - 1.0F) <= 2.0F * kEqual);
    // Every weight is rounded at most twice a pass, every sum K + 2 times; three layers, two nets.
    const Matrix<float> x = random_input(seed, 20, 23);
    const Matrix<float> z = forward_ref(before, x), z_after = forward_ref(mlp, x);
    const Matrix<double> most = magnitudes(before, x);
    const double roundings = 3.0 * (2.0 * (passes + 1) + 2.0 * (23 + 2));
    for (std::size_t i = 0; i < z.size(); ++i)
      CHECK(
          std::fabs(static_cast<double>(values(z)[i]) - static_cast<double>(values(z_after)[i])) <=
          1.01 * roundings * 0x1p-24 * values(most)[i]);
  }
}

TEST_CASE("a unit without weights keeps its factor, and bad factors are refused", "[hand]") {
  Linear a = paper::layer_of({{0.0F}, {4.0F}, {2.0F}}, {1.0F, 0.0F, 0.0F});
  Linear b = paper::layer_of({{3.0F, 0.0F, 8.0F}}, {0.0F});
  const auto s = equalizing_factors(a, b);
  CHECK(difference<float>(s, std::vector<float>{1.0F, 1.0F, 0.5F}) == "");
  for (float bad : {0.0F, -1.0F, NAN, HUGE_VALF})
    CHECK_THROWS_AS(rescale_units(a, b, std::vector<float>{1.0F, bad, 1.0F}), Error);
  CHECK_THROWS_AS(rescale_units(a, b, std::vector<float>{1.0F}), Error);
  CHECK_THROWS_AS(equalizing_factors(a, a), Error);
  CHECK(a.weight(1, 0) == 4.0F);  // what was refused has changed nothing
  a.weight(0, 0) = NAN;
  CHECK_THROWS_AS(equalizing_factors(a, b), Error);
}

// --- moments -------------------------------------------------------------------------------------

TEST_CASE("the moments, by hand", "[hand]") {
  const Moments m = moments(paper::digits(), {{1.0F}, {-2.0F}});
  CHECK(difference(m.inputs, Matrix<float>{{12.5F, 10.0F}, {10.0F, 12.5F}}) == "");
  // (1 (5, 4) - 2 (0, 3)) / 2
  CHECK(difference(m.outputs, Matrix<float>{{2.5F, -1.0F}}) == "");
  const Moments one = moments({{2.0F, 0.0F}}, {{3.0F}});  // a single digit
  CHECK(difference(one.inputs, Matrix<float>{{4.0F, 0.0F}, {0.0F, 0.0F}}) == "");
  CHECK_THROWS_AS(moments(make_tensor<float>({0, 2}), make_tensor<float>({0, 1})), Error);
  CHECK_THROWS_AS(moments({{1.0F, 2.0F}}, {{1.0F}, {2.0F}}), Error);
  CHECK_THROWS_AS(moments({{1.0F, NAN}}, {{1.0F}}), Error);
  CHECK_THROWS_AS(moments({{1e30F, 1.0F}}, {{1.0F}}), Error);
  CHECK_THROWS_AS(moments({{1.0F, 2.0F}}, {{HUGE_VALF}}), Error);
}

// --- GPTQ ----------------------------------------------------------------------------------------

TEST_CASE("GPTQ on paper: two weights", "[hand]") {
  const Moments m = moments_of(paper::digits(), paper::weight());
  const Matrix<double> U = cholesky_of_inverse(damped_hessian(m.inputs, 0.0));
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 2; ++j) CHECK(std::fabs(U(i, j) - paper::kU[i][j]) < 1e-15);
  const QuantizedWeight q = gptq(paper::weight(), {&kOne, 1}, paper::kRange, m.inputs, 0.0);
  CHECK(difference(q.q, Matrix<std::int8_t>{{0, 1}}) == "");
  CHECK(std::fabs(output_error(q, paper::weight(), paper::digits()) - 2.525) < 1e-6);
  // Damped by 1 %, H_22 = 25.25 and 0.4 * 20 / 25.25 = 0.317: the same integers.
  CHECK(difference(gptq(paper::weight(), {&kOne, 1}, paper::kRange, m.inputs).q, q.q) == "");
}

TEST_CASE("the paper example: NumPy agrees", "[ref]") {
  // tests/reference/ch18.py, save_paper()
  const auto numbers = load_reference<double, 1>("ch18/paper");
  const auto& c = paper::kCandidates;
  const double by_hand[] = {paper::kU[0][0], paper::kU[0][1], paper::kU[1][1], paper::kSecond,
                            c[0].mse,        c[1].mse,        c[2].mse,        c[3].mse,
                            c[0].shift,      c[1].shift,      c[0].left,       c[1].left};
  REQUIRE(numbers.size() == std::size(by_hand));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    CHECK(std::fabs(numbers(i) - by_hand[i]) < 1e-12);
}

TEST_CASE("damping: a share of the mean over live inputs; a dead one has 1", "[hand]") {
  // H = 2 G: live diagonal 4 and 8, mean 6, 1 % of it 0.06.
  const Matrix<float> G = {{0.0F, 0.0F, 0.0F}, {0.0F, 2.0F, 1.0F}, {0.0F, 1.0F, 4.0F}};
  const Matrix<double> H = damped_hessian(G, 0.01);
  CHECK(difference(H, Matrix<double>{{1.0, 0.0, 0.0}, {0.0, 4.06, 2.0}, {0.0, 2.0, 8.06}}, 1e-15) ==
        "");
  CHECK(damped_hessian(G, 0.0)(1, 1) == 4.0);
  const Matrix<float> w = {{0.9F, 0.9F, 0.9F}};  // a dead input needs no damping
  CHECK(+gptq(w, {&kOne, 1}, {-4, 3}, G, 0.0).q(0, 0) == 0);
}

TEST_CASE("U^T U is the inverse, and U is upper triangular", "[prop]") {
  Rng rng(3);
  for (std::size_t K : {1U, 2U, 3U, 10U, 40U}) {
    const Matrix<float> x = activations(rng, 3 * K, K);
    const Matrix<double> H = damped_hessian(moments(x, x).inputs, 0.01);
    const Matrix<double> U = cholesky_of_inverse(H);
    for (std::size_t i = 0; i < K; ++i) {
      CHECK(U(i, i) > 0.0);
      for (std::size_t j = 0; j < i; ++j) CHECK(U(i, j) == 0.0);
      for (std::size_t j = 0; j < K; ++j) {
        double product = 0.0;  // row i of H times column j of U^T U
        for (std::size_t k = 0; k < K; ++k)
          for (std::size_t l = 0; l <= std::min(k, j); ++l) product += H(i, k) * U(l, k) * U(l, j);
        CHECK(std::fabs(product - (i == j ? 1.0 : 0.0)) < 1e-10);
      }
    }
  }
}

TEST_CASE("GPTQ equals NumPy's on forty problems, every integer", "[ref]") {
  // tests/reference/ch18.py, save_gptq(): dead inputs, doubled inputs, fewer digits than inputs
  const auto x = load_reference<std::uint8_t, 3>("ch18/gptq_x");
  const auto w = load_reference<float, 3>("ch18/gptq_w");
  const auto expected = load_reference<std::int8_t, 3>("ch18/gptq_q");
  std::size_t not_nearest = 0;
  REQUIRE(x.shape(0) == 40);
  for (std::size_t p = 0; p < x.shape(0); ++p) {
    Matrix<float> inputs = make_tensor<float>({x.shape(1), x.shape(2)});
    const Matrix<std::uint8_t> quarters = block(x, p);
    for (std::size_t i = 0; i < inputs.size(); ++i)
      values(inputs)[i] = static_cast<float>(values(quarters)[i]) / 4.0F;
    const Matrix<float> weight = block(w, p);
    const QuantRange range = signed_range(2 + static_cast<int>(p % 3));
    const auto params = min_max_params(weight, range, kBoth[p % 2 == 0 ? 1 : 0]);
    const QuantizedWeight q = gptq(weight, params, range, moments_of(inputs, weight).inputs);
    INFO("problem " << p);
    CHECK(difference(q.q, block(expected, p)) == "");
    not_nearest += count_different(q.q, quantize_weight(weight, params, range).q);
  }
  CHECK(not_nearest > 1000);  // of 7680: the comparison is not one of rounding to nearest
}

TEST_CASE("where no two inputs are ever lit together GPTQ is rounding to nearest", "[prop]") {
  Rng rng(4);
  Matrix<float> identity = make_tensor<float>({12, 12});
  for (std::size_t i = 0; i < 12; ++i) identity(i, i) = 1.0F;
  for (int bits : {2, 3, 4, 8})
    for (auto granularity : kBoth) {
      const Matrix<float> w = normal_matrix(rng, 5, 12);
      const QuantRange range = signed_range(bits);
      const auto params = min_max_params(w, range, granularity);
      const QuantizedWeight q = gptq(w, params, range, identity),
                            near = quantize_weight(w, params, range);
      CHECK(difference(q.q, near.q) == "");
      CHECK(difference(q.scale, near.scale) == "");
    }
}

TEST_CASE("dead inputs get 0, all others are as if those were not there", "[prop]") {
  Rng rng(5);
  const Matrix<float> w = normal_matrix(rng, 4, 10);
  Matrix<float> x = activations(rng, 60, 10);
  for (std::size_t dead : {0U, 4U, 9U})
    for (std::size_t m = 0; m < 60; ++m) x(m, dead) = 0.0F;
  const std::size_t live[] = {1, 2, 3, 5, 6, 7, 8};
  Matrix<float> w_live = make_tensor<float>({4, 7}), x_live = make_tensor<float>({60, 7});
  for (std::size_t k = 0; k < 7; ++k) {
    for (std::size_t n = 0; n < 4; ++n) w_live(n, k) = w(n, live[k]);
    for (std::size_t m = 0; m < 60; ++m) x_live(m, k) = x(m, live[k]);
  }
  const std::vector<QuantParams> params(4, {0.6F, 0});
  const QuantRange range = signed_range(3);
  const QuantizedWeight q = gptq(w, params, range, moments_of(x, w).inputs);
  const QuantizedWeight alone = gptq(w_live, params, range, moments_of(x_live, w_live).inputs);
  for (std::size_t n = 0; n < 4; ++n) {
    for (std::size_t dead : {0U, 4U, 9U}) CHECK(+q.q(n, dead) == 0);
    for (std::size_t k = 0; k < 7; ++k) CHECK(+q.q(n, live[k]) == +alone.q(n, k));
  }
}

TEST_CASE("GPTQ: singular H, one digit, no digit, NaN", "[hand]") {
  // Two inputs that are always equal: without damping no pivot is left, and that is an error.
  const Matrix<float> doubled = {{4.0F, 4.0F}, {4.0F, 4.0F}}, w = {{0.4F, 0.4F}};
  CHECK_THROWS_AS(gptq(w, {&kOne, 1}, {-4, 3}, doubled, 0.0), Error);
  CHECK_THROWS_AS(gptq(w, {&kOne, 1}, {-4, 3}, {{2.0F, 2.0F}, {2.0F, 2.0F}}, 0.0), Error);
  // Damped, the second makes good what the first has lost: 0.4 + 0.4 * 8 / 8.08 = 0.796.
  CHECK(difference(gptq(w, {&kOne, 1}, {-4, 3}, doubled).q, Matrix<std::int8_t>{{0, 1}}) == "");
  // One digit: H has rank 1. All that is lit is made good in the last lit weight, as far as it
  // goes.
  const Matrix<float> one_digit = {{1.0F, 0.0F, 2.0F, 2.0F}}, four = {{0.4F, 0.9F, 0.4F, 0.4F}};
  const QuantizedWeight q = gptq(four, {&kOne, 1}, {-4, 3}, moments_of(one_digit, four).inputs);
  CHECK(+q.q(0, 1) == 0);
  CHECK(output_error(q, four, one_digit) <= 0.25 + 1e-6);  // 0.4 + 0.8 + 0.8 = 2 = 2 * 1
  CHECK_THROWS_AS(gptq(w, {&kOne, 1}, {-4, 3}, make_tensor<float>({2, 2})), Error);  // all dead
  CHECK_THROWS_AS(gptq(w, {&kOne, 1}, {-4, 3}, make_tensor<float>({3, 3})), Error);
  CHECK_THROWS_AS(gptq(w, {&kOne, 1}, {-4, 3}, doubled, -0.1), Error);
  CHECK_THROWS_AS(gptq(w, {&kOne, 1}, {-4, 3}, doubled, NAN), Error);
  CHECK_THROWS_AS(gptq({{NAN, 0.4F}}, {&kOne, 1}, {-4, 3}, doubled), Error);
  CHECK_THROWS_AS(cholesky_of_inverse(make_tensor<double>({2, 3})), Error);
  CHECK_THROWS_AS(cholesky_of_inverse(Matrix<double>{{1.0, 2.0}, {2.0, 1.0}}), Error);
  CHECK_THROWS_AS(cholesky_of_inverse(Matrix<double>{{NAN}}), Error);
}

// --- AdaRound ------------------------------------------------------------------------------------

TEST_CASE("the exponential is within 3e-7, everywhere", "[prop]") {
  for (int i = -8000; i <= 8000; ++i) {
    const float x = static_cast<float>(i) * 0.01F;
    const double exact = std::exp(static_cast<double>(x));
    CHECK(std::fabs(static_cast<double>(portable_exp(x)) - exact) <= 3e-7 * exact);
  }
  CHECK(portable_exp(0.0F) == 1.0F);
  CHECK(portable_exp(1e9F) == portable_exp(80.0F));
  CHECK(portable_exp(-1e9F) == portable_exp(-80.0F));
}

TEST_CASE("the rectified sigmoid, by hand and beside autograd", "[hand][ref]") {
  CHECK(rectified_sigmoid(0.0F).h == 0.5F);  // 0.5 * 1.2 - 0.1
  CHECK(std::fabs(rectified_sigmoid(0.0F).slope - 0.3F) < 1e-7F);
  CHECK(rectified_sigmoid(40.0F).h == 1.0F);
  CHECK(rectified_sigmoid(-40.0F).h == 0.0F);
  CHECK(rectified_sigmoid(40.0F).slope == 0.0F);
  CHECK(rectified_sigmoid(-40.0F).slope == 0.0F);
  for (std::size_t i = 0; i < 2; ++i)
    CHECK(
        std::fabs(static_cast<double>(rectified_sigmoid_inverse(static_cast<float>(paper::kW[i]))) -
                  paper::kV[i]) < 1e-5);
  for (int i = 0; i < 100; ++i) {
    const float share = static_cast<float>(i) / 100.0F;
    CHECK(std::fabs(rectified_sigmoid(rectified_sigmoid_inverse(share)).h - share) < 5e-7F);
  }
  // tests/reference/ch18.py, save_rectified(): float64; five roundings of numbers up to 1.2 here
  const auto expected = load_reference<double, 2>("ch18/rectified");
  for (std::size_t i = 0; i < expected.shape(1); ++i) {
    const Rectified got = rectified_sigmoid(static_cast<float>(expected(0, i)));
    CHECK(std::fabs(static_cast<double>(got.h) - expected(1, i)) < 1e-6);
    CHECK(std::fabs(static_cast<double>(got.slope) - expected(2, i)) < 1e-6);
  }
}

TEST_CASE("beta: none at first, then 20 down to 2 in steps of 2", "[hand]") {
  const AdaRoundOptions options{.steps = 50, .free_steps = 10};
  CHECK(beta_at(0, options) == 0);
  CHECK(beta_at(9, options) == 0);
  CHECK(beta_at(10, options) == 20);
  CHECK(beta_at(13, options) == 20);
  CHECK(beta_at(14, options) == 18);
  CHECK(beta_at(46, options) == 2);
  CHECK(beta_at(49, options) == 2);
  for (int t = 11; t < 50; ++t) CHECK(beta_at(t, options) <= beta_at(t - 1, options));
}

TEST_CASE("AdaRound on paper: it finds the best of the four", "[hand]") {
  const Moments m = moments_of(paper::digits(), paper::weight());
  const QuantizedWeight q = adaround(paper::weight(), {&kOne, 1}, paper::kRange, m, {});
  CHECK(difference(q.q, Matrix<std::int8_t>{{1, 0}}) == "");
  CHECK(std::fabs(output_error(q, paper::weight(), paper::digits()) - 2.025) < 1e-6);
}

TEST_CASE("AdaRound equals one by autograd, every integer", "[ref]") {
  // tests/reference/ch18.py, save_adaround(): from the digits, not from their moments; float64; 60
  // steps, rate 0.1, strength 0.1, 12 steps free; every |V| ends at 0.02 or more
  const auto x = load_reference<float, 3>("ch18/adaround_x");
  const auto y = load_reference<float, 3>("ch18/adaround_y");
  const auto w = load_reference<float, 3>("ch18/adaround_w");
  const auto expected = load_reference<std::int8_t, 3>("ch18/adaround_q");
  std::size_t not_nearest = 0;
  for (std::size_t p = 0; p < x.shape(0); ++p) {
    const Matrix<float> weight = block(w, p);
    const QuantRange range = signed_range(2 + static_cast<int>(p % 3));
    const auto params = min_max_params(weight, range, kBoth[p % 2 == 0 ? 1 : 0]);
    const QuantizedWeight q =
        adaround(weight, params, range, moments(block(x, p), block(y, p)),
                 {.steps = 60, .free_steps = 12, .learning_rate = 0.1, .strength = 0.1F});
    INFO("problem " << p);
    CHECK(difference(q.q, block(expected, p)) == "");
    not_nearest += count_different(q.q, quantize_weight(weight, params, range).q);
  }
  CHECK(not_nearest > 100);  // of 2304
}

TEST_CASE("every integer of AdaRound is one of the two neighbours, clamped", "[prop]") {
  Rng rng(6);
  for (int bits : {2, 3, 4})
    for (auto granularity : kBoth) {
      const Matrix<float> w = normal_matrix(rng, 9, 20), x = activations(rng, 80, 20);
      const QuantRange range = signed_range(bits);
      const auto params = least_error_params(w, range, granularity);  // some weights are clamped
      const QuantizedWeight q = adaround(w, params, range, moments_of(x, w), {});
      const QuantizedWeight nearest = quantize_weight(w, params, range);
      for (std::size_t n = 0; n < 9; ++n)
        for (std::size_t k = 0; k < 20; ++k) {
          const int below = static_cast<int>(
              std::floor(w(n, k) * (1.0F / params[params.size() == 1 ? 0 : n].scale)));
          const int got = q.q(n, k);
          CHECK((got == std::clamp(below, range.qmin, range.qmax) ||
                 got == std::clamp(below + 1, range.qmin, range.qmax)));
        }
      CHECK(difference(q.scale, nearest.scale) == "");
      CHECK(output_error(q, w, x) < output_error(nearest, w, x));
      const QuantizedWeight by_gptq = gptq(w, params, range, moments_of(x, w).inputs);
      CHECK(output_error(by_gptq, w, x) < output_error(nearest, w, x));
    }
}

TEST_CASE("dead inputs of AdaRound are rounded to nearest, and have no part in the rest",
          "[prop]") {
  Rng rng(7);
  Matrix<float> w = normal_matrix(rng, 5, 9), x = activations(rng, 50, 9);
  for (std::size_t m = 0; m < 50; ++m) x(m, 3) = 0.0F;
  const std::vector<QuantParams> params(5, {0.5F, 0});
  const QuantRange range = signed_range(3);
  const QuantizedWeight q = adaround(w, params, range, moments_of(x, w), {});
  const QuantizedWeight nearest = quantize_weight(w, params, range);
  for (std::size_t n = 0; n < 5; ++n) CHECK(+q.q(n, 3) == +nearest.q(n, 3));
  for (std::size_t n = 0; n < 5; ++n) w(n, 3) = 0.0F;
  QuantizedWeight without = adaround(w, params, range, moments_of(x, w), {});
  for (std::size_t n = 0; n < 5; ++n) without.q(n, 3) = nearest.q(n, 3);
  CHECK(difference(q.q, without.q) == "");
}

TEST_CASE("the live inputs of AdaRound are learned as if there were no others", "[prop]") {
  Rng rng(8);
  constexpr std::size_t kLive = 8, kAll = 48;
  const Matrix<float> w = normal_matrix(rng, 6, kAll), x_live = activations(rng, 60, kLive);
  Matrix<float> x = make_tensor<float>({60, kAll}), w_live = make_tensor<float>({6, kLive});
  for (std::size_t k = 0; k < kLive; ++k) {
    for (std::size_t m = 0; m < 60; ++m) x(m, 6 * k + 1) = x_live(m, k);
    for (std::size_t n = 0; n < 6; ++n) w_live(n, k) = w(n, 6 * k + 1);
  }
  const std::vector<QuantParams> params(6, {0.7F, 0});
  const QuantizedWeight q = adaround(w, params, signed_range(3), moments_of(x, w), {});
  const QuantizedWeight alone =
      adaround(w_live, params, signed_range(3), moments_of(x_live, w_live), {});
  for (std::size_t n = 0; n < 6; ++n)
    for (std::size_t k = 0; k < kLive; ++k) CHECK(+q.q(n, 6 * k + 1) == +alone.q(n, k));
}

TEST_CASE("AdaRound: nothing to learn, one digit, no digit, NaN", "[hand]") {
  const Matrix<float> w = {{1.0F, -2.0F, 0.0F}}, x = {{1.0F, 2.0F, 3.0F}};
  // Weights on the grid stay; h starts at 0.
  CHECK(difference(adaround(w, {&kOne, 1}, {-4, 3}, moments_of(x, w), {}).q,
                   Matrix<std::int8_t>{{1, -2, 0}}) == "");
  const Matrix<float> zero = make_tensor<float>({1, 3});
  CHECK(difference(adaround(zero, {&kOne, 1}, {-4, 3}, moments_of(x, zero), {}).q,
                   make_tensor<std::int8_t>({1, 3})) == "");
  // Weights beyond the ends stay at the ends.
  const Matrix<float> far = {{9.6F, -9.6F, 3.4F}}, farther = {{1e30F, -1e30F, 3.4F}};
  const QuantParams tiny = {kSmallestScale, 0}, too_small = {1e-20F, 0};
  CHECK_THROWS_AS(adaround(w, {&too_small, 1}, {-4, 3}, moments_of(x, w), {}), Error);
  CHECK(difference(adaround(farther, {&tiny, 1}, {-4, 3}, moments_of(x, far), {}).q,
                   Matrix<std::int8_t>{{3, -4, 3}}) == "");
  CHECK(difference(adaround(far, {&kOne, 1}, {-4, 3}, moments_of(x, far), {}).q,
                   Matrix<std::int8_t>{{3, -4, 3}}) == "");
  CHECK_THROWS_AS(adaround(w, {&kOne, 1}, {-4, 3}, moments_of(make_tensor<float>({1, 3}), w), {}),
                  Error);
  CHECK_THROWS_AS(adaround({{NAN, 0.0F, 0.0F}}, {&kOne, 1}, {-4, 3}, moments_of(x, w), {}), Error);
  CHECK_THROWS_AS(adaround({{1.0F, 0.0F}}, {&kOne, 1}, {-4, 3}, moments_of(x, w), {}), Error);
  CHECK_THROWS_AS(adaround(w, {&kOne, 1}, {-4, 3}, moments_of(x, w), {.steps = 40}), Error);
  CHECK_THROWS_AS(adaround(w, {&kOne, 1}, {-4, 3}, moments_of(x, w), {.free_steps = -1}), Error);
}
