// Section 6: the float simulation of every layer beside its integers.
#include "06_static_ptq/simulation.hpp"

#include "04_mnist_mlp/evaluate.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {
namespace {

// The simulation on its own, layer after layer: the classes it gives.
std::vector<std::uint8_t> simulated_classes(const Study& study, Matrix<std::uint8_t> q) {
  const std::vector<OperationParts> layers = layers_of(study.net);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Matrix<float> y = simulate(layers[i], q, BiasRounding::as_integers, {});
    q = make_tensor<std::uint8_t>({y.shape(0), y.shape(1)});
    // A hidden layer's integers as the ReLU leaves them: cut at the zero point.
    const TensorSpec& kept = i + 1 < layers.size() ? layers[i + 1].input : layers[i].output;
    quantize(values(y), kept.params, kept.range, values(q));
  }
  auto logits = make_tensor<float>({q.shape(0), q.shape(1)});
  dequantize(values(std::as_const(q)), layers.back().output.params, values(logits));
  return argmax_rows(logits);
}

}  // namespace

void simulation(const Study& study, Lesson& lesson) {
  section(6, "Fake quantization in float against real integers, layer by layer");
  const PackedNet packed = pack(study.net);
  const NetBuffers tensors = run_on_test_digits(packed, study.data.test);
  Table table({"", "outputs", "differ", "from a tie", "bias in float: differ", "from a tie"});
  bool explained = true;
  const std::vector<OperationParts> layers = layers_of(study.net);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Operation& operation = layers[i].operation;
    const Matrix<std::uint8_t>&q_x = tensors.u8[operation.inputs[0]],
          &q_y = tensors.u8[operation.output];
    std::vector<std::string> cells = {"layer " + std::to_string(i + 1), std::to_string(q_y.size())};
    for (BiasRounding bias : {BiasRounding::as_integers, BiasRounding::none}) {
      const Matrix<float> y = simulate(layers[i], q_x, bias, values(study.mlp.layers[i].bias));
      const Agreement agreement = compare(layers[i], y, q_x, q_y, bias);
      cells.push_back(std::to_string(agreement.differ));
      cells.push_back(fixed(agreement.farthest, 6));
      explained = explained && agreement.explained == agreement.differ;
    }
    table.row(cells);
  }
  table.print();
  lesson.claims.expect(explained,
                       "every difference is at a tie: nearer to it than float32 can tell");
  const auto classes = argmax_rows(tensors.f32.back());
  const Matrix<std::uint8_t>& q_x = tensors.u8[layers[0].operation.inputs[0]];
  if (lesson.options.is_default_run())
    lesson.claims.expect(simulated_classes(study, q_x) == classes,
                         "run on its own, the simulation gives every digit the same class");
}

}  // namespace qfs::ch06
