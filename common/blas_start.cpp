#include "common/blas_start.hpp"

#include <cblas.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "common/cpu.hpp"
#include "common/matmul_f32.hpp"

namespace qfs {
namespace {

void restart_with_fitting_blas(char** argv) {
  constexpr const char *kKernels = "OPENBLAS_CORETYPE", *kThreads = "OPENBLAS_NUM_THREADS";
  const CpuFeatures cpu = cpu_features();
  const char* chosen_threads = std::getenv(kThreads);
  const bool is_slow = blas_kernels() == "Prescott" && std::getenv(kKernels) == nullptr && cpu.avx2;
  const bool has_threads = openblas_get_num_threads() > 1 &&
                           (chosen_threads == nullptr || std::string_view(chosen_threads) != "1");
  if (!is_slow && !has_threads) return;
  if (is_slow) ::setenv(kKernels, cpu.avx512_vnni ? "SkylakeX" : "Haswell", 1);
  if (has_threads) ::setenv(kThreads, "1", 1);
  ::execv("/proc/self/exe", argv);  // returns only where it cannot: then slowly, but right
}

}  // namespace

void start_with_blas(Program& program, char** argv) {
  restart_with_fitting_blas(argv);
  program.before_lesson([](const Options& options) {
    set_blas_threads(options.threads);
    return "OpenBLAS for " + blas_kernels();
  });
}

}  // namespace qfs
