// Comparisons that say where two results differ:  CHECK(difference(got, expected) == "");
//
// The text is empty when they agree. Shapes are checked first, integers and floats compare with ==
// (so -0 equals 0), and a NaN on either side is a difference: `!(|got - expected| <= bound)`.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

#include "common/print.hpp"
#include "common/tensor.hpp"

namespace qfs::test {

template <class T>
std::string place_text(std::size_t index, T got, T expected) {
  return "at index " + std::to_string(index) + ": got " + number_text(got, 9) + ", expected " +
         number_text(expected, 9);
}

// `bound` is absolute; 0 means equal. Reports the first differing element, how many differ, and
// the largest difference.
template <class T>
std::string difference(std::span<const T> got, std::span<const T> expected, double bound = 0.0) {
  if (got.size() != expected.size())
    return "got " + std::to_string(got.size()) + " elements, expected " +
           std::to_string(expected.size());
  std::size_t count = 0, first = 0;
  double largest = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i] == expected[i]) continue;
    const double distance =
        std::fabs(static_cast<double>(got[i]) - static_cast<double>(expected[i]));
    if (distance <= bound) continue;
    if (count++ == 0) first = i;
    if (!(distance <= largest)) largest = distance;
  }
  if (count == 0) return "";
  return place_text(first, got[first], expected[first]) + "; " + std::to_string(count) + " of " +
         std::to_string(got.size()) + " differ, by at most " + general(largest, 6) +
         (bound > 0.0 ? ", bound " + general(bound, 6) : "");
}

template <class T, std::size_t N>
std::string difference(const Tensor<T, N>& got, const Tensor<T, N>& expected, double bound = 0.0) {
  if (shape_of(got) != shape_of(expected))
    return "got shape " + shape_text(got) + ", expected " + shape_text(expected);
  return difference(values(got), values(expected), bound);
}

// The sum of bounds over the sum of the magnitudes of what they bound: bounds that are as large as
// the numbers themselves compare nothing.
inline double looseness(std::span<const float> bounds, std::span<const float> numbers) {
  double all_bounds = 0.0, all_numbers = 0.0;
  for (float bound : bounds) all_bounds += static_cast<double>(bound);
  for (float number : numbers) all_numbers += std::fabs(static_cast<double>(number));
  return all_bounds / all_numbers;
}

// Equality of float bits: unlike ==, tells 0 from -0, and equal NaNs are equal.
inline bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

}  // namespace qfs::test
