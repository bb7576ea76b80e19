#include "bench/backends.hpp"

#include "13_int8_engine/fast_backends.hpp"

namespace qfs::bench {
namespace {

const Backend& ref() { return ref_backend(); }
bool always() { return true; }

constexpr TimedBackend kRef = {ref, always, nullptr, false, {}};
constexpr TimedBackend kFast[] = {
    {fast_avx2_backend, can_run_avx2, "AVX2", true, {"vpmaddubsw_16"}},
    {fast_vnni_backend, can_run_vnni, "AVX512_CORE_VNNI", false, {"vpdpbusd_zmm", "vpdpbusd_ymm"}},
    {fast_amx_backend, can_run_amx, "DEFAULT", false, {"tdpbusd"}},
};

}  // namespace

std::vector<TimedBackend> backends_here() {
  std::vector<TimedBackend> here;
  for (const TimedBackend& entry : kFast)
    if (entry.runs_here()) here.push_back(entry);
  if (here.empty()) here.push_back(kRef);
  return here;
}

std::optional<double> limit_of(const TimedBackend& backend, std::span<const LimitRow> limits) {
  for (const char* name : backend.limits)
    if (name != nullptr)
      if (const auto limit = limit_called(limits, name)) return limit;
  return std::nullopt;
}

}  // namespace qfs::bench
