// For the fuzz targets of readers that take a path: a file that lies in memory.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <span>
#include <string>

class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("input", 0)) {
    if (descriptor_ < 0) __builtin_trap();
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // The path of a file that holds just these bytes, until the next call.
  std::string holding(std::span<const std::byte> bytes) const {
    const auto size = static_cast<::off_t>(bytes.size());
    if (::ftruncate(descriptor_, size) != 0 ||
        ::pwrite(descriptor_, bytes.data(), bytes.size(), 0) != size)
      __builtin_trap();
    return "/proc/self/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};
