// From a net trained with fake quantization to chapter 06's integers.
#pragma once

#include <vector>

#include "06_static_ptq/operations.hpp"
#include "06_static_ptq/simulation.hpp"
#include "09_qat/qat_train.hpp"

namespace qfs {

// Every layer by the scales that training has left (quantize_weight of chapter 06, parameters
// given), every ReLU in its layer's clamp (chapter 07). The net must be settled, or never trained:
// then this is post-training quantization. Low bits lie in the same s8 and u8, as -8..7 and 0..15.
QuantizedNet convert(const QatMlp& net);

// One layer of the float graph in fixed order: x on the grid of its input, the result on the grid
// of its output. Equal bits on every machine.
Matrix<float> fake_forward_ref(const QatLinear& layer, const OperationParts& converted,
                               const Matrix<float>& x, BiasRounding bias);

// The float graph against the integers, layer by layer, each given the integers of the layer
// before: no difference may reach further than (eq. 9.8) allows.
std::vector<Agreement> compare_graphs(const QatMlp& net, const QuantizedNet& converted,
                                      const Matrix<float>& x, BiasRounding bias);

// The classes of the float graph run on its own from the pixels on.
std::vector<std::uint8_t> classify_fake(const QatMlp& net, const QuantizedNet& converted,
                                        const Matrix<std::uint8_t>& pixels, BiasRounding bias);

}  // namespace qfs
