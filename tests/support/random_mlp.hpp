// A small net and its input for tests that need real arithmetic but no trained weights.
#pragma once

#include <array>
#include <cstdint>

#include "04_mnist_mlp/mlp.hpp"
#include "common/rng.hpp"

namespace qfs::test {

// Three layers of random weights; widths that are no multiple of anything.
inline Mlp random_mlp(std::uint64_t seed) {
  Rng rng(seed);
  const std::array<std::size_t, 4> widths = {23, 17, 9, 10};
  Mlp mlp = make_mlp(widths, rng);
  for (Linear& layer : mlp.layers)
    for (float& w : values(layer.weight)) w *= 4.0F;
  return mlp;
}

inline Matrix<float> random_input(std::uint64_t seed, std::size_t rows, std::size_t columns) {
  Rng rng(seed);
  Matrix<float> x = make_tensor<float>({rows, columns});
  for (float& value : values(x)) value = static_cast<float>(rng.uniform(-1.0, 2.0));
  return x;
}

}  // namespace qfs::test
