// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "20_float_cnn/nets.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch21 {

// One of chapter 20's trained nets.
struct TrainedNet {
  std::string name;  // "small_mnist": of the file in datasets/cnn
  Cnn trained{}, folded{};
  TensorIntervals intervals{};           // min-max of `folded` on the first 1000 training pictures
  std::vector<std::uint8_t> by_float{};  // the test pictures' classes
};

struct Study {
  Dataset data;
  std::vector<TrainedNet> nets{};
  const TrainedNet& residual() const { return nets.back(); }
};

// Loads, folds, calibrates on so many pictures, and classifies in float.
TrainedNet make_net(const std::string& name, const Dataset& data, std::size_t calibration = 1000);
std::vector<TrainedNet> make_nets(const Options& options, const Dataset& data);

void folding(const Study& study, Lesson& lesson);          // section 1
void border(const Study& study, Lesson& lesson);           // 2
void pooling(Lesson& lesson);                              // 3
void residual_sum(const Study& study, Lesson& lesson);     // 4
void operations_list(const Study& study, Lesson& lesson);  // 5
void accuracy(const Study& study, Lesson& lesson);         // 6
void same_numbers(const Study& study, Lesson& lesson);     // 7
void mistakes(const Study& study, Lesson& lesson);         // 8
void trace(const Study& study);                            // 9

// --full: every net here, Fashion-MNIST's too where it is installed, into `tables`.
void all_nets(const Options& options, const std::string& tables);

PtqOptions ptq(int bits, WeightGranularity weights);
inline QuantizedNet fused(const TrainedNet& net, const PtqOptions& options = {}) {
  return quantize_fused_cnn(net.folded, net.intervals, options);
}

// The classes of all test pictures, by the fastest backend here: the integers are those of any.
std::vector<std::uint8_t> classes_of(const QuantizedNet& net, const Matrix<std::uint8_t>& pixels,
                                     std::span<const OperationKind> table = cnn_operations());

// Every tensor on the first test pictures.
NetBuffers tensors_of(const QuantizedNet& net, const Matrix<float>& x, const Backend& backend);

std::size_t bytes_on_disk(const QuantizedNet& net);
std::size_t bytes_of_floats(const Cnn& folded);  // parameters only, 4 bytes each

}  // namespace qfs::ch21
