// Section 2: what is computed before the first digit comes.
#include <cstdio>
#include <numeric>

#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {
namespace {

std::string reals_text(Interval interval) {
  return fixed(static_cast<double>(interval.min), 2) + " to " +
         fixed(static_cast<double>(interval.max), 2);
}

std::string scale_text(float scale) { return fixed(static_cast<double>(scale), 6); }

void add_activation(Table& table, const std::string& name, Interval reals,
                    const TensorSpec& tensor) {
  table.row({name, "B x " + std::to_string(tensor.size()), reals_text(reals),
             scale_text(tensor.params.scale), std::to_string(tensor.params.zero_point),
             std::to_string(tensor.range.qmin) + ".." + std::to_string(tensor.range.qmax)});
}

void print_tensors(const Study& study) {
  Table table({"tensor", "shape", "reals", "scale", "zero point", "integers"});
  const std::vector<OperationParts> layers = layers_of(study.net);
  add_activation(table, "input", study.intervals.input, layers[0].input);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto& [q, scale] = layers[i].weights->weight;
    const std::string number = std::to_string(i + 1);
    const bool one = scale.size() == 1;
    table.row({"weight " + number, shape_text(q),
               reals_text(min_max(values(study.mlp.layers[i].weight))),
               one ? scale_text(scale(0)) : "one each", "0", "-128..127"});
    table.row({"bias " + number, std::to_string(layers[i].output.size()), "",
               one ? scale_text(layers[i].input.params.scale * scale(0)) : "one each", "0",
               "32 bits"});
    add_activation(table, "output " + number, study.intervals.outputs[i], layers[i].output);
  }
  table.print();
}

void print_operations(const QuantizedNet& net) {
  Table table({"operation", "reads tensor", "writes tensor", "weights"});
  for (const Operation& operation : net.operations)
    table.row({operation.kind, std::to_string(operation.inputs[0]),
               std::to_string(operation.output),
               operation.weights ? std::to_string(*operation.weights + 1) : "-"});
  table.print();
}

// Calibration saw paper and full ink, so the 256 integers fall on the 256 pixel values.
bool inputs_are_pixels(const TensorSpec& input) {
  auto pixels = make_tensor<std::uint8_t>({1, 256});
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  auto q = make_tensor<std::uint8_t>({1, 256});
  const Matrix<float> x = normalized(pixels, 0, 1);
  quantize(values(x), input.params, input.range, values(q));
  return q == pixels;
}

bool multipliers_are_below_one(const QuantizedNet& net) {
  for (const OperationParts& layer : layers_of(net)) {
    const ToU8 to_u8 = make_to_u8(layer);
    for (float m : values(to_u8.multiplier))
      if (!(m < 1.0F)) return false;
  }
  return true;
}

}  // namespace

void offline(const Study& study, Lesson& lesson) {
  section(2, "Offline: every tensor gets its integers, and the net is a list");
  print_tensors(study);
  print_operations(study.net);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(multipliers_are_below_one(study.net),
                       "every multiplier s_x s_w / s_y is below 1");
  if (study.as_pytorch)
    lesson.claims.expect(inputs_are_pixels(layers_of(study.net)[0].input),
                         "q_x of every pixel 0..255 is the pixel itself");
}

}  // namespace qfs::ch06
