// The kernel by AVX-VNNI: 16 registers of eight lanes. Of 6 rows x 16 outputs the sums take 12, the
// weights two, the inputs one.
#include <immintrin.h>

#include <cstring>

#include "12_wider_instructions/vnni_tile.hpp"

namespace qfs::fours {
namespace {

struct Ymm {
  using Register = __m256i;
  static constexpr std::size_t kLanes = 8;
  static Register load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  }
  static void store(void* to, Register v) { _mm256_storeu_si256(static_cast<__m256i*>(to), v); }
  static Register broadcast(const std::uint8_t* x) {
    std::int32_t four;
    std::memcpy(&four, x, kInputs);
    return _mm256_set1_epi32(four);
  }
  static Register vpdpbusd(Register sums, Register x, Register w) {
    return _mm256_dpbusd_avx_epi32(sums, x, w);
  }
};

}  // namespace

void multiply_vnni256(const Part& part) { multiply_rows<Ymm, 6, 1>(part); }

}  // namespace qfs::fours
