// Section 6: what dynamic quantization is worth on the digits as they are.
#include "08_dynamic_quantization/lesson/study.hpp"

namespace qfs::ch08 {

void accuracy(const Study& study, Lesson& lesson) {
  section(6, "The test digits: float, static, dynamic (compared with the float net)");
  Table table(
      {"inputs, weights", "right", "accuracy", "95 % interval", "only float", "only this", "p"});
  const std::vector<std::uint8_t> by_float = argmax_rows(forward_ref(study.mlp, study.x));
  add_compared(table, "float", by_float, nullptr, study.labels());
  add_compared(table, "static (06)", argmax_rows(run_fixed(study.fixed, study.x)), &by_float,
               study.labels());
  bool by_chance = true;
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
    for (const DynamicOptions& options : {kPerTensor, kPerRow}) {
      const std::string inputs =
          options.granularity == InputGranularity::per_row ? "row" : "tensor";
      const bool channels = weights == WeightGranularity::per_channel;
      const QuantizedNet net = quantize_dynamic(study.mlp, weights, {study.input.range, options});
      const PairedResult pair = add_compared(table, inputs + (channels ? ", channel" : ", tensor"),
                                             classes_of(net, study.x), &by_float, study.labels());
      lesson.report.figure("mcnemar_p_per_" + inputs + (channels ? "_weights_per_channel" : ""),
                           pair.p);
      by_chance = by_chance && is_by_chance(pair, by_float.size());
    }
  table.print();
  if (study.by_default)
    lesson.claims.expect(by_chance,
                         "dynamic against float: chance (p > 0.05), at most 0.5 points lost");
}

}  // namespace qfs::ch08
