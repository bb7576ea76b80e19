// Runs a program as a reader does, and keeps what it says.
#pragma once

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

// `arguments` are words for a shell.
inline Outcome run_program(const std::string& program, const std::string& arguments) {
  const Scratch scratch;
  const std::string command = "'" + program + "' " + arguments + " > '" + scratch.path("out") +
                              "' 2> '" + scratch.path("err") + "'";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, scratch.text_of("out"),
          scratch.text_of("err")};
}

// What `work` writes to stderr.
template <class Work>
std::string stderr_of(Work&& work) {
  const Scratch scratch;
  std::fflush(stderr);
  const int before = ::dup(STDERR_FILENO);
  require(before >= 0 && std::freopen(scratch.path("err").c_str(), "w", stderr) != nullptr,
          "stderr cannot be redirected", "", "", "");
  work();
  std::fflush(stderr);
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  return scratch.text_of("err");
}

}  // namespace qfs::test
