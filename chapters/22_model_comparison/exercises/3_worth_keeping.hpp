// Exercise 22.3: which rows of the table are worth keeping?
//
// A model is beaten by another that is at least as good in all three columns, pictures right, bytes
// and microseconds, and better in one. Return the numbers of the models that none beats, in their
// order: the Pareto front. Equal models do not beat one another.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "common/exercise.hpp"

namespace exercise {

struct Model {
  std::size_t right;  // the more the better
  std::size_t bytes;  // the fewer the better
  double microseconds;
};

inline std::vector<std::size_t> worth_keeping([[maybe_unused]] std::span<const Model> models) {
  // TODO: return the numbers of those that no other beats.
  qfs::not_written_yet("22.3: worth_keeping");
}

}  // namespace exercise
