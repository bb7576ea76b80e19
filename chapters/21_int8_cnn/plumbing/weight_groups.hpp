// The weights of one group of a convolution, and what makes its sums 8 bits.
#pragma once

#include <algorithm>

#include "06_static_ptq/backend.hpp"

namespace qfs {

// Rows first to first + count of everything that has one for each output.
template <class T>
Vector<T> part_of(const Vector<T>& all, std::size_t first, std::size_t count) {
  if (all.size() == 1) return all;  // shared
  Vector<T> part = make_tensor<T>({count});
  std::copy_n(all.data() + first, count, part.data());
  return part;
}

inline QuantizedWeight group_of(const QuantizedWeight& all, std::size_t first, std::size_t count) {
  QuantizedWeight part{make_tensor<std::int8_t>({count, all.inputs()}),
                       part_of(all.scale, first, count)};
  std::copy_n(all.q.data() + first * all.inputs(), part.q.size(), part.q.data());
  return part;
}

inline ToU8 group_of(const ToU8& all, std::size_t first, std::size_t count) {
  return {.bias = part_of(all.bias, first, count),
          .multiplier = part_of(all.multiplier, first, count),
          .output = all.output,
          .range = all.range};
}

}  // namespace qfs
