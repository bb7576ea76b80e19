// Memory between two pages that nobody may touch, and a process of its own for code that may touch
// them.
#pragma once

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <functional>
#include <new>
#include <string>

namespace qfs::test {

// Where the elements lie: the first right behind the page before them, or the last right before the
// page behind them.
enum class Against { first_page, last_page };

// `size` elements, all zero.
template <class T>
class Guarded {
 public:
  Guarded(std::size_t size, Against side) : size_(size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = size * sizeof(T);
    const std::size_t inside = (bytes + page - 1) / page * page;
    mapped_ = inside + 2 * page;
    pages_ = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages_ == MAP_FAILED) throw std::bad_alloc();
    auto* first = static_cast<std::byte*>(pages_) + page;
    if (inside > 0 && mprotect(first, inside, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    if (side == Against::last_page) first += inside - bytes;
    elements_ = reinterpret_cast<T*>(first);
  }
  ~Guarded() { munmap(pages_, mapped_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  T* data() const { return elements_; }
  T* begin() const { return elements_; }
  T* end() const { return elements_ + size_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) const { return elements_[i]; }

 private:
  void* pages_ = nullptr;
  std::size_t mapped_ = 0, size_ = 0;
  T* elements_ = nullptr;
};

// What became of work().
inline std::string outcome_of(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    for (int signal : {SIGSEGV, SIGBUS, SIGILL}) std::signal(signal, SIG_DFL);
    alarm(20);
    int code = 1;
    try {
      work();
      code = 0;
    } catch (...) {
    }
    _exit(code);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return "no process could be started";
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return "ran for more than 20 seconds";
  if (WIFSIGNALED(status))
    return "crashed (signal " + std::to_string(WTERMSIG(status)) +
           "): touched what lies outside, or asks for aligned addresses";
  return WEXITSTATUS(status) == 0 ? "done" : "threw an exception";
}

}  // namespace qfs::test
