// The weights in fours, and the loops round the kernels: blocks of rows, blocks of inputs, blocks
// of outputs.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "06_static_ptq/backend.hpp"
#include "12_wider_instructions/fours.hpp"

namespace qfs {

// Of memory that begins at a multiple of 64 bytes.
template <class T>
struct alignas(fours::kLineBytes) AlignedLine {
  T of[fours::kLineBytes / sizeof(T)] = {};
};
template <class T>
T* first(std::vector<AlignedLine<T>>& lines) {
  return reinterpret_cast<T*>(lines.data());
}

// N x K weights: block after block of 16 outputs, line after line of 4 inputs. Where there is no
// output and no input any more, zeros: up to 16 outputs, and 64 inputs, which AMX takes at a time.
struct PackedFours {
  std::size_t N = 0, K = 0;
  std::size_t blocks = 0, block_lines = 0;
  std::vector<AlignedLine<std::int8_t>> lines{};
};
// Throws Error where there are no weights.
PackedFours pack_fours(const Matrix<std::int8_t>& w);

// The sums of a few rows, all N outputs of them.
struct SumRows {
  std::size_t row = 0, rows = 0, outputs = 0;
  const std::int32_t* sums = nullptr;
  std::size_t stride = 0;  // numbers from row to row

  std::span<const std::int32_t> of(std::size_t r) const { return {sums + r * stride, outputs}; }
};

// Some rows on their way through a kernel. Keeps its memory: a second product of one size allocates
// nothing.
class BlockOfSums {
 public:
  // What all sums begin with, one an output; empty: 0.
  void begin(const PackedFours& w, std::span<const std::int32_t> start);
  // Of x.rows - row rows, as many as the next block takes.
  static std::size_t rows_from(const fours::Kernel& kernel, const LeftSide& x, std::size_t row);
  SumRows multiply(const fours::Kernel& kernel, const PackedFours& w, const LeftSide& x,
                   std::size_t row, std::size_t rows);

 private:
  // Sets x and x_stride of `part`: where the rows are; or, where the kernel would read past their
  // end, copies with room behind. What stands there meets weights of 0.
  void lay_out_rows(const fours::Kernel& kernel, const PackedFours& w, const LeftSide& x,
                    std::size_t row, fours::Part& part);

  std::vector<AlignedLine<std::uint8_t>> rows_{};
  std::vector<AlignedLine<std::int32_t>> start_{}, sums_{};
};

// Calls store(sums) for one block of rows after the other.
template <class Store>
void multiply_fours(const fours::Kernel& kernel, const PackedFours& w, const LeftSide& x,
                    std::span<const std::int32_t> start, BlockOfSums& block, Store&& store) {
  block.begin(w, start);
  for (std::size_t row = 0; row < x.rows;) {
    const std::size_t rows = BlockOfSums::rows_from(kernel, x, row);
    store(block.multiply(kernel, w, x, row, rows));
    row += rows;
  }
}

}  // namespace qfs
