// What a judge has beside its cases. It includes the answer first, then this: whatever the answer
// defines, the macros of Catch2 are Catch2's.
#pragma once

#include "tests/support/catch.hpp"

namespace qfs::test {

inline int expected_assertions = 0;

// How many assertions a right answer meets. A run that makes another number has not judged: the
// answer has ended the program, or has taken assertions away.
struct Assertions {
  explicit Assertions(int count) { expected_assertions = count; }
};

}  // namespace qfs::test
