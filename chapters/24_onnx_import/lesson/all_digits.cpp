// Section 3: every committed file on all test digits, beside what ONNX Runtime gave.
#include <cstdio>

#include "24_onnx_import/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch24 {

void all_digits(const Study& study, Lesson& lesson) {
  section(3, "All test digits, beside ONNX Runtime 1.30 (recorded, optimizations on)");
  Table table(
      {"file", "bytes", "nodes", "operations", "right", "accuracy", "other class", "other logits"});
  const std::size_t digits = study.data.test.size();
  const bool recorded = lesson.options.data_dir.empty();
  std::size_t different = 0;
  for (const Committed& file : study.files) {
    const auto ours = classes_and_hashes(logits_of(file.net, study.data.test.pixels));
    std::size_t right = 0, classes = 0, logits = 0;
    for (std::size_t m = 0; m < digits; ++m) {
      right += ours(m, 0) == study.data.test.labels[m] ? 1 : 0;
      if (!recorded) continue;
      classes += ours(m, 0) != file.by_onnx_runtime(m, 0) ? 1 : 0;
      logits += ours(m, 1) != file.by_onnx_runtime(m, 1) ? 1 : 0;
    }
    different += classes + logits;
    table.row({file.name, std::to_string(file.bytes), std::to_string(file.model.nodes.size()),
               std::to_string(file.net.operations.size()), std::to_string(right),
               percent(right, digits), recorded ? std::to_string(classes) : "-",
               recorded ? std::to_string(logits) : "-"});
    lesson.report.figure(file.name + "_right", static_cast<double>(right));
  }
  table.print();
  if (recorded)
    lesson.claims.expect(different == 0, "every class and every bit of every logit = ONNX Runtime");
}

}  // namespace qfs::ch24
