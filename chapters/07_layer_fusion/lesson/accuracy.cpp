// Section 6: what fusion is worth on the test digits.
#include <cstdio>

#include "04_mnist_mlp/mcnemar.hpp"
#include "07_layer_fusion/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch07 {
namespace {

std::vector<std::uint8_t> classes_of(const QuantizedNet& net, const Study& study) {
  return classify_u8(pack(net), study.data.test.pixels);
}

}  // namespace

void accuracy(const Study& study, Lesson& lesson) {
  section(6, "The test digits: float, unfused, fused (compared with the float net)");
  Table table(
      {"net, scale per", "right", "accuracy", "95 % interval", "only float", "only this", "p"});
  const auto by_float = argmax_rows(study.real.back());
  add_compared(table, "float", by_float, nullptr, study.data.test.labels);
  bool by_chance = true;
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const PtqOptions options = {study.options.activations, weights};
    const std::string name = weights == WeightGranularity::per_tensor ? "tensor" : "channel";
    const auto unfused = classes_of(quantize_mlp(study.mlp, study.before_relu, options), study);
    const auto fused = classes_of(quantize_fused_mlp(study.mlp, study.after_relu, options), study);
    add_compared(table, "unfused " + name, unfused, &by_float, study.data.test.labels);
    const PairedResult pair =
        add_compared(table, "fused " + name, fused, &by_float, study.data.test.labels);
    lesson.report.figure("mcnemar_p_per_" + name, pair.p);
    by_chance = by_chance && is_by_chance(pair, by_float.size());
  }
  table.print();
  const PairedResult pair =
      compare_classes(study.unfused_run.classes, study.fused_run.classes, study.data.test.labels);
  std::printf("  fused against unfused, %s: right alone %zu and %zu, p = %.3f\n",
              study.options.weights == WeightGranularity::per_tensor ? "per tensor" : "per channel",
              pair.only_b, pair.only_a, pair.p);
  if (lesson.options.is_default_run())
    lesson.claims.expect(by_chance,
                         "fused against float: chance (p > 0.05), at most 0.5 points lost");
}

}  // namespace qfs::ch07
