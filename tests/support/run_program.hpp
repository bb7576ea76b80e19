// Runs a program as a reader does, and keeps what it says.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/common/scratch.hpp"

namespace qfs::test {

struct Outcome {
  int code = -1;  // the exit code; -1 where a signal ended it
  std::string out, err;
};

// `arguments` are words for a shell. QFS_TEST_EMULATOR, if set, is what runs programs: a test that
// is emulated itself would otherwise leave the emulation here.
inline Outcome run_program(const std::string& program, const std::string& arguments) {
  const Scratch scratch;
  const char* emulator = std::getenv("QFS_TEST_EMULATOR");
  const std::string command = (emulator == nullptr ? "" : emulator) + std::string(" '") + program +
                              "' " + arguments + " > '" + scratch.path("out") + "' 2> '" +
                              scratch.path("err") + "'";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, scratch.text_of("out"),
          scratch.text_of("err")};
}

// How a child of the test that does `work` ends: its exit code (0 when the work is done, 99 after
// an exception), or minus the number of the signal that ended it.
template <class Work>
int end_of_child(Work&& work) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  require(child >= 0, "no child process", "", "", "");
  if (child == 0) {
    for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXCPU, SIGXFSZ})
      ::signal(number, SIG_DFL);  // Catch2 has handlers of its own
    try {
      work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      ::_exit(99);
    }
    ::_exit(0);
  }
  int status = 0;
  require(::waitpid(child, &status, 0) == child, "the child process is lost", "", "", "");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// What `work` writes to a stream.
template <class Work>
std::string said_on(std::FILE* stream, Work&& work) {
  const Scratch scratch;
  std::fflush(stream);
  const int number = ::fileno(stream), before = ::dup(number);
  require(before >= 0 && std::freopen(scratch.path("said").c_str(), "w", stream) != nullptr,
          "a stream cannot be redirected", "", "", "");
  work();
  std::fflush(stream);
  ::dup2(before, number);
  ::close(before);
  return scratch.text_of("said");
}
template <class Work>
std::string stderr_of(Work&& work) {
  return said_on(stderr, work);
}
template <class Work>
std::string stdout_of(Work&& work) {
  return said_on(stdout, work);
}

}  // namespace qfs::test
