// Signals end a process, so that each case runs in a child of the test.
#include "common/signals.hpp"

#include <sys/resource.h>

#include "common/bytes.hpp"
#include "common/temporary.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/run_program.hpp"

using namespace qfs::test;
using qfs::HeldSignals;

TEST_CASE("A signal waits while it is held, and then ends the program", "[hand]") {
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXCPU}) {
    const Scratch scratch;
    CHECK(end_of_child([&] {
            {
              const HeldSignals held;
              {
                const HeldSignals within;
                ::raise(number);
              }
              scratch.write("during", "x");
            }
            scratch.write("after", "x");
          }) == -number);
    CHECK(std::filesystem::exists(scratch.path("during")));
    CHECK_FALSE(std::filesystem::exists(scratch.path("after")));
  }
}

TEST_CASE("What else waits goes on waiting while signals are held, and after", "[hand]") {
  CHECK(end_of_child([] {
          sigset_t user;
          ::sigemptyset(&user);
          ::sigaddset(&user, SIGUSR1);
          ::pthread_sigmask(SIG_BLOCK, &user, nullptr);
          {
            const HeldSignals held;
            ::raise(SIGUSR1);
          }
          ::sigpending(&user);
          ::_exit(::sigismember(&user, SIGUSR1) == 1 ? 3 : 4);
        }) == 3);
}

TEST_CASE("A signal removes the files and folders it was told of, and ends the program", "[hand]") {
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXCPU}) {
    const Scratch scratch;
    CHECK(end_of_child([&] {
            std::filesystem::create_directory(scratch.path("d"));
            scratch.write("d/f", "x");
            scratch.write("other", "x");
            qfs::remove_at_signal({scratch.path("other")});  // the second list takes its place
            qfs::remove_at_signal({scratch.path("d/f"), scratch.path("none"), scratch.path("d")});
            ::raise(number);
          }) == -number);
    CHECK(scratch.count_of_files() == 1);
    CHECK(std::filesystem::exists(scratch.path("other")));
  }
}

TEST_CASE("A signal that is ignored stays ignored", "[hand]") {
  const Scratch scratch;
  scratch.write("f", "x");
  CHECK(end_of_child([&] {
          ::signal(SIGHUP, SIG_IGN);
          qfs::remove_at_signal({scratch.path("f")});
          ::raise(SIGHUP);
          ::_exit(7);
        }) == 7);
  CHECK(scratch.count_of_files() == 1);
}

TEST_CASE("A program that ends well removes nothing at its end", "[hand]") {
  const Scratch scratch;
  scratch.write("f", "x");
  CHECK(end_of_child([&] { qfs::remove_at_signal({scratch.path("f")}); }) == 0);
  CHECK(scratch.count_of_files() == 1);
}

TEST_CASE("A signal in the middle of writing a file leaves no part of it", "[hand]") {
  // Beyond the limit of a file's size the system sends SIGXFSZ to the writer: the moment to end it.
  const Scratch scratch;
  scratch.write("f", "old");
  CHECK(end_of_child([&] {
          ::signal(SIGXFSZ, [](int) { ::raise(SIGTERM); });
          const rlimit limit{1000, 1000};
          ::setrlimit(RLIMIT_FSIZE, &limit);
          qfs::write_file_atomically(scratch.path("f"), std::string(100000, 'x'));
        }) == -SIGTERM);
  CHECK(scratch.count_of_files() == 1);
  CHECK(scratch.text_of("f") == "old");
}

TEST_CASE("A temporary directory goes away, with a signal too", "[hand]") {
  const Scratch scratch;
  const OtherVariable tmpdir("TMPDIR", scratch.path());
  {
    const qfs::TemporaryDirectory folder;
    CHECK(std::filesystem::path(folder.path()).parent_path() == scratch.path());
    CHECK(folder.path("f") == folder.path() + "/f");
    qfs::write_file_atomically(folder.path("f"), "x");
    CHECK(scratch.count_of_files() == 1);
  }
  CHECK(scratch.count_of_files() == 0);
  CHECK(end_of_child([&] {
          const qfs::TemporaryDirectory folder;
          qfs::write_file_atomically(folder.path("f"), "x");
          ::raise(SIGINT);
        }) == -SIGINT);
  CHECK(scratch.count_of_files() == 0);
}

TEST_CASE("A bad place for temporary files is named", "[hand]") {
  const Scratch scratch;
  const auto message = [] { return message_of([] { qfs::make_temporary_directory(); }); };
  {
    const OtherVariable tmpdir("TMPDIR", scratch.path("none"));
    CHECK_THAT(message(), QFS_CONTAINS("no place for temporary files") &&
                              QFS_CONTAINS("TMPDIR=" + scratch.path("none")) &&
                              QFS_CONTAINS("set TMPDIR"));
  }
  const OtherVariable tmpdir("TMPDIR", scratch.path());
  std::filesystem::permissions(
      scratch.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const Nobody nobody({scratch.path()});
  if (!nobody.is_somebody_else()) return;
  CHECK_THAT(message(), QFS_CONTAINS("cannot make the folder " + scratch.path()) &&
                            QFS_CONTAINS("Permission denied") && QFS_CONTAINS("set TMPDIR"));
}
