// Section 6: the float net in numbers.
#include <cstdio>

#include "04_mnist_mlp/lesson/study.hpp"
#include "04_mnist_mlp/plumbing/latency.hpp"
#include "common/print.hpp"

namespace qfs::ch04 {

void the_float_row(const Mlp& net, const std::string& folder, const TestDigits& digits,
                   const std::vector<std::uint8_t>& predicted, Lesson& lesson) {
  section(6, "The float net in numbers, for the chapters to come");
  ModelRow row = model_row("fp32", net, lesson.options, predicted, predicted, digits.labels);
  row.bytes = mlp_bytes_on_disk(folder);
  MlpBuffers buffers;
  time_batches(digits, row, [&](const Matrix<float>& x) { forward(net, x, buffers); });
  lesson.report.model(row);
  std::printf("  %s on disk: %zu bytes\n", widths_text(net).c_str(), row.bytes);
  std::printf("  one forward pass: %s us for 1 digit, %s for 64, %s for 1000\n",
              measured(row.latency_us[1], 1).c_str(), measured(row.latency_us[64], 1).c_str(),
              measured(row.latency_us[1000], 1).c_str());
}

}  // namespace qfs::ch04
