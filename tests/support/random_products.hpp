// Both sides of a product of integers, at random.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "02_integer_products/dot.hpp"
#include "common/rng.hpp"

namespace qfs::test {

template <Int8 T>
Matrix<T> random_integers(Rng& rng, std::size_t rows, std::size_t columns, QuantRange range) {
  auto matrix = make_tensor<T>({rows, columns});
  const auto count = static_cast<std::uint64_t>(range.qmax - range.qmin + 1);
  for (T& q : values(matrix))
    q = static_cast<T>(range.qmin + static_cast<std::int32_t>(rng.below(count)));
  return matrix;
}

// Weights of many kinds, the rows of one matrix too: all of the range, as those of a trained net,
// mostly zeros, extremes alone.
inline Matrix<std::int8_t> random_weights(Rng& rng, std::size_t N, std::size_t K) {
  constexpr std::array<std::int8_t, 5> extremes = {-128, -127, -1, 0, 127};
  auto w = make_tensor<std::int8_t>({N, K});
  for (std::size_t n = 0; n < N; ++n) {
    const std::uint64_t kind = rng.below(4);
    for (std::int8_t& q : row(w, n)) {
      const double bell = std::clamp(rng.normal() * 35.0, -128.0, 127.0);
      const auto any = static_cast<std::int8_t>(static_cast<std::int32_t>(rng.below(256)) - 128);
      if (kind == 0) q = any;
      if (kind == 1) q = static_cast<std::int8_t>(bell);
      if (kind == 2) q = rng.below(8) == 0 ? any : std::int8_t{0};
      if (kind == 3) q = extremes[rng.below(extremes.size())];
    }
  }
  return w;
}

}  // namespace qfs::test
