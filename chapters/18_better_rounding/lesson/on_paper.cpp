// Section 1: two weights and two digits, and two units, beside what was worked out by hand.
#include <cmath>
#include <cstdio>

#include "18_better_rounding/bias_correction.hpp"
#include "18_better_rounding/equalize.hpp"
#include "18_better_rounding/lesson/paper_example.hpp"
#include "18_better_rounding/lesson/study.hpp"

namespace qfs::ch18 {

namespace paper = paper_rounding;

namespace {

// The mean square of the two output errors of integers q (the scale is 1), and their mean.
struct OutputErrors {
  double shift = 0.0, mse = 0.0;
};
OutputErrors errors_of(const Matrix<std::int8_t>& q, double correction = 0.0) {
  OutputErrors result;
  for (std::size_t m = 0; m < 2; ++m) {
    double error = -correction;
    for (std::size_t k = 0; k < 2; ++k) error += paper::kX[m][k] * (q(0, k) - paper::kW[k]);
    result.shift += error / 2.0;
    result.mse += error * error / 2.0;
  }
  return result;
}

void two_weights(Lesson& lesson) {
  const QuantParams one = {1.0F, 0};
  const Matrix<float> w = paper::weight(), x = paper::digits();
  const Moments seen = moments(x, matmul_f32(x, w));
  const QuantizedWeight rounded[] = {quantize_weight(w, {&one, 1}, paper::kRange),
                                     gptq(w, {&one, 1}, paper::kRange, seen.inputs, 0.0),
                                     adaround(w, {&one, 1}, paper::kRange, seen, {})};
  Table table({"w = 0.4, 0.3", "integers", "mean square", "by hand", "bias corrected", "by hand"});
  bool equal = true;
  for (std::size_t i = 0; i < std::size(rounded); ++i) {
    const paper::Candidate& hand = paper::kCandidates[i];
    const Matrix<std::int8_t>& q = rounded[i].q;
    Linear layer =
        paper::layer_of({{static_cast<float>(q(0, 0)), static_cast<float>(q(0, 1))}}, {0.0F});
    correct_bias(layer, w, mean_input(x));
    const double mse = errors_of(q).mse;
    const double left = errors_of(q, -static_cast<double>(layer.bias(0))).mse;
    table.row({hand.name, std::to_string(q(0, 0)) + ", " + std::to_string(q(0, 1)), fixed(mse, 4),
               fixed(hand.mse, 4), fixed(left, 4), fixed(hand.left, 4)});
    equal = equal && q(0, 0) == hand.q1 && q(0, 1) == hand.q2 && std::fabs(mse - hand.mse) < 1e-9 &&
            std::fabs(left - hand.left) < 1e-6;
  }
  table.print();
  lesson.claims.expect(equal, "by hand = this program, all integers and errors");
  const Matrix<double> U = cholesky_of_inverse(damped_hessian(seen.inputs, 0.0));
  const double pushed = paper::kW[1] - paper::kW[0] / U(0, 0) * U(0, 1);
  std::printf("  U = (%.4f, %.4f; 0, %.4f); rounded to 0, the first makes %.2f of the second\n",
              U(0, 0), U(0, 1), U(1, 1), pushed);
  lesson.claims.expect(std::fabs(pushed - paper::kSecond) < 1e-9, "by hand it is 0.62");
}

void two_units(Lesson& lesson) {
  Linear a = paper::before(), b = paper::behind();
  const std::vector<float> s = equalizing_factors(a, b);
  rescale_units(a, b, s);
  std::printf(
      "  two units: ranges 8, 0.5 before and 0.5, 8 behind; s = %g, %g; then %g everywhere\n", s[0],
      s[1], b.weight(0, 0));
  lesson.claims.expect(
      s[0] == paper::kFactors[0] && s[1] == paper::kFactors[1] &&
          a.weight(0, 0) == paper::kEqualRange && a.weight(1, 0) == -paper::kEqualRange &&
          b.weight(0, 0) == paper::kEqualRange && b.weight(0, 1) == paper::kEqualRange,
      "by hand: 4, 1/4 and 2");
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "Two weights and two digits; two units between two layers");
  two_weights(lesson);
  two_units(lesson);
}

}  // namespace qfs::ch18
