// What a program that a signal ends leaves behind: no half-written and no temporary file.
#pragma once

#include <signal.h>

#include <string>
#include <vector>

namespace qfs {

// While one of these lives, Ctrl-C and the other signals that end a program wait; afterwards they
// take effect. For work of milliseconds that must be whole or undone: a file that is written under
// another name, a folder that is removed again. They may lie within one another.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  sigset_t before_;
};

// From now on such a signal removes these files and then empty folders, in this order, before it
// ends the program; for what must stay longer than a signal can wait. A new list takes the place
// of the one before. A signal that is ignored (as under nohup) stays ignored.
void remove_at_signal(std::vector<std::string> paths);

}  // namespace qfs
