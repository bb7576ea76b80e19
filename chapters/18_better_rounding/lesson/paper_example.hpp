// The examples of the text: two weights and two digits; two units between two layers. The numbers
// were worked out by hand; a test compares them with NumPy's (tests/reference/ch18.py, save_paper).
#pragma once

#include <array>

#include "01_affine_math/affine.hpp"
#include "04_mnist_mlp/layers.hpp"

namespace qfs::paper_rounding {

// One output, two inputs; three bits, -4..3, and a scale of 1.
inline constexpr QuantRange kRange = signed_range(3);
inline constexpr std::array<double, 2> kW = {0.4, 0.3};
inline constexpr std::array<std::array<double, 2>, 2> kX = {{{5.0, 4.0}, {0.0, 3.0}}};

// G = the mean of x x^T, H = 2 G = R R^T, U = R^-1.
inline constexpr double kG[2][2] = {{12.5, 10.0}, {10.0, 12.5}};
inline constexpr double kR[2][2] = {{3.0, 4.0}, {0.0, 5.0}};
inline constexpr double kU[2][2] = {{1.0 / 3.0, -4.0 / 15.0}, {0.0, 1.0 / 5.0}};
// What the second weight has become when the first was rounded to 0: 0.3 + 0.4 * 4 / 5.
inline constexpr double kSecond = 0.62;

// Rounded to q1, q2: the mean of the output errors, their mean square, and the mean square once the
// bias has taken the mean away.
struct Candidate {
  const char* name;
  int q1, q2;
  double shift, mse, left;
};
inline constexpr std::array<Candidate, 4> kCandidates = {{
    {"nearest", 0, 0, -2.05, 5.525, 1.3225},  // errors -3.2, -0.9
    {"GPTQ", 0, 1, 1.45, 2.525, 0.4225},      // 0.8, 2.1
    {"AdaRound", 1, 0, 0.45, 2.025, 1.8225},  // 1.8, -0.9
    {"both up", 1, 1, 3.95, 19.025, 3.4225},  // 5.8, 2.1
}};

constexpr double error_of(const Candidate& c, std::size_t digit) {
  return kX[digit][0] * (c.q1 - kW[0]) + kX[digit][1] * (c.q2 - kW[1]);
}
constexpr double shift_of(const Candidate& c) { return (error_of(c, 0) + error_of(c, 1)) / 2.0; }
constexpr double mse_of(const Candidate& c, double correction = 0.0) {
  const double a = error_of(c, 0) - correction, b = error_of(c, 1) - correction;
  return (a * a + b * b) / 2.0;
}
constexpr bool near(double a, double b) { return a - b < 1e-12 && b - a < 1e-12; }
constexpr bool by_hand(const Candidate& c) {
  return near(shift_of(c), c.shift) && near(mse_of(c), c.mse) && near(mse_of(c, c.shift), c.left);
}
static_assert(by_hand(kCandidates[0]) && by_hand(kCandidates[1]) && by_hand(kCandidates[2]) &&
              by_hand(kCandidates[3]));

constexpr double mean_product(std::size_t i, std::size_t j) {
  return (kX[0][i] * kX[0][j] + kX[1][i] * kX[1][j]) / 2.0;
}
constexpr double product_of_r(std::size_t i, std::size_t j) {
  return kR[i][0] * kR[j][0] + kR[i][1] * kR[j][1];
}
static_assert(mean_product(0, 0) == kG[0][0] && mean_product(0, 1) == kG[0][1] &&
              mean_product(1, 1) == kG[1][1]);
static_assert(product_of_r(0, 0) == 2.0 * kG[0][0] && product_of_r(0, 1) == 2.0 * kG[0][1] &&
              product_of_r(1, 1) == 2.0 * kG[1][1]);
static_assert(near(kW[1] - (kW[0] - 0.0) / kU[0][0] * kU[0][1], kSecond));

// h starts where the weight lies between its neighbours: 0.4, 0.3. So the sigmoid starts at
// 0.5 / 1.2 = 5 / 12 and 0.4 / 1.2 = 1 / 3, and V at log(5 / 7) and log(1 / 2).
inline constexpr std::array<double, 2> kV = {-0.33647, -0.69315};

inline Matrix<float> weight() { return {{static_cast<float>(kW[0]), static_cast<float>(kW[1])}}; }
inline Matrix<float> digits() {
  return {{static_cast<float>(kX[0][0]), static_cast<float>(kX[0][1])},
          {static_cast<float>(kX[1][0]), static_cast<float>(kX[1][1])}};
}

// Equalization: two units. r_a = 8, 0.5 and r_b = 0.5, 8; s = 4, 1/4; then every range is 2.
inline constexpr std::array<float, 2> kFactors = {4.0F, 0.25F};
inline constexpr float kEqualRange = 2.0F;
inline Linear layer_of(Matrix<float> weight, Vector<float> bias) {
  Linear layer;
  layer.weight = std::move(weight);
  layer.bias = std::move(bias);
  return layer;
}
inline Linear before() { return layer_of({{8.0F}, {-0.5F}}, {0.0F, 1.0F}); }
inline Linear behind() { return layer_of({{0.5F, 8.0F}}, {0.25F}); }

}  // namespace qfs::paper_rounding
