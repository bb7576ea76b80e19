#include "14_training_for_the_kernel/lesson/study.hpp"

namespace qfs::ch14 {

std::string text_of(std::size_t products) {
  if (products == kProducts.front()) return std::to_string(products) + ", unbounded";
  return products == kThroughout ? "throughout" : std::to_string(products);
}

Matrix<std::int32_t> product_of(const panel::Kernel& kernel, const PackedPanels& w,
                                const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.N});
  BlockOfRows rows;
  multiply_panels(kernel, w, matrix_left_side(values(x), x.shape(0)), rows, values(acc));
  return acc;
}

}  // namespace qfs::ch14
