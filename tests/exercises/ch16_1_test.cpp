// Judges exercise 16.1. It does not know the answers: it plants the faults that it is told in the
// right net, and compares what comes out with the files.
#include "1_find_the_fault.hpp"

#include <string>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "common/dataset.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/quantized_nets.hpp"

const qfs::test::Assertions kAssertions(4);

namespace {

qfs::QuantizedNet load(const std::string& name) {
  return qfs::load_model(qfs::datasets_dir() + "/debugging/" + name + ".qfs");
}

// Whether the right net with this fault is the file; and, apart, whether the layer is right: with
// some fault in it the net is the file.
bool is_file(const std::string& name, exercise::Fault fault) {
  const qfs::QuantizedNet right = load("right");
  return qfs::ch16::why_not(right, fault).empty() &&
         qfs::test::net_difference(qfs::ch16::plant(right, fault), load(name)).empty();
}
bool is_layer(const std::string& name, exercise::Fault fault) {
  for (qfs::ch16::FaultKind kind : qfs::ch16::kFaultKinds)
    if (is_file(name, {fault.layer, kind})) return true;
  return false;
}

}  // namespace

TEST_CASE("16.1 the layer in 4.qfs") { CHECK(is_layer("4", exercise::fault_in_4())); }

TEST_CASE("16.1 the kind in 4.qfs") { CHECK(is_file("4", exercise::fault_in_4())); }

TEST_CASE("16.1 the layer in 5.qfs") { CHECK(is_layer("5", exercise::fault_in_5())); }

TEST_CASE("16.1 the kind in 5.qfs") { CHECK(is_file("5", exercise::fault_in_5())); }
