// What machine this is, for reports and `./learn doctor`.
#pragma once

#include <string>

namespace qfs {

// The instruction sets that later chapters can use, as the CPU and the OS report them.
struct CpuFeatures {
  bool avx2 = false, fma = false, avx_vnni = false, avx512_vnni = false;
  bool amx_int8 = false;  // a process must ask for it besides (chapter 12)
};
CpuFeatures cpu_features();

// The model name, e.g. "AMD EPYC 9R14", or "unknown CPU".
std::string cpu_name();
// One line: the name, the features, the compiler.
std::string cpu_text();

}  // namespace qfs
