#include "common/check.hpp"

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/run_program.hpp"

using qfs::test::message_of;

TEST_CASE("require says what, got, expected, what to do, and where", "[hand]") {
  const int line = __LINE__ + 2;
  const std::string message = message_of(
      [] { qfs::require(false, "K must be positive", 0, "at least 1", "check the weights"); });
  CHECK(message ==
        "K must be positive\n"
        "  got:        0\n"
        "  expected:   at least 1\n"
        "  what to do: check the weights\n"
        "  (noticed in check_test.cpp:" +
            std::to_string(line) + ")");
}

TEST_CASE("Empty parts of a message are left out", "[hand]") {
  const std::string message = message_of([] { qfs::fail("the disk is full", "", "", ""); });
  CHECK_THAT(message, QFS_CONTAINS("the disk is full\n  (noticed in check_test.cpp:"));
  CHECK(message.find("got") == std::string::npos);
}

TEST_CASE("What a broken file holds is not printed whole", "[hand]") {
  const auto message = [](std::size_t size) {
    return message_of([&] { qfs::fail("w", std::string(size, 'x'), "", ""); });
  };
  const std::string most(1000, 'x');
  CHECK_THAT(message(1000), QFS_CONTAINS("got:        " + most + "\n  (noticed"));
  CHECK_THAT(message(1001), QFS_CONTAINS("got:        " + most + "... (1001 bytes)\n  (noticed"));
}

TEST_CASE("with_advice gives another remedy, but not for permissions", "[hand]") {
  const auto advised = [](const auto& work) {
    return message_of([&] { qfs::with_advice("fetch it again", work); });
  };
  CHECK_THAT(advised([] { qfs::fail("it is cut off", "3", "4", "save it again"); }),
             QFS_CONTAINS("it is cut off\n  got:        3\n  expected:   4\n"
                          "  what to do: fetch it again\n  (noticed in check_test.cpp:") &&
                 !QFS_CONTAINS("save it again"));
  CHECK_THAT(advised([] { qfs::fail("it is cut off", "", "", ""); }),
             QFS_CONTAINS("cut off\n  what to do: fetch it again\n  (noticed in"));
  CHECK(advised([]() { throw qfs::Error("bare"); }) == "bare\n  what to do: fetch it again");
  CHECK(advised([]() { throw qfs::PermissionError("locked"); }) == "locked");
  CHECK(qfs::with_advice("none is needed", [] { return 7; }) == 7);
}

TEST_CASE("require does nothing when its condition holds", "[hand]") {
  CHECK(message_of([] { qfs::require(true, "never", 0, 0, ""); }) == "no error");
}

TEST_CASE("require calls for a text only when its condition fails", "[hand]") {
  int calls = 0;
  const auto text = [&calls](const char* words) {
    return [&calls, words] {
      ++calls;
      return words;
    };
  };
  const auto message = [&](bool holds) {
    return message_of([&] { qfs::require(holds, text("w"), text("g"), text("e"), "d"); });
  };
  CHECK(message(true) == "no error");
  CHECK(calls == 0);
  CHECK_THAT(message(false),
             QFS_CONTAINS("w\n  got:        g\n  expected:   e\n  what to do: d\n  (noticed in "
                          "check_test.cpp:"));
  CHECK(calls == 3);
  CHECK_THAT(message_of([&] { qfs::require(false, "plain", text("g"), 7, ""); }),
             QFS_CONTAINS("plain\n  got:        g\n  expected:   7"));
}

TEST_CASE("Claims count what is false", "[hand]") {
  qfs::Claims claims;
  CHECK(claims.expect(true, "one claim that holds"));
  CHECK(claims.failed() == 0);
  CHECK_FALSE(claims.expect(false, "one that does not (this line is part of a test)"));
  CHECK_FALSE(claims.expect_equal(2, 3, "two is three (this line is part of a test)"));
  CHECK(claims.expect_equal(2, 2, "two is two"));
  CHECK(claims.failed() == 2);
}

TEST_CASE("A claim that only some CPUs can make names the instruction set first", "[hand]") {
  qfs::Claims claims;
  bool answers[4] = {};
  const std::string said = qfs::test::stdout_of([&] {
    answers[0] = claims.expect(true, "it holds", "avx2");
    answers[1] = claims.expect(false, "it does not", std::string_view("avx512_vnni and more", 11));
    answers[2] = claims.expect(true, "it holds everywhere", {});
    answers[3] = claims.expect(false, "nowhere");
  });
  CHECK(said ==
        "  [avx2] [ok] it holds\n"
        "  [avx512_vnni] [FAILED] it does not\n"
        "  [ok] it holds everywhere\n"
        "  [FAILED] nowhere\n");
  CHECK((answers[0] && !answers[1] && answers[2] && !answers[3]));
  CHECK(claims.failed() == 2);
}
