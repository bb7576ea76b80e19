// Exercise 16.1, solved.
#pragma once

#include "16_debugging/lesson/faults.hpp"

namespace exercise {

using qfs::ch16::Fault;
using qfs::ch16::FaultKind;

// [solution]
// 4.qfs: layer 4 is 32 dB short, and 99 % of its error is the same for every digit: its biases.
inline Fault fault_in_4() { return {4, FaultKind::bias_scale}; }

// 5.qfs: layer 1 is 40 dB short, and all of its error is in two outputs: they are swapped.
inline Fault fault_in_5() { return {1, FaultKind::swapped}; }
// [/solution]

}  // namespace exercise
