// Which backend runs: the fastest that this CPU has, or the one that QFS_FORCE_ISA names.
#pragma once

#include <span>
#include <string>

#include "06_static_ptq/backend.hpp"

namespace qfs {

struct KnownBackend {
  const Backend* backend;
  bool (*can_run)();
  const char* needs;  // what a CPU must have, for messages
};

// The fastest first, `ref` last: every one that this program has, whether this CPU can run it or
// not.
std::span<const KnownBackend> known_backends();

// The fastest one that runs here; or the one that the environment's QFS_FORCE_ISA names (amx, vnni,
// avx2, ref). Throws Error where that is unknown, or more than this CPU has: never another instead.
const Backend& choose_backend();

}  // namespace qfs
