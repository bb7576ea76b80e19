// An answer to exercise 10.2 that is right, and slow.
#pragma once

#include <cstddef>
#include <cstdint>

namespace exercise {

inline std::int32_t dot_s8s8(const std::int8_t* x, const std::int8_t* w, std::size_t K) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < K; ++k) sum += x[k] * w[k];
  return sum;
}

}  // namespace exercise
