// What the sections of this lesson share, in the order of the text.
#pragma once

#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/quantized_net.hpp"
#include "10_kernel_ladder/ladder.hpp"
#include "10_kernel_ladder/plumbing/layer_products.hpp"
#include "10_kernel_ladder/saturation.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch10 {

struct Study {
  Dataset data{};
  Mlp mlp{};
  bool by_default = false;  // the bundled digits and net: the counts below apply
};

// Chapter 06's net, calibrated on the first 1000 training digits.
QuantizedNet quantized(const Study& study, const PtqOptions& options);

void on_paper(Lesson& lesson);                          // section 1
void every_pair(Lesson& lesson);                        // 2
void remedies(const Study& study, Lesson& lesson);      // 3
void the_ladder(const Study& study, Lesson& lesson);    // 4
void in_a_network(const Study& study, Lesson& lesson);  // 5
void trace(const Study& study);                         // 6

}  // namespace qfs::ch10
