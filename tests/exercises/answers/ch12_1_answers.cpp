// Answers to exercise 12.1. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch12_1_test.cpp"

namespace parts {

using exercise::TileShape;
using Bytes = std::span<const std::uint8_t>;

// Where byte i of line k is, of row m of x and of output n of w.
inline std::size_t in_x(TileShape shape, std::size_t m, std::size_t k, std::size_t i) {
  return (m * shape.lines + k) * 4 + i;
}
inline std::size_t in_w(TileShape shape, std::size_t k, std::size_t n, std::size_t i) {
  return (k * shape.N + n) * 4 + i;
}

inline std::int32_t as_signed(std::uint8_t byte) { return static_cast<std::int8_t>(byte); }

inline std::int32_t wrapped(std::int64_t number) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
}

// Calls add(sum, m, n, k, i) for every product, one sum after the other.
inline void for_products(TileShape shape, std::span<std::int32_t> sums, auto add) {
  for (std::size_t m = 0; m < shape.M; ++m)
    for (std::size_t n = 0; n < shape.N; ++n)
      for (std::size_t k = 0; k < shape.lines; ++k)
        for (std::size_t i = 0; i < 4; ++i) add(sums[m * shape.N + n], m, n, k, i);
}

// The product with other places of x and w.
inline void by_places(TileShape shape, Bytes x, Bytes w, std::span<std::int32_t> sums, auto x_at,
                      auto w_at) {
  for_products(shape, sums, [&](std::int32_t& sum, auto m, auto n, auto k, auto i) {
    const std::int64_t more = x[x_at(m, k, i)] * as_signed(w[w_at(k, n, i)]);
    sum = wrapped(sum + more);
  });
}

// The product with other values of two bytes.
inline void by_values(TileShape shape, Bytes x, Bytes w, std::span<std::int32_t> sums, auto value) {
  for_products(shape, sums, [&](std::int32_t& sum, auto m, auto n, auto k, auto i) {
    sum = wrapped(sum + std::int64_t{value(x[in_x(shape, m, k, i)], w[in_w(shape, k, n, i)])});
  });
}

}  // namespace parts

namespace product_by_product {
const Answer kAnswer = right("adds one product after the other");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  parts::by_places(
      shape, x, w, sums, [&](auto m, auto k, auto i) { return parts::in_x(shape, m, k, i); },
      [&](auto k, auto n, auto i) { return parts::in_w(shape, k, n, i); });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace product_by_product

namespace lines_outermost {
const Answer kAnswer = right("adds line after line to all sums");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  for (std::size_t k = 0; k < shape.lines; ++k)
    for (std::size_t m = 0; m < shape.M; ++m)
      for (std::size_t n = 0; n < shape.N; ++n) {
        std::int64_t sum = sums[m * shape.N + n];
        for (std::size_t i = 0; i < 4; ++i)
          sum += x[parts::in_x(shape, m, k, i)] * parts::as_signed(w[parts::in_w(shape, k, n, i)]);
        sums[m * shape.N + n] = parts::wrapped(sum);
      }
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace lines_outermost

namespace wide_sums {
const Answer kAnswer = right("adds in 64 bits, and keeps the low 32 at the end");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  for (std::size_t m = 0; m < shape.M; ++m)
    for (std::size_t n = 0; n < shape.N; ++n) {
      std::int64_t sum = sums[m * shape.N + n];
      for (std::size_t k = 0; k < shape.lines; ++k)
        for (std::size_t i = 0; i < 4; ++i)
          sum += x[parts::in_x(shape, m, k, i)] * parts::as_signed(w[parts::in_w(shape, k, n, i)]);
      sums[m * shape.N + n] = parts::wrapped(sum);
    }
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace wide_sums

namespace x_signed {
const Answer kAnswer = wrong("takes both sides to be signed");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  parts::by_values(shape, x, w, sums,
                   [](auto a, auto b) { return parts::as_signed(a) * parts::as_signed(b); });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace x_signed

namespace sides_exchanged {
const Answer kAnswer = wrong("takes x to be signed and w to be unsigned");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  parts::by_values(shape, x, w, sums, [](auto a, auto b) { return parts::as_signed(a) * b; });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace sides_exchanged

namespace both_unsigned {
const Answer kAnswer = wrong("takes both sides to be unsigned");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  parts::by_values(shape, x, w, sums, [](auto a, auto b) { return a * b; });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace both_unsigned

namespace in_sixteen_bits {
const Answer kAnswer = wrong("saturates two products at 16 bits");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  for (std::size_t m = 0; m < shape.M; ++m)
    for (std::size_t n = 0; n < shape.N; ++n)
      for (std::size_t k = 0; k < shape.lines; ++k)
        for (std::size_t i = 0; i < 4; i += 2) {
          std::int32_t pair = 0;
          for (std::size_t j = i; j < i + 2; ++j)
            pair +=
                x[parts::in_x(shape, m, k, j)] * parts::as_signed(w[parts::in_w(shape, k, n, j)]);
          std::int32_t& sum = sums[m * shape.N + n];
          sum = parts::wrapped(std::int64_t{sum} + std::clamp(pair, -32768, 32767));
        }
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace in_sixteen_bits

namespace weights_row_major {
const Answer kAnswer = wrong("takes w to be N x K");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  parts::by_places(
      shape, x, w, sums, [&](auto m, auto k, auto i) { return parts::in_x(shape, m, k, i); },
      [&](auto k, auto n, auto i) { return (n * shape.lines + k) * 4 + i; });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace weights_row_major

namespace fours_apart {
const Answer kAnswer = wrong("takes the four inputs of an output to lie N bytes apart");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  parts::by_places(
      shape, x, w, sums, [&](auto m, auto k, auto i) { return parts::in_x(shape, m, k, i); },
      [&](auto k, auto n, auto i) { return (4 * k + i) * shape.N + n; });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace fours_apart

namespace fours_reversed {
const Answer kAnswer = wrong("takes the fours of w from behind");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  parts::by_places(
      shape, x, w, sums, [&](auto m, auto k, auto i) { return parts::in_x(shape, m, k, i); },
      [&](auto k, auto n, auto i) { return parts::in_w(shape, k, n, 3 - i); });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace fours_reversed

namespace x_by_columns {
const Answer kAnswer = wrong("takes x to lie in lines, too");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  parts::by_places(
      shape, x, w, sums, [&](auto m, auto k, auto i) { return (k * shape.M + m) * 4 + i; },
      [&](auto k, auto n, auto i) { return parts::in_w(shape, k, n, i); });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace x_by_columns

namespace starts_at_zero {
const Answer kAnswer = wrong("forgets what the sums hold");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  std::ranges::fill(sums, 0);
  parts::by_places(
      shape, x, w, sums, [&](auto m, auto k, auto i) { return parts::in_x(shape, m, k, i); },
      [&](auto k, auto n, auto i) { return parts::in_w(shape, k, n, i); });
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace starts_at_zero

namespace saturates {
const Answer kAnswer = wrong("saturates at 32 bits, as vpdpbusds does");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  for (std::size_t m = 0; m < shape.M; ++m)
    for (std::size_t n = 0; n < shape.N; ++n)
      for (std::size_t k = 0; k < shape.lines; ++k) {
        std::int64_t sum = sums[m * shape.N + n];
        for (std::size_t i = 0; i < 4; ++i)
          sum += x[parts::in_x(shape, m, k, i)] * parts::as_signed(w[parts::in_w(shape, k, n, i)]);
        sums[m * shape.N + n] =
            static_cast<std::int32_t>(std::clamp<std::int64_t>(sum, kMin, kMax));
      }
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace saturates

namespace in_float {
const Answer kAnswer = wrong("adds in float");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  for (std::size_t m = 0; m < shape.M; ++m)
    for (std::size_t n = 0; n < shape.N; ++n) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < shape.lines; ++k)
        for (std::size_t i = 0; i < 4; ++i)
          sum += static_cast<float>(x[parts::in_x(shape, m, k, i)] *
                                    parts::as_signed(w[parts::in_w(shape, k, n, i)]));
      sums[m * shape.N + n] =
          parts::wrapped(sums[m * shape.N + n] + static_cast<std::int64_t>(sum));
    }
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace in_float

namespace sixteen_at_most {
const Answer kAnswer = wrong("stops at the tile of AMX");
namespace exercise {
using ::exercise::TileShape;
inline void tile_product(TileShape shape, std::span<const std::uint8_t> x,
                         std::span<const std::uint8_t> w, std::span<std::int32_t> sums) {
  const TileShape tile = shape;
  for (std::size_t m = 0; m < std::min<std::size_t>(16, tile.M); ++m)
    for (std::size_t n = 0; n < std::min<std::size_t>(16, tile.N); ++n)
      for (std::size_t k = 0; k < std::min<std::size_t>(16, tile.lines); ++k)
        for (std::size_t i = 0; i < 4; ++i) {
          std::int32_t& sum = sums[m * tile.N + n];
          sum = parts::wrapped(std::int64_t{sum} +
                               x[parts::in_x(tile, m, k, i)] *
                                   parts::as_signed(w[parts::in_w(tile, k, n, i)]));
        }
}
}  // namespace exercise
#include "tests/exercises/ch12_1_test.cpp"
}  // namespace sixteen_at_most
