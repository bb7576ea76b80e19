// Folders for files that nobody keeps.
#pragma once

#include <string>

#include "common/signals.hpp"

namespace qfs {

// Makes a folder of its own where the system keeps temporary files ($TMPDIR, else /tmp). Throws
// Error where that cannot be.
std::string make_temporary_directory();

// Such a folder for files that live for milliseconds: it is removed with all it holds, and until
// then signals wait.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : folder_(make_temporary_directory()) {}
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  HeldSignals held_;  // first to begin, and last to end
  std::string folder_;
};

}  // namespace qfs
