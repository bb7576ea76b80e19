#include "12_wider_instructions/packed_fours.hpp"

#include "11_avx2_kernel/packed_panels.hpp"

namespace qfs {
namespace {

using fours::Kernel;
using fours::kInputs;
using fours::kLineBytes;
using fours::kOutputs;

// A tile's weights, 64 outputs x 256 inputs, are 16 KB of the first-level cache: they stay there
// while the rows of a block pass, 16 tiles of 6, or 3 of 32.
constexpr std::size_t kDepth = 256;
constexpr std::size_t kRows = 96;
static_assert(kDepth % fours::kTileInputs == 0 && kRows % 6 == 0 && kRows % 32 == 0);

// Blocks of inputs outermost, rows innermost, inside the kernel.
// [multiply_all]
void multiply_all(const Kernel& kernel, const PackedFours& w, const std::int32_t* start,
                  fours::Part part) {
  const std::size_t lines = up_to(kernel.inputs, w.K) / kInputs;
  const std::uint8_t* x = part.x;
  std::int32_t* sums = part.sums;
  for (std::size_t line = 0; line < lines; line += kDepth / kInputs) {
    part.lines = std::min(kDepth / kInputs, lines - line);
    part.x = x + line * kInputs;
    for (std::size_t block = 0; block < w.blocks; block += kernel.blocks) {
      part.blocks = std::min(kernel.blocks, w.blocks - block);
      part.w = w.lines[block * w.block_lines + line].of;
      part.start = line == 0 ? start + block * kOutputs : nullptr;
      part.sums = sums + block * kOutputs;
      kernel.multiply(part);
    }
  }
}
// [/multiply_all]

}  // namespace

// [pack_fours]
PackedFours pack_fours(const Matrix<std::int8_t>& w) {
  require(w.size() > 0, "no weights to pack", w.size(), "at least one", "check the layer's shape");
  PackedFours packed{.N = w.shape(0), .K = w.shape(1)};
  packed.blocks = up_to(kOutputs, packed.N) / kOutputs;
  packed.block_lines = up_to(fours::kTileInputs, packed.K) / kInputs;
  packed.lines.resize(packed.blocks * packed.block_lines);
  for (std::size_t n = 0; n < packed.N; ++n)
    for (std::size_t k = 0; k < packed.K; ++k)
      packed.lines[n / kOutputs * packed.block_lines + k / kInputs]
          .of[n % kOutputs * kInputs + k % kInputs] = w(n, k);
  return packed;
}
// [/pack_fours]

void BlockOfSums::begin(const PackedFours& w, std::span<const std::int32_t> start) {
  start_.assign(w.blocks, {});
  std::ranges::copy(start, first(start_));
  make_room(sums_, kRows * w.blocks);
}

// What is to be configured for a number of rows gets whole tiles, and the rest by itself.
std::size_t BlockOfSums::rows_from(const Kernel& kernel, const LeftSide& x, std::size_t row) {
  const std::size_t rows = std::min(x.rows - row, kRows);
  if (kernel.configure == nullptr || rows < kernel.rows) return rows;
  return rows / kernel.rows * kernel.rows;
}

void BlockOfSums::lay_out_rows(const Kernel& kernel, const PackedFours& w, const LeftSide& x,
                               std::size_t row, fours::Part& part) {
  const auto* source = static_cast<const std::uint8_t*>(x.source);
  if (x.pack == nullptr && w.K % kernel.inputs == 0) {
    part.x = source + row * w.K;
    part.x_stride = w.K;
    return;
  }
  part.x_stride = up_to(kLineBytes, w.K);
  make_room(rows_, kRows * part.x_stride / kLineBytes);
  std::uint8_t* to = first(rows_);
  part.x = to;
  for (std::size_t r = 0; r < part.rows; ++r, to += part.x_stride)
    if (x.pack != nullptr)
      x.pack(x.source, row + r, row + r + 1, to);
    else
      std::copy_n(source + (row + r) * w.K, w.K, to);
}

SumRows BlockOfSums::multiply(const Kernel& kernel, const PackedFours& w, const LeftSide& x,
                              std::size_t row, std::size_t rows) {
  fours::Part part{};
  part.rows = rows;
  part.block_stride = w.block_lines * kLineBytes;
  part.sums = first(sums_);
  part.sums_stride = w.blocks * kOutputs;
  lay_out_rows(kernel, w, x, row, part);
  if (kernel.configure != nullptr) kernel.configure(rows);
  multiply_all(kernel, w, first(start_), part);
  if (kernel.release != nullptr) kernel.release();
  return {row, rows, w.N, part.sums, part.sums_stride};
}

}  // namespace qfs
