// What avx2_throughout.cpp, compiled for AVX2, brings. It sees nothing of the standard library
// (chapter 10, rungs.hpp).
#pragma once

#include "11_avx2_kernel/panel.hpp"

namespace qfs::panel {

// As multiply_avx2, but all steps of an output are added in 16 bits, and widened once.
void multiply_throughout_avx2(const Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
                              std::size_t strips, const std::int32_t* start, std::int32_t* sums);

// How many steps each output of a panel has.
static inline std::size_t steps_of_output(const Panel& panel) {
  std::size_t steps = 0;
  for (std::size_t i = 0; i < kLongest; ++i) steps += panel.counts[i] * (kLongest - i);
  return steps;
}

}  // namespace qfs::panel
