// What the names of an ONNX graph stand for, while it is read from its first node to its last.
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "06_static_ptq/quantized_net.hpp"
#include "20_float_cnn/picture.hpp"
#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

// ONNX's pictures are C x H x W numbers, and in that order they lie in its memory. Ours lie as
// H x W x C. So a value has the extents that the graph speaks of, and what our memory holds.
struct OnnxLayout {
  std::vector<std::size_t> dims{};  // in the graph, without the batch
  PictureShape picture{};           // in our memory, where its order is not that of dims
  bool channels_last = false;       // whether it is not
};

// [values]
// A tensor that is in the file, or follows from such alone.
struct OnnxConstant {
  std::shared_ptr<const Record> tensor;
};
// DequantizeLinear of a constant: integers as reals. The zero point is taken off: (q - z) s.
struct OnnxWeight {
  std::vector<std::int32_t> q{};  // q - z
  std::vector<std::size_t> dims{};
  std::vector<float> scale{};  // 1, or one for each index of `axis`
  std::size_t axis = 0;
  std::string name{};
};
// A tensor of our net: integers, or reals.
struct OnnxIntegers {
  std::size_t tensor = 0;
  bool is_signed = false;  // int8 in the graph; 128 more in our net (eq. 24.3)
};
struct OnnxReals {
  std::size_t tensor = 0;
};
// DequantizeLinear of OnnxIntegers: what they stand for.
struct OnnxDequantized {
  OnnxIntegers integers{};
};
// A float operator on OnnxDequantized. It is one operation of integers as soon as QuantizeLinear
// says what its result's integers are (eq. 24.1).
struct OnnxPending {
  Operation operation{};  // all but its output and the number of its weights
  std::optional<Weights> weights{};
  float x_scale = 0.0F;  // a bias has the scale x_scale times that of the weight
  bool has_bias = false;
  static constexpr float kUncut = std::numeric_limits<float>::infinity();
  float low = -kUncut, high = kUncut;  // where a ReLU or a Clip cuts it off: low <= 0 <= high
  std::string node{};                  // for messages
};
// The way from DynamicQuantizeLinear to reals (eq. 24.5), as far as it has been read.
struct OnnxDynamic {
  enum class Step { integers, scale, zero_point, sums, real_sums, scale_product, reals };
  Step step = Step::integers;
  std::size_t x = 0;          // the tensor of reals that is quantized
  std::size_t quantizer = 0;  // by which DynamicQuantizeLinear: two have two scales
  OnnxLayout x_layout{};      // from the sums on, as the weight
  OnnxWeight weight{};        // of a scale_product its scale alone
  std::vector<float> bias{};
};
// [/values]

struct ReadValue {
  std::variant<OnnxConstant, OnnxWeight, OnnxIntegers, OnnxReals, OnnxDequantized, OnnxPending,
               OnnxDynamic>
      what{};
  OnnxLayout layout{};  // of all but OnnxConstant and OnnxWeight
};

}  // namespace qfs
