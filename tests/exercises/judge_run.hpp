// One run of Catch2, and what came of it.
#pragma once

#include <string>
#include <vector>

namespace qfs::test {

struct JudgeRun {
  int exit_code = 0;
  int passed = 0, failed = 0;  // assertions
  bool threw = false;          // an exception that no assertion asked for
  std::string first_failure;   // the name of the case
};

// `arguments` as on Catch2's command line, without the program's name.
JudgeRun run_judge(const std::vector<std::string>& arguments);

}  // namespace qfs::test
