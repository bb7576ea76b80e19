// Exercise 21.2: two pictures side by side, channel by channel, of two scales.
//
// Concatenation joins the channels of two pictures of one height and width: pixel by pixel first
// those of a, then those of b. In reals it moves numbers and changes none; in integers each input
// has its own scale and zero point, and the output a third. Write concat: every integer becomes
//   z_y + round((q - z) * (s / s_y)), s / s_y and the product in float32, halves to even, as in
// chapter 02, clamped to the range. Where scale and zero point are those of the output, the
// integers are only clamped (the formula gives that by itself). All scales are positive.
#pragma once

#include <cstdint>
#include <span>

#include "02_integer_products/requantize.hpp"
#include "common/exercise.hpp"

namespace exercise {

struct Part {
  std::span<const std::uint8_t> q;  // pixels x channels
  std::size_t channels;
  qfs::QuantParams params;
};

// y: pixels x (a.channels + b.channels).
inline void concat([[maybe_unused]] const Part& a, [[maybe_unused]] const Part& b,
                   [[maybe_unused]] qfs::QuantParams output, [[maybe_unused]] qfs::QuantRange range,
                   [[maybe_unused]] std::span<std::uint8_t> y) {
  // TODO: fill y.
  qfs::not_written_yet("21.2: concat");
}

}  // namespace exercise
