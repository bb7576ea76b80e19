#include "common/cpu.hpp"

#include <fstream>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace qfs {

CpuFeatures cpu_features() {
  CpuFeatures features;
#if defined(__x86_64__)
  __builtin_cpu_init();
  features.avx2 = __builtin_cpu_supports("avx2") != 0;
  features.fma = __builtin_cpu_supports("fma") != 0;
  features.avx512_vnni =
      __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;  // AVX-VNNI: leaf 7, subleaf 1, EAX bit 4
  if (features.avx2 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0)
    features.avx_vnni = (eax & (1U << 4)) != 0;
#endif
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
#if defined(__clang__)
  return text + "; Clang " + __clang_version__;
#else
  return text + "; GCC " + __VERSION__;
#endif
}

}  // namespace qfs
