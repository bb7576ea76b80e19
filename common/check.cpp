#include "common/check.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace qfs {

namespace {

constexpr std::size_t kMostOfGot =
    1000;  // bytes of what a broken file holds, which may be all of it
constexpr std::string_view kAdvice = "\n  what to do: ", kPlace = "\n  (noticed in ";

}  // namespace

std::string error_text(std::string_view what, std::string_view got, std::string_view expected,
                       std::string_view what_to_do, const char* file, int line) {
  std::ostringstream text;
  text << what;
  if (!got.empty()) text << "\n  got:        " << got.substr(0, kMostOfGot);
  if (got.size() > kMostOfGot) text << "... (" << got.size() << " bytes)";
  if (!expected.empty()) text << "\n  expected:   " << expected;
  if (!what_to_do.empty()) text << kAdvice << what_to_do;
  std::string_view path(file);
  const auto slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  text << kPlace << path << ":" << line << ")";
  return text.str();
}

void fail(std::string_view what, std::string_view got, std::string_view expected,
          std::string_view what_to_do, const char* file, int line) {
  throw Error(error_text(what, got, expected, what_to_do, file, line));
}

[[gnu::cold]] void fail_with(MessagePart what, MessagePart got, MessagePart expected,
                             std::string_view what_to_do, const char* file, int line) {
  fail(what.text(), got.text(), expected.text(), what_to_do, file, line);
}

namespace detail {

std::string number_text(double value) {
  char text[32];
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%g", value))};
}
std::string number_text(long long value) { return std::to_string(value); }
std::string number_text(unsigned long long value) { return std::to_string(value); }

}  // namespace detail

std::string with_other_advice(std::string_view error_text, std::string_view what_to_do) {
  const auto place = std::min(error_text.rfind(kPlace), error_text.size());
  const auto advice = std::min(error_text.rfind(kAdvice), place);
  return std::string(error_text.substr(0, advice)) + std::string(kAdvice) +
         std::string(what_to_do) + std::string(error_text.substr(place));
}

bool Claims::expect(bool holds, std::string_view text, std::string_view instruction_set) {
  if (!instruction_set.empty())
    std::printf("  [%.*s]", static_cast<int>(instruction_set.size()), instruction_set.data());
  std::printf("%s[%s] %.*s\n", instruction_set.empty() ? "  " : " ", holds ? "ok" : "FAILED",
              static_cast<int>(text.size()), text.data());
  if (!holds) ++failed_;
  return holds;
}

}  // namespace qfs
