// The example on paper: two rows of eight inputs, two outputs. Its first four products are those of
// chapter 10. Asserted by section 1 and by the tests.
#pragma once

#include <array>
#include <cstdint>

namespace qfs::ch12::paper {

inline constexpr std::array<std::array<std::uint8_t, 8>, 2> kX = {
    {{255, 255, 200, 10, 0, 0, 0, 1}, {1, 2, 3, 4, 0, 0, 0, 255}}};
inline constexpr std::array<std::array<std::int8_t, 8>, 2> kW = {
    {{127, 127, -100, 50, 0, 0, 0, 100}, {1, -1, 2, 0, 0, 0, 0, -128}}};

// Row m, output n after the first four inputs: 255 * 127 + 255 * 127 - 200 * 100 + 10 * 50 = 45
// 270, which in 16 bits was 13 267. Then with the last one: + 1 * 100.
inline constexpr std::array<std::array<std::int32_t, 2>, 2> kFirstStep = {{{45270, 400}, {281, 5}}};
inline constexpr std::array<std::array<std::int32_t, 2>, 2> kSums = {
    {{45370, 272}, {25781, -32635}}};

}  // namespace qfs::ch12::paper
