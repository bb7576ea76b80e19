// Exercise 7.1, solved.
#pragma once

#include <algorithm>
#include <span>

#include "02_integer_products/requantize.hpp"

namespace exercise {

// [solution]
inline void linear_relu(std::span<const std::int32_t> acc, float m, std::int32_t zero_point,
                        qfs::QuantRange range, std::span<std::int32_t> q) {
  range.qmin = std::max(range.qmin, zero_point);
  for (std::size_t i = 0; i < acc.size(); ++i)
    q[i] = qfs::requantize_float(acc[i], m, zero_point, range);
}
// [/solution]

}  // namespace exercise
