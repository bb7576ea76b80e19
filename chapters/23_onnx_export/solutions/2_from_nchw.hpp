// Exercise 23.2, solved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/check.hpp"

namespace exercise {

struct ConvShape {
  std::size_t outputs = 1, channels = 1, height = 1, width = 1;  // N, C, kh, kw
};

// [solution]
inline std::vector<std::int8_t> from_nchw(std::span<const std::int8_t> w, const ConvShape& shape) {
  const auto [N, C, kh, kw] = shape;
  qfs::require(w.size() == N * C * kh * kw, "the weight has another size", w.size(),
               N * C * kh * kw, "pass N x C x kh x kw numbers");
  std::vector<std::int8_t> ours(w.size());
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t c = 0; c < C; ++c)
      for (std::size_t i = 0; i < kh; ++i)
        for (std::size_t j = 0; j < kw; ++j)
          ours[((n * kh + i) * kw + j) * C + c] = w[((n * C + c) * kh + i) * kw + j];
  return ours;
}
// [/solution]

}  // namespace exercise
