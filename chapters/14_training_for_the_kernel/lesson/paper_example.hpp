// The examples on paper, in steps of the scale. Asserted by section 1.
#pragma once

#include <array>
#include <cstdint>

namespace qfs::ch14::paper {

// A lane whose positive weights add up to 301.2, 43.2 too much: each of three gives up 14.4.
inline constexpr std::array<float, 4> kOver = {120.5F, 100.5F, 80.25F, -40.0F};
inline constexpr std::array<double, 4> kProjected = {106.083333, 86.083333, 65.833333, -40.0};
// 276 is 18 too much. A third of it each would be 6: exactly what the last one has.
inline constexpr std::array<float, 4> kVanishes = {150.0F, 120.0F, 6.0F, -1.0F};
inline constexpr std::array<double, 4> kWithoutOne = {144.0, 114.0, 0.0, -1.0};
// 106.6 + 86.6 + 64.8 = 258 fits; rounded it is 107 + 87 + 65 = 259. One step goes back.
inline constexpr std::array<float, 3> kFits = {106.625F, 86.5625F, 64.8125F};
inline constexpr std::array<std::int32_t, 3> kRounded = {107, 87, 65};
inline constexpr std::array<std::int32_t, 3> kTakenBack = {107, 86, 65};

}  // namespace qfs::ch14::paper
