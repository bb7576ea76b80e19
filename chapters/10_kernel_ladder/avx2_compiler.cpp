// Rung 2: chapter 02's loops, letter for letter, compiled for AVX2.
#include "10_kernel_ladder/rungs.hpp"

namespace qfs::ladder {

// [compiler]
void run_compiler(const Task& task) {
  const auto* w = static_cast<const std::int8_t*>(task.w);
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; ++n) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < task.K; ++k) sum += task.x[m * task.K + k] * w[n * task.K + k];
      task.acc[m * task.N + n] = sum;
    }
}
// [/compiler]

}  // namespace qfs::ladder
