// Chapter 11's kernel for weights whose lanes hold a whole row: nothing is
// widened before the end of a block of inputs.
#pragma once

#include "11_avx2_kernel/packed_panels.hpp"

namespace qfs {

// Whether both lanes of every output, all steps of a block of inputs together, fit for inputs up to
// x_max.
bool fits_throughout(const PackedPanels& panels, std::int32_t x_max);

// plain_kernel() and avx2_kernel() but for `multiply`. Their sums are right where fits_throughout()
// is true. The second is for x86-64 alone, as avx2_kernel().
const panel::Kernel& plain_throughout_kernel();
const panel::Kernel& avx2_throughout_kernel();

}  // namespace qfs
