// What the sections of this lesson share, in the order of the text.
#pragma once

#include "04_mnist_mlp/mlp.hpp"
#include "06_static_ptq/quantized_net.hpp"
#include "10_kernel_ladder/plumbing/layer_products.hpp"
#include "12_wider_instructions/kernels.hpp"
#include "12_wider_instructions/packed_fours.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch12 {

struct Study {
  Dataset data{};
  Mlp mlp{};
  ActivationIntervals intervals{};
};

// Chapter 06's net with inputs of 8 bits.
QuantizedNet quantized(const Study& study, WeightGranularity weights);

Matrix<std::int32_t> product_of(const fours::Kernel& kernel, const PackedFours& w,
                                const Matrix<std::uint8_t>& x);

void on_paper(Lesson& lesson);                           // section 1
void full_bytes(Lesson& lesson);                         // 2
void speed(const Study& study, Lesson& lesson);          // 3
void how_many_rows(const Study& study, Lesson& lesson);  // 4
void in_a_network(const Study& study, Lesson& lesson);   // 5
void mistakes(const Study& study, Lesson& lesson);       // 6
void trace(const Study& study);                          // 7

}  // namespace qfs::ch12
