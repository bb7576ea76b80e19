#include <immintrin.h>

#include <cstring>

#include "14_training_for_the_kernel/throughout_kernel.hpp"

namespace qfs::panel {
namespace {

__m256i load(const void* from) { return _mm256_load_si256(static_cast<const __m256i*>(from)); }

__m256i broadcast(const std::int8_t* w) {
  std::int32_t four;
  std::memcpy(&four, w, 4);
  return _mm256_set1_epi32(four);
}

// One output: its lanes are added in 16 bits from the first step of the block to the last.
template <std::size_t Strips>
void multiply_output(const Step* steps, std::size_t count, const std::uint8_t* x,
                     std::size_t strip_bytes, const std::int32_t* start, std::int32_t* sums) {
  __m256i lanes[Strips];
  for (std::size_t s = 0; s < Strips; ++s) lanes[s] = _mm256_setzero_si256();
#pragma GCC unroll 4
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* at = x + 8 * std::size_t{steps[i].k};
    const __m256i w = broadcast(steps[i].w);
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Strips; ++s)
      lanes[s] = _mm256_add_epi16(lanes[s], _mm256_maddubs_epi16(load(at + s * strip_bytes), w));
  }
  for (std::size_t s = 0; s < Strips; ++s) {
    auto* to = reinterpret_cast<__m256i*>(sums + s * kStripRows);
    const __m256i from = start != nullptr ? _mm256_set1_epi32(*start) : load(to);
    _mm256_store_si256(to,
                       _mm256_add_epi32(from, _mm256_madd_epi16(lanes[s], _mm256_set1_epi16(1))));
  }
}

template <std::size_t Strips>
void multiply(const Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
              const std::int32_t* start, std::int32_t* sums) {
  const std::size_t steps = steps_of_output(panel);
  for (std::size_t i = 0; i < panel.outputs; ++i) {
    const std::size_t n = panel.output[i];
    multiply_output<Strips>(panel.steps + i * steps, steps, x, strip_bytes,
                            start != nullptr ? start + n : nullptr, sums + n * kRows);
  }
}

}  // namespace

void multiply_throughout_avx2(const Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
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

}  // namespace qfs::panel
