// Section 6, for --trace: the first weights of output 0 of layer 1 through GPTQ, in three bits.
#include <cstdio>

#include "18_better_rounding/lesson/study.hpp"
#include "18_better_rounding/weight_scales.hpp"

namespace qfs::ch18 {

void trace(const Study& study) {
  section(6, "Trace: GPTQ, layer 1, output 0, three bits, its first lit pixels");
  const Matrix<float>& weight = study.start.mlp.layers[0].weight;
  const QuantRange range = signed_range(3);
  const auto params = min_max_params(weight, range, WeightGranularity::per_channel);
  const Matrix<float> x =
      ink(normalized(study.start.calibration.pixels, 0, study.start.calibration.size()));
  const Matrix<float> G = moments(x, matmul_f32(x, weight)).inputs;
  const Matrix<double> U = cholesky_of_inverse(damped_hessian(G, kDamping));
  const std::size_t K = weight.shape(1);
  std::printf("  s = %.6f\n", static_cast<double>(params[0].scale));
  Table table({"pixel", "w", "pushed to", "in steps", "q", "error", "/ U_ii"});
  std::vector<double> w(K);
  for (std::size_t i = 0; i < K; ++i) w[i] = static_cast<double>(weight(0, i));
  std::size_t shown = 0;
  for (std::size_t i = 0; i < K && shown < 12; ++i) {
    if (G(i, i) == 0.0F) continue;
    ++shown;
    const std::int32_t q = quantize_value(static_cast<float>(w[i]), params[0], range);
    const double error = w[i] - static_cast<double>(dequantize_value(q, params[0]));
    table.row({std::to_string(i), fixed(static_cast<double>(weight(0, i)), 6), fixed(w[i], 6),
               fixed(w[i] / static_cast<double>(params[0].scale), 3), std::to_string(q),
               fixed(error, 6), fixed(error / U(i, i), 4)});
    for (std::size_t j = i + 1; j < K; ++j) w[j] -= error / U(i, i) * U(i, j);
  }
  table.print();
}

}  // namespace qfs::ch18
