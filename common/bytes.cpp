#include "common/bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace qfs {
namespace {

// Closes the file when the reading function returns or throws.
struct OpenFile {
  explicit OpenFile(const std::string& path)
      : descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK)) {}
  ~OpenFile() {
    if (descriptor >= 0) ::close(descriptor);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor;
};

// The size of a regular file that is not empty and not too large.
std::size_t checked_size(const OpenFile& file, const std::string& path, std::size_t max_bytes) {
  struct stat status {};
  const bool known = ::fstat(file.descriptor, &status) == 0;
  require(known && S_ISREG(status.st_mode), path + " is not a file",
          known && S_ISDIR(status.st_mode) ? "a directory" : "something else", "a regular file",
          "give the path of the file itself");
  const auto size = static_cast<std::size_t>(status.st_size);
  require(size > 0, path + " is empty", "0 bytes", "at least 1 byte",
          "make or fetch the file again");
  require(size <= max_bytes, path + " is too large", std::to_string(size) + " bytes",
          "at most " + std::to_string(max_bytes) + " bytes",
          "check that this is the file you meant");
  return size;
}

}  // namespace

std::vector<std::byte> read_file(const std::string& path, std::size_t max_bytes) {
  const OpenFile file(path);  // not blocking: opening a pipe without a writer must not hang
  if (file.descriptor < 0)
    fail("cannot open " + path, std::strerror(errno), "a file that can be read",
         "check the path and its permissions");
  std::vector<std::byte> bytes(checked_size(file, path, max_bytes));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file.descriptor, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    require(count > 0, "cannot read all of " + path,
            count < 0 ? std::strerror(errno) : std::to_string(done) + " bytes",
            std::to_string(bytes.size()) + " bytes",
            "check the disk, and that nothing writes to it");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace qfs
