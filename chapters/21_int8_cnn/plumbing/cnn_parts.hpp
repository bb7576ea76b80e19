// The parts of quantize_cnn, as chapter 06 has them for the kinds that it knows: operations of a
// list, with their attributes.
#pragma once

#include "21_int8_cnn/cnn_operations.hpp"

namespace qfs {

// A tensor's shape as the list has it: {height, width, channels}.
std::vector<std::size_t> tensor_shape(const PictureShape& picture);

// Each adds an operation that reads tensor `input`, and the tensor that it writes, whose number it
// returns.
struct QuantizedConv {
  QuantizedWeight weight{};  // N x kh kw (C / groups)
  std::span<const float> bias{};
  Window window{};
  std::size_t groups = 1;
};
std::size_t add_conv2d(QuantizedNet& net, std::size_t input, QuantizedConv conv, QuantParams params,
                       QuantRange range);
std::size_t add_max_pool(QuantizedNet& net, std::size_t input, const Window& window);
std::size_t add_average_pool(QuantizedNet& net, std::size_t input, const Window& window,
                             QuantParams params, QuantRange range);
std::size_t add_sum(QuantizedNet& net, std::size_t input, std::size_t other, QuantParams params,
                    QuantRange range, AddRule rule = AddRule::onnx_runtime);

// The same net, every add by `rule`.
QuantizedNet with_rule(QuantizedNet net, AddRule rule);

}  // namespace qfs
