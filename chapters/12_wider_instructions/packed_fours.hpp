// The weights in fours, and the loops round the kernels: blocks of rows, and of outputs.
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

// N x K weights: block after block of 16 outputs, line after line of 4 inputs. A run of inputs
// begins with a line of its own. Where there is no output and no input any more, zeros: to the end
// of a run's last line, up to 16 outputs, and up to 64 inputs, which AMX takes at a time.
struct PackedFours {
  std::size_t N = 0, K = 0, run = 0;
  std::size_t blocks = 0, block_lines = 0;
  std::vector<AlignedLine<std::int8_t>> lines{};

  std::size_t run_lines() const { return (run + fours::kInputs - 1) / fours::kInputs; }
  std::size_t used_lines() const { return K / run * run_lines(); }
};
// Runs of `run` inputs; 0: one of all. Throws Error where there are no weights, or where the runs
// do not make up K.
PackedFours pack_fours(const Matrix<std::int8_t>& w, std::size_t run = 0);

// The sums of a few rows and outputs.
struct SumRows {
  std::size_t row = 0, rows = 0, output = 0, outputs = 0;
  const std::int32_t* sums = nullptr;
  std::size_t stride = 0;  // numbers from row to row

  std::span<const std::int32_t> of(std::size_t r) const { return {sums + r * stride, outputs}; }
};

// Up to 96 rows on their way through a kernel. Keeps its memory: a second product of one size
// allocates nothing.
class BlockOfSums {
 public:
  // Rows of x from `row` on, rows() of them. `start` is what the sums begin with, one an output;
  // empty: 0.
  void begin(const fours::Kernel& kernel, const PackedFours& w, const LeftSide& x, std::size_t row,
             std::span<const std::int32_t> start);
  std::size_t rows() const { return rows_; }
  // The sums of a tile's outputs, from block `block` on.
  SumRows multiply(const fours::Kernel& kernel, const PackedFours& w, std::size_t block);
  // The same, in their places among all sums, rows x N.
  void multiply(const fours::Kernel& kernel, const PackedFours& w, std::size_t block,
                std::span<std::int32_t> acc);
  void end(const fours::Kernel& kernel);

 private:
  // Rows that are part_.x_stride bytes apart.
  struct Neighbours {
    const std::uint8_t* first;
    std::size_t rows;
  };

  void find_rows(const fours::Kernel& kernel, const PackedFours& w, const LeftSide& x);
  void find_in_place(const LeftSide& x);
  void write_rows(const fours::Kernel& kernel, const PackedFours& w, const LeftSide& x);
  void write_row(const PackedFours& w, const LeftSide& x, std::size_t r, std::uint8_t* to);
  void multiply_to(const fours::Kernel& kernel, const PackedFours& w, std::size_t block,
                   std::int32_t* sums, std::size_t stride);

  std::size_t row_ = 0, rows_ = 0;
  fours::Part part_{};  // but for x, rows, w, blocks, start and the sums, which change
  std::vector<Neighbours> neighbours_{};
  std::vector<AlignedLine<std::uint8_t>> written_{};
  std::vector<std::uint8_t> one_row_{};
  std::vector<AlignedLine<std::int32_t>> start_{}, sums_{};
};

// [multiply_fours]
// Calls store(sums) for one block of rows after the other, a tile's outputs at a time.
template <class Store>
void multiply_fours(const fours::Kernel& kernel, const PackedFours& w, const LeftSide& x,
                    std::span<const std::int32_t> start, BlockOfSums& rows, Store&& store) {
  for (std::size_t row = 0; row < x.rows; row += rows.rows()) {
    rows.begin(kernel, w, x, row, start);
    for (std::size_t block = 0; block < w.blocks; block += kernel.blocks)
      store(rows.multiply(kernel, w, block));
    rows.end(kernel);
  }
}
// [/multiply_fours]

// All sums, rows x N, to acc.
void multiply_fours(const fours::Kernel& kernel, const PackedFours& w, const LeftSide& x,
                    BlockOfSums& rows, std::span<std::int32_t> acc);

}  // namespace qfs
