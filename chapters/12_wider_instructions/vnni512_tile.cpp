// The kernel by AVX512-VNNI: 32 registers of 16 lanes. Of 6 rows x 64 outputs the sums take 24, the
// weights four, the inputs one. Of 32 outputs or fewer the tile has 14 rows: a vpdpbusd takes five
// cycles, two begin in each, so that less than ten sums would wait for each other; and 14 goes into
// the rows of patches that lie side by side in a picture of 28 x 28 (chapter 21).
#include <immintrin.h>

#include <cstring>

#include "12_wider_instructions/vnni_tile.hpp"

namespace qfs::fours {
namespace {

struct Zmm {
  using Register = __m512i;
  static constexpr std::size_t kLanes = 16;
  static Register load(const void* from) { return _mm512_loadu_si512(from); }
  static void store(void* to, Register v) { _mm512_storeu_si512(to, v); }
  static Register broadcast(const std::uint8_t* x) {
    std::int32_t four;
    std::memcpy(&four, x, kInputs);
    return _mm512_set1_epi32(four);
  }
  static Register vpdpbusd(Register sums, Register x, Register w) {
    return _mm512_dpbusd_epi32(sums, x, w);
  }
};

}  // namespace

void multiply_vnni512(const Part& part) {
  if (part.blocks == 4)
    multiply_rows<Zmm, 6, 4>(part);
  else if (part.blocks == 3)
    multiply_rows<Zmm, 6, 3>(part);
  else if (part.blocks == 2)
    multiply_rows<Zmm, 14, 2>(part);
  else
    multiply_rows<Zmm, 14, 1>(part);
}

}  // namespace qfs::fours
