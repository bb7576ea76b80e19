// The graph that was trained, in float and fixed order, beside the integers that it became.
#pragma once

#include <string>
#include <vector>

#include "06_static_ptq/simulation.hpp"
#include "22_model_comparison/convert_cnn.hpp"

namespace qfs::ch22 {

struct LayerAgreement {
  std::string kind;  // conv2d, max_pool, average_pool, add or linear
  Agreement agreement{};
};

// Counts of another layer, or part of one, added.
void add_to(Agreement& all, const Agreement& one);

// An output that differs, `q` by float and `q_y` by integers: `exact` are the steps of the output
// that the input's integers stand for, before the zero point, and `reach` is how far float rounding
// may have carried either side from them. Explained if both lie within.
void add_difference(Agreement& result, double exact, double reach, std::int32_t zero_point, int q,
                    int q_y);

// Layer by layer, each given the integers of the layer before: no difference may reach further than
// rounding can (eq. 6.9 for products, 22.7 for sums, 22.8 for means). `converted` is
// convert(net).
std::vector<LayerAgreement> compare_graphs(const QatCnn& net, const QuantizedNet& converted,
                                           const Matrix<float>& x, BiasRounding bias);

}  // namespace qfs::ch22
