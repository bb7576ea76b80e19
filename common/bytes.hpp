// Whole files in and out of memory, and a cursor whose every read is checked against what is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/check.hpp"

namespace qfs {

// 512 MiB: twice the largest data set that is read (idx.hpp).
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 29;

// The bytes of a regular file. Throws Error when it is missing, a directory, empty, or larger than
// max_bytes, and PermissionError when it may not be read.
std::vector<std::byte> read_file(const std::string& path, std::size_t max_bytes = kMaxFileBytes);

// Writes `text` to `path` so that a reader sees the old file or the whole new one, never a part,
// and a signal leaves none. A symbolic link is followed, also to a file that is not there yet.
// Throws Error when that fails, or when a folder, a device or a pipe stands there.
void write_file_atomically(const std::string& path, std::string_view text);

// Both throw Error where such a file cannot be written, or such a directory not be made or written
// into. For places that a program is given: it asks before its work, not after. They write nothing.
void require_file_place(const std::string& path);
void require_directory_place(const std::string& path);

// Throws PermissionError unless the files of this directory may be listed and opened.
void require_readable_directory(const std::string& path);

// Reads numbers and runs of bytes from front to back; a field that reaches past the end
// is an Error.
class ByteReader {
 public:
  // `name` is the file's, for messages; `what_to_do` is their advice. `bytes` must
  // outlive the reader.
  ByteReader(std::span<const std::byte> bytes, std::string name, std::string what_to_do)
      : bytes_(bytes), name_(std::move(name)), what_to_do_(std::move(what_to_do)) {}

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  // The next `count` bytes, not copied.
  std::span<const std::byte> take(std::uint64_t count, std::string_view field) {
    require(
        count <= left(), [&] { return name_ + " ends inside " + std::string(field); },
        [&] { return std::to_string(left()) + " bytes left"; },
        [&] { return std::to_string(count) + " bytes"; }, what_to_do_);
    const auto run = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += run.size();
    return run;
  }

  // An unsigned number of sizeof(T) bytes, lowest byte first.
  template <class T>
  T little_endian(std::string_view field) {
    std::uint64_t value = 0;
    int shift = 0;
    for (std::byte byte : take(sizeof(T), field)) {
      value |= std::to_integer<std::uint64_t>(byte) << shift;
      shift += 8;
    }
    return static_cast<T>(value);
  }

  // An unsigned number of sizeof(T) bytes, highest byte first.
  template <class T>
  T big_endian(std::string_view field) {
    std::uint64_t value = 0;
    for (std::byte byte : take(sizeof(T), field))
      value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return static_cast<T>(value);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  std::string name_, what_to_do_;
};

}  // namespace qfs
