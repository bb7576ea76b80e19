// Exercise 12.2: inputs that are signed.
//
// vpdpbusd takes unsigned inputs. Write a product whose inputs are s8, -128 to 127: 128 is added to
// each, and taken off again by what the sums begin with (eq. 10.4):
//
//   bias[n] + sum over k of x[k] w[n, k]
//     = (bias[n] - 128 * sum over k of w[n, k]) + sum over k of (x[k] + 128) w[n, k]
//
// pack is called once. `w` holds N rows of the K weights of an output and 0 to 3 zeros behind them,
// so that 4 divides the row; `start` what the sums of an output begin with, the first bracket.
// multiply gives the M x N sums, of inputs x, M x K, by qfs::vpdpbusd of instructions.hpp, four
// inputs at a time. It uses what has been packed, and adds up no weights.
//
// K is any number, 0 too. Weights are any of s8. The result fits 32 bits, but `start` need not: it
// wraps, as the sums of vpdpbusd do, and these come back. (A signed integer of C++ must not leave
// its range, an unsigned one may.)
//
// With care where 4 does not divide K: an input of 0 is 128 once it is shifted, and behind a row of
// x there is nothing to read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "12_wider_instructions/instructions.hpp"
#include "common/exercise.hpp"
#include "common/tensor.hpp"

namespace exercise {

// As it is: the judge fills one by hand, too.
struct SignedProduct {
  std::size_t N = 0, K = 0;
  std::vector<std::int8_t> w{};       // N rows of K rounded up to a multiple of 4
  std::vector<std::int32_t> start{};  // N
};

// w: N x K; bias: N.
inline SignedProduct pack([[maybe_unused]] const qfs::Matrix<std::int8_t>& w,
                          [[maybe_unused]] std::span<const std::int32_t> bias) {
  // TODO: pack the weights, and what the sums begin with.
  qfs::not_written_yet("12.2: pack");
}

inline qfs::Matrix<std::int32_t> multiply([[maybe_unused]] const SignedProduct& packed,
                                          [[maybe_unused]] const qfs::Matrix<std::int8_t>& x) {
  // TODO: return the sums.
  qfs::not_written_yet("12.2: multiply");
}

}  // namespace exercise
