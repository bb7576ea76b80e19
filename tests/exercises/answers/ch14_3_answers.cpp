// Answers to exercise 14.3. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch14_3_test.cpp"

#include <cmath>

namespace parts {

using Weights = std::span<const std::int8_t>;
using Matrix = qfs::Matrix<std::int8_t>;

struct Ends {
  std::int64_t lowest = 0, highest = 0;
};

inline Ends ends_of(Weights w, std::int64_t x_max) {
  Ends ends;
  for (std::int8_t weight : w) (weight > 0 ? ends.highest : ends.lowest) += weight * x_max;
  return ends;
}

inline int width_of(Ends ends) {
  int bits = 1;
  while (ends.highest > (std::int64_t{1} << (bits - 1)) - 1 ||
         ends.lowest < -(std::int64_t{1} << (bits - 1)))
    ++bits;
  return bits;
}

inline int bits(Weights w, std::int64_t x_max) { return width_of(ends_of(w, x_max)); }

// The widest output, by what `of_output` says of one.
inline int widest(const Matrix& w, auto of_output) {
  int width = 1;
  for (std::size_t n = 0; n < w.shape(0); ++n) width = std::max(width, of_output(qfs::row(w, n)));
  return width;
}

}  // namespace parts

namespace by_bit_width {
const Answer kAnswer = right("takes the bits of the larger end, and one for the sign");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  const auto [lowest, highest] = parts::ends_of(w, x_max);
  // -2^(P-1) is ~(2^(P-1) - 1).
  const auto larger = static_cast<std::uint64_t>(std::max(highest, ~lowest));
  return lowest == 0 && highest == 0 ? 1 : 1 + static_cast<int>(std::bit_width(larger));
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace by_bit_width

namespace of_all_ends {
const Answer kAnswer = right("finds the ends of the whole layer, and their width once");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::bits(w, x_max);
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  parts::Ends all;
  for (std::size_t n = 0; n < w.shape(0); ++n) {
    const parts::Ends ends = parts::ends_of(qfs::row(w, n), x_max);
    all = {std::min(all.lowest, ends.lowest), std::max(all.highest, ends.highest)};
  }
  return parts::width_of(all);
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace of_all_ends

namespace by_l1_norm {
const Answer kAnswer = wrong("takes the l1 norm, of both signs together");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  std::int64_t norm = 0;
  for (std::int8_t weight : w) norm += std::abs(int{weight});
  return parts::width_of({-norm * x_max, norm * x_max});
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace by_l1_norm

namespace plain_sum {
const Answer kAnswer = wrong("lets negative weights make room for positive ones");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  const parts::Ends ends = parts::ends_of(w, x_max);
  const std::int64_t sum = ends.lowest + ends.highest;
  return parts::width_of({std::min<std::int64_t>(sum, 0), std::max<std::int64_t>(sum, 0)});
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace plain_sum

namespace same_ends {
const Answer kAnswer = wrong("leaves out the lowest integer, -2^(P-1)");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  const parts::Ends ends = parts::ends_of(w, x_max);
  return parts::width_of({0, std::max(ends.highest, -ends.lowest)});
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace same_ends

namespace one_too_high {
const Answer kAnswer = wrong("lets P bits hold 2^(P-1)");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  const parts::Ends ends = parts::ends_of(w, x_max);
  return parts::width_of({ends.lowest, std::max<std::int64_t>(ends.highest - 1, 0)});
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace one_too_high

namespace unsigned_accumulator {
const Answer kAnswer = wrong("forgets the bit of the sign");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  return std::max(parts::bits(w, x_max) - 1, 1);
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace unsigned_accumulator

namespace positive_alone {
const Answer kAnswer = wrong("looks at the highest sum alone");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::width_of({0, parts::ends_of(w, x_max).highest});
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace positive_alone

namespace any_weights {
const Answer kAnswer = wrong("bounds by the number of weights, whatever they are");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  const std::int64_t most = static_cast<std::int64_t>(w.size()) * 128 * x_max;
  return parts::width_of({-most, 0});
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace any_weights

namespace in_32_bits {
const Answer kAnswer = wrong("computes the ends in 32 bits, which wrap");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  const auto [lowest, highest] = parts::ends_of(w, x_max);
  return parts::width_of({std::min(static_cast<std::int32_t>(lowest), 0),
                          std::max(static_cast<std::int32_t>(highest), 0)});
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace in_32_bits

namespace by_logarithm {
const Answer kAnswer = wrong("takes the logarithm of the highest sum, rounded up: 128 is 7 bits");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  const auto [lowest, highest] = parts::ends_of(w, x_max);
  const auto larger = static_cast<double>(std::max({highest, -lowest, std::int64_t{1}}));
  return 1 + static_cast<int>(std::ceil(std::log2(larger)));
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace by_logarithm

namespace first_output {
const Answer kAnswer = wrong("takes the first output for the layer");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::bits(w, x_max);
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return w.shape(0) == 0 ? 1 : bits_of_output(qfs::row(w, 0), x_max);
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace first_output

namespace all_outputs_in_one {
const Answer kAnswer = wrong("adds the weights of all outputs");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::bits(w, x_max);
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::bits(qfs::values(w), x_max);
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace all_outputs_in_one

namespace two_at_least {
const Answer kAnswer = wrong("takes two bits at least");
namespace exercise {
inline int bits_of_output(std::span<const std::int8_t> w, std::int32_t x_max) {
  return std::max(parts::bits(w, x_max), 2);
}
inline int bits_of_layer(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::widest(w, [&](auto row) { return bits_of_output(row, x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch14_3_test.cpp"
}  // namespace two_at_least
