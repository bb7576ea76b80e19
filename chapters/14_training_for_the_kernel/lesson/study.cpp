#include "14_training_for_the_kernel/lesson/study.hpp"

#include "02_integer_products/dot.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"

namespace qfs::ch14 {

std::string text_of(std::size_t products) {
  return products == kThroughout ? "throughout" : std::to_string(products);
}

Matrix<std::uint8_t> layer_1_inputs(const Study& study, const QuantizedNet& net, std::size_t rows) {
  const TensorSpec& input = layers_of(net)[0].input;
  auto q = make_tensor<std::uint8_t>({rows, input.size()});
  quantize(values(batch_to_time(study.data.test, rows)), input.params, input.range, values(q));
  return q;
}

Matrix<std::int32_t> exact_product(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.shape(0)});
  gemm_u8s8s32_ref({x.shape(0), w.shape(0), w.shape(1)}, values(x), values(w), values(acc));
  return acc;
}

Matrix<std::int32_t> product_of(const panel::Kernel& kernel, const PackedPanels& w,
                                const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.N});
  BlockOfRows rows;
  multiply_panels(kernel, w, matrix_left_side(values(x), x.shape(0)), {}, rows,
                  [&](const SumTile& tile) {
                    kernel.to_rows(tile.sums, tile.rows, tile.outputs,
                                   acc.data() + tile.row * w.N + tile.output, w.N);
                  });
  return acc;
}

}  // namespace qfs::ch14
