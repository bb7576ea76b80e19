// What the sections of this lesson share, in the order of the text.
#pragma once

#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/quantized_net.hpp"
#include "10_kernel_ladder/plumbing/layer_products.hpp"
#include "11_avx2_kernel/avx2_backend.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch11 {

struct Study {
  Dataset data{};
  Mlp mlp{};
  ActivationIntervals intervals{};
  bool by_default = false;  // the bundled digits and net: the counts below apply
};

// Chapter 06's net with inputs of 8 or 7 bits.
QuantizedNet quantized(const Study& study, int bits, WeightGranularity weights);

// x times the transpose of w by the panels of this chapter: on a CPU without AVX2 by the plain
// kernel.
Matrix<std::int32_t> product_of(const PackedPanels& w, const Matrix<std::uint8_t>& x);

// Calls visit(begin, n, steps) for every group of every output n; its inputs are counted from
// `begin` on, the first of their block.
template <class Visit>
void each_group(const PackedPanels& w, Visit&& visit) {
  const std::size_t of_block = (w.N + panel::kOutputs - 1) / panel::kOutputs;
  for (std::size_t p = 0; p < w.panels.size(); ++p) {
    const PackedPanels::Place& place = w.panels[p];
    const Step* steps = w.steps.data() + place.first_step;
    for (std::size_t o = 0; o < place.outputs; ++o)
      for (std::size_t i = 0; i < panel::kLongest; ++i)
        for (std::uint32_t g = 0; g < place.counts[i]; ++g, steps += panel::kLongest - i)
          visit(p / of_block * w.block, w.output[place.first_output + o],
                std::span(steps, panel::kLongest - i));
  }
}

std::string granularity_text(WeightGranularity weights);

void on_paper(Lesson& lesson);                            // section 1
void what_is_proven(const Study& study, Lesson& lesson);  // 2
void who_shares(const Study& study, Lesson& lesson);      // 3
void worst_inputs(const Study& study, Lesson& lesson);    // 4
void speed(const Study& study, Lesson& lesson);           // 5
void in_a_network(const Study& study, Lesson& lesson);    // 6
void mistakes(const Study& study, Lesson& lesson);        // 7
void trace(const Study& study);                           // 8

}  // namespace qfs::ch11
