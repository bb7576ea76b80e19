// Four more rows of chapter 06's table of operations: what a net of convolutions needs.
//
//   kind           reads  weights  attributes
//   conv2d         1      yes      window {kh, kw}, stride {s}, padding {p}, groups {G}
//   max_pool       1      no       window, stride, padding
//   average_pool   1      no       window, stride, padding
//   add            2      no       rule {0: ONNX Runtime's, 1: qnnpack's}; none: 0
//
// Tensors are u8 of shape {height, width, channels}; a linear, too, may read one.
#pragma once

#include "06_static_ptq/operations.hpp"
#include "20_float_cnn/picture.hpp"
#include "21_int8_cnn/add_u8.hpp"

namespace qfs {

// Chapter 08's rows, and these.
std::span<const OperationKind> cnn_operations();

// What the row "conv2d" packs, with sums that become 8 bits as `to_u8` says: for rows that round
// otherwise, and are conv2d in all else.
std::any pack_conv2d(const QuantizedNet& net, const Operation& operation, const Backend& backend,
                     const ToU8& to_u8);

// What the attributes say. Throw Error, which begins with name_of(net, operation), where one is
// missing, is not known, or means nothing.
Window window_of(const QuantizedNet& net, const Operation& operation);
std::size_t groups_of(const QuantizedNet& net, const Operation& operation);
AddRule rule_of(const QuantizedNet& net, const Operation& operation);

// The shape of a tensor as a picture's; one of K numbers is 1 x 1 x K.
PictureShape picture_of(const TensorSpec& tensor);

}  // namespace qfs
