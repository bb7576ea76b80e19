// Section 4: the graphs that were trained beside the integers that they became.
#include <algorithm>
#include <map>

#include "22_model_comparison/lesson/agreement.hpp"
#include "22_model_comparison/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch22 {
namespace {

// Whether two nets are made of the same integers, scales included.
bool is_same(const QuantizedNet& a, const QuantizedNet& b) {
  bool same = a.tensors.size() == b.tensors.size() && a.weights.size() == b.weights.size();
  for (std::size_t t = 0; same && t < a.tensors.size(); ++t)
    same = a.tensors[t].params == b.tensors[t].params && a.tensors[t].range == b.tensors[t].range;
  for (std::size_t i = 0; same && i < a.weights.size(); ++i)
    same = a.weights[i].weight.q == b.weights[i].weight.q &&
           a.weights[i].weight.scale == b.weights[i].weight.scale &&
           a.weights[i].bias == b.weights[i].bias;
  return same;
}

}  // namespace

void in_integers(const Study& study, Lesson& lesson) {
  section(4, "Converted: the trained graph against the integers, layer by layer");
  const std::size_t pictures = lesson.options.quick ? 2 : 20;
  const Matrix<float> x = normalized(study.data.test.pixels, 0, pictures);
  Table table({"net", "biases", "layers", "outputs", "differ", "explained", "at most from a tie"});
  bool same = true, explained = true;
  double farthest = 0.0;
  for (const Models& models : study.nets) {
    same = same && is_same(convert(models.graph), models.qat);
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
  lesson.claims.expect(same, "folded and rounded again, the float weights are the file's integers");
  lesson.claims.expect(explained, "no difference reaches further than float rounding can");
  // (K + 4) 2^-24 of sums that stay below some hundreds of steps, K at most 784.
  lesson.claims.expect(farthest <= 0.01,
                       "with rounded biases none lies further than 0.01 from a tie");
}

}  // namespace qfs::ch22
