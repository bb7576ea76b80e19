// Rung 6: four rows and sixteen outputs at a time, so that what is loaded once is used more than
// once.
#include "10_kernel_ladder/avx2_lanes.hpp"
#include "10_kernel_ladder/rungs.hpp"

namespace qfs::ladder {
namespace {

constexpr std::size_t kRows = 4;

// [tile]
// Rows x 16 sums, all of them in registers until K is done. With four rows: 8 registers of sums, 2
// of weights, 1 of inputs, 1 of ones, 2 of what is between: 14 of the 16 that AVX2 has.
//
// A load of weights serves four rows, a broadcast sixteen outputs: 6 loads for 64 * 4 products,
// where the rung before makes 2 for 8 * 4.
struct Sums {
  __m256i left[kRows], right[kRows];
};

// Four inputs of every row, as input(row) broadcasts them, times 16 x 4 weights.
template <std::size_t Rows, class Input>
void add_to_tile(Sums& sums, const std::int8_t* w, std::size_t block, Input input) {
  const __m256i left = _mm256_load_si256(reinterpret_cast<const __m256i*>(w));
  const __m256i right = _mm256_load_si256(reinterpret_cast<const __m256i*>(w + block));
  for (std::size_t r = 0; r < Rows; ++r) {
    const __m256i x8 = input(r);
    sums.left[r] = add_products(sums.left[r], x8, left);
    sums.right[r] = add_products(sums.right[r], x8, right);
  }
}

template <std::size_t Rows>
Sums tile(const std::uint8_t* x, const std::int8_t* w, std::size_t block, std::size_t K) {
  Sums sums;
  for (std::size_t r = 0; r < Rows; ++r) sums.left[r] = sums.right[r] = _mm256_setzero_si256();
  std::size_t k = 0;
  for (; k + 4 <= K; k += 4)
    add_to_tile<Rows>(sums, w + 8 * k, block,
                      [&](std::size_t r) { return broadcast(x + r * K + k); });
  if (k < K)
    add_to_tile<Rows>(sums, w + 8 * k, block,
                      [&](std::size_t r) { return broadcast_last(x + r * K + k, K - k); });
  return sums;
}
// [/tile]

template <std::size_t Rows>
void rows_of_outputs(const Task& task, std::size_t m0) {
  const std::size_t block = blocks_of(4, task.K) * 32;
  const auto* w = static_cast<const std::int8_t*>(task.w);
  for (std::size_t n = 0; n < task.N; n += 16, w += 2 * block) {
    const Sums sums = tile<Rows>(task.x + m0 * task.K, w, block, task.K);
    const std::size_t left = task.N - n < 16 ? task.N - n : 16;
    for (std::size_t r = 0; r < Rows; ++r) {
      alignas(32) std::int32_t row[16];
      _mm256_store_si256(reinterpret_cast<__m256i*>(row), sums.left[r]);
      _mm256_store_si256(reinterpret_cast<__m256i*>(row + 8), sums.right[r]);
      std::memcpy(task.acc + (m0 + r) * task.N + n, row, left * sizeof(std::int32_t));
    }
  }
}

}  // namespace

// As the rung before, with a whole number of pairs of blocks.
std::size_t tiled_bytes(std::size_t N, std::size_t K) {
  return packed_bytes(blocks_of(16, N) * 16, K);
}

void pack_tiled(std::size_t N, std::size_t K, const std::int8_t* w, void* packed) {
  std::memset(packed, 0, tiled_bytes(N, K));
  pack(N, K, w, packed);
}

void run_tiled(const Task& task) {
  std::size_t m = 0;
  for (; m + 4 <= task.M; m += 4) rows_of_outputs<4>(task, m);
  for (; m < task.M; ++m) rows_of_outputs<1>(task, m);
}

}  // namespace qfs::ladder
