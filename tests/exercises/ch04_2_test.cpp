// Judges exercise 4.2.
#include <cmath>
#include <vector>

#include "04_mnist_mlp/adam.hpp"
#include "2_adam.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

namespace {

exercise::AdamState fresh(std::size_t count) {
  return {std::vector<float>(count), std::vector<float>(count), 0};
}

}  // namespace

TEST_CASE("4.2 the first step is 0.001 against the sign, however large the gradient") {
  std::vector<float> w = {1.0F, 1.0F, 1.0F, 1.0F};
  const std::vector<float> gradient = {100.0F, -0.5F, 1e-5F, 0.0F};
  exercise::AdamState state = fresh(4);
  exercise::adam_step(state, w, gradient);
  CHECK(std::fabs(w[0] - 0.999F) <= 1e-6F);
  CHECK(std::fabs(w[1] - 1.001F) <= 1e-6F);
  CHECK(std::fabs(w[2] - 0.999001F) <= 1e-6F);
  CHECK(w[3] == 1.0F);
  CHECK(state.t == 1);
}

TEST_CASE("4.2 eps is added after the root") {
  std::vector<float> w = {0.0F};
  const std::vector<float> gradient = {1e-8F};
  exercise::AdamState state = fresh(1);
  exercise::adam_step(state, w, gradient);
  INFO("with |g| = eps the step is 0.001 * g / (g + g)");
  CHECK(std::fabs(w[0] + 0.0005F) <= 1e-6F);
}

TEST_CASE("4.2 the state is the running means") {
  std::vector<float> w = {0.0F};
  exercise::AdamState state = fresh(1);
  exercise::adam_step(state, w, std::vector<float>{2.0F});
  CHECK(std::fabs(state.m[0] - 0.2F) <= 1e-7F);    // 0.1 * 2
  CHECK(std::fabs(state.v[0] - 0.004F) <= 1e-8F);  // 0.001 * 4
  exercise::adam_step(state, w, std::vector<float>{-1.0F});
  CHECK(std::fabs(state.m[0] - 0.08F) <= 1e-7F);      // 0.9 * 0.2 - 0.1
  CHECK(std::fabs(state.v[0] - 0.004996F) <= 1e-8F);  // 0.999 * 0.004 + 0.001
}

TEST_CASE("4.2 two hundred random steps follow the chapter's Adam") {
  qfs::Rng rng(42);
  std::vector<float> w(30), gradient(30);
  for (float& value : w) value = static_cast<float>(rng.normal());
  std::vector<float> mine = w;
  exercise::AdamState state = fresh(30);
  qfs::Adam adam({{"w", w, gradient}}, {});
  for (int step = 1; step <= 200; ++step) {
    for (float& g : gradient) g = static_cast<float>(rng.normal());
    adam.step();
    exercise::adam_step(state, mine, gradient);
    for (std::size_t i = 0; i < 30; ++i) {
      INFO("step " << step << ", weight " << i << ": got " << mine[i] << ", expected " << w[i]);
      // A step has less than ten roundings of 2^-24 of 0.001 or less, and one of w, up to 4.
      REQUIRE(std::fabs(mine[i] - w[i]) <= 2.5e-7F * static_cast<float>(step));
    }
  }
}
