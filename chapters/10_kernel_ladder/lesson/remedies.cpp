// Section 3: what helps, and what only seems to.
#include <cstdio>

#include "10_kernel_ladder/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch10 {
namespace {

constexpr std::int32_t kWidest = std::numeric_limits<std::int16_t>::max();

void add_remedy(Table& table, const char* name, const char* left, const char* right, int worst) {
  table.row({name, left, right, std::to_string(worst), worst <= kWidest ? "yes" : "no"});
}

// [signs]
// x w = |x| (sign(x) w): what vpsignb makes of two signed bytes for vpmaddubsw, which wants the
// left one unsigned (eq. 10.5). |-128| is 128, which u8 holds; -(-128) is not in s8, so w stays
// above it.
constexpr int by_signs(std::int8_t x, std::int8_t w) {
  const auto magnitude = static_cast<std::uint8_t>(x < 0 ? -x : x);
  const auto signed_w = static_cast<std::int8_t>(x < 0 ? -w : x > 0 ? w : 0);
  return magnitude * signed_w;
}
// [/signs]

template <class Product>
bool for_all_pairs(int w_min, Product product) {
  for (int x = -128; x <= 127; ++x)
    for (int w = w_min; w <= 127; ++w)
      if (product(static_cast<std::int8_t>(x), static_cast<std::int8_t>(w)) != x * w) return false;
  return true;
}

// (x + 128) w = x w + 128 w: the share of the shift is known before x is (eq. 10.4).
int by_shift(std::int8_t x, std::int8_t w) { return (x + 128) * w - 128 * w; }

}  // namespace

void remedies(const Study& study, Lesson& lesson) {
  section(3, "What helps: the worst sum of two products");
  Table table({"remedy", "left", "right", "worst", "fits 16 bits"});
  add_remedy(table, "none", "0..255", "-128..127", 2 * 255 * 128);
  add_remedy(table, "7-bit inputs", "0..127", "-128..127", 2 * 127 * 128);
  add_remedy(table, "7-bit weights", "0..255", "-64..63", 2 * 255 * 64);
  add_remedy(table, "s8 inputs, 128 added", "0..255", "-128..127", 2 * 255 * 128);
  add_remedy(table, "s8 inputs, sign trick", "0..128", "-127..127", 2 * 128 * 127);
  table.print();
  lesson.claims.expect(for_all_pairs(-127, by_signs) && for_all_pairs(-128, by_shift),
                       "shift and signs: every product of two signed bytes is right");
  lesson.claims.expect(by_signs(-1, -128) == -128,
                       "but -(-128) stays -128: the sign trick needs w above it");
  const QuantizedNet net = quantized(study, {});
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  const std::size_t pairs = w.shape(0) * (w.shape(1) / 2);
  std::printf("  layer 1 has %zu pairs of weights; some input can saturate\n", pairs);
  for (int x_max : {255, 127})
    std::printf("    with inputs up to %d: %zu of them\n", x_max, count_can_saturate(w, x_max));
  lesson.claims.expect(count_can_saturate(w, 127) == 0, "none with 7 bits, whatever the weights");
}

}  // namespace qfs::ch10
