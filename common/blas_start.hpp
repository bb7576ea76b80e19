// How a program begins that trains with OpenBLAS, or times its float products.
#pragma once

#include "common/cli.hpp"

namespace qfs {

// To be called first in main, before the program does anything.
//
// OpenBLAS chooses its kernels and starts its threads while it is loaded. On a CPU younger than the
// library it falls back to its SSE kernels ("Prescott"), some four times slower (seen: 0.3.21 on an
// Intel CPU of 2023), and every comparison with float products would be unfair. And a thread for
// every CPU, which nobody asked for, waits without end where memory is short. In either case this
// starts the program again, once: with OPENBLAS_CORETYPE set to what the CPU can run, unless that
// variable is set; and with OPENBLAS_NUM_THREADS=1. From there the lesson goes on to --threads, and
// names the kernels beside the CPU.
void start_with_blas(Program& program, char** argv);

}  // namespace qfs
