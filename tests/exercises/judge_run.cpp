// Catch2's own code without its main, and a listener that keeps what the run was like.
#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
using ListenerBase = Catch::EventListenerBase;
#else
#define CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>
using ListenerBase = Catch::TestEventListenerBase;
#endif

#include <utility>

#include "tests/exercises/judge_run.hpp"

namespace {

qfs::test::JudgeRun current;

// An object in Catch2 2.13, a pointer in 3.x.
[[maybe_unused]] std::string name_of(const Catch::TestCaseInfo& info) { return info.name; }
[[maybe_unused]] std::string name_of(const Catch::TestCaseInfo* info) { return info->name; }

struct Listener : ListenerBase {
  using ListenerBase::ListenerBase;

  // bool in Catch2 2.13, void in 3.x.
  using Ended = decltype(std::declval<ListenerBase&>().assertionEnded(
      std::declval<const Catch::AssertionStats&>()));
  Ended assertionEnded(const Catch::AssertionStats& stats) override {
    if (stats.assertionResult.getResultType() == Catch::ResultWas::ThrewException)
      current.threw = true;
    return static_cast<Ended>(true);
  }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (stats.totals.assertions.failed > 0 && current.first_failure.empty())
      current.first_failure = name_of(stats.testInfo);
  }
  void testRunEnded(const Catch::TestRunStats& stats) override {
    current.passed = static_cast<int>(stats.totals.assertions.passed);
    current.failed = static_cast<int>(stats.totals.assertions.failed);
  }
};

CATCH_REGISTER_LISTENER(Listener)

}  // namespace

namespace qfs::test {

JudgeRun run_judge(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"judge"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  current = {};
  const int code = Catch::Session().run(static_cast<int>(argv.size()), argv.data());
  current.exit_code = code;
  return current;
}

}  // namespace qfs::test
