// Section 5: the float32 rule and the fixed-point rule, on the whole net.
#include <cstdlib>

#include "04_mnist_mlp/mcnemar.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {

void two_rules(const Study& study, Lesson& lesson) {
  section(5, "The float32 rule and the fixed-point rule: outputs that differ");
  Table table({"weights", "layer 1", "layer 2", "layer 3", "of", "classes that differ"});
  bool by_one = true;
  for (auto granularity : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const QuantizedNet net = quantized(study, granularity);
    const PackedNet a = pack(net), b = pack(net, ref_backend(RequantizeRule::fixed_point));
    const NetBuffers by_float = run_on_test_digits(a, study.data.test),
                     by_fixed = run_on_test_digits(b, study.data.test);
    std::size_t all = 0;
    std::vector<std::string> cells = {text_of(granularity)};
    for (const OperationParts& layer : layers_of(net)) {
      const Matrix<std::uint8_t>&q_a = by_float.u8[layer.operation.output],
            &q_b = by_fixed.u8[layer.operation.output];
      all += q_a.size();
      if (cells.size() < 4) cells.push_back(std::to_string(count_different(q_a, q_b)));
      for (std::size_t k = 0; k < q_a.size(); ++k)
        by_one = by_one && std::abs(values(q_a)[k] - values(q_b)[k]) <= 1;
    }
    cells.resize(4, "-");
    const PairedResult pair =
        compare_classes(classify_u8(a, study.data.test.pixels),
                        classify_u8(b, study.data.test.pixels), study.data.test.labels);
    cells.insert(cells.end(), {std::to_string(all), std::to_string(pair.classes_differ)});
    table.row(cells);
  }
  table.print();
  lesson.claims.expect(by_one, "where they differ it is by 1");
}

}  // namespace qfs::ch06
