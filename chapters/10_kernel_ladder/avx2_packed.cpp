// Rung 5: eight outputs at a time. The weights are laid out once so that no sum has to be gathered
// from the lanes of a register.
#include "10_kernel_ladder/avx2_lanes.hpp"
#include "10_kernel_ladder/rungs.hpp"

namespace qfs::ladder {
std::size_t packed_bytes(std::size_t N, std::size_t K) {
  return blocks_of(8, N) * blocks_of(4, K) * 32;
}

// [pack]
// Blocks of 8 outputs; in each, for every four inputs, 32 bytes: four of output 0, four of output
// 1, ... What lies past N or K is 0.
//
//   | w[0, k..k+3] | w[1, k..k+3] | ... | w[7, k..k+3] |   one load for the kernel
void pack(std::size_t N, std::size_t K, const std::int8_t* w, void* packed) {
  auto* to = static_cast<std::int8_t*>(packed);
  for (std::size_t n0 = 0; n0 < N; n0 += 8)
    for (std::size_t k0 = 0; k0 < K; k0 += 4)
      for (std::size_t n = n0; n < n0 + 8; ++n)
        for (std::size_t k = k0; k < k0 + 4; ++k)
          *to++ = n < N && k < K ? w[n * K + k] : std::int8_t{0};
}
// [/pack]

namespace {

// [eight_outputs]
//   x    | x0 x1 x2 x3 | x0 x1 x2 x3 | ...   four bytes, eight times
//   w    | of output 0 | of output 1 | ...
//   vpmaddubsw, vpmaddwd by 1:  x0 w0 + x1 w1 + x2 w2 + x3 w3 of output 0 | of output 1 | ...
__m256i load(const std::int8_t* w) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(w));
}

__m256i eight_outputs(const std::uint8_t* x, const std::int8_t* w, std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  std::size_t k = 0;
  for (; k + 4 <= K; k += 4) sums = add_products(sums, broadcast(x + k), load(w + 8 * k));
  if (k < K) sums = add_products(sums, broadcast_last(x + k, K - k), load(w + 8 * k));
  return sums;
}
// [/eight_outputs]

}  // namespace

void run_packed(const Task& task) {
  const std::size_t block = blocks_of(4, task.K) * 32;
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; n += 8) {
      const auto* w = static_cast<const std::int8_t*>(task.w) + n / 8 * block;
      alignas(32) std::int32_t sums[8];
      _mm256_store_si256(reinterpret_cast<__m256i*>(sums),
                         eight_outputs(task.x + m * task.K, w, task.K));
      const std::size_t left = task.N - n < 8 ? task.N - n : 8;
      std::memcpy(task.acc + m * task.N + n, sums, left * sizeof(std::int32_t));
    }
}

}  // namespace qfs::ladder
