// Answers to exercise 12.2. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch12_2_test.cpp"

namespace parts {

using exercise::SignedProduct;
using Weights = qfs::Matrix<std::int8_t>;
using Start = std::span<const std::int32_t>;

inline std::size_t row_bytes(std::size_t K) { return (K + 3) / 4 * 4; }

inline std::int32_t wrapped(std::int64_t number) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(number));
}

// Packed with another padding, and another start for a bias and a sum of weights.
inline SignedProduct packed_with(const Weights& w, Start bias, std::int8_t padding, auto start) {
  SignedProduct packed{w.shape(0), w.shape(1)};
  packed.w.resize(packed.N * row_bytes(packed.K), padding);
  for (std::size_t n = 0; n < packed.N; ++n) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < packed.K; ++k) {
      packed.w[n * row_bytes(packed.K) + k] = w(n, k);
      sum += w(n, k);
    }
    packed.start.push_back(wrapped(start(std::int64_t{bias[n]}, sum)));
  }
  return packed;
}
inline SignedProduct packed_exactly(const Weights& w, Start bias) {
  return packed_with(w, bias, 0, [](std::int64_t b, std::int64_t sum) { return b - 128 * sum; });
}

// The sums by a function for inputs: shifted(m, k) is a byte, or what stands behind the row.
inline qfs::Matrix<std::int32_t> multiply_by(const SignedProduct& packed, std::size_t M,
                                             std::size_t K, auto shifted) {
  auto sums = qfs::make_tensor<std::int32_t>({M, packed.N});
  for (std::size_t m = 0; m < M; ++m)
    for (std::size_t n = 0; n < packed.N; ++n) {
      std::int32_t sum = packed.start[n];
      for (std::size_t k = 0; k < K; k += 4) {
        std::array<std::uint8_t, 4> four{};
        for (std::size_t i = 0; i < 4; ++i) four[i] = shifted(m, k + i);
        sum = qfs::vpdpbusd(sum, four.data(), packed.w.data() + n * row_bytes(packed.K) + k);
      }
      sums(m, n) = sum;
    }
  return sums;
}

// With another value for an input, and another byte behind the row.
inline qfs::Matrix<std::int32_t> multiply_with(const SignedProduct& packed, const Weights& x,
                                               std::uint8_t behind, auto shift) {
  return multiply_by(packed, x.shape(0), x.shape(1), [&](std::size_t m, std::size_t k) {
    return k < x.shape(1) ? static_cast<std::uint8_t>(shift(x(m, k))) : behind;
  });
}
inline int by_128(int x) { return x + 128; }
inline qfs::Matrix<std::int32_t> multiply_exactly(const SignedProduct& packed, const Weights& x) {
  return multiply_with(packed, x, 0, by_128);
}

}  // namespace parts

namespace zeros_behind {
const Answer kAnswer = right("bytes of 0 behind a row of inputs");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_exactly(w, bias);
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace zeros_behind

namespace shifted_zeros_behind {
const Answer kAnswer = right("bytes of 128 behind a row of inputs: the weights there are 0");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_exactly(w, bias);
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_with(packed, x, 128, [](int v) { return v + 128; });
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace shifted_zeros_behind

namespace flips_the_sign_bit {
const Answer kAnswer = right("shifts by the highest bit of a byte");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_exactly(w, bias);
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_with(packed, x, 255, [](int v) { return v ^ 0x80; });
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace flips_the_sign_bit

namespace not_shifted {
const Answer kAnswer = wrong("hands the inputs over as they are");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0,
                            [](std::int64_t b, std::int64_t sum) { return b + 0 * sum; });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_with(packed, x, 0, [](int v) { return v; });
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace not_shifted

namespace not_shifted_but_corrected {
const Answer kAnswer = wrong("corrects for a shift that it does not do");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_exactly(w, bias);
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_with(packed, x, 0, [](int v) { return v; });
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace not_shifted_but_corrected

namespace not_corrected {
const Answer kAnswer = wrong("shifts, and takes nothing off");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0,
                            [](std::int64_t b, std::int64_t sum) { return b + 0 * sum; });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace not_corrected

namespace corrected_twice {
const Answer kAnswer = wrong("takes the shift off twice");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0,
                            [](std::int64_t b, std::int64_t sum) { return b - 256 * sum; });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace corrected_twice

namespace corrected_with_the_wrong_sign {
const Answer kAnswer = wrong("adds the correction");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0,
                            [](std::int64_t b, std::int64_t sum) { return b + 128 * sum; });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace corrected_with_the_wrong_sign

namespace by_127 {
const Answer kAnswer = wrong("shifts by 127");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0,
                            [](std::int64_t b, std::int64_t sum) { return b - 127 * sum; });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_with(packed, x, 0, [](int v) { return v + 127; });
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace by_127

namespace without_bias {
const Answer kAnswer = wrong("forgets the bias");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0,
                            [](std::int64_t b, std::int64_t sum) { return 0 * b - 128 * sum; });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace without_bias

namespace start_clamped {
const Answer kAnswer = wrong("saturates the start");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0, [](std::int64_t b, std::int64_t sum) {
    return std::clamp<std::int64_t>(b - 128 * sum, kMin, kMax);
  });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace start_clamped

namespace sums_in_float {
const Answer kAnswer = wrong("corrects in float");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0, [](std::int64_t b, std::int64_t sum) {
    return static_cast<std::int64_t>(static_cast<float>(b) - 128.0F * static_cast<float>(sum));
  });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace sums_in_float

namespace padded_weights {
const Answer kAnswer =
    wrong("fills rows of weights with ones, and inputs with zeros that are shifted, too");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 1,
                            [](std::int64_t b, std::int64_t sum) { return b - 128 * sum; });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_with(packed, x, 128, [](int v) { return v + 128; });
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace padded_weights

namespace padding_corrected {
const Answer kAnswer =
    wrong("takes 128 off for every byte that it fills in, though its weight is 0");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  const std::size_t more = parts::row_bytes(w.shape(1)) - w.shape(1);
  return parts::packed_with(w, bias, 0, [&](std::int64_t b, std::int64_t sum) {
    return b - 128 * (sum + static_cast<std::int64_t>(more));
  });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace padding_corrected

namespace rest_of_4_forgotten {
const Answer kAnswer = wrong("leaves out the last inputs of a K that 4 does not divide");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_exactly(w, bias);
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_by(packed, x.shape(0), x.shape(1) / 4 * 4, [&](auto m, auto k) {
    return static_cast<std::uint8_t>(x(m, k) + 128);
  });
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace rest_of_4_forgotten

namespace start_at_every_step {
const Answer kAnswer = wrong("adds the start at every step");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_exactly(w, bias);
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  auto sums = parts::multiply_exactly(packed, x);
  const std::size_t steps = parts::row_bytes(x.shape(1)) / 4;
  for (std::size_t m = 0; m < sums.shape(0); ++m)
    for (std::size_t n = 0; n < packed.N && steps > 0; ++n)
      sums(m, n) =
          parts::wrapped(sums(m, n) + static_cast<std::int64_t>(steps - 1) * packed.start[n]);
  return sums;
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace start_at_every_step

namespace lowest_cut_off {
const Answer kAnswer = wrong("takes -128 for -127");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_exactly(w, bias);
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_with(packed, x, 0, [](int v) { return (v < -127 ? -127 : v) + 128; });
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace lowest_cut_off

namespace rows_not_filled {
const Answer kAnswer = wrong("packs the rows one after the other, without zeros");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  auto packed = parts::packed_exactly(w, bias);
  std::copy(w.begin(), w.end(), packed.w.begin());
  return packed;
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  return parts::multiply_exactly(packed, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace rows_not_filled

namespace transposed {
const Answer kAnswer = wrong("gives the sums as N x M");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_exactly(w, bias);
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  const auto sums = parts::multiply_exactly(packed, x);
  auto turned = qfs::make_tensor<std::int32_t>({sums.shape(1), sums.shape(0)});
  for (std::size_t m = 0; m < sums.shape(0); ++m)
    for (std::size_t n = 0; n < sums.shape(1); ++n) turned(n, m) = sums(m, n);
  return turned;
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace transposed

namespace corrects_in_every_product {
const Answer kAnswer = wrong("packs the bias alone, and adds up the weights in every product");
namespace exercise {
using ::exercise::SignedProduct;
inline SignedProduct pack(const qfs::Matrix<std::int8_t>& w, std::span<const std::int32_t> bias) {
  return parts::packed_with(w, bias, 0, [](std::int64_t b, std::int64_t) { return b; });
}
inline qfs::Matrix<std::int32_t> multiply(const SignedProduct& packed,
                                          const qfs::Matrix<std::int8_t>& x) {
  SignedProduct corrected = packed;
  for (std::size_t n = 0; n < packed.N; ++n) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < packed.K; ++k) sum += packed.w[n * parts::row_bytes(packed.K) + k];
    corrected.start[n] = parts::wrapped(packed.start[n] - 128 * sum);
  }
  return parts::multiply_exactly(corrected, x);
}
}  // namespace exercise
#include "tests/exercises/ch12_2_test.cpp"
}  // namespace corrects_in_every_product
