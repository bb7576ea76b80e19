// The kernel in plain C++, its lanes 16 bits wide as those of a register: where they saturate or
// wrap, so do these. It runs on any CPU, and says what the other must give.
#pragma once

#include "11_avx2_kernel/panel.hpp"

namespace qfs {

const panel::Kernel& plain_kernel();

// Of x86-64 alone. Whoever calls it looks at the CPU before.
const panel::Kernel& avx2_kernel();

// Whether this CPU can run avx2_kernel().
bool has_avx2_kernel();

}  // namespace qfs
