// Answers to exercise 16.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch16_1_test.cpp"

namespace found {
const Answer kAnswer = right("names both");
namespace by_trying {
const Answer kAnswer = right("plants every fault, and compares the files");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in(const std::string& name) {
  const qfs::QuantizedNet right_net = load("right"), file = load(name);
  for (const Fault& fault : qfs::ch16::all_faults(right_net))
    if (qfs::test::net_difference(qfs::ch16::plant(right_net, fault), file).empty()) return fault;
  return {};
}
inline Fault fault_in_4() { return fault_in("4"); }
inline Fault fault_in_5() { return fault_in("5"); }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace by_trying

namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {4, FaultKind::bias_scale}; }
inline Fault fault_in_5() { return {1, FaultKind::swapped}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace found

namespace files_exchanged {
const Answer kAnswer = wrong("takes one file for the other");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {1, FaultKind::swapped}; }
inline Fault fault_in_5() { return {4, FaultKind::bias_scale}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace files_exchanged

namespace victim_in_4 {
const Answer kAnswer = wrong("counts layers from 0 in 4.qfs");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {3, FaultKind::bias_scale}; }
inline Fault fault_in_5() { return {1, FaultKind::swapped}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace victim_in_4

namespace victim_in_5 {
const Answer kAnswer = wrong("blames the layer behind in 5.qfs");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {4, FaultKind::bias_scale}; }
inline Fault fault_in_5() { return {2, FaultKind::swapped}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace victim_in_5

namespace wrong_kind_in_4 {
const Answer kAnswer = wrong("takes a lost zero point for the biases");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {4, FaultKind::zero_point}; }
inline Fault fault_in_5() { return {1, FaultKind::swapped}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace wrong_kind_in_4

namespace wrong_kind_in_5 {
const Answer kAnswer = wrong("takes a wrong scale for swapped outputs");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {4, FaultKind::bias_scale}; }
inline Fault fault_in_5() { return {1, FaultKind::weight_scale}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace wrong_kind_in_5

namespace no_such_layer {
const Answer kAnswer = wrong("names a layer that is not there");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {5, FaultKind::bias_scale}; }
inline Fault fault_in_5() { return {1, FaultKind::swapped}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace no_such_layer

namespace no_such_fault {
const Answer kAnswer = wrong("names a fault that the input cannot have");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {4, FaultKind::bias_scale}; }
inline Fault fault_in_5() { return {0, FaultKind::swapped}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace no_such_fault

namespace biases_of_layer_1 {
const Answer kAnswer = wrong("takes the biases for swapped outputs");
namespace exercise {
using qfs::ch16::Fault;
using qfs::ch16::FaultKind;
inline Fault fault_in_4() { return {4, FaultKind::bias_scale}; }
inline Fault fault_in_5() { return {1, FaultKind::bias_scale}; }
}  // namespace exercise
#include "tests/exercises/ch16_1_test.cpp"
}  // namespace biases_of_layer_1
