// The edges by AVX2: eight reals at a time.
#include <immintrin.h>

#include <cstring>

#include "13_int8_engine/edges.hpp"

namespace qfs::edges {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kBlock = 4 * kLanes;  // reals that become one register of bytes

// [round]
// To the nearest integer, halves to even, as the CPU is set; cut before, which gives the same,
// since both ends are integers. The order of the operands matters for NaN, which must not get here.
__m256i to_integers(__m256 steps, __m256 low, __m256 high) {
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(steps, low), high));
}
// [/round]

// Eight integers and the zero point, 0 to 255 together, to eight bytes.
void store_bytes(std::uint8_t* to, __m256i integers, __m128i zero_point, std::size_t count) {
  const __m128i words =
      _mm_packs_epi32(_mm256_castsi256_si128(integers), _mm256_extracti128_si256(integers, 1));
  const __m128i shifted = _mm_add_epi16(words, zero_point);
  const __m128i bytes = _mm_packus_epi16(shifted, shifted);
  if (count == kLanes) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), bytes);
  } else {
    const std::int64_t eight = _mm_cvtsi128_si64(bytes);
    std::memcpy(to, &eight, count);
  }
}

__m256i load(const std::int32_t* from, std::size_t count) {
  if (count == kLanes) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  alignas(32) std::int32_t eight[kLanes] = {};
  std::memcpy(eight, from, count * sizeof(std::int32_t));
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(eight));
}
__m256 load(const float* from, std::size_t count) {
  if (count == kLanes) return _mm256_loadu_ps(from);
  alignas(32) float eight[kLanes] = {};
  std::memcpy(eight, from, count * sizeof(float));
  return _mm256_load_ps(eight);
}
void store(float* to, __m256 numbers, std::size_t count) {
  if (count == kLanes) return _mm256_storeu_ps(to, numbers);
  alignas(32) float eight[kLanes];
  _mm256_store_ps(eight, numbers);
  std::memcpy(to, eight, count * sizeof(float));
}

std::size_t lanes_left(std::size_t count, std::size_t done) {
  return count - done < kLanes ? count - done : kLanes;
}

}  // namespace

// [to_u8]
// Eight outputs of one row at a time. The bias is in the sums already.
void to_u8_avx2(const Sums& sums, const ToU8& to, std::uint8_t* y, std::size_t y_stride) {
  const __m256 low = _mm256_set1_ps(to.low), high = _mm256_set1_ps(to.high);
  const __m128i zero_point = _mm_set1_epi16(static_cast<std::int16_t>(to.zero_point));
  for (std::size_t n = 0; n < sums.outputs; n += kLanes) {
    const std::size_t count = lanes_left(sums.outputs, n);
    const __m256 multiplier = load(to.multiplier + n, count);
    for (std::size_t r = 0; r < sums.rows; ++r) {
      const __m256 acc = _mm256_cvtepi32_ps(load(sums.at + r * sums.stride + n, count));
      store_bytes(y + r * y_stride + n, to_integers(_mm256_mul_ps(acc, multiplier), low, high),
                  zero_point, count);
    }
  }
}
// [/to_u8]

void to_f32_avx2(const Sums& sums, const ToF32& to, float* y, std::size_t y_stride) {
  for (std::size_t n = 0; n < sums.outputs; n += kLanes) {
    const std::size_t count = lanes_left(sums.outputs, n);
    const __m256i weight_sum = load(to.weight_sum + n, count);
    const __m256 w_scale = load(to.w_scale + n, count), bias = load(to.bias + n, count);
    for (std::size_t r = 0; r < sums.rows; ++r) {
      const RowParams& row = to.row[r * to.row_step];
      const __m256i sum =
          _mm256_sub_epi32(load(sums.at + r * sums.stride + n, count),
                           _mm256_mullo_epi32(_mm256_set1_epi32(row.zero_point), weight_sum));
      const __m256 scale = _mm256_mul_ps(_mm256_set1_ps(row.scale), w_scale);
      store(y + r * y_stride + n,
            _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale), bias), count);
    }
  }
}

// Thirty-two reals to a register of bytes.
static __m256i quantize_block(const float* x, const Quantize& to) {
  const __m256 factor = _mm256_set1_ps(to.factor);
  const __m256 low = _mm256_set1_ps(to.low), high = _mm256_set1_ps(to.high);
  const __m256i zero_point = _mm256_set1_epi16(static_cast<std::int16_t>(to.zero_point));
  __m256i q[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const __m256 reals = _mm256_loadu_ps(x + kLanes * i);
    const __m256 steps = to.divide ? _mm256_div_ps(reals, factor) : _mm256_mul_ps(reals, factor);
    const __m256 known = _mm256_cmp_ps(steps, steps, _CMP_ORD_Q);  // NaN becomes 0 steps
    q[i] = to_integers(_mm256_and_ps(steps, known), low, high);
  }
  // Packing works on each half of a register: the fours of bytes come out as 0 2 4 6 1 3 5 7.
  const __m256i bytes =
      _mm256_packus_epi16(_mm256_add_epi16(_mm256_packs_epi32(q[0], q[1]), zero_point),
                          _mm256_add_epi16(_mm256_packs_epi32(q[2], q[3]), zero_point));
  return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

void quantize_avx2(const float* x, std::size_t count, const Quantize& to, std::uint8_t* q) {
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(q + i), quantize_block(x + i, to));
  if (i == count) return;
  float last[kBlock] = {};
  std::memcpy(last, x + i, (count - i) * sizeof(float));
  alignas(32) std::uint8_t bytes[kBlock];
  _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), quantize_block(last, to));
  std::memcpy(q + i, bytes, count - i);
}

void dequantize_avx2(const std::uint8_t* q, std::size_t count, float scale, std::int32_t zero_point,
                     float* x) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    const std::size_t some = lanes_left(count, i);
    std::uint8_t eight[kLanes] = {};
    std::memcpy(eight, q + i, some);
    const __m256i wide =
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(eight)));
    const __m256 steps = _mm256_cvtepi32_ps(_mm256_sub_epi32(wide, _mm256_set1_epi32(zero_point)));
    store(x + i, _mm256_mul_ps(_mm256_set1_ps(scale), steps), some);
  }
}

// A number that is not finite less itself is NaN; all others give 0.
bool min_max_avx2(const float* x, std::size_t count, float* min, float* max) {
  __m256 least = _mm256_set1_ps(x[0]), most = least, zero = _mm256_sub_ps(least, least);
  for (std::size_t i = 0; i < count; i += kLanes) {
    const std::size_t some = lanes_left(count, i);
    __m256 numbers;
    if (some == kLanes) {
      numbers = _mm256_loadu_ps(x + i);
    } else {
      float last[kLanes];
      for (std::size_t lane = 0; lane < kLanes; ++lane) last[lane] = x[lane < some ? i + lane : i];
      numbers = _mm256_loadu_ps(last);
    }
    least = _mm256_min_ps(least, numbers);
    most = _mm256_max_ps(most, numbers);
    zero = _mm256_add_ps(zero, _mm256_sub_ps(numbers, numbers));
  }
  float lows[kLanes], highs[kLanes];
  _mm256_storeu_ps(lows, least);
  _mm256_storeu_ps(highs, most);
  *min = lows[0];
  *max = highs[0];
  for (std::size_t lane = 1; lane < kLanes; ++lane) {
    if (lows[lane] < *min) *min = lows[lane];
    if (highs[lane] > *max) *max = highs[lane];
  }
  return _mm256_movemask_ps(_mm256_cmp_ps(zero, zero, _CMP_UNORD_Q)) == 0;
}

}  // namespace qfs::edges
