#include "bench/limits/measure.hpp"

#include <cstdint>

#include "10_kernel_ladder/rungs.hpp"
#include "bench/limits/limits.hpp"
#include "common/cpu.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace qfs::bench {
namespace {

struct Loop {
  const char* name;
  const char* instruction;
  double (*run)(std::size_t rounds);
};

#if defined(__x86_64__)
// AMX-INT8: leaf 7, EDX bits 24 and 25. Linux hands out the tiles to who asks for them.
bool may_use_amx() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned kTileAndInt8 = 1U << 24 | 1U << 25;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  if ((edx & kTileAndInt8) != kTileAndInt8) return false;
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

std::vector<Loop> loops_of_this_cpu() {
  const CpuFeatures cpu = cpu_features();
  std::vector<Loop> loops;
  if (cpu.avx2 && cpu.fma) loops.push_back({"fma_ymm", "vfmadd231ps ymm", ladder::limit_fma});
  if (__builtin_cpu_supports("avx512f") != 0)
    loops.push_back({"fma_zmm", "vfmadd231ps zmm", limit_fma_zmm});
  if (cpu.avx2) {
    loops.push_back({"vpmaddwd", "vpmaddwd, vpaddd", ladder::limit_madd});
    loops.push_back({"vpmaddubsw", "vpmaddubsw, vpmaddwd, vpaddd", ladder::limit_maddubs});
    loops.push_back({"vpmaddubsw_4", "the same, 4 products a lane", limit_lane_of_4});
    loops.push_back({"vpmaddubsw_16", "the same, 16 products a lane", limit_lane_of_16});
    loops.push_back({"vpmaddubsw_all", "vpmaddubsw, vpaddw, never widened", limit_16_bits});
  }
  if (cpu.avx512_vnni) {
    loops.push_back({"vpdpbusd_ymm", "vpdpbusd ymm", limit_vpdpbusd_ymm});
    loops.push_back({"vpdpbusd_zmm", "vpdpbusd zmm", limit_vpdpbusd_zmm});
  } else if (cpu.avx_vnni) {
    loops.push_back({"vpdpbusd_ymm", "vpdpbusd ymm", limit_vpdpbusd_vex});
  }
  if (may_use_amx()) loops.push_back({"tdpbusd", "tdpbusd, 4 tiles of sums", limit_tdpbusd});
  return loops;
}
#else
std::vector<Loop> loops_of_this_cpu() { return {}; }
#endif

}  // namespace

std::vector<LimitRow> measure_limits(const Effort& effort) {
  constexpr std::size_t kRounds = 2000;  // microseconds
  const std::vector<Loop> loops = loops_of_this_cpu();
  std::vector<Contender> contenders;
  for (const Loop& loop : loops)
    contenders.push_back([&loop](std::size_t repeats) {
      return std::optional(time_calls(repeats, [&] { loop.run(kRounds); }));
    });
  const auto timings = alternate(contenders, effort);
  std::vector<LimitRow> limits;
  for (std::size_t i = 0; i < loops.size(); ++i)
    limits.push_back(
        {loops[i].name, loops[i].instruction, loops[i].run(kRounds) / (timings[i]->median * 1e3)});
  return limits;
}

std::optional<double> limit_called(std::span<const LimitRow> limits, std::string_view name) {
  const auto limit = std::ranges::find(limits, name, &LimitRow::name);
  return limit == limits.end() ? std::nullopt : std::optional(limit->gmacs);
}

double measure_memory(const Effort& effort, std::size_t bytes) {
  const std::vector<std::uint64_t> memory(bytes / sizeof(std::uint64_t), 1);
  std::uint64_t sum = 0;
  const Contender reader = [&](std::size_t repeats) {
    return std::optional(time_calls(repeats, [&] {
      std::uint64_t parts[8] = {};  // which do not wait for each other
      for (std::size_t i = 0; i + 8 <= memory.size(); i += 8)
        for (std::size_t c = 0; c < 8; ++c) parts[c] ^= memory[i + c];
      for (const std::uint64_t part : parts) sum += part;
      asm volatile("" : "+r"(sum));
    }));
  };
  return static_cast<double>(bytes) / (alternate({&reader, 1}, effort)[0]->median * 1e3);
}

}  // namespace qfs::bench
