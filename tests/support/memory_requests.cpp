#include "tests/support/memory_requests.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace qfs::test {

namespace {

// Of all threads.
std::atomic<std::size_t> count = 0, largest = 0;

void note(std::size_t size) noexcept {
  ++count;
  std::size_t so_far = largest;
  while (so_far < size && !largest.compare_exchange_weak(so_far, size)) {
  }
}

void* counted(std::size_t size) noexcept {
  note(size);
  return std::malloc(size > 0 ? size : 1);
}

void* counted(std::size_t size, std::align_val_t alignment) noexcept {
  note(size);
  const auto unit = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(unit, std::max(size + unit - 1, unit) / unit * unit);
}

}  // namespace

MemoryRequests requests_so_far() { return {count, largest}; }
void count_requests_anew() { count = largest = 0; }

}  // namespace qfs::test

void* operator new(std::size_t size) {
  if (void* memory = qfs::test::counted(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  if (void* memory = qfs::test::counted(size, alignment)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return qfs::test::counted(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
