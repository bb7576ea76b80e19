// Threads that wait for work and do it together. Starting a thread takes longer than a small batch.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace qfs {

// Throws Error below 1 and above 1024.
void require_thread_count(int count);

class Workers {
 public:
  // `count` threads, the caller's among them (require_thread_count).
  explicit Workers(int count);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int count() const { return static_cast<int>(threads_.size()) + 1; }

  // Calls task(0) to task(count() - 1), each on its thread, 0 on the caller's, and returns when all
  // are done. Throws one of their exceptions. Allocates nothing. Not for two callers at once.
  void run(const std::function<void(int)>& task);

 private:
  void stop();
  void wait_for_work(int worker);

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable begin_, done_;
  const std::function<void(int)>* task_ = nullptr;
  std::exception_ptr failure_;
  std::size_t round_ = 0;  // counts calls of run
  int busy_ = 0;
  bool stop_ = false;
};

}  // namespace qfs
