#include "common/bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

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

constexpr std::string_view kElsewhere = "choose another place";

// The file that a rename may replace: where a symbolic link leads. A folder, a device or a pipe is
// an Error, since a rename would put a file in its place.
std::string replaceable(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return path;
  require(std::filesystem::is_regular_file(status), "cannot write " + path,
          "a folder, a device or a pipe", "a regular file, or a name that is free", kElsewhere);
  return std::filesystem::canonical(path).string();
}

// Whether this user may do that in a directory; `errno` says why not. AT_EACCESS: by the effective
// user, as open() will decide.
bool may(const std::filesystem::path& directory, int what) {
  return ::faccessat(AT_FDCWD, directory.c_str(), what, AT_EACCESS) == 0;
}

void require_writable(const std::filesystem::path& directory, const std::string& path) {
  std::error_code error;
  errno = ENOTDIR;
  const bool writable =
      std::filesystem::is_directory(directory, error) && may(directory, W_OK | X_OK);
  const std::string reason = directory.string() + ": " + std::strerror(errno);
  require(writable, "cannot write " + path, reason, "a directory that exists and is writable",
          kElsewhere);
}

}  // namespace

void require_file_place(const std::string& path) {
  const std::filesystem::path target = std::filesystem::absolute(replaceable(path));
  require(target.has_filename(), "cannot write " + path, "the name of a directory",
          "the name of a file", kElsewhere);
  require_writable(target.parent_path(), path);
}

void require_directory_place(const std::string& path) {
  std::filesystem::path there = std::filesystem::absolute(path);
  std::error_code error;  // what is not there yet will be made in what is
  while (!std::filesystem::exists(std::filesystem::symlink_status(there, error)) &&
         there.has_relative_path())
    there = there.parent_path();
  require_writable(there, path);
}

void require_readable_directory(const std::string& path) {
  if (!may(path, R_OK | X_OK))
    throw PermissionError(error_text("cannot look into " + path, std::strerror(errno),
                                     "a directory that this user may read",
                                     "chmod u+rx for it and for every folder above"));
}

std::vector<std::byte> read_file(const std::string& path, std::size_t max_bytes) {
  const OpenFile file(path);  // not blocking: opening a pipe without a writer must not hang
  if (file.descriptor < 0 && errno == EACCES)
    throw PermissionError(error_text("cannot open " + path, std::strerror(errno),
                                     "a file that this user may read",
                                     "chmod u+r for the file, chmod u+x for every folder above"));
  if (file.descriptor < 0)
    fail("cannot open " + path, std::strerror(errno), "a file that can be read", "check the path");
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

void write_file_atomically(const std::string& path, std::string_view text) {
  const std::string target = replaceable(path);
  const std::string partial = target + ".partial-" + std::to_string(::getpid());
  errno = 0;
  std::FILE* file = std::fopen(partial.c_str(), "wb");
  const bool opened = file != nullptr;
  bool written = opened && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (opened) written = std::fclose(file) == 0 && written;
  const std::string reason = std::strerror(errno);
  std::error_code error;
  if (written) std::filesystem::rename(partial, target, error);
  if (written && !error) return;
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  fail("cannot write " + path, error ? error.message() : reason,
       "a directory that exists, is writable and has room", kElsewhere);
}

}  // namespace qfs
