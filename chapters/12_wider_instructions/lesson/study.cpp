#include "12_wider_instructions/lesson/study.hpp"

#include "02_integer_products/dot.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"

namespace qfs::ch12 {

QuantizedNet quantized(const Study& study, WeightGranularity weights) {
  return quantize_mlp(study.mlp, study.intervals, {.weights = weights});
}

Matrix<std::uint8_t> layer_1_inputs(const Study& study, const QuantizedNet& net, std::size_t rows) {
  const TensorSpec& input = layers_of(net)[0].input;
  auto q = make_tensor<std::uint8_t>({rows, input.size()});
  quantize(values(batch_to_time(study.data.test, rows)), input.params, input.range, values(q));
  return q;
}

Matrix<std::int32_t> product_of(const fours::Kernel& kernel, const PackedFours& w,
                                const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.N});
  BlockOfSums block;
  multiply_fours(kernel, w, matrix_left_side(values(x), x.shape(0)), {}, block,
                 [&](const SumRows& sums) {
                   for (std::size_t r = 0; r < sums.rows; ++r)
                     std::ranges::copy(sums.of(r), row(acc, sums.row + r).begin());
                 });
  return acc;
}

Matrix<std::int32_t> exact_product(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.shape(0)});
  gemm_u8s8s32_ref({x.shape(0), w.shape(0), w.shape(1)}, values(x), values(w), values(acc));
  return acc;
}

}  // namespace qfs::ch12
