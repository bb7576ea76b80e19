// The backends that are timed, and with whom each is compared: one line each.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "06_static_ptq/backend.hpp"
#include "bench/limits/measure.hpp"

namespace qfs::bench {

struct TimedBackend {
  const Backend& (*backend)();
  bool (*runs_here)();
  // What oneDNN is pinned to, DNNL_MAX_CPU_ISA; null: it is not timed beside this one.
  const char* onednn_isa;
  // Whether the float libraries are held to AVX2 beside it, or may use what they find.
  bool float_held_to_avx2;
  // The limit of its instructions: the first of these that this CPU has (limits/measure.cpp).
  std::array<const char*, 2> limits;
};

// Those that this CPU runs; ref alone where it runs no other.
std::vector<TimedBackend> backends_here();

// GMAC/s of its instructions; nothing where they were not measured.
std::optional<double> limit_of(const TimedBackend& backend, std::span<const LimitRow> limits);

}  // namespace qfs::bench
