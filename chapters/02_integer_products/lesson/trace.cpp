// Section 10, for --trace: one output from its reals to its integer and back.
#include <cmath>
#include <cstdio>
#include <string>

#include "02_integer_products/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch02 {
namespace {

void trace_terms(const PaperLayer& layer, std::size_t m, std::size_t n) {
  const Matrix<std::uint8_t> q_x = paper_input();
  std::int32_t raw = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    const int product = q_x(m, k) * layer.w(n, k);
    raw += product;
    std::printf("  k = %zu   x %5g -> q_x %2d   w %6g -> q_w %2d   product %4d   sum %4d\n", k,
                paper::kX(m, k), q_x(m, k), paper::kW(n, k), layer.w(n, k), product, raw);
  }
  const std::int32_t x_sum = row_sums(q_x)(m), w_sum = layer.w_sums(n);
  const std::int32_t z_x = paper::kXParams.zero_point, z_w = layer.w_params.zero_point;
  std::printf("  - z_w sum q_x  %6d   (-(%d) * %d)\n", -z_w * x_sum, z_w, x_sum);
  std::printf("  - z_x sum q_w  %6d   (-%d * (%d), offline)\n", -z_x * w_sum, z_x, w_sum);
  std::printf("  + K z_x z_w    %6d   (4 * %d * (%d), offline)\n", 4 * z_x * z_w, z_x, z_w);
  std::printf("  + bias         %6d   (%g / (%g * %g), offline)\n", layer.bias(n), paper::kBias[n],
              paper::kXParams.scale, layer.w_params.scale);
  std::printf("  = acc          %6d\n", paper_sums(layer)(m, n));
}

}  // namespace

void trace(const PaperLayer& layer, std::size_t m, std::size_t n) {
  section(10, "Trace: output " + std::to_string(m) + "," + std::to_string(n) + ", end to end");
  trace_terms(layer, m, n);
  const std::int32_t acc = paper_sums(layer)(m, n), z_y = paper::kYParams.zero_point;
  const float scaled = static_cast<float>(acc) * layer.multiplier;
  const auto by_float = requantize_float(acc, layer.multiplier, z_y, paper::kUnsigned);
  std::printf("  float:    acc * %.9g = %.9g, rounded %g, + %d, clamped to 0..15: %d\n",
              layer.multiplier, scaled, std::nearbyint(scaled), z_y, by_float);
  const std::int64_t product = std::int64_t{acc} * layer.fixed.mantissa;
  const int shift = 31 + layer.fixed.shift;
  std::printf("  fixed:    acc * %d = %lld, / 2^%d rounded %lld, + %d, clamped: %d\n",
              layer.fixed.mantissa, static_cast<long long>(product), shift,
              static_cast<long long>(rounding_shift_right(product, shift)), z_y,
              requantize_fixed(acc, layer.fixed, z_y, paper::kUnsigned));
  const auto high = saturating_rounding_doubling_high_mul(acc, layer.fixed.mantissa);
  std::printf(
      "  gemmlowp: the same product / 2^31 rounded %d, / 2^%d rounded %d, + %d, clamped: %d\n",
      high, layer.fixed.shift, rounding_divide_by_pot(high, layer.fixed.shift), z_y,
      requantize_gemmlowp(acc, layer.fixed, z_y, paper::kUnsigned));
  std::printf("  back to real: %g * (%d - %d) = %g; the float product is %.6g\n",
              paper::kYParams.scale, by_float, z_y, dequantize_value(by_float, paper::kYParams),
              paper_float_product()(m, n));
}

}  // namespace qfs::ch02
