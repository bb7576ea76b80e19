// Sections 6 to 8 of the lesson: what fusion is worth on the test digits, on disk, in time; and how
// it goes wrong.
#include <cstdio>

#include "06_static_ptq/model_file.hpp"
#include "07_layer_fusion/sections.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"
#include "common/temporary.hpp"

namespace qfs {
namespace {

std::string percent(double share) { return fixed(100.0 * share, 2) + " %"; }

std::vector<std::uint8_t> classes_of(const QuantizedMlp& net, const Study& study) {
  return classify_u8(pack(net), study.data.test.pixels);
}

}  // namespace

void accuracy(const Study& study, Lesson& lesson) {
  section(6, "The test digits: float, unfused, fused (compared with the float net)");
  Table table(
      {"net", "right", "accuracy", "95 % interval", "only float", "only this", "McNemar p"});
  const auto by_float = argmax_rows(study.real.back());
  add_compared(table, "float", by_float, nullptr, study.data.test.labels);
  bool by_chance = true;
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const PtqOptions options = {study.options.activations, weights};
    const std::string name = weights == WeightGranularity::per_tensor ? "tensor" : "channel";
    const auto unfused = classes_of(quantize_mlp(study.mlp, study.before_relu, options), study);
    const auto fused = classes_of(quantize_fused_mlp(study.mlp, study.after_relu, options), study);
    add_compared(table, "unfused, per " + name, unfused, &by_float, study.data.test.labels);
    const PairedResult pair =
        add_compared(table, "fused, per " + name, fused, &by_float, study.data.test.labels);
    lesson.report.figure("mcnemar_p_per_" + name, pair.p);
    const double lost = (static_cast<double>(pair.only_a) - static_cast<double>(pair.only_b)) /
                        static_cast<double>(by_float.size());
    by_chance = by_chance && pair.p > 0.05 && lost <= 0.005;
  }
  table.print();
  const PairedResult pair =
      compare_classes(study.unfused_run.classes, study.fused_run.classes, study.data.test.labels);
  std::printf(
      "  fused against unfused, %s: only fused right %zu, only unfused right %zu, p = %.3f\n",
      study.options.weights == WeightGranularity::per_tensor ? "per tensor" : "per channel",
      pair.only_b, pair.only_a, pair.p);
  if (lesson.options.is_default_run())
    lesson.claims.expect(
        by_chance, "fused against float: no more than chance (p > 0.05), at most 0.5 points lost");
}

namespace {

std::size_t bytes_on_disk(const QuantizedMlp& net) {
  const TemporaryDirectory folder;
  return save_model(folder.path("net.qfs"), net);
}

}  // namespace

void file_and_time(const Study& study, Lesson& lesson) {
  section(7, "The file on disk, and the time of one batch, one thread, microseconds");
  const std::size_t bytes = bytes_on_disk(study.fused),
                    unfused_bytes = bytes_on_disk(study.unfused);
  std::printf("  unfused %zu bytes, fused %zu bytes\n", unfused_bytes, bytes);
  lesson.claims.expect(bytes == unfused_bytes, "a ReLU has no weights: nothing is saved on disk");
  ModelRow result{.model = "fused_ptq", .images = study.data.test.size(), .bytes = bytes};
  result.accuracy =
      static_cast<double>(count_correct(study.fused_run.classes, study.data.test.labels)) /
      static_cast<double>(result.images);
  const PackedMlp unfused = pack(study.unfused), fused = pack(study.fused);
  double* const latency[] = {&result.latency_us_1, &result.latency_us_64, &result.latency_us_1000};
  const std::size_t sizes[] = {1, 64, 1000};
  for (std::size_t i = 0; i < 3; ++i) {
    const Matrix<float> x = batch_to_time(study.data.test, sizes[i]);
    const double before = median_microseconds([&] { forward(unfused, x); });
    *latency[i] = median_microseconds([&] { forward(fused, x); });
    std::printf("  batch of %4zu: unfused %10s, fused %10s\n", sizes[i],
                measured(before, 1).c_str(), measured(*latency[i], 1).c_str());
  }
  lesson.report.model(result);
}

namespace {

// [clamp_at_0]
// Every hidden layer claims to hold its ReLU, but the clamp stays where it was.
QuantizedMlp clamped_at_0(QuantizedMlp net) {
  net.fused = true;
  return net;
}
// [/clamp_at_0]

QuantizedMlp last_layer_too(QuantizedMlp net) {
  net.layers.back() = fuse(std::move(net.layers.back()));
  return net;
}

}  // namespace

void what_goes_wrong(const Study& study, Lesson& lesson) {
  section(8, "What goes wrong: fused, but not quite");
  const QuantizedMlp as_before = quantize_mlp(study.mlp, study.after_relu, study.options);
  const std::pair<const char*, QuantizedMlp> nets[] = {
      {"as it should be", study.fused},
      {"clamp at 0, observed after ReLU", clamped_at_0(as_before)},
      {"clamp at 0, observed before ReLU", clamped_at_0(study.unfused)},
      {"clamp at z_y, observed before ReLU", fuse(study.unfused)},
      {"the last layer's clamp at z_y too", last_layer_too(study.fused)}};
  Table table({"", "right", "accuracy", "layer 1 SQNR", "logits changed"});
  std::vector<std::size_t> right;
  std::vector<TestRun> runs;
  for (const auto& [name, net] : nets) {
    runs.push_back(run_on_test_digits(net, study.data.test));
    const TestRun& run = runs.back();
    right.push_back(count_correct(run.classes, study.data.test.labels));
    table.row(
        {name, std::to_string(right.back()),
         percent(static_cast<double>(right.back()) / static_cast<double>(study.data.test.size())),
         fixed(sqnr_of(run.outputs[0], net.layers[0].output, study.real[0]), 1) + " dB",
         std::to_string(count_different(run.outputs.back(), runs[0].outputs.back()))});
  }
  table.print();
  lesson.claims.expect(
      runs[1].outputs == runs[0].outputs,
      "observed after ReLU, z_y is 0: there a clamp at 0 is right, and there alone");
  lesson.claims.expect(
      runs[3].outputs == study.unfused_run.outputs,
      "fused with the scales from before ReLU: no output changes, nothing is gained");
  if (lesson.options.is_default_run())
    lesson.claims.expect(right[2] < right[0],
                         "with z_y = " + std::to_string(study.unfused.layers[0].output.zero_point) +
                             " a clamp at 0 cuts nothing: the net has lost its ReLUs");
}

}  // namespace qfs
