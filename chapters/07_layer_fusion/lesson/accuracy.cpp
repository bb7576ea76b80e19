// Sections 6 and 7: what fusion is worth on the test digits, on disk, in time.
#include <cstdio>

#include "04_mnist_mlp/latency.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "06_static_ptq/model_file.hpp"
#include "07_layer_fusion/lesson/study.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch07 {
namespace {

std::vector<std::uint8_t> classes_of(const QuantizedNet& net, const Study& study) {
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
    by_chance = by_chance && is_by_chance(pair, by_float.size());
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

std::size_t bytes_on_disk(const QuantizedNet& net) {
  const TemporaryDirectory folder;
  return save_model(folder.path("net.qfs"), net);
}

}  // namespace

void file_and_time(const Study& study, Lesson& lesson) {
  section(7, "The file on disk, and the time of one batch, one thread, microseconds");
  const std::size_t bytes = bytes_on_disk(study.fused),
                    unfused_bytes = bytes_on_disk(study.unfused);
  std::printf("  unfused %zu bytes, fused %zu bytes\n", unfused_bytes, bytes);
  lesson.claims.expect(bytes < unfused_bytes && unfused_bytes - bytes <= 64 * study.hidden(),
                       "a ReLU has no weights: on disk it is a line of the list");
  ModelRow result{.model = "fused_ptq",
                  .net = widths_text(study.mlp),
                  .data = data_name(lesson.options),
                  .images = study.data.test.size(),
                  .bytes = bytes};
  result.accuracy =
      static_cast<double>(count_correct(study.fused_run.classes, study.data.test.labels)) /
      static_cast<double>(result.images);
  const PackedNet unfused = pack(study.unfused), fused = pack(study.fused);
  NetBuffers tensors;
  ModelRow before;
  time_batches(study.data.test, before, [&](const Matrix<float>& x) { run(unfused, x, tensors); });
  NetBuffers fewer_tensors;
  time_batches(study.data.test, result,
               [&](const Matrix<float>& x) { run(fused, x, fewer_tensors); });
  for (std::size_t size : kBatchesToTime)
    std::printf("  batch of %4zu: unfused %10s, fused %10s\n", size,
                measured(before.latency_us[size], 1).c_str(),
                measured(result.latency_us[size], 1).c_str());
  lesson.report.model(result);
}

}  // namespace qfs::ch07
