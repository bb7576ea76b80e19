// Answers to exercise 18.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch18_3_test.cpp"

// Factors made of the real ones by `change`, and applied.
template <class Change>
void rescale_by(Linear& a, Linear& b, Change change) {
  std::vector<float> s = qfs::equalizing_factors(a, b);
  for (float& factor : s) factor = change(factor);
  qfs::rescale_units(a, b, s);
}

namespace by_doubling {
const Answer kAnswer = right("doubles and halves until the ranges are near");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  std::vector<float> s(a.outputs(), 1.0F);
  for (std::size_t j = 0; j < s.size(); ++j) {
    const float r_a = row_range(a, j), r_b = column_range(b, j);
    if (r_a == 0.0F || r_b == 0.0F) continue;
    while (r_a / s[j] > 2.0F * (r_b * s[j])) s[j] *= 2.0F;
    while (r_b * s[j] > 2.0F * (r_a / s[j])) s[j] /= 2.0F;
  }
  qfs::rescale_units(a, b, s);
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace by_doubling

namespace by_exponents {
const Answer kAnswer = right("halves the difference of the exponents");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  rescale_by(a, b, [](float s) {
    int e = 0;
    const float m = std::frexp(s, &e);  // s = m 2^e, 0.5 <= m < 1
    return std::ldexp(1.0F, m < 0.70710678F ? e - 1 : e);
  });
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace by_exponents

namespace real_factors {
const Answer kAnswer = wrong("rescales by the real factors");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  rescale_by(a, b, [](float s) { return s; });
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace real_factors

namespace rounded_up {
const Answer kAnswer = wrong("rounds the exponent up");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  rescale_by(a, b, [](float s) { return std::exp2(std::ceil(std::log2(s))); });
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace rounded_up

namespace rounded_down {
const Answer kAnswer = wrong("rounds the exponent down");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  rescale_by(a, b, [](float s) { return std::exp2(std::floor(std::log2(s))); });
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace rounded_down

namespace whole_way {
const Answer kAnswer = wrong("moves by the ratio of the ranges, not by its root");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  rescale_by(a, b, [](float s) { return std::exp2(std::nearbyint(2.0F * std::log2(s))); });
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace whole_way

namespace other_way {
const Answer kAnswer = wrong("moves in the other direction");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  rescale_by(a, b, [](float s) { return std::exp2(std::nearbyint(-std::log2(s))); });
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace other_way

namespace bias_forgotten {
const Answer kAnswer = wrong("forgets the bias");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  const qfs::Vector<float> bias = a.bias;
  rescale_by(a, b, [](float s) { return std::exp2(std::nearbyint(std::log2(s))); });
  a.bias = bias;
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace bias_forgotten

namespace nothing {
const Answer kAnswer = wrong("leaves everything as it is");
namespace exercise {
inline void equalize_exactly(Linear&, Linear&) {}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace nothing

namespace empty_units {
const Answer kAnswer = wrong("moves units that have weights on one side alone");
namespace exercise {
inline void equalize_exactly(Linear& a, Linear& b) {
  std::vector<float> s(a.outputs());
  for (std::size_t j = 0; j < s.size(); ++j) {
    const float r_a = std::max(row_range(a, j), 1e-6F), r_b = std::max(column_range(b, j), 1e-6F);
    s[j] = std::exp2(std::nearbyint(std::log2(std::sqrt(r_a) / std::sqrt(r_b))));
  }
  qfs::rescale_units(a, b, s);
}
}  // namespace exercise
#include "tests/exercises/ch18_3_test.cpp"
}  // namespace empty_units
