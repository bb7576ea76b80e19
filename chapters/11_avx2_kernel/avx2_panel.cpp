// The kernel by AVX2.
#include <immintrin.h>

#include <cstring>

#include "11_avx2_kernel/panel.hpp"

namespace qfs::panel {
namespace {

__m256i load(const void* from) { return _mm256_load_si256(static_cast<const __m256i*>(from)); }
void store(void* to, __m256i v) { _mm256_store_si256(static_cast<__m256i*>(to), v); }
__m256i load_anywhere(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
void store_anywhere(void* to, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(to), v); }

__m256i broadcast(const std::int8_t* w) {
  std::int32_t four;
  std::memcpy(&four, w, 4);
  return _mm256_set1_epi32(four);
}

// A register for each strip: its eight rows.
template <std::size_t Strips>
struct Registers {
  __m256i of[Strips];
};

// [group]
// One group of one output: its steps are added in 16 bits, then widened. With four strips 4
// registers of 32-bit sums, 4 of 16-bit ones, one each of weights, inputs and ones.
//
//   x         | row 0: x0 x1 x2 x3 | row 1: x0 x1 x2 x3 | ...    32 u8
//   w         |        w0 w1 w2 w3 |        w0 w1 w2 w3 | ...    32 s8
//   vpmaddubsw| x0 w0 + x1 w1, x2 w2 + x3 w3 | ...               16 lanes of 16 bits
//   vpaddw     the next step's on top: proven to fit             once for every step but the first
//   vpmaddwd   by 1: the two lanes of a row                       8 lanes of 32 bits: a row each
//
// A step and a strip: a load, vpmaddubsw, vpaddw for 32 products; what widens is shared by all.
template <std::size_t Length, std::size_t Strips>
void add_group(Registers<Strips>& sums, const Step* steps, const std::uint8_t* x,
               std::size_t strip_bytes) {
  Registers<Strips> lanes;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < Length; ++i) {
    const std::uint8_t* at = x + 8 * std::size_t{steps[i].k};
    const __m256i w = broadcast(steps[i].w);
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Strips; ++s) {
      const __m256i pairs = _mm256_maddubs_epi16(load(at + s * strip_bytes), w);
      lanes.of[s] = i == 0 ? pairs : _mm256_add_epi16(lanes.of[s], pairs);
      // Added now: put off, the pairs need more registers than there are.
      asm("" : "+x"(lanes.of[s]));
    }
  }
#pragma GCC unroll 4
  for (std::size_t s = 0; s < Strips; ++s)
    sums.of[s] = _mm256_add_epi32(sums.of[s], _mm256_madd_epi16(lanes.of[s], _mm256_set1_epi16(1)));
}
// [/group]

// All groups of one length, then those of the next: `counts` and `steps` move on.
template <std::size_t Length, std::size_t Strips>
[[gnu::always_inline]] inline void add_groups(Registers<Strips>& sums, const std::uint32_t* counts,
                                              const Step*& steps, const std::uint8_t* x,
                                              std::size_t strip_bytes) {
  for (std::uint32_t left = *counts; left > 0; --left, steps += Length)
    add_group<Length>(sums, steps, x, strip_bytes);
  if constexpr (Length > 1) add_groups<Length - 1>(sums, counts + 1, steps, x, strip_bytes);
}

template <std::size_t Strips>
void multiply(const Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
              const std::int32_t* start, std::int32_t* sums) {
  const Step* steps = panel.steps;
  for (std::size_t i = 0; i < panel.outputs; ++i) {
    const std::size_t n = panel.output[i];
    std::int32_t* of_output = sums + n * kRows;
    Registers<Strips> registers;
    for (std::size_t s = 0; s < Strips; ++s)
      registers.of[s] =
          start != nullptr ? _mm256_set1_epi32(start[n]) : load(of_output + s * kStripRows);
    add_groups<kLongest>(registers, panel.counts, steps, x, strip_bytes);
    for (std::size_t s = 0; s < Strips; ++s) store(of_output + s * kStripRows, registers.of[s]);
  }
}

// Eight registers of eight 32-bit numbers: row i becomes column i.
[[gnu::always_inline]] inline void transpose(__m256i (&v)[8]) {
  __m256i pairs[8], fours[8];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 8; i += 2) {
    pairs[i] = _mm256_unpacklo_epi32(v[i], v[i + 1]);
    pairs[i + 1] = _mm256_unpackhi_epi32(v[i], v[i + 1]);
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t from = i / 2 * 4 + i % 2, to = i / 2 * 4 + i % 2 * 2;
    fours[to] = _mm256_unpacklo_epi64(pairs[from], pairs[from + 2]);
    fours[to + 1] = _mm256_unpackhi_epi64(pairs[from], pairs[from + 2]);
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) {
    v[i] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
    v[i + 4] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
  }
}

}  // namespace

void multiply_avx2(const Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
                   std::size_t strips, const std::int32_t* start, std::int32_t* sums) {
  if (strips == 4)
    multiply<4>(panel, x, strip_bytes, start, sums);
  else if (strips == 3)
    multiply<3>(panel, x, strip_bytes, start, sums);
  else if (strips == 2)
    multiply<2>(panel, x, strip_bytes, start, sums);
  else
    multiply<1>(panel, x, strip_bytes, start, sums);
}

namespace {

// So many fours of inputs, less than eight, of eight rows: nothing is read behind them. Returns the
// inputs.
std::size_t interleave_fours(const std::uint8_t* const (&row)[kStripRows], std::size_t k,
                             std::size_t fours, std::uint8_t* strip) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(fours)), lanes);
  __m256i square[8];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < 8; ++r)
    square[r] = _mm256_maskload_epi32(reinterpret_cast<const int*>(row[r] + k), mask);
  transpose(square);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 8; ++i)
    if (i < fours) store(strip + 32 * i, square[i]);
  return 4 * fours;
}

}  // namespace

void interleave_avx2(const std::uint8_t* rows, std::size_t stride, std::size_t count, std::size_t K,
                     std::uint8_t* strip) {
  const std::uint8_t* row[kStripRows];
  for (std::size_t r = 0; r < kStripRows; ++r) row[r] = rows + (r < count ? r * stride : 0);
  std::size_t k = 0;
  for (; k + 32 <= K; k += 32) {
    __m256i square[8];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < 8; ++r) square[r] = load_anywhere(row[r] + k);
    transpose(square);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; ++i) store(strip + 8 * k + 32 * i, square[i]);
  }
  if (k + 4 <= K) k += interleave_fours(row, k, (K - k) / 4, strip + 8 * k);
  if (k == K) return;
  for (std::size_t r = 0; r < kStripRows; ++r) {
    std::uint8_t four[4] = {};
    std::memcpy(four, row[r] + k, K - k);
    std::memcpy(strip + 8 * k + 4 * r, four, 4);
  }
}

void to_rows_avx2(const std::int32_t* sums, std::size_t rows, std::size_t outputs,
                  std::int32_t* acc, std::size_t stride) {
  for (std::size_t first = 0; first < rows; first += 8) {
    __m256i square[8];
#pragma GCC unroll 8
    for (std::size_t n = 0; n < 8; ++n) square[n] = load(sums + n * kRows + first);
    transpose(square);
    std::int32_t* to = acc + first * stride;
    if (outputs == 8 && rows - first >= 8) {
#pragma GCC unroll 8
      for (std::size_t r = 0; r < 8; ++r) store_anywhere(to + r * stride, square[r]);
      continue;
    }
    alignas(32) std::int32_t tile[8][8];
    for (std::size_t r = 0; r < 8; ++r) store(tile[r], square[r]);
    for (std::size_t r = 0; r < 8 && first + r < rows; ++r)
      std::memcpy(to + r * stride, tile[r], outputs * sizeof(std::int32_t));
  }
}

}  // namespace qfs::panel
