// Judges exercise 4.4.
#include "4_mcnemar.hpp"

#include <cmath>

#include "04_mnist_mlp/mcnemar.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(3736);

namespace {

void expect_p(std::size_t only_a, std::size_t only_b, double expected) {
  INFO("only a: " << only_a << ", only b: " << only_b);
  const double got = exercise::mcnemar_p(only_a, only_b);
  CHECK(std::fabs(got - expected) <= 1e-9 * expected);  // nine digits, as the exercise says
}

}  // namespace

TEST_CASE("4.4 small counts, on paper") {
  expect_p(0, 0, 1.0);
  expect_p(1, 0, 1.0);             // 2 * 1/2
  expect_p(0, 5, 2.0 / 32.0);      // 2 * 1/32
  expect_p(2, 8, 112.0 / 1024.0);  // 2 (1 + 10 + 45) / 1024
  expect_p(8, 2, 112.0 / 1024.0);
  expect_p(0, 100, 2.0 * 0x1p-100);
  expect_p(99, 1, 2.0 * 101.0 * 0x1p-100);
}

TEST_CASE("4.4 p is never above 1") {
  expect_p(1, 1, 1.0);
  expect_p(4, 4, 1.0);
  expect_p(3, 4, 1.0);
}

TEST_CASE("4.4 thousands of digits") {
  CHECK(std::isfinite(exercise::mcnemar_p(1400, 1600)));
  expect_p(1400, 1600, qfs::mcnemar_p(1400, 1600));
  expect_p(1500, 1500, 1.0);
  CHECK(exercise::mcnemar_p(0, 3000) < 1e-300);
  CHECK(exercise::mcnemar_p(0, 3000) >= 0.0);
}

TEST_CASE("4.4 every pair of counts up to 60 gives what the chapter gives") {
  for (std::size_t a = 0; a <= 60; ++a)
    for (std::size_t b = 0; b <= 60; ++b) expect_p(a, b, qfs::mcnemar_p(a, b));
}
