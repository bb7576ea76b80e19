// A program that uses the first three chapters, in a place without zlib and OpenBLAS.
#include <array>
#include <cstdint>
#include <cstdio>

#include "01_affine_math/affine.hpp"
#include "02_integer_products/dot.hpp"
#include "03_fake_quantization/fake_quantize.hpp"

int main() {
  const std::array<std::uint8_t, 2> x = {3, 4};
  const std::array<std::int8_t, 2> w = {-1, 2};
  std::array<std::int32_t, 1> acc = {};
  qfs::gemm_u8s8s32_ref({.m = 1, .n = 1, .k = 2}, x, w, acc);  // 3 * -1 + 4 * 2 = 5
  // [-1, 2] onto 0..15: the scale is 0.2, the zero point 5; 1.1 is 5.5 steps, a tie that goes to 6.
  const auto params = qfs::choose_qparams(-1.0F, 2.0F, qfs::unsigned_range(4));
  const auto q = qfs::quantize_value(1.1F, params, qfs::unsigned_range(4));
  const auto fake = qfs::fake_quantize_ref(1.1F, params, qfs::unsigned_range(4));
  std::printf("%d %d %g\n", acc[0], q, static_cast<double>(fake.y));
  return acc[0] == 5 && q == 11 && fake.y == 6 * params.scale ? 0 : 1;
}
