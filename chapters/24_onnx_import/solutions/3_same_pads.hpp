// Exercise 24.3, solved.
#pragma once

#include <algorithm>
#include <cstddef>

namespace exercise {

struct Pads {
  std::size_t before, behind;
  bool operator==(const Pads&) const = default;
};

// [solution]
inline Pads same_pads(std::size_t extent, std::size_t window, std::size_t stride, bool upper) {
  const std::size_t places = (extent + stride - 1) / stride;
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = std::max(needed, extent) - extent;
  const std::size_t less = all / 2, more = all - less;
  return upper ? Pads{less, more} : Pads{more, less};
}
// [/solution]

}  // namespace exercise
