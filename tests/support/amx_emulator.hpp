// AMX on a CPU without it. While an AmxEmulator lives, each of the kernel's instructions that this
// CPU does not know raises SIGILL; the handler does what the manual says, by the tdpbusd of chapter
// 12 in plain C++, and goes on behind it. So the very code that is to run on AMX is run, with every
// address and stride in it. One at a time, in one thread; x86-64 Linux.
#pragma once

#include <cstddef>

namespace qfs::test {

#if defined(__x86_64__) && defined(__linux__)

class AmxEmulator {
 public:
  AmxEmulator();
  ~AmxEmulator();
  AmxEmulator(const AmxEmulator&) = delete;
  AmxEmulator& operator=(const AmxEmulator&) = delete;
};

// Of those that were emulated since the last one of them was made.
struct AmxCounts {
  std::size_t configurations = 0, releases = 0, loads = 0, stores = 0, products = 0;
};
AmxCounts amx_counts();
// Whether tiles are configured now.
bool amx_configured();

#endif

}  // namespace qfs::test
