#include "12_wider_instructions/packed_fours.hpp"

#include "11_avx2_kernel/packed_panels.hpp"

namespace qfs {
namespace {

using fours::Kernel;
using fours::kInputs;
using fours::kLineBytes;
using fours::kOutputs;

// While the rows of a block pass, such as 16 tiles of 6, or 3 of 32, a tile's weights stay in a
// cache, and so do the rows while the tiles pass.
constexpr std::size_t kRows = 96;
static_assert(kRows % 6 == 0 && kRows % 32 == 0);
static_assert(kReadBehind == kInputs - 1);

// What is to be configured for a number of rows gets whole tiles, and the rest by itself.
std::size_t rows_at_once(const Kernel& kernel, std::size_t rows_left) {
  const std::size_t rows = std::min(rows_left, kRows);
  if (kernel.configure == nullptr || rows < kernel.rows) return rows;
  return rows / kernel.rows * kernel.rows;
}

// Whether a run's last line is filled up, and another run follows.
bool has_gaps(const PackedFours& w) { return w.run != w.K && w.run % kInputs != 0; }

// Runs that four do not divide, always, if the weights are packed for them: a copy would be filled
// up run by run. Others from four neighbours on: with fewer, a tile mostly waits for its weights.
// Not where tiles are configured, for one number of rows.
bool can_read_in_place(const Kernel& kernel, const PackedFours& w, const LeftSide& x) {
  constexpr std::size_t kFewTogether = 4;
  if (!x.in_place || kernel.inputs != kInputs || kernel.configure != nullptr) return false;
  const std::size_t run = x.in_place->run;
  if (run % kInputs != 0) return run == w.run;
  return w.run % kInputs == 0 && x.in_place->together >= kFewTogether;
}

}  // namespace

// [pack_fours]
PackedFours pack_fours(const Matrix<std::int8_t>& w, std::size_t run) {
  require(w.size() > 0, "no weights to pack", w.size(), "at least one", "check the layer's shape");
  PackedFours packed{.N = w.shape(0), .K = w.shape(1), .run = run == 0 ? w.shape(1) : run};
  require(packed.K % packed.run == 0, "the runs do not make up a row", packed.run,
          "what divides the inputs", "pack with runs as the left side has them");
  packed.blocks = up_to(kOutputs, packed.N) / kOutputs;
  packed.block_lines = up_to(fours::kTileRows, packed.used_lines());
  packed.lines.resize(packed.blocks * packed.block_lines);
  for (std::size_t n = 0; n < packed.N; ++n)
    for (std::size_t k = 0; k < packed.K; ++k) {
      const std::size_t line = k / packed.run * packed.run_lines() + k % packed.run / kInputs;
      packed.lines[n / kOutputs * packed.block_lines + line]
          .of[n % kOutputs * kInputs + k % packed.run % kInputs] = w(n, k);
    }
  return packed;
}
// [/pack_fours]

void BlockOfSums::begin(const Kernel& kernel, const PackedFours& w, const LeftSide& x,
                        std::size_t row, std::span<const std::int32_t> start) {
  row_ = row;
  rows_ = rows_at_once(kernel, x.rows - row);
  part_.block_stride = w.block_lines * kLineBytes;
  part_.lines = part_.run_lines = up_to(kernel.inputs / kInputs, w.used_lines());
  neighbours_.clear();
  find_rows(kernel, w, x);
  start_.assign(w.blocks, {});
  std::ranges::copy(start, first(start_));
  make_room(sums_, kRows * kernel.blocks);
  if (kernel.configure != nullptr) kernel.configure(rows_);
}

void BlockOfSums::end(const Kernel& kernel) {
  if (kernel.release != nullptr) kernel.release();
}

void BlockOfSums::find_rows(const Kernel& kernel, const PackedFours& w, const LeftSide& x) {
  if (can_read_in_place(kernel, w, x)) return find_in_place(x);
  if (x.pack != nullptr || has_gaps(w) || w.K % kernel.inputs != 0) return write_rows(kernel, w, x);
  part_.x_stride = w.K;
  neighbours_.push_back({static_cast<const std::uint8_t*>(x.source) + row_ * w.K, rows_});
}

void BlockOfSums::find_in_place(const LeftSide& x) {
  const RowsInPlace& in_place = *x.in_place;
  part_.x_stride = in_place.row_step;
  part_.run_lines = up_to(kInputs, in_place.run) / kInputs;
  part_.run_step = in_place.run_step;
  if (in_place.together <= rows_) rows_ -= rows_ % in_place.together;  // whole lines of neighbours
  for (std::size_t r = row_, end = row_ + rows_, count = 0; r < end; r += count) {
    count = std::min(end - r, in_place.together - r % in_place.together);
    neighbours_.push_back({in_place.at(x.source, r), count});
  }
}

// Copies, with room behind for what the kernel reads past a run or a row; what stands there meets
// weights of 0. Where the kernel takes four inputs and no run is filled up, patches lie one behind
// the other: the row that follows is room enough, and behind the last there is some.
void BlockOfSums::write_rows(const Kernel& kernel, const PackedFours& w, const LeftSide& x) {
  const bool gaps = has_gaps(w);
  part_.x_stride = up_to(kLineBytes, gaps ? w.used_lines() * kInputs : w.K);
  make_room(written_, kRows * part_.x_stride / kLineBytes);
  std::uint8_t* to = first(written_);
  if (x.pack != nullptr && kernel.inputs == kInputs && !gaps) {
    part_.x_stride = w.K;
    x.pack(x.source, row_, row_ + rows_, to);
  } else {
    for (std::size_t r = row_; r < row_ + rows_; ++r, to += part_.x_stride) write_row(w, x, r, to);
  }
  neighbours_.push_back({first(written_), rows_});
}

void BlockOfSums::write_row(const PackedFours& w, const LeftSide& x, std::size_t r,
                            std::uint8_t* to) {
  const bool gaps = has_gaps(w);
  if (x.pack != nullptr && !gaps) return x.pack(x.source, r, r + 1, to);
  const std::uint8_t* from;
  if (x.pack != nullptr) {
    one_row_.resize(w.K);
    x.pack(x.source, r, r + 1, one_row_.data());
    from = one_row_.data();
  } else {
    from = static_cast<const std::uint8_t*>(x.source) + r * w.K;
  }
  const std::size_t run = gaps ? w.run : w.K;
  for (std::size_t k = 0; k < w.K; k += run, to += w.run_lines() * kInputs)
    std::copy_n(from + k, run, to);
}

void BlockOfSums::multiply_to(const Kernel& kernel, const PackedFours& w, std::size_t block,
                              std::int32_t* sums, std::size_t stride) {
  fours::Part part = part_;
  part.w = w.lines[block * w.block_lines].of;
  part.blocks = std::min(kernel.blocks, w.blocks - block);
  part.start = first(start_) + block * kOutputs;
  part.sums = sums;
  part.sums_stride = stride;
  for (const Neighbours& rows : neighbours_) {
    part.x = rows.first;
    part.rows = rows.rows;
    kernel.multiply(part);
    part.sums += rows.rows * stride;
  }
}

SumRows BlockOfSums::multiply(const Kernel& kernel, const PackedFours& w, std::size_t block) {
  const std::size_t output = block * kOutputs,
                    stride = std::min(kernel.blocks, w.blocks) * kOutputs;
  multiply_to(kernel, w, block, first(sums_), stride);
  return {row_, rows_, output, std::min(stride, w.N - output), first(sums_), stride};
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
