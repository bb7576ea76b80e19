// From a net trained with fake quantization to chapter 06's integers.
#pragma once

#include <vector>

#include "06_static_ptq/quantized_mlp.hpp"
#include "09_qat/qat_train.hpp"

namespace qfs {

// Every layer by the scales that training has left (quantize_linear of chapter 06, weight scales
// given), every ReLU in its layer's clamp (chapter 07). The net must be settled, or never trained:
// then this is post-training quantization. Low bits lie in the same s8 and u8, as -8..7 and 0..15.
QuantizedMlp convert(const QatMlp& net);

// The bias of a layer as the float graph has it in training, or as the integers will have it:
// rounded to a multiple of s_x s_w.
enum class BiasRounding { none, as_integers };

// One layer of the float graph in fixed order: x on the grid of its input, the result on the grid
// of its output. Equal bits on every machine.
Matrix<float> fake_forward_ref(const QatLinear& layer, const QuantizedLinear& converted,
                               const Matrix<float>& x, BiasRounding bias);

// The float graph against the integers, layer by layer, each given the integers of the layer
// before.
struct Agreement {
  std::size_t outputs = 0, differ = 0;
  std::size_t explained = 0;  // of those that differ: no further apart than (eq. 9.8) allows
  double farthest = 0.0;      // from a tie, in steps of the output, where they differ
};

std::vector<Agreement> compare_graphs(const QatMlp& net, const QuantizedMlp& converted,
                                      const Matrix<float>& x, BiasRounding bias);

// The classes of the float graph run on its own from the pixels on.
std::vector<std::uint8_t> classify_fake(const QatMlp& net, const QuantizedMlp& converted,
                                        const Matrix<std::uint8_t>& pixels, BiasRounding bias);

}  // namespace qfs
