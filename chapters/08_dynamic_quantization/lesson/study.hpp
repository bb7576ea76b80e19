// What the sections of this lesson share, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"
#include "common/print.hpp"

namespace qfs::ch08 {

struct Study {
  Dataset data{};
  Mlp mlp{};
  Matrix<float> x{};  // the test digits, normalized
  DynamicInput input{};
  WeightGranularity weights = WeightGranularity::per_tensor;
  QuantizedNet net{};
  QuantizedNet fixed{};     // chapter 06's net: the scales of the activations are fixed
  bool as_pytorch = false;  // the bundled digits and net: PyTorch's numbers apply
  bool by_default = false;  // and no option changed what the claims about accuracy are about

  const std::vector<std::uint8_t>& labels() const { return data.test.labels; }
  // The same net, its inputs by other options.
  QuantizedNet with(const DynamicOptions& options) const {
    return with_input(net, {input.range, options});
  }
};

inline constexpr DynamicOptions kPerTensor = {InputGranularity::per_tensor, RangeRule::pytorch};
inline constexpr DynamicOptions kPerRow = {InputGranularity::per_row, RangeRule::pytorch};

void on_paper(Lesson& lesson);                                    // section 1
void parameters_at_run_time(const Study& study, Lesson& lesson);  // 2
void same_as_pytorch(const Study& study, Lesson& lesson);         // 3
void same_as_onnx(Lesson& lesson);                                // 4
void batch_mates(const Study& study, Lesson& lesson);             // 5
void accuracy(const Study& study, Lesson& lesson);                // 6
void contrasts(const Study& study, Lesson& lesson);               // 7
void mixed_contrasts(const Study& study, Lesson& lesson);         // 8
void file_and_time(const Study& study, Lesson& lesson);           // 9
void mistakes(const Study& study, Lesson& lesson);                // 10
void trace(const Study& study, std::size_t neuron);               // 11

inline PackedNet pack_dynamic(const QuantizedNet& net) {
  return pack(net, ref_backend(), dynamic_operations());
}

// The reals that every dynamic_linear is given, from one batch.
std::vector<Matrix<float>> layer_inputs(const PackedNet& net, const Matrix<float>& x);

// One layer, step by step.
struct Steps {
  QuantizedInput input;
  Matrix<std::int32_t> acc, sum;  // the raw product; without the zero point's share (eq. 8.3)
  Matrix<float> y;                // (eq. 8.4)
};
Steps run_layer(const OperationParts& layer, const Matrix<float>& x, const DynamicInput& input);

// The classes of the rows of x, in batches of kDynamicBatch.
inline std::vector<std::uint8_t> classes_of(const QuantizedNet& net, const Matrix<float>& x) {
  return argmax_rows(run_in_batches(pack_dynamic(net), x));
}

// The logits of chapter 06's net.
Matrix<float> run_fixed(const QuantizedNet& net, const Matrix<float>& x);

}  // namespace qfs::ch08
