// Exercise 22.3, solved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace exercise {

struct Model {
  std::size_t right;  // the more the better
  std::size_t bytes;  // the fewer the better
  double microseconds;
};

// [solution]
inline bool beats(const Model& a, const Model& b) {
  const bool as_good = a.right >= b.right && a.bytes <= b.bytes && a.microseconds <= b.microseconds;
  const bool better = a.right > b.right || a.bytes < b.bytes || a.microseconds < b.microseconds;
  return as_good && better;
}

inline std::vector<std::size_t> worth_keeping(std::span<const Model> models) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < models.size(); ++i)
    if (std::ranges::none_of(models, [&](const Model& a) { return beats(a, models[i]); }))
      kept.push_back(i);
  return kept;
}
// [/solution]

}  // namespace exercise
