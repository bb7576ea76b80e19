#include <immintrin.h>
#include <string.h>

#include "17_int4_weights/kernel_u8s4.hpp"

namespace qfs::u8s4 {
namespace {

// Four bytes in every 32-bit lane.
__m256i broadcast(const void* four_bytes) {
  int four;
  memcpy(&four, four_bytes, 4);
  return _mm256_set1_epi32(four);
}

// [chunk]
// 64 codes of 8 outputs, and eight inputs of R rows: unpacked once, two pairs a lane for every row.
template <size_t R>
void add_codes(__m256i (&lanes)[R], const std::uint8_t* codes, const std::uint8_t* x,
               size_t x_stride) {
  const __m256i low_bits = _mm256_set1_epi8(15);
  const __m256i two = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes));
  const __m256i first = _mm256_and_si256(two, low_bits);
  const __m256i second = _mm256_and_si256(_mm256_srli_epi16(two, 4), low_bits);
  for (size_t r = 0; r < R; ++r) {
    const std::uint8_t* inputs = x + r * x_stride;
    const __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(broadcast(inputs), first),
                                           _mm256_maddubs_epi16(broadcast(inputs + 4), second));
    lanes[r] = _mm256_add_epi16(lanes[r], pairs);
  }
}

// A chunk: lanes that start at minus 8 times their inputs take eight pairs, which fills them, and
// are widened once.
template <size_t R>
void add_chunk(__m256i (&sum)[R], const std::uint8_t* codes, const std::uint8_t* x, size_t x_stride,
               const std::int16_t* start, size_t start_stride) {
  __m256i lanes[R];
  for (size_t r = 0; r < R; ++r) lanes[r] = broadcast(start + r * start_stride);
  if constexpr (R == 1) {
    for (size_t j = 0; j < 4; ++j) add_codes<R>(lanes, codes + 32 * j, x + 8 * j, x_stride);
  } else {  // unrolled, it would not stay in 16 registers
#pragma GCC unroll 1
    for (size_t j = 0; j < 4; ++j) add_codes<R>(lanes, codes + 32 * j, x + 8 * j, x_stride);
  }
  for (size_t r = 0; r < R; ++r)
    sum[r] = _mm256_add_epi32(sum[r], _mm256_madd_epi16(lanes[r], _mm256_set1_epi16(1)));
}
// [/chunk]

// [groups]
// One block of outputs for R rows: the sum of a group, less z_x times that of its weights, becomes
// a real, times its scale.
template <size_t R>
void multiply_block(const Weights& weights, const Inputs& inputs, std::size_t block,
                    std::size_t row, float* total) {
  const std::uint8_t* codes = weights.codes + block * inputs.chunks * kChunkBytes;
  const std::uint8_t* x = inputs.x + row * inputs.chunks * kInputs;
  const std::int16_t* start = inputs.start + row * inputs.chunks * 2;
  __m256 y[R];
  for (size_t r = 0; r < R; ++r) y[r] = _mm256_setzero_ps();
  for (size_t g = 0; g < weights.groups; ++g) {
    const size_t at = (block * weights.groups + g) * kOutputs;
    __m256i sum[R];
    for (size_t r = 0; r < R; ++r) sum[r] = _mm256_setzero_si256();
    const size_t chunks = g + 1 < weights.groups ? weights.chunks : weights.last_chunks;
    for (size_t c = 0; c < chunks; ++c, codes += kChunkBytes, x += kInputs, start += 2)
      add_chunk<R>(sum, codes, x, inputs.chunks * kInputs, start, inputs.chunks * 2);
    if (inputs.zero_point != 0) {
      const __m256i of_weights =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights.weight_sum + at));
      const __m256i less = _mm256_mullo_epi32(of_weights, _mm256_set1_epi32(inputs.zero_point));
      for (size_t r = 0; r < R; ++r) sum[r] = _mm256_sub_epi32(sum[r], less);
    }
    const __m256 scale = _mm256_loadu_ps(weights.scale + at);
    for (size_t r = 0; r < R; ++r)
      y[r] = _mm256_add_ps(y[r], _mm256_mul_ps(scale, _mm256_cvtepi32_ps(sum[r])));
  }
  for (size_t r = 0; r < R; ++r)
    _mm256_storeu_ps(total + ((row + r) * weights.blocks + block) * kOutputs, y[r]);
}
// [/groups]

}  // namespace

// A block of weights, which stays in the first cache, for all rows; then the next.
void multiply_avx2(const Weights& weights, const Inputs& inputs, float* total) {
  for (size_t block = 0; block < weights.blocks; ++block) {
    size_t row = 0;
    for (; row + 4 <= inputs.rows; row += 4) multiply_block<4>(weights, inputs, block, row, total);
    if (row + 2 <= inputs.rows) {
      multiply_block<2>(weights, inputs, block, row, total);
      row += 2;
    }
    if (row < inputs.rows) multiply_block<1>(weights, inputs, block, row, total);
  }
}

}  // namespace qfs::u8s4
