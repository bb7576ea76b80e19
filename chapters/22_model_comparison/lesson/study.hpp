// What the sections of this lesson share, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "22_model_comparison/convert_cnn.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch22 {

// How a trained net is trained on with quantization: a few epochs at a small learning rate; for the
// last, the observers and batch norm's statistics stand still.
struct Recipe {
  int epochs = 2, moving_epochs = 1;
  double learning_rate = 1e-4;
  std::size_t batch_size = 64;
};
QatCnnOptions options_of(const Recipe& recipe);

// One net by all four ways.
struct Models {
  std::string name;  // of its files: "residual_mnist"
  Cnn cnn{};         // origin, fp32
  QuantizedNet ptq{}, qat{};
  QatCnn graph{};  // that of `qat`, in float
};

// FOLDER/NAME.qfs, NAME_ptq.qfs, NAME_qat.qfs, and NAME_qat_float.qfs: the float weights that
// became NAME_qat's integers. Throws Error where one is missing or damaged, or where they do not
// belong together: folded and rounded, the float weights must be the integers, of both pairs.
Models load_models(const std::string& folder, const std::string& name);
// The same four files. Ctrl-C waits until they are written, each atomically.
void save_models(const Models& models, const std::string& folder);

// Chapter 05's calibration on the first `count` training digits, min-max, in fixed order.
TensorIntervals calibrate(const Cnn& cnn, const TrainDigits& digits, std::size_t count = 1000);

// A float net's other three, made: calibrated, quantized, trained with quantization. Per channel.
Models make_models(const std::string& name, const Cnn& cnn, const TrainDigits& digits,
                   const Recipe& recipe, std::uint64_t seed);
// The same from the committed float net.
Models retrain_models(const std::string& name, const TrainDigits& digits, std::uint64_t seed);
QuantizedNet post_training(const Cnn& cnn, const TensorIntervals& intervals);

// The float weights of a QatCnn as one of chapter 20's nets; `like` is the net that it came from.
Cnn float_net(const QatCnn& net, Cnn like);
// And back: the graph whose weights are `weights` and whose scales are those of `integers`. Throws
// Error, which calls the two `files`, unless it converts to `integers`.
QatCnn restore_graph(const Cnn& weights, const QuantizedNet& integers, const std::string& files);

// Where two nets first differ: "" where nowhere in their operations, and the grids, weights and
// biases of these. Every bit counts.
std::string first_difference(const QuantizedNet& a, const QuantizedNet& b);

// The classes of pictures. By reference: in fixed order, equal on every machine, and much slower;
// else by BLAS.
std::vector<std::uint8_t> classes_of(const Cnn& cnn, const Matrix<std::uint8_t>& pixels,
                                     bool by_reference);
std::vector<std::uint8_t> classes_of(const DynamicCnn& net, const Matrix<std::uint8_t>& pixels,
                                     bool by_reference);
// By the fastest backend here: the same integers as by any other.
std::vector<std::uint8_t> classes_of(const QuantizedNet& net, const Matrix<std::uint8_t>& pixels);

struct Study {
  const Dataset& data;
  std::vector<Models> nets;  // small_mnist and residual_mnist, or residual_fashion
  bool committed = true;     // those of datasets/cnn, of which claims are made
};

void on_paper(Lesson& lesson);                         // section 1
void what_moves(const Study& study, Lesson& lesson);   // 2
void frozen_late(const Study& study, Lesson& lesson);  // 3
void in_integers(const Study& study, Lesson& lesson);  // 4
void the_table(const Study& study, bool full, const std::string& tables, Lesson& lesson);  // 5
void mistakes(const Study& study, Lesson& lesson);                                         // 6
void trace(const Study& study);                                                 // 7: --trace
void all_seeds(const Study& study, const std::string& tables, Lesson& lesson);  // 8: --full

}  // namespace qfs::ch22
