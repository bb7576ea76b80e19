#include "common/folder_cache.hpp"

#include <signal.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "common/check.hpp"
#include "common/dataset.hpp"
#include "common/signals.hpp"
#include "common/temporary.hpp"

namespace qfs {
namespace {

namespace fs = std::filesystem;
using Save = std::function<void(const std::string& folder)>;

constexpr const char* kPartial = ".partial-";  // and the number of the process that writes it

fs::path cache_directory() { return fs::path(datasets_dir()).parent_path() / "work" / "cache"; }

// Where folders stay until the program ends, also by a signal, if the cache cannot be written; made
// when first needed.
class OwnDirectory {
 public:
  OwnDirectory() = default;
  ~OwnDirectory() {
    const HeldSignals held;
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  OwnDirectory(const OwnDirectory&) = delete;
  OwnDirectory& operator=(const OwnDirectory&) = delete;
  const fs::path& path() const { return path_; }  // empty until made
  void keep(const std::string& name, const Save& save) {
    const HeldSignals held;
    if (path_.empty()) path_ = make_temporary_directory();
    save((path_ / name).string());
    std::vector<std::string> all = {path_.string()};
    for (const auto& entry : fs::recursive_directory_iterator(path_))
      all.push_back(entry.path().string());
    std::ranges::reverse(all);  // what lies in a folder before the folder
    remove_at_signal(std::move(all));
  }

 private:
  fs::path path_;
};

OwnDirectory& own_directory() {
  static OwnDirectory directory;
  return directory;
}

// Removes what programs that were stopped while saving have left beside the folder.
void remove_leftovers(const fs::path& folder) {
  const std::string prefix = folder.filename().string() + kPartial;
  std::error_code error, ignored;
  for (fs::directory_iterator entry(folder.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const int process = std::atoi(name.c_str() + prefix.size());
    if (process <= 0 || (::kill(process, 0) != 0 && errno == ESRCH))
      fs::remove_all(entry->path(), ignored);
  }
}

// Saved under another name and renamed, so that nobody ever reads half of it.
void save_in_cache(const fs::path& folder, const Save& save) {
  remove_leftovers(folder);
  const fs::path partial = folder.string() + kPartial + std::to_string(::getpid());
  const HeldSignals held;
  std::error_code error, ignored;
  try {
    save(partial.string());
  } catch (const Error&) {
    fs::remove_all(partial, ignored);
    throw;
  }
  fs::rename(partial, folder, error);
  if (!error) return;
  fs::remove_all(partial, ignored);
  require(fs::is_directory(folder, ignored), "cannot write " + folder.string(),  // or another
          error.message(), "a name that is free", "remove what stands there");   // was faster
}

}  // namespace

std::string cached_folder(const std::string& name) {
  std::error_code error;
  const fs::path own = own_directory().path() / name;
  const bool is_own = !own_directory().path().empty() && fs::exists(own, error);
  return (is_own ? own : cache_directory() / name).string();
}

void keep_folder(const std::string& name, std::string_view what, const Save& save) {
  const std::string folder = cached_folder(name);
  std::error_code error;
  if (fs::exists(folder, error)) return;
  try {
    save_in_cache(folder, save);
  } catch (const Error& reason) {
    std::fprintf(stderr, "%.*s is not kept for the next run: %s\n", static_cast<int>(what.size()),
                 what.data(), reason.what());
    own_directory().keep(name, save);
  }
}

std::string crc_text(std::initializer_list<std::span<const std::uint8_t>> parts) {
  uLong crc = 0;
  for (const auto part : parts) crc = crc32_z(crc, part.data(), part.size());
  char text[16];
  std::snprintf(text, sizeof text, "%08lx", crc);
  return text;
}

}  // namespace qfs
