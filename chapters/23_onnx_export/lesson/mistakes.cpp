// Section 9: files that the checker takes and that mean something else.
#include <algorithm>
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "23_onnx_export/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch23 {
namespace {

const char* verdict(const OnnxModel& model) {
  return checker_takes(model) ? "takes it" : "refuses it";
}

// The Gemm of layer `number` reads the weight as K x N.
OnnxModel without_trans_b(OnnxModel model, const std::string& number) {
  for (OnnxNode& node : model.nodes)
    if (node.op == "Gemm" && node.inputs[1] == "w" + number + "_real")
      node.attributes["transB"] = std::int64_t{0};
  return model;
}

// The bytes of the weights, called u8.
OnnxModel with_unsigned_weights(OnnxModel model) {
  for (Record& tensor : model.initializers)
    if (tensor.dtype == DType::s8) tensor.dtype = DType::u8;
  return model;
}

std::size_t count_right(const Study& study, const RealLayers& reals) {
  const auto classes = classes_of(run_as_written(study.fused, reals, study.x).back());
  const std::span<const std::uint8_t> labels(study.data.test.labels);
  std::size_t right = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) right += classes[i] == labels[i] ? 1 : 0;
  return right;
}

// [mistakes]
RealLayers transposed(RealLayers reals) {
  const Matrix<float> w = reals.weights[1];
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < w.shape(1); ++k) reals.weights[1](n, k) = w(k, n);
  return reals;
}

// -3 becomes 253.
RealLayers as_unsigned(RealLayers reals, const QuantizedNet& net) {
  const std::vector<OperationParts> layers = layers_of(net);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const QuantizedWeight& weight = layers[i].weights->weight;
    for (std::size_t n = 0; n < weight.outputs(); ++n)
      for (std::size_t k = 0; k < weight.inputs(); ++k)
        reals.weights[i](n, k) = of_channel(values(weight.scale), n) *
                                 static_cast<float>(static_cast<std::uint8_t>(weight.q(n, k)));
  }
  return reals;
}

// Its scale is taken for 1: what an integer of 32 bits says of itself.
RealLayers without_bias_scale(RealLayers reals, const QuantizedNet& net) {
  const std::vector<OperationParts> layers = layers_of(net);
  for (std::size_t i = 0; i < layers.size(); ++i)
    std::ranges::transform(layers[i].weights->bias, reals.biases[i].begin(),
                           [](std::int32_t q) { return static_cast<float>(q); });
  return reals;
}
// [/mistakes]

OnnxModel with_bias_scales_1(OnnxModel model) {
  for (Record& tensor : model.initializers)
    if (tensor.name.starts_with("b") && tensor.name.ends_with("_scale")) {
      const std::vector<float> ones(elements<float>(tensor).size(), 1.0F);
      tensor = make_initializer(tensor.name, std::span<const float>(ones), tensor.dims);
    }
  return model;
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(9, "What goes wrong: files that the checker takes");
  const OnnxModel model = to_onnx(study.fused);
  const RealLayers reals = dequantized_layers(study.fused);
  const bool square =
      reals.weights.size() > 1 && reals.weights[1].shape(0) == reals.weights[1].shape(1);
  const std::size_t last = reals.weights.size();
  const bool last_is_square = reals.weights.back().shape(0) == reals.weights.back().shape(1);
  const std::string at_the_end = verdict(without_trans_b(model, std::to_string(last)));
  std::printf("  without transB the checker %s in layer 1, and %s in layer %zu\n",
              verdict(without_trans_b(model, "1")), at_the_end.c_str(), last);
  Table table({"mistake", "the checker", "right of " + std::to_string(study.x.shape(0))});
  const std::size_t right = count_right(study, reals);
  std::size_t best = 0;
  const auto add = [&](const char* mistake, const OnnxModel& wrong, const RealLayers& wrong_reals) {
    const std::size_t count = count_right(study, wrong_reals);
    best = std::max(best, count);
    table.row({mistake, verdict(wrong), std::to_string(count)});
  };
  table.row({"none", verdict(model), std::to_string(right)});
  if (square) add("layer 2 without transB", without_trans_b(model, "2"), transposed(reals));
  add("weights called u8", with_unsigned_weights(model), as_unsigned(reals, study.fused));
  add("bias of scale 1", with_bias_scales_1(model), without_bias_scale(reals, study.fused));
  table.print();
  lesson.claims.expect(last_is_square || at_the_end == "refuses it",
                       "the checker sees a wrong shape where one was declared: at the output");
  if (study.by_default)
    lesson.claims.expect(2 * best < right && square, "each of the others loses most digits");
}

}  // namespace qfs::ch23
