// The backends of chapters 11 and 12 as an engine needs them: what becomes of the sums, and the
// edges, in vectors; one row by a path of its own. Integer for integer those of ref, and real for
// real.
#pragma once

#include "06_static_ptq/backend.hpp"

namespace qfs {

// "avx2", "vnni", "amx". pack throws Error where the CPU, or the system, has not what they need.
const Backend& fast_avx2_backend();
const Backend& fast_vnni_backend();
const Backend& fast_amx_backend();

bool can_run_avx2();
bool can_run_vnni();  // and AVX2, by which the edges run
bool can_run_amx();

// Below so many rows, the other path: one row after the other (avx2), or vpdpbusd in place of tiles
// (amx).
inline constexpr std::size_t kFewRowsAvx2 = 8;
inline constexpr std::size_t kFewRowsAmx = 16;

}  // namespace qfs
