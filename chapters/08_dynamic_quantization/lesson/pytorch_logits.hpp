// What PyTorch's quantize_dynamic (qnnpack engine) gives the first test digit in the batch of the
// first hundred (tests/reference/ch08.py, save_net); a test compares.
#pragma once

#include <array>

namespace qfs::pytorch {

inline constexpr std::array<float, 10> kLogits = {
    12.9893837F,  -10.4710779F, -2.39288855F, -4.39887381F, -15.4651403F,
    -4.52435493F, -1.16292727F, -5.38944578F, -4.82042503F, -2.91249418F};

}  // namespace qfs::pytorch
