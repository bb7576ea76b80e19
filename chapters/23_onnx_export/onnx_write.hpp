// Our nets as ONNX models: the same integers, the same scales, in the words of ONNX.
//
// Where a tensor of ours is a picture, {h, w, c} with the channel running fastest (NHWC), ONNX's is
// batch x c x h x w (NCHW): weights are turned round here, once, and no Transpose is left for run
// time. A picture of one channel is the same bytes in both.
//
// Symbols as in the text: s_x, z_x an input's scale and zero point, s_w the weights', s_y, z_y the
// output's; N outputs, K inputs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "20_float_cnn/cnn.hpp"
#include "21_int8_cnn/cnn_operations.hpp"
#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

// [options]
// How integers are said. What they are is the same.
enum class OnnxForm {
  qdq,       // operators of reals, between DequantizeLinear and QuantizeLinear
  qoperator  // operators of integers: QLinearConv, QGemm
};

struct OnnxOptions {
  OnnxForm form = OnnxForm::qdq;
  // In qoperator: nothing that ONNX itself has not. A Linear is a QLinearConv of one pixel; what
  // has no operator of integers is written as qdq.
  bool standard_operators = false;
  // Every tensor of integers an output of the graph, too, to be looked at.
  bool show_integers = false;
};
// [/options]

// Float nets, from "x" (batch x K, or batch x c x h x w) to "logits": Gemm and Relu in turn; Conv,
// BatchNormalization, pooling, Add as the list has them.
OnnxModel to_onnx(const Mlp& mlp);
OnnxModel to_onnx(const Cnn& cnn);

// Any quantized net: static, fused, dynamic, trained with quantization, of convolutions. Throws
// Error where `table` could not run it, where an operation has no form in ONNX, and on a
// dynamic_linear that does not follow ONNX's rule (chapter 08: RangeRule::onnx, per tensor,
// 0..255), or reads a picture, or reads what another dynamic_linear reads or writes.
OnnxModel to_onnx(const QuantizedNet& net, const OnnxOptions& options = {},
                  std::span<const OperationKind> table = cnn_operations());

// What tensor t of a net is called: "x" is the first, "logits" the net's output, "t3" another.
std::string onnx_name(const QuantizedNet& net, std::size_t tensor);

// From h w c to c h w: where element i of a picture in our order stands in ONNX's (eq. 23.5). One
// vector stays as it is.
std::vector<std::size_t> nchw_positions(std::span<const std::size_t> shape);

// [in_onnx_order]
// Rows that are pictures of ours, in ONNX's order (eq. 23.5): activations {h, w, c}, or the weights
// that meet them, of a Linear behind a picture {h, w, c}, of a convolution {kh, kw, C / groups}.
// Throws Error where a row has not as many numbers as `shape`.
template <class T>
Matrix<T> in_onnx_order(const Matrix<T>& ours, std::span<const std::size_t> shape) {
  const std::vector<std::size_t> to = nchw_positions(shape);
  require(ours.shape(1) == to.size(), "a row is no such picture", ours.shape(1), to.size(),
          "pass the shape that the columns follow");
  auto turned = make_tensor<T>({ours.shape(0), ours.shape(1)});
  for (std::size_t m = 0; m < ours.shape(0); ++m)
    for (std::size_t i = 0; i < to.size(); ++i) turned(m, to[i]) = ours(m, i);
  return turned;
}
// [/in_onnx_order]

}  // namespace qfs
