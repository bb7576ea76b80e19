// A whole net with dynamic quantization: every Linear takes reals and gives reals, and is an
// integer product inside. ReLU is chapter 04's.
#pragma once

#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "08_dynamic_quantization/dynamic.hpp"

namespace qfs {

// [dynamic_mlp]
// No interval and no calibration: nothing about the inputs is known beforehand but the integers
// they may become.
struct DynamicMlp {
  QuantRange activations = unsigned_range(8);
  std::vector<DynamicLinear> layers{};
};

DynamicMlp quantize_dynamic(const Mlp& mlp,
                            WeightGranularity weights = WeightGranularity::per_tensor,
                            QuantRange activations = unsigned_range(8));
// [/dynamic_mlp]

struct PackedDynamicMlp {
  std::vector<PackedDynamicLinear> layers;
  std::size_t inputs() const { return layers.front().weight.inputs; }
};

// Throws Error that names the layer: one that is not valid, or does not fit the layer before it.
PackedDynamicMlp pack(const DynamicMlp& net, const Backend& backend = ref_backend());

// Reals B x K to logits B x classes. `kept`, if given, gets the inputs of every layer as integers.
Matrix<float> forward(const PackedDynamicMlp& net, const Matrix<float>& x,
                      const DynamicOptions& options, std::vector<QuantizedInput>* kept = nullptr);

// PyTorch's scales depend on who shares the batch: its size is part of every result. Ours, unless
// a text says otherwise.
inline constexpr std::size_t kDynamicBatch = 100;

// The logits of the rows of x, that many at a time, the last batch shorter.
Matrix<float> forward_in_batches(const PackedDynamicMlp& net, const Matrix<float>& x,
                                 const DynamicOptions& options,
                                 std::size_t batch_size = kDynamicBatch);

// The rows begin to end (not included) of x.
Matrix<float> rows_of(const Matrix<float>& x, std::size_t begin, std::size_t end);

}  // namespace qfs
