// Judges exercise 16.2.
#include "2_can_it_flip.hpp"

#include <cmath>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(622);

namespace {

using Logits = std::vector<float>;

std::size_t class_of(const Logits& z) {
  return static_cast<std::size_t>(std::max_element(z.begin(), z.end()) - z.begin());
}

// By trying: the winner d down and one other d up, or nothing moved. Logits and d are multiples of
// 1/4, so float sums are exact.
bool flips_somewhere(const Logits& z, float d) {
  for (std::size_t k = 0; k < z.size(); ++k) {
    Logits moved = z;
    moved[class_of(z)] -= d;
    if (k != class_of(z)) moved[k] += d;
    if (k != class_of(z) && class_of(moved) != class_of(z)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("16.2 a margin below, at and above twice d") {
  CHECK(exercise::can_flip(Logits{3.0F, 1.5F}, 1.0F));
  CHECK(!exercise::can_flip(Logits{3.0F, 0.5F}, 1.0F));
  CHECK(!exercise::can_flip(Logits{3.0F, 1.0F}, 1.0F));  // equal: the first still wins
  CHECK(exercise::can_flip(Logits{1.0F, 3.0F}, 1.0F));   // equal: now the first is the other
}

TEST_CASE("16.2 no error, no flip") {
  CHECK(!exercise::can_flip(Logits{1.0F, 2.0F, 0.0F}, 0.0F));
  CHECK(!exercise::can_flip(Logits{2.0F, 2.0F, 2.0F}, 0.0F));
  CHECK(exercise::can_flip(Logits{2.0F, 2.0F}, 0.001F));
}

TEST_CASE("16.2 every class may win, not only the second; one alone cannot") {
  CHECK(exercise::can_flip(Logits{-1.0F, -5.0F, 4.0F, -9.0F, 3.5F}, 0.5F));
  CHECK(exercise::can_flip(Logits{2.0F, 9.0F, 3.0F, 3.0F}, 3.5F));  // by class 0, at exactly 2 d
  CHECK(!exercise::can_flip(Logits{2.0F, 9.0F, 2.0F, 2.0F}, 3.25F));
  CHECK(!exercise::can_flip(Logits{5.0F}, 100.0F));
}

TEST_CASE("16.2 negative logits, and what floats would round") {
  CHECK(!exercise::can_flip(Logits{-3.0F, -8.0F}, 2.0F));
  CHECK(exercise::can_flip(Logits{-8.0F, -3.0F}, 2.5F));
  // 16777216 - 1.5 is no float: in float the margin is 16777214 or 16777216, not 16777214.5.
  CHECK(!exercise::can_flip(Logits{1.5F, 16777216.0F}, 8388607.0F));
  CHECK(exercise::can_flip(Logits{1.5F, 16777216.0F}, 8388607.5F));
}

TEST_CASE("16.2 as if all had been tried") {
  qfs::Rng rng(16);
  for (int i = 0; i < 600; ++i) {
    Logits z(2 + rng.below(4));
    for (float& value : z) value = static_cast<float>(rng.below(13)) / 4.0F - 1.5F;
    const float d = static_cast<float>(rng.below(6)) / 4.0F;
    CHECK(exercise::can_flip(z, d) == flips_somewhere(z, d));
  }
}

TEST_CASE("16.2 the safe rows") {
  const qfs::Matrix<float> logits = {{3.0F, 1.0F}, {1.0F, 3.0F}, {0.0F, 9.0F}, {2.0F, 2.0F}};
  CHECK(exercise::count_safe(logits, 1.0F) == 2);
  CHECK(exercise::count_safe(logits, 0.0F) == 4);
  CHECK(exercise::count_safe(logits, 0.5F) == 3);
  CHECK(exercise::count_safe(logits, 5.0F) == 0);
  CHECK(exercise::count_safe(qfs::make_tensor<float>({0, 2}), 1.0F) == 0);
  const qfs::Matrix<float> one = {{3.0F}};
  CHECK(exercise::count_safe(one, 1.0F) == 1);
  CHECK(exercise::count_safe(logits, 0.75F) == 3);
}
