// The kernel in plain C++, its lanes 16 bits wide as those of a register: where they saturate or
// wrap, so do these. It runs on any CPU, and says what the other must give.
#pragma once

#include <span>

#include "11_avx2_kernel/panel.hpp"

namespace qfs {

// What steps that share their lanes add to the sum of one row, whose first four inputs are at `row`
// of a strip. vpmaddubsw saturates (eq. 10.2), vpaddw wraps.
std::int32_t sum_in_16_bits(std::span<const panel::Step> steps, const std::uint8_t* row);

const panel::Kernel& plain_kernel();

// Of x86-64 alone. Whoever calls it looks at the CPU before.
const panel::Kernel& avx2_kernel();

// Whether this CPU can run avx2_kernel().
bool has_avx2_kernel();

}  // namespace qfs
