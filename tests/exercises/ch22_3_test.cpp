// Judges exercise 22.3.
#include "3_worth_keeping.hpp"

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(57);

using exercise::Model;
using Numbers = std::vector<std::size_t>;

TEST_CASE("22.3 a table of four: both of ptq-s and qat stay") {
  const std::vector<Model> models = {
      {1975, 316559, 290.0}, {1974, 315047, 292.0}, {1975, 83351, 62.0}, {1976, 83351, 62.5}};
  // ptq-s beats fp32 and ptq-d; qat has one more right, and half a microsecond more.
  CHECK(exercise::worth_keeping(models) == Numbers{2, 3});
}

TEST_CASE("22.3 equal models are both kept, one and none as well") {
  const std::vector<Model> equal = {{10, 5, 1.0}, {10, 5, 1.0}};
  CHECK(exercise::worth_keeping(equal) == Numbers{0, 1});
  CHECK(exercise::worth_keeping(std::vector<Model>{{0, 0, 0.0}}) == Numbers{0});
  CHECK(exercise::worth_keeping({}).empty());
}

TEST_CASE("22.3 one column is enough to be kept, and to beat") {
  CHECK(exercise::worth_keeping(std::vector<Model>{{10, 5, 1.0}, {11, 6, 2.0}}) == Numbers{0, 1});
  CHECK(exercise::worth_keeping(std::vector<Model>{{10, 5, 1.0}, {9, 4, 2.0}}) == Numbers{0, 1});
  CHECK(exercise::worth_keeping(std::vector<Model>{{10, 5, 1.0}, {9, 6, 0.5}}) == Numbers{0, 1});
  CHECK(exercise::worth_keeping(std::vector<Model>{{10, 5, 1.0}, {10, 5, 0.5}}) == Numbers{1});
  CHECK(exercise::worth_keeping(std::vector<Model>{{10, 4, 1.0}, {10, 5, 1.0}}) == Numbers{0});
  CHECK(exercise::worth_keeping(std::vector<Model>{{9, 5, 1.0}, {10, 5, 1.0}}) == Numbers{1});
}

TEST_CASE("22.3 whoever is left out is beaten by somebody who is kept") {
  qfs::Rng rng(224);
  for (int turn = 0; turn < 47; ++turn) {
    std::vector<Model> models(1 + rng.below(12));
    for (Model& model : models)
      model = {rng.below(4), rng.below(4), static_cast<double>(rng.below(4))};
    const auto beats = [](const Model& a, const Model& b) {
      return a.right >= b.right && a.bytes <= b.bytes && a.microseconds <= b.microseconds &&
             (a.right != b.right || a.bytes != b.bytes || a.microseconds != b.microseconds);
    };
    Numbers expected;
    for (std::size_t i = 0; i < models.size(); ++i) {
      bool kept = true;
      for (const Model& other : models) kept = kept && !beats(other, models[i]);
      if (kept) expected.push_back(i);
    }
    CHECK(exercise::worth_keeping(models) == expected);
  }
}
