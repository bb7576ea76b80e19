// The sum of eq. 21.10, sixteen numbers at a time. avx2_add.cpp is compiled for AVX2; it sees this
// header and nothing of the standard library (chapter 10, rungs.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace qfs::add_kernel {

struct Constants {
  float a_ratio, b_ratio, offset;
  float low, high;  // the range
};

// The first count / 16 * 16 of `count` sums; returns how many. Needs AVX2 and FMA.
std::size_t add_avx2(const Constants& constants, const std::uint8_t* a, const std::uint8_t* b,
                     std::size_t count, std::uint8_t* y);

}  // namespace qfs::add_kernel
