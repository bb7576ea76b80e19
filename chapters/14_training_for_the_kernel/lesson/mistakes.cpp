// Section 5: what goes wrong. The kernel that widens nothing, for a net that was not trained for
// it.
#include <cstdio>

#include "14_training_for_the_kernel/lesson/study.hpp"
#include "14_training_for_the_kernel/throughout.hpp"
#include "common/print.hpp"

namespace qfs::ch14 {

void mistakes(const Study& study, Lesson& lesson) {
  section(5, "What goes wrong: 16 bits throughout, real digits, layer 1");
  Table table({"trained", "fits throughout", "sums", "   wrong"});
  std::size_t wrong_bounded = 0, wrong_unbounded = 0;
  for (const auto& [name, net] : {std::pair("unbounded", &study.unbounded()),
                                  std::pair("bounded throughout", &study.throughout())}) {
    const Matrix<std::int8_t>& w = net->weights[0].weight.q;
    const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, *net, study.data.test.size());
    const PackedPanels panels = pack_panels(w, kXMax);
    const Matrix<std::int32_t> exact = exact_product(w, x);
    const std::size_t wrong =
        count_different(product_of(plain_throughout_kernel(), panels, x), exact);
    const bool bounded = net == &study.throughout();
    (bounded ? wrong_bounded : wrong_unbounded) = wrong;
    table.row({name, fits_throughout(panels, kXMax) ? "yes" : "no", std::to_string(exact.size()),
               bounded ? std::to_string(wrong) : measured(std::to_string(wrong))});
  }
  table.print();
  lesson.claims.expect(wrong_bounded == 0, "trained for it: none");
  if (study.by_default)
    lesson.claims.expect(wrong_unbounded > 0,
                         "not trained for it: lanes wrap, and nothing says so");
}

}  // namespace qfs::ch14
