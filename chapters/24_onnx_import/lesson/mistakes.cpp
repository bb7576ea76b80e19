// Section 5: what goes wrong: models that are no integer models, and a memory order forgotten.
#include <algorithm>
#include <cstdio>
#include <functional>

#include "20_float_cnn/picture.hpp"
#include "24_onnx_import/lesson/paper_example.hpp"
#include "24_onnx_import/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch24 {
namespace {

OnnxNode& writer_of(OnnxModel& model, const std::string& value) {
  return *std::ranges::find_if(model.nodes, [&](const OnnxNode& node) {
    return std::ranges::find(node.outputs, value) != node.outputs.end();
  });
}

Record& tensor_of(OnnxModel& model, const std::string& name) {
  return *std::ranges::find(model.initializers, name, &Record::name);
}

struct Mistake {
  const char* what;
  void (*make)(OnnxModel& model);
  const char* named;  // what the error must say
};

constexpr Mistake kMistakes[] = {
    {"the output has no QuantizeLinear", [](OnnxModel& m) { m.outputs[0].name = "sum"; }, "'sum'"},
    {"only the weights are quantized", [](OnnxModel& m) { writer_of(m, "sum").inputs[0] = "x"; },
     "Gemm"},
    {"the bias has a scale of its own",
     [](OnnxModel& m) {
       const float scale = 0.01F;
       tensor_of(m, "b_scale") = make_initializer("b_scale", std::span<const float>(&scale, 1), {});
     },
     "'b'"},
    {"an operator that is not read", [](OnnxModel& m) { writer_of(m, "sum").op = "Einsum"; },
     "Einsum"},
    {"a scale is missing", [](OnnxModel& m) { m.initializers.erase(m.initializers.begin()); },
     "'q_scale'"}};

// What the import says of it; "" where it reads it.
std::string refusal_of(const Mistake& mistake) {
  OnnxModel model = paper_onnx::make_model(paper_onnx::Spelling::qdq);
  mistake.make(model);
  try {
    import_onnx(model, "paper.onnx");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string line(const std::string& text, std::size_t number) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < number; ++i) begin = text.find('\n', begin) + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

// The columns of a Linear behind a picture left in ONNX's order, where our memory has another.
QuantizedNet with_columns_of_onnx(QuantizedNet net) {
  for (const Operation& operation : net.operations) {
    if (!operation.kind.starts_with("linear")) continue;
    const std::vector<std::size_t>& shape = net.tensors[operation.inputs[0]].shape;
    if (shape.size() != 3) continue;
    const std::size_t C = shape[2], pixels = shape[0] * shape[1];
    Matrix<std::int8_t>& q = net.weights[*operation.weights].weight.q;
    const Matrix<std::int8_t> right = q;
    for (std::size_t n = 0; n < q.shape(0); ++n)
      for (std::size_t k = 0; k < q.shape(1); ++k) q(n, k % C * pixels + k / C) = right(n, k);
  }
  return net;
}

std::size_t count_right(const QuantizedNet& net, const TestDigits& digits) {
  const auto both = classes_and_hashes(logits_of(net, digits.pixels));
  std::size_t right = 0;
  for (std::size_t m = 0; m < digits.size(); ++m) right += both(m, 0) == digits.labels[m] ? 1 : 0;
  return right;
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(5, "What goes wrong");
  bool all = true;
  for (const Mistake& mistake : kMistakes) {
    const std::string text = refusal_of(mistake);
    std::printf("  %s:\n    %s\n  %s\n", mistake.what, line(text, 0).c_str(),
                line(text, 1).c_str());
    all = all && text.find(mistake.named) != std::string::npos;
  }
  lesson.claims.expect(all, "each is refused, and its message names the node or the tensor");
  const auto& cnn =
      *std::ranges::find(study.files, std::string("small_cnn_qoperator"), &Committed::name);
  const std::size_t right = count_right(cnn.net, study.data.test),
                    wrong = count_right(with_columns_of_onnx(cnn.net), study.data.test);
  std::printf("  %s: %zu of %zu right; its Linear's columns left in ONNX's order: %zu\n",
              cnn.name.c_str(), right, study.data.test.size(), wrong);
  if (lesson.options.is_default_run())
    lesson.claims.expect(wrong < right / 2, "no error tells of it: the shapes fit");
}

}  // namespace qfs::ch24
