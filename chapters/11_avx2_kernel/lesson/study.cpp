#include "11_avx2_kernel/lesson/study.hpp"

namespace qfs::ch11 {

QuantizedNet quantized(const Study& study, int bits, WeightGranularity weights) {
  return quantize_mlp(study.mlp, study.intervals,
                      {.activations = unsigned_range(bits), .weights = weights});
}

Matrix<std::int32_t> product_of(const PackedPanels& w, const Matrix<std::uint8_t>& x) {
  const panel::Kernel& kernel = has_avx2_kernel() ? avx2_kernel() : plain_kernel();
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.N});
  BlockOfRows rows;
  multiply_panels(kernel, w, matrix_left_side(values(x), x.shape(0)), rows, values(acc));
  return acc;
}

std::string granularity_text(WeightGranularity weights) {
  return weights == WeightGranularity::per_tensor ? "per tensor" : "per channel";
}

}  // namespace qfs::ch11
