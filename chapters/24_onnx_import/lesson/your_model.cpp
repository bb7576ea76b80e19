// --model: a file of the reader's own.
#include <cstdio>

#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "24_onnx_import/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch24 {

void your_model(const std::string& path, Lesson& lesson) {
  section(1, "Your model: " + path);
  const OnnxModel model = load_onnx(path);
  for (const OnnxNode& node : model.nodes) std::printf("  %s\n", line_of(model, node).c_str());
  const QuantizedNet net = import_onnx(model, path);
  section(2, "The operations that it becomes");
  for (const Operation& operation : net.operations)
    std::printf("  %s  %s\n", line_of(operation).c_str(),
                shape_text(net.tensors[operation.output].shape).c_str());
  const Dataset data = load_dataset(lesson.options.data_dir);
  section(3, "On the test pictures of " + data.name);
  require(net.tensors[0].type == DType::f32, path + " reads integers", "u8 or s8",
          "reals: pixels normalized as chapter 04 does", "put a QuantizeLinear before it");
  require(net.tensors[0].size() == data.test.pixels.shape(1),
          path + " reads pictures of another size", shape_text(net.tensors[0].shape),
          std::to_string(data.test.rows) + " x " + std::to_string(data.test.cols),
          "name pictures of that size with --data");
  const auto both = classes_and_hashes(logits_of(net, data.test.pixels));
  std::size_t right = 0;
  for (std::size_t m = 0; m < data.test.size(); ++m)
    right += both(m, 0) == data.test.labels[m] ? 1 : 0;
  std::printf("  %zu of %zu right, %s\n", right, data.test.size(),
              percent(right, data.test.size()).c_str());
  lesson.report.figure("right", static_cast<double>(right));
}

}  // namespace qfs::ch24
