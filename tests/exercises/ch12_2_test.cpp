// Judges exercise 12.2.
#include "2_signed_inputs.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(28);

namespace {

using Bytes = qfs::Matrix<std::int8_t>;  // x: M x K, w: N x K
using Sums = qfs::Matrix<std::int32_t>;
using Bias = std::vector<std::int32_t>;
using Packed = exercise::SignedProduct;

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

Bytes filled(std::size_t rows, std::size_t K, std::int8_t value) {
  auto bytes = qfs::make_tensor<std::int8_t>({rows, K});
  bytes.fill(value);
  return bytes;
}

// Bytes of which a third are -128, a third 127.
Bytes random_bytes(std::size_t rows, std::size_t K, std::uint64_t seed) {
  qfs::Rng rng(seed);
  auto bytes = qfs::make_tensor<std::int8_t>({rows, K});
  for (std::int8_t& b : bytes) {
    const auto kind = rng.below(3);
    const int any = static_cast<int>(rng.below(256)) - 128;
    b = static_cast<std::int8_t>(kind == 0 ? -128 : kind == 1 ? 127 : any);
  }
  return bytes;
}

Bias random_bias(std::size_t N) {
  qfs::Rng rng(N);
  Bias bias(N);
  for (std::int32_t& b : bias) b = static_cast<std::int32_t>(rng.below(200001)) - 100000;
  return bias;
}

// In 64 bits, with the signed inputs.
std::int64_t expected(const Bytes& x, const Bytes& w, const Bias& bias, std::size_t m,
                      std::size_t n) {
  std::int64_t sum = bias[n];
  for (std::size_t k = 0; k < w.shape(1); ++k) sum += x(m, k) * w(n, k);
  return sum;
}

// Empty, or the first sum that is another.
std::string difference(const Sums& got, const Bytes& x, const Bytes& w, const Bias& bias) {
  if (got.shape(0) != x.shape(0) || got.shape(1) != w.shape(0)) return "the product is not M x N";
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < w.shape(0); ++n)
      if (const std::int64_t wanted = expected(x, w, bias, m, n); got(m, n) != wanted)
        return "K = " + std::to_string(w.shape(1)) + ", row " + std::to_string(m) + ", output " +
               std::to_string(n) + ": got " + std::to_string(got(m, n)) + ", expected " +
               std::to_string(wanted);
  return "";
}

// Packs, and multiplies twice: the second product is no other.
std::string judged(const Bytes& x, const Bytes& w, const Bias& bias) {
  const Packed packed = exercise::pack(w, bias);
  const Sums first = exercise::multiply(packed, x), second = exercise::multiply(packed, x);
  if (first != second) return "a second product gives other sums";
  return difference(first, x, w, bias);
}

// What pack has to make of a row of weights.
std::vector<std::int8_t> packed_row(const std::vector<std::int8_t>& weights) {
  auto w = qfs::make_tensor<std::int8_t>({1, weights.size()});
  std::ranges::copy(weights, w.begin());
  return exercise::pack(w, Bias{0}).w;
}
std::int32_t start_of(const std::vector<std::int8_t>& weights, std::int32_t bias) {
  auto w = qfs::make_tensor<std::int8_t>({1, weights.size()});
  std::ranges::copy(weights, w.begin());
  const Packed packed = exercise::pack(w, Bias{bias});
  return packed.start.size() == 1 ? packed.start[0] : -999;
}

std::string first_depth_that_differs() {
  for (std::size_t K = 0; K <= 70; ++K)
    if (std::string text =
            judged(random_bytes(3, K, 2 * K), random_bytes(5, K, 2 * K + 1), random_bias(5));
        !text.empty())
      return text;
  return "";
}

}  // namespace

TEST_CASE("12.2 on paper: what is packed") {
  using Row = std::vector<std::int8_t>;
  CHECK(packed_row({1, 2, 3, 4}) == Row{1, 2, 3, 4});
  CHECK(packed_row({1, -2, 3, 4, -5}) == Row{1, -2, 3, 4, -5, 0, 0, 0});
  CHECK(packed_row({-128}) == Row{-128, 0, 0, 0});
  CHECK(packed_row({}) == Row{});
  CHECK(start_of({1, 2, 3, 4}, 0) == -1280);
  CHECK(start_of({1, -2, 3, 4, -5}, 1000) == 872);  // 1000 - 128 * 1
  CHECK(start_of({-128, -128}, -7) == 32761);       // -7 + 128 * 256
  CHECK(start_of({127}, 0) == -16256);
  CHECK(start_of({}, 42) == 42);
}

TEST_CASE("12.2 on paper: a start that leaves 32 bits wraps") {
  CHECK(start_of({1}, kMin) == kMax - 127);
  CHECK(start_of({-1}, kMax) == kMin + 127);
}

TEST_CASE("12.2 on paper: two rows, two outputs, five inputs") {
  const Bytes x = {{1, -1, 127, -128, 2}, {0, 0, 0, 0, -1}};
  const Bytes w = {{1, 2, 3, 4, 5}, {-128, 127, -1, -128, 0}};
  // 1 - 2 + 381 - 512 + 10 = -122; -128 - 127 - 127 + 16384 + 0 = 16002
  const Sums sums = exercise::multiply(exercise::pack(w, Bias{0, 0}), x);
  REQUIRE(sums.size() == 4);
  CHECK(sums(0, 0) == -122);
  CHECK(sums(0, 1) == 16002);
  CHECK(sums(1, 0) == -5);
  CHECK(sums(1, 1) == 0);
}

TEST_CASE("12.2 the bias counts once, however many steps a row has") {
  CHECK(judged(filled(2, 40, 0), filled(3, 40, 5), {100, -200, 0}) == "");
  CHECK(judged(filled(2, 0, 0), filled(3, 0, 0), {100, -200, 0}) == "");
}

TEST_CASE("12.2 all extreme bytes, both sides") {
  std::string first;
  constexpr std::array<std::int8_t, 6> kExtremes = {-128, -127, -1, 0, 1, 127};
  for (std::int8_t a : kExtremes)
    for (std::int8_t b : kExtremes)
      for (std::size_t K : std::array<std::size_t, 3>{4, 7, 64})
        if (first.empty()) first = judged(filled(1, K, a), filled(1, K, b), {11});
  CHECK(first == "");
}

TEST_CASE("12.2 every depth up to 70") { CHECK(first_depth_that_differs() == ""); }

TEST_CASE("12.2 a larger layer") {
  CHECK(judged(random_bytes(7, 785, 1), random_bytes(33, 785, 2), random_bias(33)) == "");
}

TEST_CASE("12.2 a sum that leaves 32 bits on its way, and comes back") {
  CHECK(judged(filled(1, 6, 0), filled(2, 6, 127), {kMin, kMax}) == "");
  CHECK(judged(filled(1, 6, 0), filled(2, 6, -128), {kMin, kMax}) == "");
  CHECK(judged(filled(1, 30002, -128), filled(1, 30002, -128), {-5}) == "");
}

TEST_CASE("12.2 the product of weights that are packed already") {
  // A start that is none of pack's: nothing else says what the sums begin with.
  const Packed packed{2, 3, {1, 2, 3, 0, -1, 0, 100, 0}, {1000, -7}};
  const Bytes x = {{-128, -127, -126}, {1, 1, 1}};
  const Sums sums = exercise::multiply(packed, x);
  REQUIRE(sums.size() == 4);
  CHECK(sums(0, 0) == 1000 + 8);  // (x + 128) w = 0, 2, 6
  CHECK(sums(0, 1) == -7 + 200);
  CHECK(sums(1, 0) + sums(1, 1) == 1000 + 774 - 7 + 12771);
}
