// Rung 3: sixteen products at a time, exact: bytes widened to 16 bits, vpmaddwd.
#include "10_kernel_ladder/avx2_lanes.hpp"
#include "10_kernel_ladder/rungs.hpp"

namespace qfs::ladder {
namespace {

// [widened]
// One output: x and w are rows of K bytes.
//
//   x    | x0 | x1 | ... | x15|   16 u8,  vpmovzxbw to 16 x 16 bits
//   w    | w0 | w1 | ... | w15|   16 s8,  vpmovsxbw to 16 x 16 bits
//   vpmaddwd    x0 w0 + x1 w1   |   x2 w2 + x3 w3   | ...   8 x 32 bits
//
// |x w| <= 255 * 128 = 32 640, two of them 65 280: no lane comes near 2^31.
std::int32_t dot(const std::uint8_t* x, const std::int8_t* w, std::size_t K) {
  __m256i sums = _mm256_setzero_si256();
  std::size_t k = 0;
  for (; k + 16 <= K; k += 16) {
    const __m256i x16 =
        _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x + k)));
    const __m256i w16 =
        _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w + k)));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(x16, w16));
  }
  std::int32_t sum = sum_of_lanes(sums);
  for (; k < K; ++k) sum += x[k] * w[k];
  return sum;
}
// [/widened]

}  // namespace

void run_widened(const Task& task) {
  const auto* w = static_cast<const std::int8_t*>(task.w);
  for (std::size_t m = 0; m < task.M; ++m)
    for (std::size_t n = 0; n < task.N; ++n)
      task.acc[m * task.N + n] = dot(task.x + m * task.K, w + n * task.K, task.K);
}

}  // namespace qfs::ladder
