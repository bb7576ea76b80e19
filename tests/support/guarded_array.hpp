// Numbers that begin or end where memory does: who reads or writes one byte more is stopped by the
// CPU, with and without sanitizers. The bytes on their other side tell who has written there.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "common/check.hpp"

namespace qfs::test {

// Where the numbers lie: the first right behind a page that nobody may touch, or the last right
// before one.
enum class Against { first_page, last_page };

// Against the last page, an array of n bytes begins at any alignment, as n has it; one of a
// multiple of 64 bytes begins at a multiple of 64.
template <class T>
class GuardedArray {
 public:
  explicit GuardedArray(std::size_t count, Against side = Against::last_page) : count_(count) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t usable = (count * sizeof(T) + kBeside + page - 1) / page * page;
    mapped_ = usable + 2 * page;
    void* pages = ::mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(pages != MAP_FAILED, "no memory for a test", mapped_, "bytes of it", "");
    pages_ = static_cast<std::byte*>(pages);
    usable_ = {pages_ + page, usable};
    require(::mprotect(usable_.data(), usable, PROT_READ | PROT_WRITE) == 0, "no guard page", "",
            "", "");
    std::memset(usable_.data(), kPattern, usable);
    const std::size_t at = side == Against::first_page ? 0 : usable - count * sizeof(T);
    data_ = reinterpret_cast<T*>(usable_.data() + at);
  }
  explicit GuardedArray(std::span<const T> values, Against side = Against::last_page)
      : GuardedArray(values.size(), side) {
    std::ranges::copy(values, data_);
  }
  GuardedArray(const GuardedArray&) = delete;
  GuardedArray& operator=(const GuardedArray&) = delete;
  ~GuardedArray() { ::munmap(pages_, mapped_); }

  T* data() const { return data_; }
  T* begin() const { return data_; }
  T* end() const { return data_ + count_; }
  std::span<T> values() const { return {data_, count_}; }

  // Whether nobody has written beside the numbers.
  bool intact() const {
    const auto untouched = [](std::byte b) { return b == std::byte{kPattern}; };
    return std::all_of(usable_.data(), reinterpret_cast<std::byte*>(data_), untouched) &&
           std::all_of(reinterpret_cast<std::byte*>(data_ + count_),
                       usable_.data() + usable_.size(), untouched);
  }

 private:
  static constexpr std::size_t kBeside = 256;  // bytes, at least
  static constexpr unsigned char kPattern = 0xA5;
  std::size_t count_ = 0, mapped_ = 0;
  std::byte* pages_ = nullptr;
  std::span<std::byte> usable_{};
  T* data_ = nullptr;
};

}  // namespace qfs::test
