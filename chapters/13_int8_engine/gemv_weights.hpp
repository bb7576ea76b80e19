// The weights as gemv.hpp wants them, and the remainders of the proof.
#pragma once

#include <span>
#include <vector>

#include "13_int8_engine/gemv.hpp"
#include "common/tensor.hpp"

namespace qfs {

struct GemvWeights {
  struct alignas(32) Register {
    std::int8_t w[32];
  };
  std::size_t N = 0, K = 0;
  std::vector<Register> registers{};
  std::vector<gemv::Remainder> remainders{};

  std::size_t padded_outputs() const {
    return (N + gemv::kOutputs - 1) / gemv::kOutputs * gemv::kOutputs;
  }
  gemv::Weights view() const {
    return {N, K, registers.data()->w, remainders.data(), remainders.size()};
  }
};

// Of N x K weights, for inputs up to x_max: pairs k, k + 1 that could leave 16 bits lose what is
// too much (eq. 11.4).
GemvWeights pack_gemv(const Matrix<std::int8_t>& w, std::int32_t x_max);

}  // namespace qfs
