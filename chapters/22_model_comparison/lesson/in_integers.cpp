// Section 4: the graphs that were trained beside the integers that they became.
#include <algorithm>
#include <map>

#include "22_model_comparison/lesson/agreement.hpp"
#include "22_model_comparison/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch22 {

void in_integers(const Study& study, Lesson& lesson) {
  section(4, "Converted: the trained graph against the integers, layer by layer");
  const std::size_t pictures = lesson.options.quick ? 2 : 20;
  const Matrix<float> x = normalized(study.data.test.pixels, 0, pictures);
  Table table({"net", "biases", "layers", "outputs", "differ", "explained", "at most from a tie"});
  bool same = true, explained = true;
  double farthest = 0.0;
  for (const Models& models : study.nets) {
    same = same && first_difference(convert(models.graph), models.qat).empty();
    for (BiasRounding bias : {BiasRounding::as_integers, BiasRounding::none}) {
      const bool rounded = bias == BiasRounding::as_integers;
      std::map<std::string, Agreement> kinds;
      for (const auto& [kind, one] : compare_graphs(models.graph, models.qat, x, bias))
        add_to(kinds[kind], one);
      for (const auto& [kind, all] : kinds) {
        if (!rounded && kind != "conv2d" && kind != "linear") continue;  // they have no bias
        table.row({models.name, rounded ? "rounded" : "as trained", kind,
                   std::to_string(all.outputs), std::to_string(all.differ),
                   std::to_string(all.explained), all.differ == 0 ? "-" : fixed(all.farthest, 6)});
        explained = explained && all.explained == all.differ;
        if (rounded) farthest = std::max(farthest, all.farthest);
      }
    }
  }
  table.print();
  lesson.claims.expect(same, "folded and rounded again, the float weights are the net's integers");
  lesson.claims.expect(explained,
                       "no difference reaches further than the rounding of floats and biases");
  // Of float alone: (K + 4) 2^-24 of 200 steps, K = 784, is 0.0094.
  lesson.claims.expect(farthest <= 0.01,
                       "with rounded biases no difference lies further than 0.01 from a tie");
}

}  // namespace qfs::ch22
