// The forms, and two ways to run the fused MLP.
#include "23_onnx_export/lesson/study.hpp"

#include <algorithm>
#include <filesystem>

#include "06_static_ptq/operations.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "common/matmul_f32.hpp"

namespace qfs::ch23 {

namespace {

constexpr OnnxOptions kQdq = {.form = OnnxForm::qdq}, kQOperator = {.form = OnnxForm::qoperator},
                      kStandard = {.form = OnnxForm::qoperator, .standard_operators = true};

}  // namespace

std::vector<Form> forms_of_mlp(const Study& study) {
  return {{"float", to_onnx(study.mlp)},
          {"QDQ", to_onnx(study.fused, kQdq)},
          {"QOperator", to_onnx(study.fused, kQOperator)},
          {"ONNX's own", to_onnx(study.fused, kStandard)},
          {"dynamic", to_onnx(study.dynamic)}};
}

std::vector<Form> forms_of_pictures(const Study& study) {
  return {{"float", to_onnx(study.small)},
          {"QDQ", to_onnx(study.pictures, kQdq)},
          {"QOperator", to_onnx(study.pictures, kQOperator)},
          {"ONNX's own", to_onnx(study.pictures, kStandard)}};
}

RealLayers dequantized_layers(const QuantizedNet& net) {
  RealLayers reals;
  for (const OperationParts& layer : layers_of(net)) {
    const auto& [weight, bias, _] = *layer.weights;
    auto w = make_tensor<float>({weight.outputs(), weight.inputs()});
    auto b = make_tensor<float>({weight.outputs()});
    for (std::size_t n = 0; n < weight.outputs(); ++n) {
      const float scale = of_channel(values(weight.scale), n);
      for (std::size_t k = 0; k < weight.inputs(); ++k)
        w(n, k) = scale * static_cast<float>(weight.q(n, k));
      b(n) = (layer.input.params.scale * scale) * static_cast<float>(bias(n));  // (eq. 23.3)
    }
    reals.weights.push_back(std::move(w));
    reals.biases.push_back(std::move(b));
  }
  return reals;
}

// [run_as_written]
std::vector<Matrix<std::uint8_t>> run_as_written(const QuantizedNet& net, const RealLayers& reals,
                                                 const Matrix<float>& x) {
  const auto quantized = [](const Matrix<float>& real, const TensorSpec& tensor) {
    auto q = make_tensor<std::uint8_t>({real.shape(0), real.shape(1)});
    quantize(values(real), tensor.params, tensor.range, values(q),
             Rounding::half_even_divide);  // QuantizeLinear (eq. 23.2)
    return q;
  };
  const std::vector<OperationParts> layers = layers_of(net);
  Matrix<std::uint8_t> q = quantized(x, layers[0].input);
  std::vector<Matrix<std::uint8_t>> outputs;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    auto real = make_tensor<float>({q.shape(0), q.shape(1)});
    dequantize(values(std::as_const(q)), layers[i].input.params, values(real));  // (eq. 23.1)
    Matrix<float> y = matmul_f32(real, reals.weights[i]);                        // Gemm
    const Vector<float>& bias = reals.biases[i];
    for (std::size_t m = 0; m < y.shape(0); ++m)
      for (std::size_t n = 0; n < y.shape(1); ++n) y(m, n) += bias(n);
    q = quantized(y, layers[i].output);
    outputs.push_back(q);
  }
  return outputs;
}
// [/run_as_written]

std::vector<Matrix<std::uint8_t>> run_in_integers(const QuantizedNet& net, const Matrix<float>& x) {
  NetBuffers buffers;
  run(pack(net), x, buffers);
  std::vector<Matrix<std::uint8_t>> outputs;
  for (const OperationParts& layer : layers_of(net))
    outputs.push_back(buffers.u8[layer.operation.output]);
  return outputs;
}

std::vector<std::uint8_t> classes_of(const Matrix<std::uint8_t>& logits) {
  std::vector<std::uint8_t> classes;
  for (std::size_t m = 0; m < logits.shape(0); ++m) {
    const auto r = row(logits, m);
    classes.push_back(static_cast<std::uint8_t>(std::ranges::max_element(r) - r.begin()));
  }
  return classes;
}

bool checker_takes(const OnnxModel& model) {
  try {
    check_by_onnx(onnx_bytes(model), "this model");
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string line_of(const OnnxNode& node) {
  std::string line = node.op;
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    line += (i == 0 ? " " : ", ") + node.inputs[i];
  line += " ->";
  for (const std::string& output : node.outputs) line += " " + output;
  return line;
}

void export_all(const Study& study, const std::string& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  require(!failed, "cannot make the directory " + directory, failed.message(),
          "a place to write to", "choose another directory for --export");
  const auto save = [&](const std::string& net, const std::vector<Form>& forms) {
    for (const Form& form : forms) {
      std::string name = net + "_" + form.name;
      std::erase(name, '\'');
      std::ranges::replace(name, ' ', '_');
      save_onnx(directory + "/" + name + ".onnx", form.model);
    }
  };
  save("mlp", forms_of_mlp(study));
  save("cnn", forms_of_pictures(study));
}

}  // namespace qfs::ch23
