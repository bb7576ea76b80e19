#include "common/temporary.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "common/check.hpp"

namespace qfs {
namespace {

constexpr const char* kExpected = "a folder for temporary files that this user may write to";
constexpr const char* kAdvice = "set TMPDIR to one";

}  // namespace

std::string make_temporary_directory() {
  std::error_code error;
  const auto place = std::filesystem::temp_directory_path(error);
  if (error) {
    const char* chosen = std::getenv("TMPDIR");
    fail("there is no place for temporary files",
         (chosen != nullptr ? "TMPDIR=" + std::string(chosen) : "no TMPDIR") + ": " +
             error.message(),
         kExpected, kAdvice);
  }
  std::string name = (place / "qfs-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    fail("cannot make the folder " + name, std::strerror(errno), kExpected, kAdvice);
  return name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace qfs
