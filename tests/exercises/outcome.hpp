// A process of its own for code that may touch what it must not (tests/support/guarded_array.hpp).
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

namespace qfs::test {

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
