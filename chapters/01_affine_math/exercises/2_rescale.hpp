// Exercise 1.2: from one grid to another.
//
// Two tensors are to be joined, and a joined tensor has one scale and one zero point; so the
// integers of one of them must move to the other's grid. Write rescale: q stands for a real by
// `from` (eq. 1.1); out[i] is the integer that stands for it by `to`, clamped to [qmin, qmax]
// (eq. 1.2). All in float32: take the ratio from.scale / to.scale once, multiply every
// q - from.zero_point by it, round the product to an integer, ties to even, and only then add the
// zero point. q and out have one length; the ratio lies between 1e-12 and 1e12.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "common/exercise.hpp"

namespace exercise {

struct QuantParams {
  float scale = 1.0F;
  std::int32_t zero_point = 0;
};

inline void rescale([[maybe_unused]] std::span<const std::int32_t> q,
                    [[maybe_unused]] QuantParams from, [[maybe_unused]] QuantParams to,
                    [[maybe_unused]] std::int32_t qmin, [[maybe_unused]] std::int32_t qmax,
                    [[maybe_unused]] std::span<std::int32_t> out) {
  // TODO: fill out.
  qfs::not_written_yet("1.2: rescale");
}

}  // namespace exercise
