// Exercise 16.1: find the fault.
//
// datasets/debugging/4.qfs and 5.qfs are the narrow net in integers, each with one planted fault.
// Both load and run. Debug them,
//
//   ./learn 16 --model datasets/debugging/4.qfs
//
// and write down the layer (0 is the input) and the kind of the fault. The kinds are those of
// FaultKind in chapters/16_debugging/lesson/faults.hpp; the text tells what each looks like.
#pragma once

#include "16_debugging/lesson/faults.hpp"
#include "common/exercise.hpp"

namespace exercise {

using qfs::ch16::Fault;
using qfs::ch16::FaultKind;

inline Fault fault_in_4() {
  // TODO: return {layer, FaultKind::...};
  qfs::not_written_yet("16.1: fault_in_4");
}

inline Fault fault_in_5() {
  // TODO: return {layer, FaultKind::...};
  qfs::not_written_yet("16.1: fault_in_5");
}

}  // namespace exercise
