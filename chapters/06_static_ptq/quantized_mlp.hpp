// The whole net in integers, layer by layer.
#pragma once

#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "05_observers/calibrate.hpp"
#include "06_static_ptq/backend.hpp"
#include "06_static_ptq/quantized_linear.hpp"

namespace qfs {

// [quantized_mlp]
struct QuantizedMlp {
  QuantParams input;  // of the normalized pixels
  QuantRange input_range;
  std::vector<QuantizedLinear> layers{};  // the input of layer i is the output of layer i - 1
  bool fused = false;  // true: the hidden layers' ranges already cut what ReLU cuts
};

struct PtqOptions {
  QuantRange activations = unsigned_range(8);
  WeightGranularity weights = WeightGranularity::per_tensor;
};

// Without fusion: `intervals` are those before ReLU (OutputPoint::after_linear). Throws Error where
// the number of intervals is not that of the layers.
QuantizedMlp quantize_mlp(const Mlp& mlp, const ActivationIntervals& intervals,
                          const PtqOptions& options);
// [/quantized_mlp]

// Every layer valid, their shapes, scales and ranges chained. Throws Error that names the layer.
void require_valid(const QuantizedMlp& net);

// A net packed for its backend; layers may be given to different ones.
struct PackedLayer {
  const Backend* backend = nullptr;
  PackedLinear linear;
};
struct PackedMlp {
  QuantParams input;
  QuantRange input_range;
  std::vector<PackedLayer> layers;
  bool fused = false;
};
PackedMlp pack(const QuantizedMlp& net, const Backend& backend = ref_backend());

// ReLU in integers: what lies below the zero point stands for a negative real (eq. 6.8).
void relu_u8(std::span<std::uint8_t> q, std::int32_t zero_point);

// Normalized pixels to u8, B x K: the last float until the logits.
Matrix<std::uint8_t> quantize_input(const PackedMlp& net, const Matrix<float>& x);

// u8 in, u8 out; B x K to B x classes. `kept`, if given, gets the output of every Linear, before
// ReLU where that is a step of its own.
Matrix<std::uint8_t> forward_u8(const PackedMlp& net, const Matrix<std::uint8_t>& x,
                                std::vector<Matrix<std::uint8_t>>* kept = nullptr);

// The logits as reals.
Matrix<float> dequantize_logits(const PackedMlp& net, const Matrix<std::uint8_t>& q);

// quantize_input, forward_u8, dequantize_logits.
Matrix<float> forward(const PackedMlp& net, const Matrix<float>& x);

// The classes of all digits; of equal logits the first counts.
std::vector<std::uint8_t> classify_u8(const PackedMlp& net, const Matrix<std::uint8_t>& pixels);

}  // namespace qfs
