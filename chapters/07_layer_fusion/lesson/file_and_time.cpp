// Section 7: what fusion is worth on disk and in time.
#include <cstdio>

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "07_layer_fusion/lesson/study.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch07 {
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
  ModelRow result =
      model_row("fused_ptq", study.mlp, lesson.options, argmax_rows(study.real.back()),
                study.fused_run.classes, study.data.test.labels);
  result.bytes = bytes;
  const PackedNet unfused = pack(study.unfused), fused = pack(study.fused);
  NetBuffers tensors, fewer_tensors;
  ModelRow before;
  time_batches(study.data.test, before, [&](const Matrix<float>& x) { run(unfused, x, tensors); });
  time_batches(study.data.test, result,
               [&](const Matrix<float>& x) { run(fused, x, fewer_tensors); });
  for (std::size_t size : kBatchesToTime)
    std::printf("  batch of %4zu: unfused %10s, fused %10s\n", size,
                measured(before.latency_us[size], 1).c_str(),
                measured(result.latency_us[size], 1).c_str());
  lesson.report.model(result);
}

}  // namespace qfs::ch07
