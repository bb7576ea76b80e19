// Stands in for the judge of an exercise with AVX2 intrinsics where the CPU is no x86-64: the
// answer cannot even be compiled there.
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(1);

TEST_CASE("this exercise needs a CPU with AVX2") {
  INFO(
      "AVX2 is an instruction set of x86-64, and this machine is another: solve it on one that is");
  const bool is_x86_64 = false;
  REQUIRE(is_x86_64);
}
