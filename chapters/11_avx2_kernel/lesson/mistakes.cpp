// Section 7: what goes wrong. The proof holds for the inputs that it was made for.
#include <cstdio>

#include "11_avx2_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch11 {

void mistakes(const Study& study, Lesson& lesson) {
  section(7, "What goes wrong: panels packed for 7 bits, inputs of 8 bits");
  const QuantizedNet net = quantized(study, 8, WeightGranularity::per_tensor);
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, net, study.data.test.size());
  const Matrix<std::int32_t> exact = exact_product(w, x);
  Table table({"packed for", "inputs", "sums", "wrong"});
  std::size_t wrong[2] = {};
  for (int i = 0; i < 2; ++i) {
    const std::int32_t x_max = i == 0 ? 127 : 255;
    wrong[i] = count_different(exact, product_of(pack_panels(w, x_max), x));
    table.row({"0.." + std::to_string(x_max), "0..255", std::to_string(exact.size()),
               std::to_string(wrong[i])});
  }
  table.print();
  lesson.claims.expect(wrong[1] == 0, "packed for what comes: none");
  if (study.by_default)
    lesson.claims.expect(wrong[0] > 0, "packed for less: lanes wrap, and nothing says so");
}

}  // namespace qfs::ch11
