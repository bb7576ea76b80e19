#include "12_wider_instructions/packed_fours.hpp"

#include "11_avx2_kernel/packed_panels.hpp"

namespace qfs {
namespace {

using fours::Kernel;
using fours::kInputs;
using fours::kLineBytes;
using fours::kOutputs;

// While the rows of a block pass, 16 tiles of 6, or 3 of 32, a tile's weights stay in a cache, and
// so do the rows while the tiles pass.
constexpr std::size_t kRows = 96;
static_assert(kRows % 6 == 0 && kRows % 32 == 0);

// What is to be configured for a number of rows gets whole tiles, and the rest by itself.
std::size_t rows_at_once(const Kernel& kernel, std::size_t rows_left) {
  const std::size_t rows = std::min(rows_left, kRows);
  if (kernel.configure == nullptr || rows < kernel.rows) return rows;
  return rows / kernel.rows * kernel.rows;
}

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

void BlockOfSums::begin(const Kernel& kernel, const PackedFours& w, const LeftSide& x,
                        std::size_t row, std::span<const std::int32_t> start) {
  row_ = row;
  part_.rows = rows_at_once(kernel, x.rows - row);
  part_.block_stride = w.block_lines * kLineBytes;
  part_.lines = up_to(kernel.inputs, w.K) / kInputs;
  lay_out_rows(kernel, w, x);
  start_.assign(w.blocks, {});
  std::ranges::copy(start, first(start_));
  make_room(sums_, kRows * kernel.blocks);
  if (kernel.configure != nullptr) kernel.configure(part_.rows);
}

void BlockOfSums::end(const Kernel& kernel) {
  if (kernel.release != nullptr) kernel.release();
}

// Where the rows are; or, where the kernel would read past their end, copies with room behind. What
// stands there meets weights of 0. Patches that the kernel takes four inputs at a time lie one
// behind the other: the row that follows is room enough.
void BlockOfSums::lay_out_rows(const Kernel& kernel, const PackedFours& w, const LeftSide& x) {
  const auto* source = static_cast<const std::uint8_t*>(x.source);
  if (x.pack == nullptr && w.K % kernel.inputs == 0) {
    part_.x = source + row_ * w.K;
    part_.x_stride = w.K;
    return;
  }
  part_.x_stride = up_to(kLineBytes, w.K);
  make_room(rows_, kRows * part_.x_stride / kLineBytes);
  std::uint8_t* to = first(rows_);
  part_.x = to;
  if (x.pack != nullptr && kernel.inputs == kInputs) {
    part_.x_stride = w.K;
    return x.pack(x.source, row_, row_ + part_.rows, to);
  }
  for (std::size_t r = row_; r < row_ + part_.rows; ++r, to += part_.x_stride)
    if (x.pack != nullptr)
      x.pack(x.source, r, r + 1, to);
    else
      std::copy_n(source + r * w.K, w.K, to);
}

void BlockOfSums::multiply_to(const Kernel& kernel, const PackedFours& w, std::size_t block,
                              std::int32_t* sums, std::size_t stride) {
  fours::Part part = part_;
  part.w = w.lines[block * w.block_lines].of;
  part.blocks = std::min(kernel.blocks, w.blocks - block);
  part.start = first(start_) + block * kOutputs;
  part.sums = sums;
  part.sums_stride = stride;
  kernel.multiply(part);
}

SumRows BlockOfSums::multiply(const Kernel& kernel, const PackedFours& w, std::size_t block) {
  const std::size_t output = block * kOutputs, stride = kernel.blocks * kOutputs;
  multiply_to(kernel, w, block, first(sums_), stride);
  return {row_, part_.rows, output, std::min(stride, w.N - output), first(sums_), stride};
}

// Straight there, where no output of the tile is one of zeros.
void BlockOfSums::multiply(const Kernel& kernel, const PackedFours& w, std::size_t block,
                           std::span<std::int32_t> acc) {
  std::int32_t* to = acc.data() + row_ * w.N + block * kOutputs;
  if (std::min(block + kernel.blocks, w.blocks) * kOutputs <= w.N)
    return multiply_to(kernel, w, block, to, w.N);
  const SumRows sums = multiply(kernel, w, block);
  for (std::size_t r = 0; r < sums.rows; ++r) std::ranges::copy(sums.of(r), to + r * w.N);
}

void multiply_fours(const Kernel& kernel, const PackedFours& w, const LeftSide& x,
                    BlockOfSums& rows, std::span<std::int32_t> acc) {
  for (std::size_t row = 0; row < x.rows; row += rows.rows()) {
    rows.begin(kernel, w, x, row, {});
    for (std::size_t block = 0; block < w.blocks; block += kernel.blocks)
      rows.multiply(kernel, w, block, acc);
    rows.end(kernel);
  }
}

}  // namespace qfs
