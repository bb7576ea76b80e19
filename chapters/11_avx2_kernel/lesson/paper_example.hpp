// The example on paper: one output, sixteen inputs of 7 bits, four steps. Section 1 asserts it.
#pragma once

#include <array>
#include <cstdint>

#include "11_avx2_kernel/lane_depth.hpp"

namespace qfs::ch11::paper {

inline constexpr std::int32_t kXMax = 127;  // a lane holds 32767 / 127 = 258 of weight
inline constexpr std::array<Step, 4> kSteps = {{{0, {90, 70, 10, -20}},
                                                {4, {80, 70, -120, -100}},
                                                {8, {60, 40, 30, 5}},
                                                {12, {40, 20, -50, -40}}}};
inline constexpr std::array<std::uint8_t, 16> kX = {127, 127, 5, 3, 127, 127, 2, 2,
                                                    127, 127, 4, 0, 127, 127, 1, 1};

// The sum of the weights of each sign, of both lanes of each step.
inline constexpr std::array<std::array<std::int32_t, 4>, 4> kLanes = {
    {{160, 0, 10, -20}, {150, 0, 0, -220}, {100, 0, 35, 0}, {60, 0, 0, -90}}};

// By k, the first input of each. As they come, each joining the group before it or none, they would
// be three groups: 160 + 150 = 310 and 150 + 100 + 60 = 310 do not fit.
inline constexpr std::array<std::array<std::uint32_t, 2>, 2> kGroups = {{{4, 8}, {0, 12}}};

// What each lane of each group adds up to for kX, and the sum.
inline constexpr std::array<std::array<std::int32_t, 2>, 2> kLaneSums = {
    {{31750, -320}, {27940, -100}}};
inline constexpr std::int32_t kSum = 59270;

}  // namespace qfs::ch11::paper
