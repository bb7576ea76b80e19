// Cross-layer equalization (Nagel and others, 2019): units rescaled so that the weights before and
// behind each have one range. The net computes what it did.
//
// Symbols as in the text: unit j lies between layers a and b; r_a the largest magnitude of its row
// in W_a, r_b that of its column in W_b; s_j its factor.
#pragma once

#include <span>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"

namespace qfs {

// Row j of W_a and b_a divided by s_j, column j of W_b multiplied by it (eq. 18.1): what layer b
// computes is what it was, because ReLU(y / s) = ReLU(y) / s for s > 0. Throws Error unless there
// is a positive, finite factor for every unit.
void rescale_units(Linear& a, Linear& b, std::span<const float> s);

// s_j = sqrt(r_a / r_b), after which both ranges are sqrt(r_a r_b) (eq. 18.2). A unit without
// weights on one side keeps 1. Throws Error where a weight is not finite.
std::vector<float> equalizing_factors(const Linear& a, const Linear& b);

// Every pair of neighbours in turn, until no factor is further than kEqual from 1: what equalizes
// one pair disturbs the next. Returns the number of passes; kMostPasses where that does not come
// earlier.
inline constexpr float kEqual = 1e-3F;
inline constexpr int kMostPasses = 100;
int equalize(Mlp& mlp);

}  // namespace qfs
