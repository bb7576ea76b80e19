// Numbers that end where memory ends: who reads or writes one byte behind them is stopped by the
// CPU, with and without sanitizers. Bytes before them tell who has written there.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "common/check.hpp"

namespace qfs::test {

// Because the end is fixed, an array of n bytes begins at any alignment, as n has it; one of a
// multiple of 64 bytes begins at a multiple of 64.
template <class T>
class GuardedArray {
 public:
  explicit GuardedArray(std::size_t count) : count_(count) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t usable = (count * sizeof(T) + kBefore + page - 1) / page * page;
    mapped_ = usable + page;
    void* start =
        ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(start != MAP_FAILED, "no memory for a test", mapped_, "bytes of it", "");
    start_ = static_cast<std::byte*>(start);
    require(::mprotect(start_ + usable, page, PROT_NONE) == 0, "no guard page", "", "", "");
    std::memset(start_, kPattern, usable);
    data_ = reinterpret_cast<T*>(start_ + usable) - count;
  }
  explicit GuardedArray(std::span<const T> values) : GuardedArray(values.size()) {
    std::ranges::copy(values, data_);
  }
  GuardedArray(const GuardedArray&) = delete;
  GuardedArray& operator=(const GuardedArray&) = delete;
  ~GuardedArray() { ::munmap(start_, mapped_); }

  T* data() const { return data_; }
  std::span<T> values() const { return {data_, count_}; }

  // Whether nobody has written before the numbers.
  bool intact() const {
    return std::all_of(start_, reinterpret_cast<std::byte*>(data_),
                       [](std::byte b) { return b == std::byte{kPattern}; });
  }

 private:
  static constexpr std::size_t kBefore = 256;  // bytes, at least
  static constexpr unsigned char kPattern = 0xA5;
  std::size_t count_, mapped_;
  std::byte* start_;
  T* data_;
};

}  // namespace qfs::test
