// Section 8: fused, but not quite.
#include "07_layer_fusion/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch07 {
namespace {

// [clamp_at_0]
// The relus are gone, but the clamp of every hidden layer stays where it was.
QuantizedNet clamped_at_0(const QuantizedNet& net) {
  QuantizedNet fused = fuse(net);
  for (const OperationParts& layer : layers_of(net)) {
    for (const Operation& operation : fused.operations)
      if (operation.weights == layer.operation.weights)
        fused.tensors[operation.output].range = layer.output.range;
  }
  return fused;
}
// [/clamp_at_0]

QuantizedNet last_layer_too(QuantizedNet net) {
  TensorSpec& logits = net.tensors[layers_of(net).back().operation.output];
  logits.range.qmin = logits.params.zero_point;
  return net;
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(8, "What goes wrong: fused, but not quite");
  const QuantizedNet as_before = quantize_mlp(study.mlp, study.after_relu, study.options);
  const std::pair<const char*, QuantizedNet> nets[] = {
      {"as it should be", study.fused},
      {"0, observed after ReLU", clamped_at_0(as_before)},
      {"0, observed before ReLU", clamped_at_0(study.unfused)},
      {"z_y, observed before ReLU", fuse(study.unfused)},
      {"z_y, in the last layer too", last_layer_too(study.fused)}};
  Table table({"clamp at", "right", "accuracy", "layer 1 SQNR", "logits change"});
  const std::size_t digits = study.data.test.size();
  std::vector<std::size_t> right;
  std::vector<TestRun> runs;
  for (const auto& [name, net] : nets) {
    runs.push_back(run_on_test_digits(net, study.data.test));
    const TestRun& run = runs.back();
    right.push_back(count_correct(run.classes, study.data.test.labels));
    const TensorSpec& first = layers_of(net)[0].output;
    table.row({name, std::to_string(right.back()), percent(right.back(), digits),
               fixed(sqnr_of(run.outputs[0], first.params, study.real[0]), 1) + " dB",
               std::to_string(count_different(run.outputs.back(), runs[0].outputs.back()))});
  }
  table.print();
  lesson.claims.expect(runs[1].outputs == runs[0].outputs,
                       "observed after ReLU, z_y is 0: there a clamp at 0 is right, only there");
  lesson.claims.expect(runs[3].outputs == study.unfused_run.outputs,
                       "scales from before ReLU: no output changes, and nothing is gained");
  if (lesson.options.is_default_run())
    lesson.claims.expect(
        right[2] < right[0],
        "with z_y = " + std::to_string(layers_of(study.unfused)[0].output.params.zero_point) +
            " a clamp at 0 cuts nothing: the net has lost its ReLUs");
}

}  // namespace qfs::ch07
