// A progress bar on stderr, drawn only when stderr is a terminal.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "common/print.hpp"

namespace qfs {

class Progress {
 public:
  Progress(std::string_view label, std::size_t total)
      : label_(label), total_(total), shown_(::isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (shown_) std::fputs("\r\x1b[K", stderr);  // leave the line as it was
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` of `total` steps; `note` is appended, e.g. "loss 0.12".
  void update(std::size_t done, std::string_view note = "") {
    if (!shown_ || total_ == 0) return;
    const double fraction = static_cast<double>(done) / static_cast<double>(total_);
    const std::string line = label_ + " [" + bar(fraction, 30) + "] " +
                             std::to_string(static_cast<int>(100.0 * fraction)) + "% " +
                             std::string(note);
    if (line == last_) return;
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    last_ = line;
  }

 private:
  std::string label_, last_;
  std::size_t total_;
  bool shown_;
};

}  // namespace qfs
