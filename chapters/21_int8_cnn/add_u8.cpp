#include "21_int8_cnn/add_u8.hpp"

#include <cmath>

#include "02_integer_products/requantize.hpp"
#include "21_int8_cnn/plumbing/add_kernel.hpp"
#include "common/cpu.hpp"

namespace qfs {
namespace {

float ratio(float input_scale, float output_scale) {
  const float r = input_scale / output_scale;
  require_normal(r, "the scales of a sum give no ratio", "check the scales of both inputs");
  return r;
}

// r as an integer of 2^-shift. The larger of the two is within 2^21 .. 2^22.
void set_fixed_point(AddU8& add, QuantParams a, QuantParams b) {
  const auto fits = [](float r) { return r >= 0x1p-14F && r < 0x1p8F; };
  const float larger = std::max(add.a_ratio, add.b_ratio);
  require(fits(add.a_ratio) && fits(add.b_ratio) && larger >= 0x1p-10F,
          "qnnpack adds no inputs of such scales", larger,
          "s / s_y in [2^-14, 2^8), the larger at least 2^-10", "take the other rule");
  add.shift = 21 - std::ilogb(larger);  // 14 to 31
  const auto multiplier = [&](float r) {
    return static_cast<std::int32_t>(std::nearbyint(std::ldexp(r, add.shift)));
  };
  add.a_multiplier = multiplier(add.a_ratio);
  add.b_multiplier = multiplier(add.b_ratio);
  add.bias = -(add.a_multiplier * a.zero_point + add.b_multiplier * b.zero_point);
}

}  // namespace

// [make_add]
AddU8 make_add(QuantParams a, QuantParams b, QuantParams output, QuantRange range, AddRule rule) {
  AddU8 add{.rule = rule,
            .a_ratio = ratio(a.scale, output.scale),
            .b_ratio = ratio(b.scale, output.scale),
            .output = output,
            .range = range};
  const float b_zero = add.b_ratio * static_cast<float>(b.zero_point);
  add.offset = static_cast<float>(output.zero_point) -
               std::fma(add.a_ratio, static_cast<float>(a.zero_point), b_zero);  // (eq. 21.9)
  require(std::isfinite(add.offset), "the scales of a sum give no offset", add.offset,
          "a finite float32", "check the scales of both inputs");
  if (rule == AddRule::qnnpack) set_fixed_point(add, a, b);
  return add;
}
// [/make_add]

namespace {

// [add_rules]
std::uint8_t add_onnx_runtime(const AddU8& add, std::uint8_t a, std::uint8_t b) {
  const float sum =
      std::fma(add.a_ratio, static_cast<float>(a),
               std::fma(add.b_ratio, static_cast<float>(b), add.offset));  // (eq. 21.10)
  const float low = static_cast<float>(add.range.qmin), high = static_cast<float>(add.range.qmax);
  return static_cast<std::uint8_t>(std::nearbyint(std::clamp(sum, low, high)));
}

// |sum| <= 2^22 (255 + 255) < 2^31.
std::uint8_t add_qnnpack(const AddU8& add, std::uint8_t a, std::uint8_t b) {
  const std::int32_t sum = add.a_multiplier * a + add.b_multiplier * b + add.bias;
  const std::int32_t half = std::int32_t{1} << (add.shift - 1);
  const std::int64_t away = std::int64_t{sum} + half - (sum < 0 ? 1 : 0);
  const auto rounded = static_cast<std::int32_t>(away >> add.shift);  // (eq. 21.11)
  return static_cast<std::uint8_t>(
      std::clamp(rounded + add.output.zero_point, add.range.qmin, add.range.qmax));
}
// [/add_rules]

}  // namespace

std::uint8_t add_one(const AddU8& add, std::uint8_t a, std::uint8_t b) {
  return add.rule == AddRule::qnnpack ? add_qnnpack(add, a, b) : add_onnx_runtime(add, a, b);
}

void add_u8(const AddU8& add, std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
            std::span<std::uint8_t> y, bool vectors) {
  require(a.size() == y.size() && b.size() == y.size(), "a sum of pictures that differ in size",
          b.size(), a.size(), "pass three of one size");
  std::size_t done = 0;
#if defined(__x86_64__)
  static const bool kHere = cpu_features().avx2 && cpu_features().fma;
  if (vectors && kHere && add.rule == AddRule::onnx_runtime)
    done = add_kernel::add_avx2(
        {add.a_ratio, add.b_ratio, add.offset, static_cast<float>(add.range.qmin),
         static_cast<float>(add.range.qmax)},
        a.data(), b.data(), y.size(), y.data());
#else
  static_cast<void>(vectors);
#endif
  if (add.rule == AddRule::qnnpack)
    for (std::size_t i = done; i < y.size(); ++i) y[i] = add_qnnpack(add, a[i], b[i]);
  else
    for (std::size_t i = done; i < y.size(); ++i) y[i] = add_onnx_runtime(add, a[i], b[i]);
}

}  // namespace qfs
