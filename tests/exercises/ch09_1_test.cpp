// Judges exercise 9.1.
#include "1_pact.hpp"

#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(9);

using qfs::test::difference;
using Floats = std::vector<float>;

namespace {

Floats forward(const Floats& x, float alpha, int bits) {
  Floats y(x.size(), -999.0F);
  exercise::pact_forward(x, alpha, bits, y);
  return y;
}

}  // namespace

TEST_CASE("9.1 forward: two bits, alpha = 1.5, so s = 0.5") {
  CHECK(
      difference<float>(forward({-1.0F, 0.0F, 0.2F, 0.3F, 0.75F, 1.25F, 1.4F, 1.5F, 9.0F}, 1.5F, 2),
                        Floats{0, 0, 0, 0.5F, 1.0F, 1.0F, 1.5F, 1.5F, 1.5F}) == "");
}

TEST_CASE("9.1 forward: the steps are 2^bits - 1, and alpha itself is on the grid") {
  CHECK(difference<float>(forward({0.5F, 7.0F, 100.0F}, 15.0F, 4), Floats{0.0F, 7.0F, 15.0F}) ==
        "");
  CHECK(difference<float>(forward({300.0F, 127.4F}, 255.0F, 8), Floats{255.0F, 127.0F}) == "");
}

TEST_CASE("9.1 forward: ties go to even, and one bit has one step") {
  // s = 1: 0.5, 1.5, 2.5.
  CHECK(difference<float>(forward({0.5F, 1.5F, 2.5F}, 3.0F, 2), Floats{0.0F, 2.0F, 2.0F}) == "");
  CHECK(difference<float>(forward({0.9F, 1.1F, 5.0F}, 2.0F, 1), Floats{0.0F, 2.0F, 2.0F}) == "");
}

TEST_CASE("9.1 backward: every dy goes to one place") {
  const Floats x = {-1.0F, 0.0F, 0.2F, 1.4F, 1.5F, 9.0F}, dy = {1, 2, 4, 8, 16, -32};
  Floats dx(6, -999.0F);
  const double dalpha = exercise::pact_backward(x, dy, 1.5F, dx);
  // 1.4 rounds to alpha, and yet is below it.
  CHECK(difference<float>(dx, Floats{0, 0, 4, 8, 0, 0}) == "");
  CHECK(dalpha == -16.0);
}

TEST_CASE("9.1 backward: the sum is not rounded away") {
  // In float32 1 + 2^24 ones would stop at 2^24.
  Floats x(3, 10.0F), dx(3);
  const Floats dy = {16777216.0F, 1.0F, 1.0F};
  CHECK(exercise::pact_backward(x, dy, 1.0F, dx) == 16777218.0);
}

TEST_CASE("9.1 nothing but the clip: dx and dalpha share all gradients of positive numbers") {
  qfs::Rng rng(91);
  Floats x(300), dy(300), dx(300);
  double all = 0.0, passed = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(rng.normal());
    dy[i] = static_cast<float>(rng.below(17)) - 8.0F;
    if (x[i] > 0.0F) all += static_cast<double>(dy[i]);
  }
  const double dalpha = exercise::pact_backward(x, dy, 0.7F, dx);
  for (float d : dx) passed += static_cast<double>(d);
  CHECK(passed + dalpha == all);
}
