// Rung 4: thirty-two products at a time, without widening: vpmaddubsw. Its 16-bit sums saturate.
#include "10_kernel_ladder/avx2_lanes.hpp"
#include "10_kernel_ladder/rungs.hpp"

namespace qfs::ladder {
namespace {

// [bytes]
// One output: x and w are rows of K bytes.
//
//   x    | x0 | x1 | x2 | x3 | ... | x31|   32 u8
//   w    | w0 | w1 | w2 | w3 | ... | w31|   32 s8
//   vpmaddubsw   x0 w0 + x1 w1  |  x2 w2 + x3 w3 | ...   16 x 16 bits, clamped to -32768..32767 (!)
//   vpmaddwd by 1   the sum of two of those | ...         8 x 32 bits
//
// Exact where two products always fit 16 bits: 2 * 127 * 128 = 32 512, but 2 * 255 * 128 = 65 280.
std::int32_t dot(const std::uint8_t* x, const std::int8_t* w, std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  std::size_t k = 0;
  for (; k + 32 <= K; k += 32) {
    const __m256i x8 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + k));
    const __m256i w8 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + k));
    sums = add_products(sums, x8, w8);
  }
  std::int32_t sum = sum_of_lanes(sums);
  for (; k < K; ++k) sum += x[k] * w[k];
  return sum;
}
// [/bytes]

}  // namespace

void run_bytes(const Task& task) {
  const auto* w = static_cast<const std::int8_t*>(task.w);
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; ++n)
      task.acc[m * task.N + n] = dot(task.x + m * task.K, w + n * task.K, task.K);
}

}  // namespace qfs::ladder
