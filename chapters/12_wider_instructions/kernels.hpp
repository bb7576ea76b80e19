// Which kernels there are, and which this CPU runs.
#pragma once

#include <vector>

#include "12_wider_instructions/fours.hpp"

namespace qfs::fours {

// In plain C++, for any CPU: what the others must give.
const Kernel& plain();

// Of x86-64 alone, elsewhere an Error. Whoever calls them looks at the CPU before.
const Kernel& avx_vnni();
const Kernel& avx512_vnni();
const Kernel& amx();

// Those that this process can run: the widest by vpdpbusd, and that by tdpbusd; null: none.
const Kernel* vnni_here();
const Kernel* amx_here();
// All of them, plain first.
std::vector<const Kernel*> kernels_here();

}  // namespace qfs::fours
