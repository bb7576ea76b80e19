// Answers to exercise 22.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch22_3_test.cpp"

#include <algorithm>

template <class Beats>
std::vector<std::size_t> keep(std::span<const exercise::Model> models, Beats beats) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < models.size(); ++i)
    if (std::ranges::none_of(models, [&](const auto& a) { return beats(a, models[i]); }))
      kept.push_back(i);
  return kept;
}

namespace not_equal {
const Answer kAnswer = right("as good, and not the same");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  return keep(models, [](const Model& a, const Model& b) {
    return a.right >= b.right && a.bytes <= b.bytes && a.microseconds <= b.microseconds &&
           (a.right != b.right || a.bytes != b.bytes || a.microseconds != b.microseconds);
  });
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace not_equal

namespace by_sums {
const Answer kAnswer = right("counts where it is better and where worse");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  return keep(models, [](const Model& a, const Model& b) {
    const int better =
        (a.right > b.right) + (a.bytes < b.bytes) + (a.microseconds < b.microseconds);
    const int worse = (a.right < b.right) + (a.bytes > b.bytes) + (a.microseconds > b.microseconds);
    return worse == 0 && better > 0;
  });
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace by_sums

namespace strictly {
const Answer kAnswer = wrong("must be better in every column");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  return keep(models, [](const Model& a, const Model& b) {
    return a.right > b.right && a.bytes < b.bytes && a.microseconds < b.microseconds;
  });
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace strictly

namespace equal_beats {
const Answer kAnswer = wrong("an equal model, itself for one, beats");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  return keep(models, [](const Model& a, const Model& b) {
    return a.right >= b.right && a.bytes <= b.bytes && a.microseconds <= b.microseconds;
  });
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace equal_beats

namespace fewer_right {
const Answer kAnswer = wrong("the fewer right the better");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  return keep(models, [](const Model& a, const Model& b) {
    return a.right <= b.right && a.bytes <= b.bytes && a.microseconds <= b.microseconds &&
           (a.right < b.right || a.bytes < b.bytes || a.microseconds < b.microseconds);
  });
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace fewer_right

namespace no_time {
const Answer kAnswer = wrong("leaves the time out");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  return keep(models, [](const Model& a, const Model& b) {
    return a.right >= b.right && a.bytes <= b.bytes && (a.right > b.right || a.bytes < b.bytes);
  });
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace no_time

namespace no_bytes {
const Answer kAnswer = wrong("leaves the bytes out");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  return keep(models, [](const Model& a, const Model& b) {
    return a.right >= b.right && a.microseconds <= b.microseconds &&
           (a.right > b.right || a.microseconds < b.microseconds);
  });
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace no_bytes

namespace any_column {
const Answer kAnswer = wrong("better in one column is enough");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  return keep(models, [](const Model& a, const Model& b) {
    return a.right > b.right || a.bytes < b.bytes || a.microseconds < b.microseconds;
  });
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace any_column

namespace other_order {
const Answer kAnswer = wrong("returns them backwards");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  auto kept = keep(models, [](const Model& a, const Model& b) {
    return a.right >= b.right && a.bytes <= b.bytes && a.microseconds <= b.microseconds &&
           (a.right > b.right || a.bytes < b.bytes || a.microseconds < b.microseconds);
  });
  std::ranges::reverse(kept);
  return kept;
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace other_order

namespace neighbours {
const Answer kAnswer = wrong("compares with the model before only");
namespace exercise {
using ::exercise::Model;
inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const Model &a = models[i == 0 ? 0 : i - 1], &b = models[i];
    const bool beaten = a.right >= b.right && a.bytes <= b.bytes &&
                        a.microseconds <= b.microseconds &&
                        (a.right > b.right || a.bytes < b.bytes || a.microseconds < b.microseconds);
    if (!beaten) kept.push_back(i);
  }
  return kept;
}
}  // namespace exercise
#include "tests/exercises/ch22_3_test.cpp"
}  // namespace neighbours
