// Exercise 12.2, solved.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "12_wider_instructions/instructions.hpp"
#include "common/tensor.hpp"

namespace exercise {

struct SignedProduct {
  std::size_t N = 0, K = 0;
  std::vector<std::int8_t> w{};       // N rows of K rounded up to a multiple of 4
  std::vector<std::int32_t> start{};  // N
};

// [solution]
inline std::size_t row_bytes(std::size_t K) { return (K + 3) / 4 * 4; }

inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  SignedProduct packed{w.shape(0), w.shape(1)};
  packed.w.resize(packed.N * row_bytes(packed.K));  // zeros
  for (std::size_t n = 0; n < packed.N; ++n) {
    auto start = static_cast<std::uint32_t>(bias[n]);
    for (std::size_t k = 0; k < packed.K; ++k) {
      packed.w[n * row_bytes(packed.K) + k] = w(n, k);
      start -= static_cast<std::uint32_t>(128 * w(n, k));
    }
    packed.start.push_back(static_cast<std::int32_t>(start));
  }
  return packed;
}

inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  auto sums = qfs::make_tensor<std::int32_t>({x.shape(0), packed.N});
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < packed.N; ++n) {
      const std::int8_t* w = packed.w.data() + n * row_bytes(packed.K);
      std::int32_t sum = packed.start[n];
      for (std::size_t k = 0; k < packed.K; k += 4) {
        std::array<std::uint8_t, 4> four{};  // behind the row zeros, which meet weights of 0
        for (std::size_t i = 0; i < 4 && k + i < packed.K; ++i)
          four[i] = static_cast<std::uint8_t>(x(m, k + i) + 128);
        sum = qfs::vpdpbusd(sum, four.data(), w + k);
      }
      sums(m, n) = sum;
    }
  return sums;
}
// [/solution]

}  // namespace exercise
