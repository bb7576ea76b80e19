// Section 5: the trained nets on the test pictures, beside chapter 04's.
#include <cstdio>

#include "04_mnist_mlp/mcnemar.hpp"
#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {

void what_they_learned(const Study& study, Lesson& lesson) {
  const TestDigits& test = study.data.test;
  section(5, "What they have learned: " + std::to_string(study.tested) + " test pictures");
  const auto labels = std::span(test.labels).first(study.tested);
  auto before =
      classify(test.pixels, [&](const Matrix<float>& x) { return forward_ref(study.mlp, x); });
  before.resize(study.tested);
  std::size_t weights = 0, parameters_of_mlp = 0;
  for (const Linear& layer : study.mlp.layers) {
    weights += layer.weight.size();
    parameters_of_mlp += layer.weight.size() + layer.bias.size();
  }
  Table table({"net", "parameters", "products", "right", "share", "better on", "worse on", "p"});
  table.row({widths_text(study.mlp), std::to_string(parameters_of_mlp), std::to_string(weights),
             std::to_string(count_correct(before, labels)),
             share_text(count_correct(before, labels), study.tested), "", "", ""});
  bool better = true;
  for (const NamedNet& net : study.nets) {
    const std::vector<std::uint8_t> now = classify_ref(net.cnn, test, study.tested);
    const PairedResult pair = compare_classes(now, before, labels);
    const std::size_t right = count_correct(now, labels);
    const Cost cost = cost_of(net.cnn);
    table.row({net.name, std::to_string(cost.parameters), std::to_string(cost.products),
               std::to_string(right), share_text(right, study.tested), std::to_string(pair.only_a),
               std::to_string(pair.only_b), p_text(pair.p)});
    better = better && pair.only_a > pair.only_b && pair.p < 0.01;
    lesson.report.figure("right_" + (net.file.empty() ? "trained_now" : net.file),
                         static_cast<double>(right));
    before = now;
  }
  table.print();
  std::printf(
      "  better and worse: pictures that only this net, or only the one above, gets right\n");
  if (study.may_claim(lesson.options))
    lesson.claims.expect(better, "each net is better than the one above, and not by chance");
}

}  // namespace qfs::ch20
