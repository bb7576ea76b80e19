// Judges exercise 18.2.
#include "2_act_order.hpp"

#include <vector>

#include "18_better_rounding/weight_scales.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(46);

using qfs::Matrix;
using qfs::QuantizedWeight;
using qfs::QuantParams;
using qfs::test::difference;

namespace {

constexpr QuantParams kUnit = {1.0F, 0};
constexpr qfs::QuantRange kThreeBits = {-4, 3};

Matrix<float> random_matrix(qfs::Rng& rng, std::size_t rows, std::size_t columns) {
  Matrix<float> m = qfs::make_tensor<float>({rows, columns});
  for (float& value : qfs::values(m)) value = static_cast<float>(rng.normal());
  return m;
}

// G of inputs whose magnitudes differ.
Matrix<float> random_moments(qfs::Rng& rng, std::size_t K) {
  Matrix<float> x = random_matrix(rng, 40, K);
  for (std::size_t k = 0; k < K; ++k) {
    const float size = static_cast<float>(rng.uniform(0.2, 3.0));
    for (std::size_t m = 0; m < 40; ++m) x(m, k) = size * (x(m, k) + x(m, 0));
  }
  return qfs::moments(x, x).inputs;
}

// The same inputs in another order: what stands at j was at from[j].
Matrix<float> reordered_columns(const Matrix<float>& w, const std::vector<std::size_t>& from) {
  Matrix<float> moved = w;
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t j = 0; j < from.size(); ++j) moved(n, j) = w(n, from[j]);
  return moved;
}
Matrix<float> reordered_both(const Matrix<float>& G, const std::vector<std::size_t>& from) {
  Matrix<float> moved = G;
  for (std::size_t i = 0; i < from.size(); ++i)
    for (std::size_t j = 0; j < from.size(); ++j) moved(i, j) = G(from[i], from[j]);
  return moved;
}

}  // namespace

TEST_CASE("18.2 on paper: the livelier of two inputs comes first") {
  // H = (2, 4; 4, 10). In the natural order 0.4 -> 0 makes 0.4 + 0.4 * 4 / 10 = 0.56 of the second:
  // (0, 1). The second first: 0.4 -> 0 makes 0.4 + 0.4 * 4 / 2 = 1.2 of the first: (1, 0).
  const Matrix<float> w = {{0.4F, 0.4F}}, G = {{1.0F, 2.0F}, {2.0F, 5.0F}};
  CHECK(difference(qfs::gptq(w, {&kUnit, 1}, kThreeBits, G).q, Matrix<std::int8_t>{{0, 1}}) == "");
  const QuantizedWeight q = exercise::gptq_act_order(w, {&kUnit, 1}, kThreeBits, G);
  CHECK(difference(q.q, Matrix<std::int8_t>{{1, 0}}) == "");
  CHECK(difference(q.scale, qfs::Vector<float>{1.0F}) == "");
}

TEST_CASE("18.2 already in order: gptq itself; equal ones keep theirs") {
  const Matrix<float> w = {{0.4F, 0.3F, 0.45F}, {1.4F, -0.4F, 0.2F}};
  for (float last : {4.0F, 5.0F}) {
    const Matrix<float> G = {{5.0F, 4.0F, 3.0F}, {4.0F, 5.0F, 3.5F}, {3.0F, 3.5F, last}};
    CHECK(difference(exercise::gptq_act_order(w, {&kUnit, 1}, kThreeBits, G).q,
                     qfs::gptq(w, {&kUnit, 1}, kThreeBits, G).q) == "");
  }
}

TEST_CASE("18.2 the order in which the inputs are handed in makes no difference") {
  qfs::Rng rng(182);
  for (std::size_t K : {1U, 2U, 3U, 7U, 20U})
    for (bool per_channel : {false, true})
      for (int repeat = 0; repeat < 4; ++repeat) {
        const Matrix<float> w = random_matrix(rng, 6, K), G = random_moments(rng, K);
        const auto params = qfs::min_max_params(
            w, kThreeBits,
            per_channel ? qfs::WeightGranularity::per_channel : qfs::WeightGranularity::per_tensor);
        // Sorted by the judge, by insertion; gptq's integers, put back.
        std::vector<std::size_t> order;
        for (std::size_t k = 0; k < K; ++k) {
          std::size_t at = 0;
          while (at < order.size() && G(order[at], order[at]) >= G(k, k)) ++at;
          order.insert(order.begin() + static_cast<std::ptrdiff_t>(at), k);
        }
        const QuantizedWeight sorted =
            qfs::gptq(reordered_columns(w, order), params, kThreeBits, reordered_both(G, order));
        QuantizedWeight expected = sorted;
        for (std::size_t n = 0; n < 6; ++n)
          for (std::size_t j = 0; j < K; ++j) expected.q(n, order[j]) = sorted.q(n, j);
        INFO(K << " inputs, per channel " << per_channel);
        CHECK(difference(exercise::gptq_act_order(w, params, kThreeBits, G).q, expected.q) == "");
      }
}

TEST_CASE("18.2 dead inputs come last, and get 0") {
  const Matrix<float> w = {{0.9F, 0.4F, 0.4F}};
  const Matrix<float> G = {{0.0F, 0.0F, 0.0F}, {0.0F, 1.0F, 2.0F}, {0.0F, 2.0F, 5.0F}};
  CHECK(difference(exercise::gptq_act_order(w, {&kUnit, 1}, kThreeBits, G).q,
                   Matrix<std::int8_t>{{0, 1, 0}}) == "");
}
