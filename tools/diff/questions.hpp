// What a user may ask, and the rules that may answer it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diff/integers.hpp"
#include "diff/layout.hpp"
#include "diff/rules.hpp"

namespace qfs::diff {

// Floats to integers (eq. 1.2).
struct QuantizeQuestion {
  Integers mine;
  std::vector<std::size_t> float_shape;
  std::vector<float> floats;
  PerChannel scales, zero_points;
  std::size_t axis = 0;  // of the floats, for several scales
  QuantRange range;
};
RuleSpace quantize_rules(const QuantizeQuestion& question);

// A row of the table of sums: M x N, one element for every element of the user's tensor.
struct SumsRule {
  Choice choice;
  std::vector<std::int64_t> values;
};

// Integers of a layer (eq. 2.1): inputs M x K, weights N x K.
struct ProductQuestion {
  Integers x, w;
  std::int64_t x_zero_point = 0;
  PerChannel w_zero_points;  // one, or one per row of the weights
};
// The sums by their definition, then those of every mistake that changes them.
std::vector<SumsRule> sums_of_product(const ProductQuestion& question);
// The sums as given, then what a 16-bit accumulator makes of them.
std::vector<SumsRule> sums_as_given(const std::vector<std::int64_t>& sums);

// 32-bit sums to integers (eq. 2.9). Either a multiplier or the three scales; a float bias needs
// the scales.
struct RequantizeQuestion {
  Integers mine;
  std::vector<std::size_t> shape;  // of the sums
  std::vector<SumsRule> sums;
  PerChannel multipliers;  // empty: from the scales
  double x_scale = 0.0, y_scale = 0.0;
  PerChannel w_scales;
  std::vector<float> bias;                  // one per index of the last axis; empty: none
  std::vector<std::int64_t> bias_integers;  // the same, quantized already
  std::int32_t zero_point = 0;
  QuantRange range;
};
RuleSpace requantize_rules(const RequantizeQuestion& question);

// The sums themselves, with their bias; of the scales only x_scale and w_scales count, for a float
// bias.
RuleSpace sums_rules(const RequantizeQuestion& question);

// Integers against integers.
RuleSpace relation_rules(const Integers& mine, const Integers& theirs);

}  // namespace qfs::diff
