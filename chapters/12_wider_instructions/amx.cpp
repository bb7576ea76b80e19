#include "12_wider_instructions/amx.hpp"

#include "common/cpu.hpp"

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace qfs {
namespace {

bool ask_system_for_tiles() {
#if defined(__x86_64__) && defined(__linux__)
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace

bool request_amx() {
  static const bool granted = cpu_features().amx_int8 && ask_system_for_tiles();
  return granted;
}

}  // namespace qfs
