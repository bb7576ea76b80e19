// Exercise 17.3: the smallest groups that a budget allows.
//
// A device has room for so many bytes of weights and scales. Smaller groups are more accurate, and
// have more scales. Write smallest_group: the smallest group size, a multiple of 32, with which all
// layers together need no more than `budget` bytes. A layer of N x K needs for each of its N rows
// ceil(K bits / 8) bytes of integers, and a scale of scale_bytes for each of its ceil(K / group
// size) groups. One group size for all layers. Where even one group a row is too much, nothing:
// there is no such size.
//
// K and N are at least 1; there may be no layers at all, for which 32 will do.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

struct LayerShape {
  std::size_t outputs = 0, inputs = 0;  // N, K
};

inline std::optional<std::size_t> smallest_group(
    [[maybe_unused]] std::span<const LayerShape> layers, [[maybe_unused]] int bits,
    [[maybe_unused]] std::size_t scale_bytes, [[maybe_unused]] std::size_t budget) {
  // TODO: return the group size, or std::nullopt.
  qfs::not_written_yet("17.3: smallest_group");
}

}  // namespace exercise
