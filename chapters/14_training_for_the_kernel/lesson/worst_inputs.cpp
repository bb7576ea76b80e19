// Section 4: a row added in 16 bits from end to end, with the worst inputs there are.
#include <cstdio>

#include "14_training_for_the_kernel/lesson/study.hpp"
#include "14_training_for_the_kernel/throughout.hpp"
#include "common/print.hpp"

namespace qfs::ch14 {
void worst_inputs(const Study& study, Lesson& lesson) {
  section(4, "All of a row in lanes of 16 bits: the worst inputs of each layer");
  Table table({"trained", "layer", "sums", "   wrong"});
  std::size_t wrong = 0;
  for (const auto& [name, net] : {std::pair("unbounded", &study.unbounded()),
                                  std::pair("bounded throughout", &study.throughout())})
    for (std::size_t layer = 0; layer < net->weights.size(); ++layer) {
      const Matrix<std::int8_t>& w = net->weights[layer].weight.q;
      const Matrix<std::uint8_t> x = extreme_inputs(w, kXMax);
      const Matrix<std::int32_t> exact = exact_product(w, x);
      const PackedPanels panels = pack_panels(w, kXMax);
      const std::size_t different =
          count_different(product_of(plain_throughout_kernel(), panels, x), exact);
      const bool bounded = net == &study.throughout();
      const std::string count = std::to_string(different);
      table.row({name, std::to_string(layer + 1), std::to_string(exact.size()),
                 bounded ? count : measured(count)});
      if (bounded) wrong += different;
    }
  table.print();
  lesson.claims.expect(wrong == 0, "bounded: not one sum is wrong");
}

}  // namespace qfs::ch14
