// The parts of the lesson that have a file of their own.
#pragma once

#include <string>
#include <vector>

#include "06_static_ptq/compare.hpp"
#include "06_static_ptq/quantized_mlp.hpp"
#include "08_dynamic_quantization/dynamic_mlp.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs {

// What every section works on.
struct Study {
  Dataset data{};
  Mlp mlp{};
  Matrix<float> x{};  // the test digits, normalized
  DynamicMlp net{};
  DynamicOptions options{};
  WeightGranularity weights = WeightGranularity::per_tensor;
  QuantizedMlp fixed{};     // chapter 06's net: the scales of the activations are fixed
  bool as_pytorch = false;  // the bundled digits and net: PyTorch's numbers apply
  bool by_default = false;  // and no option changed what the claims about accuracy are about

  const std::vector<std::uint8_t>& labels() const { return data.test.labels; }
};

inline constexpr DynamicOptions kPerTensor = {InputGranularity::per_tensor, RangeRule::pytorch};
inline constexpr DynamicOptions kPerRow = {InputGranularity::per_row, RangeRule::pytorch};

// on_paper.cpp, section 1.
void on_paper(Lesson& lesson);

// same_as.cpp, sections 2 to 4: parameters at run time, PyTorch, ONNX.
void parameters_at_run_time(const Study& study, Lesson& lesson);
void same_as_pytorch(const Study& study, Lesson& lesson);
void same_as_onnx(Lesson& lesson);

// batch_mates.cpp, sections 5 and 10.
void batch_mates(const Study& study, Lesson& lesson);
void what_goes_wrong(const Study& study, Lesson& lesson);

// contrast.cpp, sections 6 to 8: accuracy, and where dynamic wins.
void accuracy(const Study& study, Lesson& lesson);
void contrasts(const Study& study, Lesson& lesson);
void mixed_contrasts(const Study& study, Lesson& lesson);

// cost.cpp, section 9, and the row of the closing table.
void file_and_time(const Study& study, Lesson& lesson);

// trace.cpp, section 11: one output of layer 1 end to end.
void trace(const Study& study, std::size_t neuron);

// The classes of the rows of x, in batches of kDynamicBatch.
inline std::vector<std::uint8_t> classes_of(const PackedDynamicMlp& net, const Matrix<float>& x,
                                            const DynamicOptions& options) {
  return argmax_rows(forward_in_batches(net, x, options));
}

}  // namespace qfs
