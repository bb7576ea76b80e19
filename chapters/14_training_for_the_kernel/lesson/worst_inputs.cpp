// Section 4: a row added in 16 bits from end to end, with the worst inputs there are.
#include <cstdio>
#include <vector>

#include "14_training_for_the_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch14 {
namespace {

// How many sums are wrong if all products of an output are added in its two lanes.
std::size_t count_wrong(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x) {
  const Matrix<std::int32_t> exact = exact_product(w, x);
  const std::size_t N = w.shape(0), K = w.shape(1);
  std::vector<Steps> steps;  // not of panels: they take a long row in blocks
  for (std::size_t n = 0; n < N; ++n) steps.push_back(steps_of(w, n, 0, K, kXMax));
  std::vector<std::uint8_t> strip(panel::kStripRows * up_to(panel::kStepInputs, K));
  std::size_t wrong = 0;
  for (std::size_t m = 0; m < x.shape(0); ++m) {
    plain_kernel().interleave(row(x, m).data(), K, 1, K, strip.data());
    for (std::size_t n = 0; n < N; ++n)
      wrong += sum_in_16_bits(steps[n], strip.data()) != exact(m, n) ? 1 : 0;
  }
  return wrong;
}

}  // namespace

void worst_inputs(const Study& study, Lesson& lesson) {
  section(4, "All of a row in lanes of 16 bits: the worst inputs of each layer");
  Table table({"trained", "layer", "sums", "   wrong"});
  std::size_t wrong = 0;
  for (const auto& [name, net] : {std::pair("unbounded", &study.unbounded()),
                                  std::pair("bounded throughout", &study.throughout())})
    for (std::size_t layer = 0; layer < net->weights.size(); ++layer) {
      const Matrix<std::int8_t>& w = net->weights[layer].weight.q;
      const Matrix<std::uint8_t> x = extreme_inputs(w, kXMax);
      const std::size_t different = count_wrong(w, x);
      const bool bounded = net == &study.throughout();
      const std::string count = std::to_string(different);
      table.row({name, std::to_string(layer + 1), std::to_string(x.shape(0) * w.shape(0)),
                 bounded ? count : measured(count)});
      if (bounded) wrong += different;
    }
  table.print();
  lesson.claims.expect(wrong == 0, "bounded: not one sum is wrong");
}

}  // namespace qfs::ch14
