// Section 6: what goes wrong. The left bytes are unsigned for the instruction, whatever they are
// for you.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "12_wider_instructions/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch12 {

void mistakes(const Study& study, Lesson& lesson) {
  section(6, "What goes wrong: signed inputs");
  const QuantizedNet net = quantized(study, WeightGranularity::per_tensor);
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  const std::size_t K = w.shape(1);
  const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, net, 1);
  // The first digit with 128 taken off: from -128 to 127.
  auto as_bytes = make_tensor<std::uint8_t>({1, K});
  auto shifted = make_tensor<std::uint8_t>({1, K});
  std::vector<std::int32_t> exact(w.shape(0));
  for (std::size_t k = 0; k < K; ++k) {
    const auto s = static_cast<std::int8_t>(x(0, k) - 128);
    as_bytes(0, k) = static_cast<std::uint8_t>(s);       // -1 becomes 255
    shifted(0, k) = static_cast<std::uint8_t>(s + 128);  // -1 becomes 127
    for (std::size_t n = 0; n < exact.size(); ++n) exact[n] += s * w(n, k);
  }
  const fours::Kernel& kernel = *fours::kernels_here().back();
  const PackedFours packed = pack_fours(w);
  const Matrix<std::int32_t> taken = product_of(kernel, packed, as_bytes);
  Matrix<std::int32_t> corrected = product_of(kernel, packed, shifted);
  for (std::size_t n = 0; n < exact.size(); ++n)
    corrected(0, n) -= 128 * std::accumulate(row(w, n).begin(), row(w, n).end(), 0);  // (eq. 10.4)
  std::size_t wrong = 0, wrong_corrected = 0;
  for (std::size_t n = 0; n < exact.size(); ++n) {
    wrong += taken(0, n) != exact[n] ? 1 : 0;
    wrong_corrected += corrected(0, n) != exact[n] ? 1 : 0;
  }
  Table table({"signed inputs are", "output 0", "wrong of " + std::to_string(exact.size())});
  table.row({"multiplied as signed", std::to_string(exact[0]), "0"});
  table.row({"handed over as they are", std::to_string(taken(0, 0)), std::to_string(wrong)});
  table.row({"shifted by 128, corrected", std::to_string(corrected(0, 0)),
             std::to_string(wrong_corrected)});
  table.print();
  lesson.claims.expect(wrong > 0, "handed over as they are: wrong, and nothing says so");
  lesson.claims.expect(wrong_corrected == 0, "adding 128 and taking off 128 times the sum of w");
}

}  // namespace qfs::ch12
