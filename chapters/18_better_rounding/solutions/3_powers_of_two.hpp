// Exercise 18.3, solved.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "18_better_rounding/equalize.hpp"

namespace exercise {

// [solution]
inline void equalize_exactly(qfs::Linear& a, qfs::Linear& b) {
  std::vector<float> s = qfs::equalizing_factors(a, b);
  for (float& factor : s)
    factor = std::ldexp(1.0F, static_cast<int>(std::nearbyint(std::log2(factor))));
  qfs::rescale_units(a, b, s);
}
// [/solution]

}  // namespace exercise
