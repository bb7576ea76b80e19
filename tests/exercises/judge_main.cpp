// The main of every judge: Catch2's run, then a closing line. ./learn check believes nothing else:
// an answer that ends the program never gets here, and one whose assertions have gone is told so.
#include <iostream>

#include "tests/exercises/judge.hpp"
#include "tests/exercises/judge_run.hpp"

int main(int argc, char** argv) {
  using qfs::test::expected_assertions;
  const auto run = qfs::test::run_judge({argv + 1, argv + argc});
  if (run.exit_code != 0) return run.exit_code;
  if (run.passed != expected_assertions) {
    std::cerr << "not judged: " << run.passed << " assertions ran, all of them are "
              << expected_assertions << "\n";
    return 1;
  }
  std::cout << "judged: " << run.passed << " assertions, all passed" << std::endl;
  return std::cout ? 0 : 1;
}
