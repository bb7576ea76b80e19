// A progress bar on stderr, drawn only when stderr is a terminal that can wipe a line.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/print.hpp"

namespace qfs {

// "label [####....] 40% note" in fewer columns than the terminal has: a line that wraps cannot be
// wiped. The bar gives way first, from 30 characters to none; then the end is cut off.
inline std::string progress_line(std::string_view label, double fraction, std::string_view note,
                                 std::size_t columns) {
  const std::string percent = std::to_string(static_cast<int>(100.0 * fraction)) + "%";
  const std::size_t rest = label.size() + note.size() + std::string_view(" [] 100%  ").size();
  const std::size_t room = columns > rest ? columns - rest : 0;
  const std::string line = std::string(label) + " [" +
                           bar(fraction, static_cast<int>(std::min<std::size_t>(room, 30))) + "] " +
                           percent + " " + std::string(note);
  return line.substr(0, columns > 0 ? columns - 1 : 0);
}

class Progress {
 public:
  Progress(std::string_view label, std::size_t total)
      : label_(label), total_(total), shown_(::isatty(STDERR_FILENO) == 1 && !is_dumb()) {}
  ~Progress() {
    if (shown_) std::fputs("\r\x1b[K", stderr);  // leave the line as it was
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of `total` steps; `note` is appended, e.g. "loss 0.12".
  void update(std::size_t done, std::string_view note = "") {
    if (!shown_ || total_ == 0) return;
    const double fraction = static_cast<double>(done) / static_cast<double>(total_);
    const std::string line = progress_line(label_, fraction, note, columns_of_terminal());
    if (line == last_) return;
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    last_ = line;
  }

 private:
  static bool is_dumb() {
    const char* terminal = std::getenv("TERM");
    return terminal == nullptr || *terminal == '\0' || std::string_view(terminal) == "dumb";
  }
  static std::size_t columns_of_terminal() {
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
  }
  std::string label_, last_;
  std::size_t total_;
  bool shown_;
};

}  // namespace qfs
