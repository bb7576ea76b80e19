// Judges exercise 4.2.
#include "2_adamw.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "04_mnist_mlp/adam.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(6028);

namespace {

exercise::AdamState fresh(std::size_t count) {
  return {std::vector<float>(count), std::vector<float>(count), 0};
}

// A step has two roundings of w of 2^-24, and less than ten of 0.001 or less, which with the 6.4e-9
// of 1 - 0.999F are 7e-9: 1.2e-7 of w, and 7e-9, on each side.
float bound(float w, int steps) {
  return 2.5e-7F * std::max(1.0F, std::fabs(w)) * static_cast<float>(steps);
}

}  // namespace

TEST_CASE("4.2 without a gradient only the decay is left") {
  std::vector<float> w = {4.0F, -0.5F, 0.0F};
  exercise::AdamState state = fresh(3);
  exercise::adamw_step(state, w, std::vector<float>{0.0F, 0.0F, 0.0F});
  CHECK(w[0] == 3.99996F);  // 4 * 0.99999
  CHECK(w[1] == -0.499995F);
  CHECK(w[2] == 0.0F);
  INFO("the decay must not enter m and v");
  CHECK(state.m[0] == 0.0F);
  CHECK(state.v[0] == 0.0F);
  CHECK(state.t == 1);
}

TEST_CASE("4.2 eps is added after the root") {
  std::vector<float> w = {0.0F};
  exercise::AdamState state = fresh(1);
  exercise::adamw_step(state, w, std::vector<float>{1e-8F});
  INFO("with |g| = eps the step is 0.001 * g / (g + g)");
  CHECK(std::fabs(w[0] + 0.0005F) <= 1e-6F);
}

TEST_CASE("4.2 the decay comes before the step, not after it") {
  // A weight of 0 has nothing to lose. Decay after the step would take 1e-5 of the step away. With
  // g far below eps the step is 0.001 g / (g + eps), whatever the roundings of 0.999: 1 - 0.999F
  // is 1.3e-5 less than 0.001, but the root is a mere ten-thousandth of the denominator. What is
  // left is 2.4e-7 of 1 - 0.9F and a dozen roundings of 6e-8.
  for (double g : {1e-12, -1e-12}) {
    std::vector<float> w = {0.0F};
    exercise::AdamState state = fresh(1);
    exercise::adamw_step(state, w, std::vector<float>{static_cast<float>(g)});
    const double expected = -0.001 * g / (std::fabs(g) + 1e-8);
    INFO("the gradient " << g << " makes of 0 the weight " << w[0] << ", expected " << expected);
    CHECK(std::fabs(static_cast<double>(w[0]) - expected) <= 1e-6 * std::fabs(expected));
  }
}

TEST_CASE("4.2 the state is the running means") {
  // 1 - 0.9F is off by 2.4e-7 of itself, 1 - 0.999F by 1.3e-5.
  std::vector<float> w = {0.0F};
  exercise::AdamState state = fresh(1);
  exercise::adamw_step(state, w, std::vector<float>{2.0F});
  CHECK(std::fabs(state.m[0] - 0.2F) <= 1e-7F);               // 0.1 * 2
  CHECK(std::fabs(state.v[0] - 0.004F) <= 1.4e-5F * 0.004F);  // 0.001 * 4
  exercise::adamw_step(state, w, std::vector<float>{-1.0F});
  CHECK(std::fabs(state.m[0] - 0.08F) <= 1e-7F);                    // 0.9 * 0.2 - 0.1
  CHECK(std::fabs(state.v[0] - 0.004996F) <= 1.4e-5F * 0.004996F);  // 0.999 * 0.004 + 0.001
}

TEST_CASE("4.2 every tensor has its own count of steps") {
  std::vector<float> a = {0.0F}, b = {0.0F};
  exercise::AdamState of_a = fresh(1), of_b = fresh(1);
  for (int step = 0; step < 20; ++step) exercise::adamw_step(of_a, a, std::vector<float>{1.0F});
  CHECK(of_a.t == 20);
  exercise::adamw_step(of_b, b, std::vector<float>{1.0F});
  CHECK(of_b.t == 1);
  // 1 - 0.999F is off by 1.3e-5 of itself, under the root by half of that; and five roundings.
  CHECK(std::fabs(static_cast<double>(b[0] + 0.001F)) <= 8e-9);
}

TEST_CASE("4.2 three steps of PyTorch's AdamW") {
  // torch.optim.AdamW([w], lr=1e-3, weight_decay=0.01), PyTorch 1.13: w after each step.
  const std::vector<std::vector<float>> gradients = {
      {100.0F, -0.5F, 0.0F, 1e-8F}, {-1.0F, 2.0F, 0.0F, 0.0F}, {0.5F, 0.5F, 0.0F, 0.25F}};
  const std::vector<std::vector<float>> after = {
      {0.998989999F, -1.99897993F, 29.9996986F, -0.000499999907F},
      {0.99831742F, -1.99951935F, 29.9993992F, -0.00077750138F},
      {0.997792065F, -2.00007033F, 29.9990997F, -0.00141630718F}};
  std::vector<float> w = {1.0F, -2.0F, 30.0F, 0.0F};
  exercise::AdamState state = fresh(4);
  for (std::size_t step = 0; step < 3; ++step) {
    exercise::adamw_step(state, w, gradients[step]);
    for (std::size_t i = 0; i < 4; ++i) {
      INFO("step " << step + 1 << ", weight " << i << ": got " << w[i] << ", PyTorch has "
                   << after[step][i]);
      CHECK(std::fabs(w[i] - after[step][i]) <= bound(w[i], static_cast<int>(step) + 1));
    }
  }
}

TEST_CASE("4.2 two hundred random steps: the decay, then the chapter's Adam") {
  qfs::Rng rng(42);
  std::vector<float> w(30), gradient(30);
  for (float& value : w) value = static_cast<float>(rng.normal());
  std::vector<float> mine = w;
  exercise::AdamState state = fresh(30);
  qfs::Adam adam({{"w", {w.size()}, w, gradient}}, {});
  for (int step = 1; step <= 200; ++step) {
    for (float& g : gradient) g = static_cast<float>(rng.normal());
    for (float& value : w) value *= 0.99999F;
    adam.step();
    exercise::adamw_step(state, mine, gradient);
    for (std::size_t i = 0; i < 30; ++i) {
      INFO("step " << step << ", weight " << i << ": got " << mine[i] << ", expected " << w[i]);
      REQUIRE(std::fabs(mine[i] - w[i]) <= bound(4.0F, step));
    }
  }
}
