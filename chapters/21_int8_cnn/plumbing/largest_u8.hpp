// The largest bytes under a window, many channels at a time.
#pragma once

#include <cstdint>
#include <cstring>

#include "20_float_cnn/picture.hpp"

namespace qfs {

// Bytes that are compared together: by vector instructions where a CPU has them.
using EightBytes [[gnu::vector_size(8)]] = std::uint8_t;
using SixteenBytes [[gnu::vector_size(16)]] = std::uint8_t;

// Of some channels, which stay in a register while the window passes.
template <class Bytes>
void largest_of_some(const std::uint8_t* picture, const PictureShape& shape, const Seen& seen,
                     std::uint8_t* to) {
  Bytes largest{};
  for (std::size_t i = seen.rows.first; i < seen.rows.end; ++i)
    for (std::size_t j = seen.columns.first; j < seen.columns.end; ++j) {
      Bytes some;
      std::memcpy(&some, picture + (i * shape.width + j) * shape.channels, sizeof some);
      largest = some > largest ? some : largest;
    }
  std::memcpy(to, &largest, sizeof largest);
}

// Of every channel the largest byte that the window sees.
inline void largest_of(const std::uint8_t* picture, const PictureShape& shape, const Seen& seen,
                       std::uint8_t* to) {
  std::size_t c = 0;
  for (; c + 16 <= shape.channels; c += 16)
    largest_of_some<SixteenBytes>(picture + c, shape, seen, to + c);
  for (; c + 8 <= shape.channels; c += 8)
    largest_of_some<EightBytes>(picture + c, shape, seen, to + c);
  for (; c < shape.channels; ++c) largest_of_some<std::uint8_t>(picture + c, shape, seen, to + c);
}

}  // namespace qfs
