#include "common/bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "common/signals.hpp"

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

// Where the symbolic link `path` leads, link after link; the file at its end need not exist, as for
// open(2). Any other path is its own end.
std::filesystem::path end_of_links(const std::string& path) {
  constexpr int kMaxLinks = 40;  // as many as the system follows
  std::filesystem::path end = path;
  std::error_code error;
  for (int links = 0; std::filesystem::is_symlink(std::filesystem::symlink_status(end, error));
       ++links) {
    require(links < kMaxLinks, "cannot write " + path, "links that lead to one another",
            "a name that leads to a file", kElsewhere);
    end = end.parent_path() / std::filesystem::read_symlink(end, error);
  }
  return end;
}

// The file that a rename may replace: where a symbolic link leads. A folder, a device or a pipe is
// an Error, since a rename would put a file in its place.
std::string replaceable(const std::string& path) {
  const std::filesystem::path end = end_of_links(path);
  std::error_code error;
  const auto status = std::filesystem::status(end, error);
  require(!std::filesystem::exists(status) || std::filesystem::is_regular_file(status),
          "cannot write " + path, "a folder, a device or a pipe",
          "a regular file, or a name that is free", kElsewhere);
  return end.string();
}

// Throws Error where the folder that a relative path starts from is no more.
std::filesystem::path absolute_place(const std::string& path) {
  std::error_code error;
  std::filesystem::path place = std::filesystem::absolute(path, error);
  require(!error, "cannot write " + path, "the working folder: " + error.message(),
          "a working folder that exists", "change into another folder, or give a path from /");
  return place;
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
  const std::filesystem::path target = absolute_place(replaceable(path));
  require(target.has_filename(), "cannot write " + path, "the name of a directory",
          "the name of a file", kElsewhere);
  require_writable(target.parent_path(), path);
}

void require_directory_place(const std::string& path) {
  std::filesystem::path there = absolute_place(path);
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

namespace {

// Writes the whole text; 0, or the errno of the step that failed.
int write_all(const std::string& path, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return errno;
  errno = 0;
  int failure = std::fwrite(text.data(), 1, text.size(), file) == text.size() ? 0 : errno;
  if (std::fclose(file) != 0 && failure == 0) failure = errno;
  return failure;
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view text) {
  const std::string target = replaceable(path);
  const std::string partial = target + ".partial-" + std::to_string(::getpid());
  const HeldSignals held;
  int failure = write_all(partial, text);
  if (failure == 0 && std::rename(partial.c_str(), target.c_str()) != 0) failure = errno;
  if (failure == 0) return;
  ::unlink(partial.c_str());
  fail("cannot write " + path, std::strerror(failure),
       "a directory that exists, is writable and has room", kElsewhere);
}

}  // namespace qfs
