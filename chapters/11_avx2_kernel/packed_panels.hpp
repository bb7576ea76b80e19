// The weights as the kernel wants them, and the loops round it: blocks of inputs that stay in the
// first-level cache, blocks of 32 rows, panels of outputs that are alike.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "06_static_ptq/backend.hpp"
#include "11_avx2_kernel/lane_depth.hpp"
#include "11_avx2_kernel/plain_panel.hpp"

namespace qfs {

// What the packer found, over all panels.
struct LaneProof {
  std::size_t steps = 0;       // those of the weights, and the remainders; none of zeros
  std::size_t remainders = 0;  // for what did not fit its lane
  std::size_t groups = 0;
  std::size_t shallowest = 0, deepest = 0;  // products a lane, of a group
  // The mean over all groups, those of padding included.
  double products_per_lane() const {
    return groups == 0 ? 0.0 : 2.0 * static_cast<double>(steps) / static_cast<double>(groups);
  }
};

// N x K weights, for inputs up to x_max: block after block of the inputs, panel after panel.
struct PackedPanels {
  struct Place {
    std::array<std::uint32_t, panel::kLongest> counts{};
    std::size_t outputs = 0, first_output = 0, first_step = 0;
  };
  std::size_t N = 0, K = 0;
  std::size_t block = 0;  // inputs of a block; the last may have fewer
  std::vector<Place> panels{};
  std::vector<std::uint32_t> output{};  // of a panel: from first_output on
  std::vector<panel::Step> steps{};     // of a panel: from first_step on
  LaneProof proof{};
};

// Inputs `begin` to `end` (not included) of output n, four to a step; k counts from `begin`. What
// does not fit its lane follows as a second step. Steps of zeros are left out.
Steps steps_of(const Matrix<std::int8_t>& w, std::size_t n, std::size_t begin, std::size_t end,
               std::int32_t x_max);

// Throws Error unless 0 < x_max <= 255.
PackedPanels pack_panels(const Matrix<std::int8_t>& w, std::int32_t x_max);

// The sums of up to 32 rows and 8 outputs: sums[n * panel::kRows + row], 32-byte aligned.
struct SumTile {
  std::size_t row = 0, rows = 0, output = 0, outputs = 0;
  const std::int32_t* sums = nullptr;
};

// The next multiple of `multiple`, or n itself.
constexpr std::size_t up_to(std::size_t multiple, std::size_t n) {
  return (n + multiple - 1) / multiple * multiple;
}

// Makes room, and leaves what is there: scratch that layers of different sizes share is not written
// anew each time.
template <class T>
void make_room(std::vector<T>& scratch, std::size_t size) {
  if (scratch.size() < size) scratch.resize(size);
}

// Up to 32 rows on their way through the kernel. Keeps its memory: blocks of one size allocate
// nothing but the first time.
class BlockOfRows {
 public:
  // Rows from `row` on, at most 32. `start` is what the sums begin with, one an output; empty: 0.
  void begin(const PackedPanels& w, const LeftSide& x, std::size_t row,
             std::span<const std::int32_t> start);
  // The block of inputs b, interleaved.
  void interleave(const panel::Kernel& kernel, const PackedPanels& w, std::size_t b);
  // Its product with all panels of that block.
  void multiply(const panel::Kernel& kernel, const PackedPanels& w, std::size_t b);
  // Outputs n to n + 7.
  SumTile tile(const PackedPanels& w, std::size_t n) const;

 private:
  struct alignas(32) StripStep {
    std::uint8_t x[32];
  };
  struct alignas(32) OutputSums {
    std::int32_t row[panel::kRows];
  };
  std::size_t strips() const { return (rows_ + panel::kStripRows - 1) / panel::kStripRows; }

  std::size_t row_ = 0, rows_ = 0, strip_steps_ = 0;
  const std::uint8_t* x_ = nullptr;      // row-major, K apart
  std::vector<std::uint8_t> patches_{};  // where the left side packs them
  std::vector<std::int32_t> start_{};    // one an output
  std::vector<StripStep> strips_{};
  std::vector<OutputSums> sums_{};
};

// Calls store(tile) for every tile of the product. Inputs outermost: a block of 32 rows x at most
// 768 inputs, 24 KB, stays in the first-level cache while all panels pass.
template <class Store>
void multiply_panels(const panel::Kernel& kernel, const PackedPanels& w, const LeftSide& x,
                     std::span<const std::int32_t> start, BlockOfRows& rows, Store&& store) {
  for (std::size_t row = 0; row < x.rows; row += panel::kRows) {
    rows.begin(w, x, row, start);
    for (std::size_t b = 0; b * w.block < w.K; ++b) {
      rows.interleave(kernel, w, b);
      rows.multiply(kernel, w, b);
    }
    for (std::size_t n = 0; n < w.N; n += panel::kTileOutputs) store(rows.tile(w, n));
  }
}

// All sums, rows x N, to acc.
void multiply_panels(const panel::Kernel& kernel, const PackedPanels& w, const LeftSide& x,
                     BlockOfRows& rows, std::span<std::int32_t> acc);

}  // namespace qfs
