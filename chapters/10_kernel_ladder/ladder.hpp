// The ladder as a list, and what every rung is run with: shapes that are checked, weights that are
// aligned, a CPU that can.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "02_integer_products/dot.hpp"
#include "10_kernel_ladder/rungs.hpp"

namespace qfs {

// Rung 0, the same in float: y (M x N) = x (M x K) times w (N x K), every sum in the order of k.
// Throws Error where the shapes do not fit.
void gemm_f32_scalar(const Matrix<float>& x, const Matrix<float>& w, Matrix<float>& y);

// In the order of the text. The first is chapter 02's gemm_u8s8s32_ref; on another architecture
// than x86-64 it is the only one.
std::span<const ladder::Rung> ladder_rungs();

// Whether this CPU has what the rung needs.
bool can_run(const ladder::Rung& rung);

// N x K weights as a rung wants them. Copies: the weights and the rung may go.
class LadderWeights {
 public:
  // Throws Error where the CPU cannot run the rung, and where K passes max_depth.
  LadderWeights(const ladder::Rung& rung, const Matrix<std::int8_t>& w);

  // acc (M x N) = x (M x K) times the weights. 0 where K = 0. Throws Error where the shapes
  // do not fit. Allocates nothing.
  void run(const Matrix<std::uint8_t>& x, Matrix<std::int32_t>& acc) const;

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  ladder::Rung rung_;
  std::size_t N_, K_;
  std::unique_ptr<std::byte[], Free> bytes_;  // 64-byte aligned
};

// Whether the rung is exact for all inputs in x (unsigned) and all weights in w: 2 * 127 * 128 = 32
// 512 fits 16 bits, and so does 2 * 255 * 64 = 32 640; 2 * 255 * 65 does not.
bool is_exact(const ladder::Rung& rung, QuantRange x, QuantRange w);

}  // namespace qfs
