// The integers of a net's layers against those of PyTorch, as save_net of ch06.py and ch07.py and
// save_outputs of ch09.py keep them: one checksum per digit and layer, and some digits in full.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/tensor.hpp"

namespace qfs::test {

// h = h * odd + q over a row, modulo 2^32: one wrong integer always shows (ch06.py, hashes).
template <class T>
std::int32_t row_hash(std::span<const T> q) {
  std::uint32_t h = 0;
  for (T value : q) h = h * 0x01000193U + static_cast<std::uint8_t>(value);
  return static_cast<std::int32_t>(h);
}

// Checksums (digit, layer) and single integers (digit; the layers side by side) that differ.
// Throws where `first` is not as wide as all layers together, or `hash` has another shape.
inline std::size_t count_mismatches(const std::vector<Matrix<std::uint8_t>>& outputs,
                                    const Matrix<std::int32_t>& hash,
                                    const Matrix<std::uint8_t>& first) {
  require(hash.shape(1) == outputs.size(), "one checksum per layer", hash.shape(1), outputs.size(),
          "regenerate the reference");
  std::size_t column = 0, mismatches = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Matrix<std::uint8_t>& q = outputs[i];
    require(hash.shape(0) == q.shape(0), "one checksum per digit", hash.shape(0), q.shape(0),
            "regenerate the reference");
    for (std::size_t m = 0; m < q.shape(0); ++m)
      mismatches += row_hash(row(q, m)) != hash(m, i) ? 1 : 0;
    require(column + q.shape(1) <= first.shape(1), "all layers of a digit", first.shape(1),
            column + q.shape(1), "regenerate the reference");
    for (std::size_t m = 0; m < first.shape(0); ++m)
      for (std::size_t n = 0; n < q.shape(1); ++n)
        mismatches += q(m, n) != first(m, column + n) ? 1 : 0;
    column += q.shape(1);
  }
  require(column == first.shape(1), "no integer left over", first.shape(1), column,
          "regenerate the reference");
  return mismatches;
}

}  // namespace qfs::test
