#include "24_onnx_import/lesson/study.hpp"

#include <algorithm>
#include <bit>
#include <filesystem>

#include "04_mnist_mlp/evaluate.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "common/npy.hpp"

namespace qfs::ch24 {

std::string onnx_dir() { return datasets_dir() + "/onnx"; }

Committed load_committed(const std::string& name) {
  const std::string path = onnx_dir() + "/" + name;
  return with_advice(restore_advice("onnx", "the models"), [&] {
    Committed file{.name = name, .model = load_onnx(path + ".onnx")};
    file.bytes = std::filesystem::file_size(path + ".onnx");
    file.net = import_onnx(file.model, path + ".onnx");
    file.by_onnx_runtime = load_npy<std::int32_t, 2>(path + ".onnxruntime.npy");
    return file;
  });
}

Matrix<float> logits_of(const QuantizedNet& net, const Matrix<std::uint8_t>& pixels) {
  return run_in_batches(pack(net, choose_backend(), onnx_operations()),
                        normalized(pixels, 0, pixels.shape(0)));
}

Matrix<std::int32_t> classes_and_hashes(const Matrix<float>& logits) {
  const std::vector<std::uint8_t> classes = argmax_rows(logits);
  auto both = make_tensor<std::int32_t>({logits.shape(0), 2});
  for (std::size_t m = 0; m < logits.shape(0); ++m) {
    std::uint32_t hash = 0;
    for (const float logit : row(logits, m))
      for (int shift = 0; shift < 32; shift += 8)
        hash = hash * 0x01000193U + (std::bit_cast<std::uint32_t>(logit) >> shift & 0xffU);
    both(m, 0) = classes[m];
    both(m, 1) = std::bit_cast<std::int32_t>(hash);
  }
  return both;
}

std::string line_of(const Operation& operation) {
  std::string line = operation.kind;
  for (const std::size_t input : operation.inputs) line += " " + std::to_string(input);
  return line + " -> " + std::to_string(operation.output);
}

std::string line_of(const OnnxModel& model, const OnnxNode& node) {
  std::string inputs, outputs;
  for (const std::string& input : node.inputs)
    if (find_initializer(model, input) == nullptr) inputs += (inputs.empty() ? "" : ", ") + input;
  for (const std::string& output : node.outputs) outputs += (outputs.empty() ? "" : ", ") + output;
  return node.op + "(" + inputs + ") -> " + outputs;
}

}  // namespace qfs::ch24
