#include "common/signals.hpp"

#include <unistd.h>

namespace qfs {
namespace {

// Those that end a program unless it says otherwise, and that come from outside.
constexpr int kEnding[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXCPU};

// Never destroyed: a signal may come while the program ends. It changes only while signals wait.
std::vector<std::string>& to_remove() {
  static auto& paths = *new std::vector<std::string>;
  return paths;
}

// A signal may interrupt anything, so that this may neither allocate nor look into a folder.
void remove_and_end(int number) {
  for (const std::string& path : to_remove())
    if (::unlink(path.c_str()) != 0) ::rmdir(path.c_str());
  ::raise(number);  // takes effect on return, and ends the program: SA_RESETHAND
}

}  // namespace

HeldSignals::HeldSignals() {
  sigset_t ending;
  ::sigemptyset(&ending);
  for (int number : kEnding) ::sigaddset(&ending, number);
  ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
}

HeldSignals::~HeldSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void remove_at_signal(std::vector<std::string> paths) {
  const HeldSignals held;
  to_remove() = std::move(paths);
  for (int number : kEnding) {
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_DFL) continue;
    struct sigaction action {};
    action.sa_handler = remove_and_end;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigfillset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace qfs
