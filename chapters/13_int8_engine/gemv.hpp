// One row at a time: no weight is used twice, so nothing can be shared but the input. The outputs
// stand in the lanes, and the weights are read once, in the order in which they lie (eq. 13.2).
#pragma once

#include <cstddef>
#include <cstdint>

namespace qfs::gemv {

inline constexpr std::size_t kLanes = 8;  // outputs of a register
inline constexpr std::size_t kOutputs =
    4 * kLanes;  // of a block: four sums that do not wait for each other

// What pairs of weights are too much for their 16-bit lane (eq. 11.4), outside of it.
struct Remainder {
  std::uint32_t n, k;
  std::int32_t w;
};

// N x K weights: for each 32 outputs, for each four inputs, 128 bytes: four of every output in
// turn. What lies past N or K is 0.
struct Weights {
  std::size_t N, K;
  const std::int8_t* w;  // 32-byte aligned
  const Remainder* remainders;
  std::size_t remainder_count;
};

// sums[n] = start[n] + the products of the K inputs at x, for N rounded up to 32 outputs.
// Inputs within the range that the remainders were taken for.
void multiply_avx2(const Weights& weights, const std::uint8_t* x, const std::int32_t* start,
                   std::int32_t* sums);

}  // namespace qfs::gemv
