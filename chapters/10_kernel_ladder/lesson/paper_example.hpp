// The example of "The idea by hand", with the results worked out on paper.
#pragma once

#include <array>
#include <cstdint>

namespace qfs::ch10::paper {

// Four inputs and four weights: two pairs.
inline constexpr std::array<std::uint8_t, 4> kX = {255, 255, 200, 10};
inline constexpr std::array<std::int8_t, 4> kW = {127, 127, -100, 50};

inline constexpr std::array<std::int32_t, 2> kPairs = {64770,
                                                       -19500};  // 2 * 255 * 127; -20000 + 500
inline constexpr std::int32_t kSum = 45270;
inline constexpr std::array<std::int32_t, 2> kPairsIn16Bits = {32767, -19500};
inline constexpr std::int32_t kSumIn16Bits = 13267;

// The same inputs in seven bits, halved and rounded down: nothing saturates.
inline constexpr std::array<std::uint8_t, 4> kX7 = {127, 127, 100, 5};
inline constexpr std::array<std::int32_t, 2> kPairs7 = {32258,
                                                        -9750};  // 2 * 127 * 127; -10000 + 250
inline constexpr std::int32_t kSum7 = 22508;

}  // namespace qfs::ch10::paper
