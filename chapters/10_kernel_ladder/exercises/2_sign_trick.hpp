// Exercise 10.2: two signed bytes for vpmaddubsw.
//
// vpmaddubsw multiplies unsigned bytes by signed ones. Write dot_s8s8, the sum over k of x[k] w[k]
// with both signed, by the sign trick (eq. 10.5): |x| times w with the sign of x, which vpabsb and
// vpsignb make (_mm256_abs_epi8, _mm256_sign_epi8). x is -128 to 127, w is -127 to 127; K is any
// number, 0 too, for which the sum fits 32 bits. x and w may lie at any address. Read nothing
// behind x[K - 1] or w[K - 1].
//
// First it is judged for being right, then for its speed: K = 784, 100 rows of weights, in turn
// with the plain loop and with our solution. It passes at 0.8 x of ours in the best of three tries.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "common/exercise.hpp"

namespace exercise {

// This one function is compiled for AVX2. So must be every function that it calls and that takes or
// returns a register.
[[gnu::target("avx2")]] inline std::int32_t dot_s8s8([[maybe_unused]] const std::int8_t* x,
                                                     [[maybe_unused]] const std::int8_t* w,
                                                     [[maybe_unused]] std::size_t K) {
  // TODO: return the sum of the products.
  qfs::not_written_yet("10.2: dot_s8s8");
}

}  // namespace exercise
