#include "common/cpu.hpp"

#include <fstream>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace qfs {
#if defined(__x86_64__)
namespace {

// Whether the OS keeps the registers of AMX, XCR0 bits 17 and 18. `ecx` is that of cpuid's leaf 1,
// whose bit 27 says that XCR0 can be read.
bool os_keeps_tiles(unsigned ecx) {
  if ((ecx & (1U << 27)) == 0) return false;
  unsigned low = 0, high = 0;
  asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  constexpr unsigned kTiles = 3U << 17;
  return (low & kTiles) == kTiles;
}

// Leaf 7, EDX: bit 24 is AMX-TILE, bit 25 AMX-INT8.
bool has_amx_int8() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  constexpr unsigned kTileAndInt8 = 3U << 24;
  if ((edx & kTileAndInt8) != kTileAndInt8) return false;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && os_keeps_tiles(ecx);
}

}  // namespace
#endif

namespace {

CpuFeatures look_at_cpu() {
  CpuFeatures features;
#if defined(__x86_64__)
  __builtin_cpu_init();
  features.avx2 = __builtin_cpu_supports("avx2") != 0;
  features.fma = __builtin_cpu_supports("fma") != 0;
  features.avx512_vnni = __builtin_cpu_supports("avx512vnni") != 0 &&
                         __builtin_cpu_supports("avx512bw") != 0 &&
                         __builtin_cpu_supports("avx512vl") != 0;
  features.amx_int8 = has_amx_int8();
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;  // AVX-VNNI: leaf 7, subleaf 1, EAX bit 4
  if (features.avx2 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0)
    features.avx_vnni = (eax & (1U << 4)) != 0;
#endif
  return features;
}

}  // namespace

// Once: in a virtual machine the host answers cpuid, which takes tens of microseconds.
CpuFeatures cpu_features() {
  static const CpuFeatures features = look_at_cpu();
  return features;
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0 && line.find(": ") != std::string::npos)
      return line.substr(line.find(": ") + 2);
  return "unknown CPU";
}

std::string cpu_text() {
  const CpuFeatures features = cpu_features();
  std::string text = cpu_name();
  if (features.avx2) text += ", AVX2";
  if (features.fma) text += ", FMA";
  if (features.avx_vnni) text += ", AVX-VNNI";
  if (features.avx512_vnni) text += ", AVX512-VNNI";
  if (features.amx_int8) text += ", AMX";
#if defined(__clang__)
  return text + "; Clang " + __clang_version__;
#else
  return text + "; GCC " + __VERSION__;
#endif
}

}  // namespace qfs
