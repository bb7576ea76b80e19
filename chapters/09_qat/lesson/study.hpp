// What the sections of this lesson share, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "09_qat/convert.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch09 {

// How a net is trained with quantization. Chosen on training digits that were held out
// (recipe.cpp).
struct Recipe {
  int epochs = 5;
  double learning_rate = 1e-4;
  ScaleSource scales = ScaleSource::learned;
  friend bool operator==(const Recipe&, const Recipe&) = default;
};

// How many seeds of training a mean and its spread come from.
inline constexpr std::uint64_t kSeeds = 5;

// A trained float net, what calibration found in it, and the digits for both.
struct Start {
  const TrainDigits* train = nullptr;
  const Matrix<std::uint8_t>* pixels = nullptr;       // to be classified
  const std::vector<std::uint8_t>* labels = nullptr;  // the truth about them
  Mlp mlp{};
  ActivationIntervals intervals{};       // after ReLU, min-max on the first 1000 training digits
  std::vector<std::uint8_t> by_float{};  // the float net's classes, in fixed order
  std::uint64_t seed = 1;                // of the order of the batches
};
Start make_start(const TrainDigits& train, const Matrix<std::uint8_t>& pixels,
                 const std::vector<std::uint8_t>& labels, Mlp mlp, std::uint64_t seed);

// A net after training: itself, its integers, and what they make of the digits.
struct Trained {
  QatMlp net{};
  QuantizedNet integers{};
  std::vector<std::uint8_t> classes{};
  std::vector<EpochResult> history{};
};
Trained train_from(const Start& start, const QatOptions& options, const Recipe& recipe);

// The float net, trained on in float by the same schedule and on the same batches: what QAT must be
// compared with. `history`, if given, gets its epochs.
Start train_control(const Start& start, const Recipe& recipe,
                    std::vector<EpochResult>* history = nullptr);

// The classes by integers with no training at all.
std::vector<std::uint8_t> classes_by_ptq(const Start& start, const QatOptions& options);

// b bits for all weights and for hidden activations.
QatOptions in_bits(int bits, ScaleSource scales,
                   WeightGranularity weights = WeightGranularity::per_tensor);
const char* name_of(ScaleSource source);

double percent_right(const Start& start, std::span<const std::uint8_t> classes);

// What the sections of the lesson share.
struct Study {
  const Dataset& data;
  Start start{};  // the net of chapter 04
  Recipe recipe{};
  Start control{};  // the same net after as much training in float
  std::vector<EpochResult> control_history{};
  Trained eight{}, two{};  // 8 and 2 bits per tensor, by the recipe
};

void on_paper(Lesson& lesson);                              // section 1
void without_training(const Study& study, Lesson& lesson);  // 2
void with_training(Study& study, Lesson& lesson);           // 3: fills control and trained nets
void three_ways(const Study& study, Lesson& lesson);        // 4
void in_integers(const Study& study, Lesson& lesson);       // 5
void file_and_time(const Study& study, Lesson& lesson);     // 6
void mistakes(const Study& study, Lesson& lesson);          // 7
void trace(const Study& study);                             // 8
void all_seeds(const Study& study, const std::string& tables, Lesson& lesson);  // 9, 10: --full
void search_recipe(const Study& study, const std::string& tables);              // 11: --search

}  // namespace qfs::ch09
