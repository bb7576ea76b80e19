#include "common/progress.hpp"

#include <fcntl.h>
#include <stdlib.h>

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"

using qfs::progress_line;
using namespace qfs::test;

TEST_CASE("A progress line is shorter than the terminal is wide", "[hand]") {
  CHECK(progress_line("work", 0.5, "loss 0.12", 80) ==
        "work [###############...............] 50% loss 0.12");
  // 40 columns less 13 of label and note and 10 of brackets, percent and blanks: a bar of 17.
  CHECK(progress_line("work", 1.0, "loss 0.12", 40) == "work [#################] 100% loss 0.12");
  CHECK(progress_line("work", 1.0, "", 40) == "work [##########################] 100% ");
  CHECK(progress_line("a label of 31 letters, and more", 0.4, "note", 40) ==
        "a label of 31 letters, and more [] 40% ");
  CHECK(progress_line("work", 1.0, "", 1) == "");
  CHECK(progress_line("work", 1.0, "", 0) == "");
}

namespace {

// What a progress bar writes to a terminal of so many columns of this kind; "" where the system has
// no pseudo-terminals.
std::string drawn_on(unsigned short columns, const char* kind) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) return "";
  const int end = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  const winsize size{24, columns, 0, 0};
  ::ioctl(terminal, TIOCSWINSZ, &size);
  const OtherVariable term("TERM", kind);
  std::fflush(stderr);
  const int before = ::dup(STDERR_FILENO);
  ::dup2(end, STDERR_FILENO);
  {
    qfs::Progress progress("training the float net, once", 4);
    for (std::size_t done : {1U, 1U, 2U, 4U}) progress.update(done, "loss 0.1234");
  }
  std::fprintf(stderr, "end");
  std::fflush(stderr);
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  std::string text(4096, '\0');
  const ssize_t count = ::read(terminal, text.data(), text.size());
  ::close(end);
  ::close(terminal);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

const std::string kWipe = "\r\x1b[K";

}  // namespace

TEST_CASE("A progress bar fits its terminal, and wipes its line at the end", "[hand]") {
  const std::string line = "training the float net, once [] ";
  const std::string narrow = drawn_on(40, "xterm");
  if (narrow.empty()) return;
  CHECK(narrow == kWipe + line + "25% los" + kWipe + line + "50% los" + kWipe + line + "100% lo" +
                      kWipe + "end");
  const std::string wide = "training the float net, once [";
  CHECK(drawn_on(100, "xterm")
            .starts_with(kWipe + wide + std::string(8, '#') + std::string(22, '.') +
                         "] 25% loss 0.1234" + kWipe));
  // A terminal that does not know its width is taken for one of 80: 79 - 39 - 9 leaves 31.
  CHECK(drawn_on(0, "xterm").starts_with(kWipe + wide + std::string(8, '#')));
}

TEST_CASE("A terminal that can wipe no line shows no progress", "[hand]") {
  for (const char* kind : {"dumb", ""})
    CHECK((drawn_on(40, kind) == "end" || drawn_on(40, "xterm").empty()));
}
