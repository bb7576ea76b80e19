// Exercise 24.1: unsigned weights as signed ones.
//
// Many exporters store weights as uint8, with a zero point of their own: often 128, but any will
// do. Our products want int8 with zero point 0. Write signed_weights: what stands for the same
// reals, by the same scale, or nothing where int8 does not hold it. `zero_points` has one number,
// or one for each row of `K` weights.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/exercise.hpp"

namespace exercise {

inline std::optional<std::vector<std::int8_t>> signed_weights(
    [[maybe_unused]] std::span<const std::uint8_t> q,
    [[maybe_unused]] std::span<const std::uint8_t> zero_points, [[maybe_unused]] std::size_t K) {
  // TODO: return q - z for every weight, or std::nullopt.
  qfs::not_written_yet("24.1: signed_weights");
}

}  // namespace exercise
