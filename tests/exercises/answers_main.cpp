// Runs the judge once for every answer, each in a process of its own, and demands of each what its
// file says of it: a right answer meets all assertions, a wrong one fails an assertion (it neither
// crashes, nor hangs, nor throws), and the exercise as it is set says that it is not written yet.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "tests/exercises/answer_list.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/exercises/judge_run.hpp"

namespace {

using qfs::test::AnswerEntry;
using qfs::test::Kind;

constexpr unsigned kSeconds = 60;  // an answer may loop for ever
constexpr long kFewestWrong = 8, kFewestRight = 2;

enum Outcome { passed = 0, refused = 1, threw = 2, too_few = 3 };

// In the child: judges answer i with the standard output going to `pipe`, and says at the end which
// case has refused it.
[[noreturn]] void judge_and_exit(std::size_t i, int pipe) {
  alarm(kSeconds);
  dup2(pipe, STDOUT_FILENO);
  const auto run = qfs::test::run_judge({"--abort", std::to_string(i) + ": *"});
  std::cout << "\n" << run.first_failure << std::flush;
  const bool whole = run.passed == qfs::test::expected_assertions;
  _exit(run.threw ? threw : run.failed > 0 ? refused : whole ? passed : too_few);
}

std::string read_all(int pipe) {
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = read(pipe, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  return text;
}

struct Judged {
  int status = 0;  // as waitpid gives it
  std::string output;
};

Judged judge(std::size_t i) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return {-1, "no pipe"};
  std::cout.flush();  // or the child prints it again
  const pid_t child = fork();
  if (child == 0) judge_and_exit(i, ends[1]);
  close(ends[1]);
  Judged judged;
  judged.output = read_all(ends[0]);
  close(ends[0]);
  if (child < 0 || waitpid(child, &judged.status, 0) != child) judged.status = -1;
  return judged;
}

bool as_demanded(Kind kind, const Judged& judged) {
  if (!WIFEXITED(judged.status)) return false;
  const int outcome = WEXITSTATUS(judged.status);
  if (kind == Kind::right) return outcome == passed;
  if (kind == Kind::wrong) return outcome == refused;
  return outcome == threw && judged.output.find("not written yet") != std::string::npos;
}

// "refused by 1.1 on paper", without the answer's number.
std::string outcome_text(const Judged& judged) {
  if (!WIFEXITED(judged.status)) return "CRASHED, or ran for too long";
  const std::size_t last_line = judged.output.rfind('\n') + 1;
  const std::size_t colon = judged.output.find(": ", last_line);
  const std::string name = colon == std::string::npos ? "" : judged.output.substr(colon + 2);
  switch (WEXITSTATUS(judged.status)) {
    case passed:
      return "accepted";
    case refused:
      return "refused by " + name;
    case threw:
      return "threw in " + name;
    default:
      return "met another number of assertions than the judge has";
  }
}

}  // namespace

int main() {
  const auto& answers = qfs::test::answers;
  const std::array<const char*, 3> kinds = {"set  ", "right", "wrong"};
  bool good = true;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Judged judged = judge(i);
    const bool ok = as_demanded(answers[i].kind, judged);
    std::cout << (ok ? "ok      " : "FAILED  ") << kinds[static_cast<std::size_t>(answers[i].kind)]
              << "  " << answers[i].what << ": " << outcome_text(judged) << "\n";
    if (!ok) std::cout << judged.output << "\n";
    good = good && ok;
  }
  const auto count = [&](Kind kind) {
    return std::ranges::count(answers, kind, &AnswerEntry::kind);
  };
  std::cout << count(Kind::right) << " right and " << count(Kind::wrong)
            << " wrong answers; at least " << kFewestRight << " and " << kFewestWrong << "\n";
  return good && count(Kind::right) >= kFewestRight && count(Kind::wrong) >= kFewestWrong ? 0 : 1;
}
