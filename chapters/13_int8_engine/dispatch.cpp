#include "13_int8_engine/dispatch.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "13_int8_engine/fast_backends.hpp"

namespace qfs {
namespace {

std::string known_names() {
  std::string names;
  for (const KnownBackend& known : known_backends())
    names += (names.empty() ? "" : ", ") + std::string(known.backend->name);
  return names;
}

const Backend& forced_backend(std::string_view name) {
  const std::span<const KnownBackend> all = known_backends();
  const auto known =
      std::ranges::find(all, name, [](const KnownBackend& one) { return one.backend->name; });
  if (known == all.end())
    fail("QFS_FORCE_ISA names no backend", name, "one of " + known_names(),
         "set it to one of these, or unset it");
  if (!known->can_run())
    fail("QFS_FORCE_ISA asks for more than this CPU has", name,
         std::string("a CPU with ") + known->needs, "unset it to take what there is");
  return *known->backend;
}

}  // namespace

std::span<const KnownBackend> known_backends() {
  static const std::array<KnownBackend, 4> kKnown = {{
      {&fast_amx_backend(), can_run_amx, "AMX with int8, and a kernel that permits it"},
      {&fast_vnni_backend(), can_run_vnni, "AVX-VNNI or AVX512-VNNI"},
      {&fast_avx2_backend(), can_run_avx2, "AVX2"},
      {&ref_backend(), [] { return true; }, "nothing"},
  }};
  return kKnown;
}

// [choose]
const Backend& choose_backend() {
  if (const char* forced = std::getenv("QFS_FORCE_ISA"); forced != nullptr && *forced != '\0')
    return forced_backend(forced);
  return *std::ranges::find_if(known_backends(), [](const KnownBackend& one) {
            return one.can_run();
          })->backend;
}
// [/choose]

}  // namespace qfs
