// The layer of the paper example: what is known offline, and its sums.
#include "02_integer_products/lesson/study.hpp"
#include "common/matmul_f32.hpp"

namespace qfs::ch02 {
namespace {

template <class Q>
Matrix<Q> quantized(const Matrix<float>& x, QuantParams p, QuantRange range) {
  auto q = make_tensor<Q>({x.shape(0), x.shape(1)});
  quantize(values(x), p, range, values(q));
  return q;
}

}  // namespace

PaperLayer prepare_paper_layer(QuantParams w_params, QuantRange w_range) {
  PaperLayer layer;
  layer.w_params = w_params;
  layer.w = quantized<std::int8_t>(paper::kW, w_params, w_range);
  layer.w_sums = row_sums(layer.w);
  layer.bias = make_tensor<std::int32_t>({paper::kBias.size()});
  for (std::size_t n = 0; n < paper::kBias.size(); ++n)
    layer.bias(n) = quantize_bias(paper::kBias[n], paper::kXParams.scale, w_params.scale);
  layer.folded = fold_zero_points(layer.w, values(layer.bias), paper::kXParams.zero_point,
                                  paper::kUnsigned, layer.zero_points());
  layer.multiplier =
      output_multiplier(paper::kXParams.scale, w_params.scale, paper::kYParams.scale);
  layer.fixed = to_fixed_point(static_cast<double>(layer.multiplier));
  return layer;
}

Matrix<std::uint8_t> paper_input() {
  return quantized<std::uint8_t>(paper::kX, paper::kXParams, paper::kUnsigned);
}

Matrix<std::int32_t> paper_sums(const PaperLayer& layer) {
  return integer_product(paper_input(), layer.w, values(layer.folded), layer.zero_points());
}

Matrix<float> paper_float_product() {
  Matrix<float> y = matmul_f32(paper::kX, paper::kW);
  for (std::size_t m = 0; m < y.shape(0); ++m)
    for (std::size_t n = 0; n < y.shape(1); ++n) y(m, n) += paper::kBias[n];
  return y;
}

}  // namespace qfs::ch02
