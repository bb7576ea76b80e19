#include "common/cli.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <new>

#include "common/cpu.hpp"
#include "common/dataset.hpp"
#include "common/stopwatch.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_program.hpp"

using namespace qfs::test;

namespace {

Outcome run(const std::string& arguments) { return run_program(QFS_LESSON_FOR_TESTS, arguments); }

}  // namespace

TEST_CASE("A lesson prints its title, does its work and ends with 0", "[hand]") {
  const Outcome outcome = run("");
  CHECK(outcome.code == 0);
  CHECK(outcome.out ==
        "99 Lesson for tests\nseed 1, count 3, default run: yes\n  [ok] the lesson behaves\n");
  // stderr: one line about the machine, and no progress bar off a terminal.
  CHECK(outcome.err.rfind(qfs::cpu_text(), 0) == 0);
  CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
}

TEST_CASE("Options reach the lesson", "[hand]") {
  CHECK_THAT(run("--seed 7 --count 9").out, QFS_CONTAINS("seed 7, count 9, default run: no"));
  for (const char* option : {"--quick", "--data .", "--weights .", "--seed 2"})
    CHECK_THAT(run(option).out, QFS_CONTAINS("default run: no"));
  CHECK_THAT(run("--threads 2 --trace").out, QFS_CONTAINS("default run: yes"));
}

TEST_CASE("Reals are decimal, and within their bounds", "[hand]") {
  // The double nearest to each, as %.17g shows it.
  for (const auto& [text, value] : {std::pair("0.25", "0.25"),
                                    {".75", "0.75"},
                                    {"1", "1"},
                                    {"1.0", "1"},
                                    {"0.001", "0.001"},
                                    {"1e-3", "0.001"},
                                    {"2.5E-1", "0.25"},
                                    {"0001", "1"},
                                    {"0.1", "0.10000000000000001"}}) {
    const Outcome outcome = run(std::string("--share ") + text);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, QFS_CONTAINS(std::string("\nshare ") + value + "\n"));
  }
  for (const char* text : {"0.00099", "1.0000001", "0", "-0.5", "2", "1e300"})
    CHECK_THAT(run(std::string("--share=") + text).err, QFS_CONTAINS("not in range"));
  for (const char* text : {"nan", "-nan", "inf", "0x1p-2", "0,5", "0.5x", "+0.5", "' 0.5'", "1e400",
                           "x", "-", "1e", ".", "0.5.5", "''"}) {
    const Outcome outcome = run(std::string("--share=") + text);
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");
    CHECK_THAT(outcome.err, QFS_CONTAINS("--share"));
  }
  CHECK_THAT(run("--share nan").err, QFS_CONTAINS("nan is not a number in decimal digits"));
  const OtherVariable german("LC_ALL", "de_DE.UTF-8");  // where a comma stands for the point
  CHECK_THAT(run("--share 0.25").out, QFS_CONTAINS("share 0.25"));
  CHECK(run("--share 0,25").code == 2);
}

TEST_CASE("The help says a real's default and bounds", "[hand]") {
  CHECK_THAT(run("--help").out, QFS_CONTAINS("--share FLOAT:FLOAT in [0.001 - 1]=0.5"));
}

TEST_CASE("--help ends with 0 and lists the options", "[hand]") {
  const Outcome outcome = run("--help");
  CHECK(outcome.code == 0);
  for (const char* option : {"--data", "--weights", "--seed", "--threads", "--csv", "--json",
                             "--trace", "--quick", "--behave", "--count", "shows nothing"})
    CHECK_THAT(outcome.out, QFS_CONTAINS(option));
}

TEST_CASE("Bad usage ends with 2, says why and does nothing", "[hand]") {
  for (const char* arguments :
       {"--what", "word", "--seed", "--seed x", "--seed -1", "--seed 99999999999999999999",
        "--count 0", "--count 10", "--threads 0", "--threads 257", "--data /nowhere",
        "--weights /nowhere"}) {
    const Outcome outcome = run(arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");
    CHECK_THAT(outcome.err, QFS_CONTAINS("--help"));
  }
}

TEST_CASE("An error of usage says which words were given", "[hand]") {
  CHECK_THAT(
      run("--seed x --trace").err,
      QFS_CONTAINS("error: the options are not understood: --seed: x is not a whole number") &&
          QFS_CONTAINS("\n  got:        --seed x --trace\n  expected:   options that "
                       "--help lists\n  what to do: ./learn 99 --help\n"));
}

TEST_CASE("The advice names the chapter as a reader does", "[hand]") {
  const auto advice = [](const char* title) {
    std::string name = "program", what = "--what";
    char* words[] = {name.data(), what.data(), nullptr};
    return stderr_of([&] {
      qfs::Program program(title, "shows nothing");
      CHECK(program.run(2, words, [](qfs::Lesson&) {}) == 2);
    });
  };
  CHECK_THAT(advice("01 Affine math"), QFS_CONTAINS("what to do: ./learn 1 --help"));
  CHECK_THAT(advice("10 Kernel ladder"), QFS_CONTAINS("what to do: ./learn 10 --help"));
}

TEST_CASE("The digits of a run have a name", "[hand]") {
  qfs::Options options;
  CHECK(qfs::data_name(options) == "MNIST, bundled");
  options.data_dir = "/fashion";
  CHECK(qfs::data_name(options) == "/fashion");
  options.data_dir = qfs::kFashionDir;
  CHECK(qfs::data_name(options) == "Fashion-MNIST");
}

TEST_CASE("--data fashion is Debian's package, named where it is missing", "[hand]") {
  const Outcome outcome = run("--data fashion");
  if (std::filesystem::is_directory(qfs::kFashionDir)) {
    CHECK(outcome.code == 0);
    return;
  }
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, QFS_CONTAINS("apt-get install dataset-fashion-mnist"));
}

TEST_CASE("Whole numbers are decimal", "[hand]") {
  CHECK_THAT(run("--seed 010 --count 007").out, QFS_CONTAINS("seed 10, count 7"));
  CHECK_THAT(run("--seed 000").out, QFS_CONTAINS("seed 0,"));
  for (const char* arguments :
       {"--seed 0x10", "--seed +5", "--seed 1e3", "--seed 1.0", "--seed ' 1'", "--count 0x3",
        "--count 3.0", "--threads 0b1", "--seed -"}) {
    const Outcome outcome = run(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, QFS_CONTAINS("is not a whole number in decimal digits"));
  }
  CHECK_THAT(run("--count -003").err, QFS_CONTAINS("Value -3 not in range"));
}

TEST_CASE("An option is not taken for the value of the one before it", "[hand]") {
  for (const char* arguments : {"--csv --trace", "--behave --bare", "--file --count", "--data --x",
                                "--seed --trace", "--trace --json --"}) {
    const Outcome outcome = run(arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");
    CHECK_THAT(outcome.err, QFS_CONTAINS("lacks its value"));
  }
  CHECK_THAT(run("--csv --trace").err, QFS_CONTAINS("is written --csv=--trace"));
  CHECK(run("--behave=--odd --trace --quick").code == 0);
}

TEST_CASE("Nothing is written over what is read, nor twice to one file", "[hand]") {
  const Scratch scratch;
  scratch.write("f", "x");
  std::filesystem::create_directory(scratch.path("w"));
  std::filesystem::create_symlink("f", scratch.path("link"));
  for (const char* both : {"--behave {}/f --file {}/f", "--behave {}/f --json {}/link",
                           "--file {}/f --json {}/f", "--file {}/new --json {}/new",
                           "--weights {}/w --folder {}/w/.", "--data {}/w --folder {}/w"}) {
    std::string arguments = both;
    for (std::size_t at = 0; (at = arguments.find("{}")) != std::string::npos;)
      arguments.replace(at, 2, scratch.path());
    const Outcome outcome = run(arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");
    CHECK_THAT(outcome.err, QFS_CONTAINS("which is read") || QFS_CONTAINS("have one name"));
  }
  CHECK(scratch.text_of("f") == "x");
  CHECK(run("--weights '" + scratch.path("w") + "' --folder '" + scratch.path("v") + "' --file '" +
            scratch.path("f") + "' --json '" + scratch.path("j") + "'")
            .code == 0);
}

TEST_CASE("A false claim ends with 1", "[hand]") {
  const Outcome outcome = run("--behave claim");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.out, QFS_CONTAINS("[FAILED] the lesson behaves"));
  CHECK_THAT(outcome.err, QFS_CONTAINS("1 claim(s) of this lesson failed"));
}

TEST_CASE("An Error ends with 2 and its message", "[hand]") {
  const Outcome outcome = run("--behave error");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, QFS_CONTAINS("error: the data are missing\n  got:        nothing"));
  CHECK(run("--behave exception").code == 2);
}

TEST_CASE("A place that cannot be written is refused before the lesson", "[hand]") {
  const Scratch scratch;
  CHECK(run("--json '" + scratch.path("r.json") + "'").code == 0);
  CHECK_THAT(scratch.text_of("r.json"), QFS_CONTAINS("\"count\": 3"));
  scratch.write("file", "x");
  for (const char* place : {"--json '{}/none/r'", "--file '{}/none/r'", "--json '{}'",
                            "--csv '{}/file'", "--folder '{}/file/below'", "--file '{}'"}) {
    std::string argument = place;
    const Outcome outcome = run(argument.replace(argument.find("{}"), 2, scratch.path()));
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");
    CHECK_THAT(outcome.err, QFS_CONTAINS("cannot write"));
  }
  CHECK(run("--folder '" + scratch.path("new/d") + "' --file '" + scratch.path("f") + "'").code ==
        0);
  CHECK(scratch.count_of_files() == 2);  // r.json and file: asking writes nothing
}

TEST_CASE("An empty value is not taken for no value", "[hand]") {
  for (const char* option : {"--csv", "--json", "--behave", "--file", "--folder", "--data",
                             "--weights", "--count", "--seed"}) {
    const Outcome outcome = run(std::string(option) + " ''");
    CHECK(outcome.code == 2);
    CHECK(outcome.out == "");
    CHECK_THAT(outcome.err, QFS_CONTAINS(option));
  }
}

TEST_CASE("Options that would be ignored are refused", "[hand]") {
  const Scratch scratch;
  const std::string with_file = "--bare --file '" + scratch.path("f") + "'";
  CHECK(run(with_file).code == 0);
  CHECK_THAT(run("--bare").err, QFS_CONTAINS("--bare requires --file"));
  CHECK_THAT(run(with_file + " --count 3").err,
             QFS_CONTAINS("--bare excludes --count") || QFS_CONTAINS("--count excludes --bare"));
  CHECK(run(with_file + " --csv x").code == 2);
}

TEST_CASE("The help says the range of the seed in whole numbers", "[hand]") {
  CHECK_THAT(run("--help").out, QFS_CONTAINS("[0 - 1000000000000000000]"));
  CHECK(run("--seed 1000000000000000000").code == 0);
  CHECK(run("--seed 1000000000000000001").code == 2);
}

namespace {

// The exit code of the lesson for tests under a shell's redirections.
int code_of(const std::string& rest) {
  const int status = std::system((std::string("'") + QFS_LESSON_FOR_TESTS + "' " + rest).c_str());
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("A full disk under stdout, or none, ends with 2", "[hand]") {
  if (!std::filesystem::exists("/dev/full")) return;
  CHECK(code_of("> /dev/full 2> /dev/null") == 2);
  CHECK(code_of("--behave talkative > /dev/full 2> /dev/null") == 2);
  const Scratch scratch;
  CHECK(code_of(">&- 2> '" + scratch.path("said") + "'") == 2);
  CHECK_THAT(scratch.text_of("said"), QFS_CONTAINS("stdout is closed"));
}

TEST_CASE("A closed stderr and stdin give their numbers to no file", "[hand]") {
  const Scratch scratch;
  for (const char* closed : {"<&- 2>&-", "<&-", "2>&-"}) {
    CHECK(code_of(std::string("--behave file ") + closed + " > '" + scratch.path("out") + "'") ==
          0);
    const std::string out = scratch.text_of("out");
    CHECK_THAT(out, QFS_CONTAINS("a file has number") && !QFS_CONTAINS("number 0\n") &&
                        !QFS_CONTAINS("number 2\n"));
  }
}

TEST_CASE("A full or closed stderr changes no exit code", "[hand]") {
  for (const char* away : {" 2>&-", " 2> /dev/full"}) {
    if (!std::filesystem::exists("/dev/full")) continue;
    CHECK(code_of(std::string("> /dev/null") + away) == 0);
    CHECK(code_of(std::string("--behave claim > /dev/null") + away) == 1);
    CHECK(code_of(std::string("--behave error > /dev/null") + away) == 2);
    CHECK(code_of(std::string("--what > /dev/null") + away) == 2);
  }
}

TEST_CASE("A limit of the size of files ends with 2 and leaves nothing", "[hand]") {
  const Scratch scratch;
  const std::string command = std::string("(ulimit -f 0; exec '") + QFS_LESSON_FOR_TESTS +
                              "' --json '" + scratch.path("r.json") +
                              "' 2>&1 > /dev/null; ) | cat > '" + scratch.path("said") + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  CHECK_THAT(scratch.text_of("said"),
             QFS_CONTAINS("cannot write") && QFS_CONTAINS("File too large"));
  CHECK(scratch.count_of_files() == 1);
}

TEST_CASE("run_guarded turns exceptions into exit codes", "[hand]") {
  CHECK(qfs::run_guarded([] { return 0; }) == 0);
  CHECK(qfs::run_guarded([] { return 1; }) == 1);
  CHECK(qfs::run_guarded([]() -> int { throw qfs::Error("this line is part of a test"); }) == 2);
  CHECK(qfs::run_guarded([]() -> int { throw std::bad_alloc(); }) == 2);
  CHECK_THAT(
      stderr_of([] {
        qfs::run_guarded([]() -> int { throw std::bad_alloc(); });
        qfs::run_guarded([] { return static_cast<int>(std::filesystem::file_size("/nowhere/f")); });
      }),
      QFS_CONTAINS("error: out of memory\n  what to do: free some") &&
          QFS_CONTAINS("error: cannot use /nowhere/f\n  got:        No such file or "
                       "directory\n  expected:   "));
}

TEST_CASE("run_guarded sees that something was lost, though nothing is left to write", "[hand]") {
  if (!std::filesystem::exists("/dev/full")) return;
  std::fflush(stdout);
  const int before = ::dup(STDOUT_FILENO);
  REQUIRE(std::freopen("/dev/full", "w", stdout) != nullptr);
  const int code = qfs::run_guarded([] {
    std::printf("lost");
    std::fflush(stdout);
    return 0;
  });
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
  std::clearerr(stdout);
  CHECK(code == 2);
}

TEST_CASE("median_microseconds calls often enough and is not negative", "[hand]") {
  int calls = 0;
  CHECK(qfs::median_microseconds([&] { ++calls; }, 7, 0.0) >= 0.0);
  CHECK(calls == 8);  // one unmeasured, seven measured
  const qfs::Stopwatch watch;
  CHECK(watch.seconds() >= 0.0);
}

TEST_CASE("The CPU has a name, and features follow from one another", "[hand]") {
  CHECK_FALSE(qfs::cpu_name().empty());
  const qfs::CpuFeatures features = qfs::cpu_features();
  CHECK((features.avx2 || !features.avx_vnni));
  CHECK((qfs::cpu_text().find("AVX2") != std::string::npos) == features.avx2);
  CHECK((qfs::cpu_text().find("AMX") != std::string::npos) == features.amx_int8);
}
