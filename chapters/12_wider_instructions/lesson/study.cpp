#include "12_wider_instructions/lesson/study.hpp"

namespace qfs::ch12 {

QuantizedNet quantized(const Study& study, WeightGranularity weights) {
  return quantize_mlp(study.mlp, study.intervals, {.weights = weights});
}

Matrix<std::int32_t> product_of(const fours::Kernel& kernel, const PackedFours& w,
                                const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.N});
  BlockOfSums rows;
  multiply_fours(kernel, w, matrix_left_side(values(x), x.shape(0)), rows, values(acc));
  return acc;
}

}  // namespace qfs::ch12
