#include "18_better_rounding/equalize.hpp"

#include <algorithm>
#include <cmath>

#include "01_affine_math/affine.hpp"

namespace qfs {
namespace {

void require_neighbours(const Linear& a, const Linear& b, std::size_t factors) {
  require(
      a.outputs() == b.inputs() && factors == a.outputs(),
      "two layers share one set of units, each with a factor", factors,
      [&] { return std::to_string(a.outputs()) + " = " + std::to_string(b.inputs()); },
      "pass neighbours of one net");
}

}  // namespace

// [rescale_units]
void rescale_units(Linear& a, Linear& b, std::span<const float> s) {
  require_neighbours(a, b, s.size());
  for (float factor : s)
    require(factor > 0.0F && std::isfinite(factor), "a unit's factor must be positive and finite",
            factor, "a number above 0", "ReLU(y / s) = ReLU(y) / s needs that");
  for (std::size_t j = 0; j < s.size(); ++j) {
    for (float& w : row(a.weight, j)) w /= s[j];  // (eq. 18.1)
    a.bias(j) /= s[j];
    for (std::size_t n = 0; n < b.outputs(); ++n) b.weight(n, j) *= s[j];
  }
}
// [/rescale_units]

// [equalizing_factors]
std::vector<float> equalizing_factors(const Linear& a, const Linear& b) {
  require_neighbours(a, b, a.outputs());
  min_max(values(a.weight));  // refuse NaN and infinity
  min_max(values(b.weight));
  std::vector<float> s(a.outputs(), 1.0F);
  for (std::size_t j = 0; j < s.size(); ++j) {
    float r_a = 0.0F, r_b = 0.0F;
    for (float w : row(a.weight, j)) r_a = std::max(r_a, std::fabs(w));
    for (std::size_t n = 0; n < b.outputs(); ++n) r_b = std::max(r_b, std::fabs(b.weight(n, j)));
    if (r_a > 0.0F && r_b > 0.0F) s[j] = std::sqrt(r_a) / std::sqrt(r_b);  // (eq. 18.2)
  }
  return s;
}
// [/equalizing_factors]

// [equalize]
int equalize(Mlp& mlp) {
  for (int pass = 1; pass <= kMostPasses; ++pass) {
    float furthest = 0.0F;
    for (std::size_t i = 0; i + 1 < mlp.layers.size(); ++i) {
      const std::vector<float> s = equalizing_factors(mlp.layers[i], mlp.layers[i + 1]);
      rescale_units(mlp.layers[i], mlp.layers[i + 1], s);
      for (float factor : s) furthest = std::max(furthest, std::fabs(factor - 1.0F));
    }
    if (furthest <= kEqual) return pass;
  }
  return kMostPasses;
}
// [/equalize]

}  // namespace qfs
