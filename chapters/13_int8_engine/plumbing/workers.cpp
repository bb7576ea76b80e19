#include "13_int8_engine/plumbing/workers.hpp"

#include <system_error>

#include "common/check.hpp"

namespace qfs {

void require_thread_count(int count) {
  require(count >= 1 && count <= 1024, "no such number of threads", count, "1 to 1024",
          "choose as many as the CPU has cores");
}

Workers::Workers(int count) {
  require_thread_count(count);
  try {
    for (int worker = 1; worker < count; ++worker)
      threads_.emplace_back([this, worker] { wait_for_work(worker); });
  } catch (const std::system_error&) {  // the system gives no more threads
    stop();
    throw;
  }
}

Workers::~Workers() { stop(); }

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  begin_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::wait_for_work(int worker) {
  std::size_t seen = 0;
  for (;;) {
    std::unique_lock lock(mutex_);
    begin_.wait(lock, [&] { return stop_ || round_ != seen; });
    if (stop_) return;
    seen = round_;
    const std::function<void(int)>& task = *task_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      task(worker);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure && !failure_) failure_ = failure;
    if (--busy_ == 0) done_.notify_one();
  }
}

void Workers::run(const std::function<void(int)>& task) {
  if (threads_.empty()) return task(0);
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    failure_ = nullptr;
    busy_ = static_cast<int>(threads_.size());
    ++round_;
  }
  begin_.notify_all();
  std::exception_ptr failure;
  try {
    task(0);
  } catch (...) {
    failure = std::current_exception();
  }
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return busy_ == 0; });
  if (!failure) failure = failure_;
  if (failure) std::rethrow_exception(failure);
}

}  // namespace qfs
