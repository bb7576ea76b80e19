// A net's parameters or gradients, one after the other, and comparison with a radius for each
// number.
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "common/param_view.hpp"
#include "tests/support/compare.hpp"

namespace qfs::test {

inline std::vector<float> flat_values(const std::vector<ParamView>& params) {
  std::vector<float> all;
  for (const ParamView& param : params)
    all.insert(all.end(), param.values.begin(), param.values.end());
  return all;
}
inline std::vector<float> flat_gradients(const std::vector<ParamView>& params) {
  std::vector<float> all;
  for (const ParamView& param : params)
    all.insert(all.end(), param.gradients.begin(), param.gradients.end());
  return all;
}

// "" where |got - expected| <= factor * radius for every element; else the first that is farther. A
// NaN is farther, and so is all from a radius below zero.
inline std::string outside(std::span<const float> got, std::span<const float> expected,
                           std::span<const float> radius, double factor) {
  if (got.size() != expected.size() || got.size() != radius.size()) return "sizes differ";
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double bound = factor * static_cast<double>(radius[i]);
    const double distance =
        std::fabs(static_cast<double>(got[i]) - static_cast<double>(expected[i]));
    if (!(distance <= bound))
      return place_text(i, got[i], expected[i]) + ", bound " + general(bound, 6);
  }
  return "";
}

// The same, where a radius of -1 says that nobody knows one: such an element is not compared.
inline std::string outside_where_known(std::span<const float> got, std::span<const float> expected,
                                       std::span<const float> radius, double factor) {
  std::vector<float> known(radius.begin(), radius.end());
  for (float& r : known)
    if (r == -1.0F) r = std::numeric_limits<float>::infinity();
  return outside(got, expected, known, factor);
}

}  // namespace qfs::test
