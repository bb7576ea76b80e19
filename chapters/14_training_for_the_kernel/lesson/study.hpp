// What the sections of this lesson share, in the order of the text.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"
#include "10_kernel_ladder/plumbing/layer_products.hpp"
#include "11_avx2_kernel/packed_panels.hpp"
#include "14_training_for_the_kernel/bounded_train.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch14 {

// Eight products a lane fit as chapter 09 trains the weights: the first nets have no bound.
inline constexpr std::array<std::size_t, 4> kProducts = {8, 16, 64, kThroughout};
inline constexpr std::int32_t kXMax = 127;
inline constexpr std::uint64_t kSeeds = 5;

std::string text_of(std::size_t products);

// One net, trained with one bound, or without, from one seed.
struct Trained {
  QuantizedNet net{};
  std::vector<std::uint8_t> classes{};
};

struct Study {
  Dataset data{};
  Mlp mlp{};
  ActivationIntervals intervals{};
  bool by_default = false;
  // [which of kProducts][seed]
  std::array<std::vector<Trained>, kProducts.size()> trained{};

  const QuantizedNet& unbounded() const { return trained.front().front().net; }
  const QuantizedNet& throughout() const { return trained.back().front().net; }
};

// By the given kernel's panels.
Matrix<std::int32_t> product_of(const panel::Kernel& kernel, const PackedPanels& w,
                                const Matrix<std::uint8_t>& x);

void on_paper(Lesson& lesson);                          // section 1
void train_all(Study& study, Lesson& lesson);           // 2: fills trained
void speed(const Study& study, Lesson& lesson);         // 3
void worst_inputs(const Study& study, Lesson& lesson);  // 4
void mistakes(const Study& study, Lesson& lesson);      // 5
void trace(const Study& study);                         // 6

}  // namespace qfs::ch14
