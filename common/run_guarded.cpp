// Apart from cli.cpp, so that a tool which needs this alone loads no OpenBLAS.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <new>

#include "common/cli.hpp"

namespace qfs {
namespace {

// A closed stdin or stderr becomes /dev/null, so that no file gets its number and with it what was
// meant for the terminal; a closed stdout is an Error.
void require_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    require(stream != STDOUT_FILENO, "stdout is closed", "", "", "leave out >&-");
    ::open("/dev/null", O_RDWR);
  }
}

}  // namespace

int run_guarded(const std::function<int()>& body) {
  ::signal(SIGXFSZ, SIG_IGN);  // beyond ulimit -f a write fails, as on a full disk
  std::string reason;
  try {
    require_standard_streams();
    const int code = body();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      fail("cannot write to stdout", "", "", "check the pipe or disk");
    return code;
  } catch (const std::bad_alloc&) {
    reason = error_text("out of memory", "", "", "free some, raise ulimit -v, or give less data");
  } catch (const std::filesystem::filesystem_error& error) {
    reason = error_text("cannot use " + error.path1().string(), error.code().message(),
                        "a file or folder that exists and may be used", "check the path");
  } catch (const std::exception& error) {
    reason = error.what();
  }
  std::fflush(stdout);
  std::fprintf(stderr, "error: %s\n", reason.c_str());
  return 2;
}

}  // namespace qfs
