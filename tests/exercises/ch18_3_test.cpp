// Judges exercise 18.3.
#include "3_powers_of_two.hpp"

#include <cmath>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(355);

using qfs::Linear;
using qfs::Matrix;

namespace {

Linear layer_of(Matrix<float> weight, qfs::Vector<float> bias) {
  Linear layer;
  layer.weight = std::move(weight);
  layer.bias = std::move(bias);
  return layer;
}

// Ranges over eight decades.
Linear random_layer(qfs::Rng& rng, std::size_t N, std::size_t K, bool rows_differ) {
  Linear layer = layer_of(qfs::make_tensor<float>({N, K}), qfs::make_tensor<float>({N}));
  for (std::size_t n = 0; n < N; ++n) {
    const double size = rows_differ ? std::pow(10.0, rng.uniform(-4.0, 4.0)) : 1.0;
    for (float& w : qfs::row(layer.weight, n)) w = static_cast<float>(size * rng.normal());
    layer.bias(n) = static_cast<float>(size * rng.normal());
  }
  return layer;
}

float row_range(const Linear& a, std::size_t j) {
  float largest = 0.0F;
  for (float w : qfs::row(a.weight, j)) largest = std::max(largest, std::fabs(w));
  return largest;
}
float column_range(const Linear& b, std::size_t j) {
  float largest = 0.0F;
  for (std::size_t n = 0; n < b.outputs(); ++n)
    largest = std::max(largest, std::fabs(b.weight(n, j)));
  return largest;
}

Matrix<float> outputs_of(const Linear& a, const Linear& b, const Matrix<float>& x) {
  Matrix<float> h = qfs::linear_forward_ref(a, x);
  qfs::relu_forward(h);
  return qfs::linear_forward_ref(b, h);
}

bool power_of_two(float factor) {
  int exponent = 0;
  return factor > 0.0F && std::frexp(factor, &exponent) == 0.5F;
}

}  // namespace

TEST_CASE("18.3 on paper: 8 and 0.5 meet at 2") {
  Linear a = layer_of({{8.0F}, {-0.5F}}, {1.0F, 1.0F}), b = layer_of({{0.5F, 8.0F}}, {3.0F});
  exercise::equalize_exactly(a, b);
  CHECK(qfs::test::difference(a.weight, Matrix<float>{{2.0F}, {-2.0F}}) == "");
  CHECK(qfs::test::difference(a.bias, qfs::Vector<float>{0.25F, 4.0F}) == "");
  CHECK(qfs::test::difference(b.weight, Matrix<float>{{2.0F, 2.0F}}) == "");
  CHECK(b.bias(0) == 3.0F);
}

TEST_CASE("18.3 ranges within a factor of 2, all outputs equal to the last bit") {
  qfs::Rng rng(183);
  for (int repeat = 0; repeat < 6; ++repeat) {
    const Linear a = random_layer(rng, 19, 11, true), b = random_layer(rng, 7, 19, false);
    Linear a_after = a, b_after = b;
    exercise::equalize_exactly(a_after, b_after);
    Matrix<float> x = qfs::make_tensor<float>({9, 11});
    for (float& value : qfs::values(x)) value = static_cast<float>(rng.normal());
    CHECK(qfs::test::difference(outputs_of(a_after, b_after, x), outputs_of(a, b, x)) == "");
    for (std::size_t j = 0; j < 19; ++j) {
      const float r_a = row_range(a_after, j), r_b = column_range(b_after, j);
      INFO("unit " << j << ": ranges " << r_a << " and " << r_b);
      CHECK((r_a <= 2.0F * r_b && r_b <= 2.0F * r_a));
      CHECK(power_of_two(column_range(b_after, j) / column_range(b, j)));
      CHECK(a.bias(j) / a_after.bias(j) == column_range(b_after, j) / column_range(b, j));
    }
  }
}

TEST_CASE("18.3 a unit without weights stays") {
  Linear a = layer_of({{0.0F}, {64.0F}}, {1.0F, 1.0F}), b = layer_of({{5.0F, 0.0F}}, {0.0F});
  exercise::equalize_exactly(a, b);
  CHECK(a.weight(1, 0) == 64.0F);
  CHECK(b.weight(0, 0) == 5.0F);
  CHECK(a.bias(1) == 1.0F);
}
