// The products that are timed: the same integers in every process.
#pragma once

#include <array>

#include "06_static_ptq/quantized_weight.hpp"
#include "common/tensor.hpp"

namespace qfs::bench {

// x is M x K, w is N x K, their product M x N.
struct GemmShape {
  std::size_t M, K, N;
};
constexpr double products_of(GemmShape shape) {
  return static_cast<double>(shape.M) * static_cast<double>(shape.K) * static_cast<double>(shape.N);
}

// The MLP's first layer at three batches; squares; layers of a residual net for small pictures.
inline constexpr std::array<GemmShape, 11> kGemmShapes = {{{1, 784, 100},
                                                           {64, 784, 100},
                                                           {1000, 784, 100},
                                                           {128, 128, 128},
                                                           {256, 256, 256},
                                                           {512, 512, 512},
                                                           {1024, 1024, 1024},
                                                           {196, 576, 64},
                                                           {784, 576, 64},
                                                           {49, 2304, 256},
                                                           {3136, 64, 64}}};

struct GemmTask {
  GemmShape shape;
  QuantRange input_range;  // 0..127 or 0..255
  Matrix<std::uint8_t> x{};
  QuantizedWeight w{};
};
// Inputs are uniform over their whole range. The weights of 784 x 100 are those of the trained
// layer 1, one scale for all; elsewhere they are Gaussian, one scale an output.
GemmTask make_gemm_task(GemmShape shape, int bits);

// The sums of chapter 02, M x N: what every kernel must give.
Matrix<std::int32_t> exact_sums(const GemmTask& task);

}  // namespace qfs::bench
