#include "common/check.hpp"

#include <cstdio>

namespace qfs {

void fail(std::string_view what, std::string_view got, std::string_view expected,
          std::string_view what_to_do, const char* file, int line) {
  std::ostringstream text;
  text << what;
  if (!got.empty()) text << "\n  got:        " << got;
  if (!expected.empty()) text << "\n  expected:   " << expected;
  if (!what_to_do.empty()) text << "\n  what to do: " << what_to_do;
  std::string_view path(file);
  const auto slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  text << "\n  (noticed in " << path << ":" << line << ")";
  throw Error(text.str());
}

bool Claims::expect(bool holds, std::string_view text) {
  std::printf("  [%s] %.*s\n", holds ? "ok" : "FAILED", static_cast<int>(text.size()), text.data());
  if (!holds) ++failed_;
  return holds;
}

}  // namespace qfs
