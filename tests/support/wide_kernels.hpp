// The kernels and the backends of chapter 12 that can be run here. Without AMX its kernel is
// emulated.
#pragma once

#include <vector>

#include "12_wider_instructions/kernels.hpp"
#include "12_wider_instructions/wide_backends.hpp"
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

#if defined(__x86_64__) && defined(__linux__)
// Backend amx on a CPU that may have none: it does not ask whether the kernel can be run.
inline Backend emulated_amx() {
  Backend backend = amx_backend();
  backend.pack = [](const Product& product) {
    PackedProduct packed = pack_shape(product, "amx");
    packed.object = std::make_shared<const FoursProduct>(pack_for(fours::amx(), product));
    return packed;
  };
  return backend;
}
#endif

// vnni where it is here; amx, to be run while a WideKernels lives.
inline std::vector<Backend> wide_backends() {
  std::vector<Backend> backends;
  if (fours::vnni_here() != nullptr) backends.push_back(vnni_backend());
#if defined(__x86_64__) && defined(__linux__)
  backends.push_back(fours::amx_here() != nullptr ? amx_backend() : emulated_amx());
#endif
  return backends;
}

}  // namespace qfs::test
