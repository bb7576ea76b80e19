// The kernels of chapter 12 that can be run here. Without AMX its kernel is emulated.
#pragma once

#include <vector>

#include "12_wider_instructions/kernels.hpp"
#include "tests/support/amx_emulator.hpp"

namespace qfs::test {

// Keep it while they run.
class WideKernels {
 public:
  WideKernels() : all_(fours::kernels_here()) {
#if defined(__x86_64__) && defined(__linux__)
    if (fours::amx_here() == nullptr) all_.push_back(&fours::amx());
#endif
  }
  const std::vector<const fours::Kernel*>& all() const { return all_; }

 private:
#if defined(__x86_64__) && defined(__linux__)
  AmxEmulator emulator_{};
#endif
  std::vector<const fours::Kernel*> all_;
};

}  // namespace qfs::test
