// Section 3: layer 1 of one digit by explicit formulas, without any function of the chapters
// before, beside the library and PyTorch.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "06_static_ptq/lesson/pytorch_layer1.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {
namespace {

// [by_formulas]
struct LayerByFormulas {
  float s_x = 0, s_w = 0, s_y = 0;
  int z_x = 0, z_y = 0;
  std::vector<int> q_x, q_w, bias, q_y;
};

// One input x of K reals through y = W x + b. The intervals are those that calibration found; `top`
// is the largest activation, 255 or 127.
LayerByFormulas by_formulas(const Linear& layer, std::span<const float> x, Interval in,
                            Interval out, int top) {
  const std::size_t K = layer.inputs(), N = layer.outputs();
  LayerByFormulas q;
  q.s_x = (std::max(in.max, 0.0F) - std::min(in.min, 0.0F)) / static_cast<float>(top);
  q.s_y = (std::max(out.max, 0.0F) - std::min(out.min, 0.0F)) / static_cast<float>(top);
  q.z_x = -static_cast<int>(std::nearbyint(std::min(in.min, 0.0F) / q.s_x));
  q.z_y = -static_cast<int>(std::nearbyint(std::min(out.min, 0.0F) / q.s_y));
  float largest = 0.0F;
  for (float w : values(layer.weight)) largest = std::max(largest, std::fabs(w));
  q.s_w = largest / 127.5F;
  for (float w : values(layer.weight))
    q.q_w.push_back(std::clamp(static_cast<int>(std::nearbyint(w * (1.0F / q.s_w))), -128, 127));
  for (float real : x)
    q.q_x.push_back(
        std::clamp(static_cast<int>(std::nearbyint(real * (1.0F / q.s_x))) + q.z_x, 0, top));
  const float s_acc = q.s_x * q.s_w, m = s_acc * (1.0F / q.s_y);
  for (std::size_t n = 0; n < N; ++n) {
    q.bias.push_back(static_cast<int>(std::nearbyint(layer.bias(n) * (1.0F / s_acc))));
    int acc = q.bias[n];
    for (std::size_t k = 0; k < K; ++k) acc += (q.q_x[k] - q.z_x) * q.q_w[n * K + k];
    const int steps = static_cast<int>(std::nearbyint(static_cast<float>(acc) * m));
    q.q_y.push_back(std::clamp(steps + q.z_y, 0, top));
  }
  return q;
}
// [/by_formulas]

std::string equal_text(const auto& a, const auto& b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i] ? 1 : 0;
  return std::to_string(equal) + " of " + std::to_string(a.size()) + " equal";
}

void print_outputs(const std::vector<int>& q) {
  const std::size_t columns = 10;
  for (std::size_t i = 0; i < q.size(); i += columns) {
    std::string line;
    for (std::size_t j = i; j < std::min(i + columns, q.size()); ++j) {
      const std::string number = std::to_string(q[j]);
      line += std::string(4 - number.size(), ' ') + number;
    }
    std::printf("  %s\n", line.c_str());
  }
}

// The same numbers, three times. PyTorch's are those of the bundled net.
void print_beside(const LayerByFormulas& q, const OperationParts& layer,
                  std::span<const std::uint8_t> q_x, std::span<const std::uint8_t> q_y,
                  bool as_pytorch) {
  const QuantizedWeight& weight = layer.weights->weight;
  Table table({"", "by formulas", "library", "PyTorch"});
  const auto add = [&](const char* name, const std::string& a, const std::string& b,
                       const std::string& c) {
    table.row({name, a, b, as_pytorch ? c : "-"});
  };
  const auto scale = [](float s) { return general(static_cast<double>(s), 9); };
  const auto count = [&](const char* name, const std::vector<int>& a, const auto& b,
                         const std::string& c) {
    add(name, std::to_string(a.size()), equal_text(a, b), c);
  };
  add("s_x", scale(q.s_x), scale(layer.input.params.scale), scale(pytorch::kInput.scale));
  add("z_x", std::to_string(q.z_x), std::to_string(layer.input.params.zero_point),
      std::to_string(pytorch::kInput.zero_point));
  add("s_w", scale(q.s_w), scale(weight.scale(0)), scale(pytorch::kWeightScale));
  add("s_y", scale(q.s_y), scale(layer.output.params.scale), scale(pytorch::kOutput.scale));
  add("z_y", std::to_string(q.z_y), std::to_string(layer.output.params.zero_point),
      std::to_string(pytorch::kOutput.zero_point));
  count("weights q_w", q.q_w, values(weight.q), "by hash");
  count("inputs q_x", q.q_x, q_x, "by hash");
  count("biases", q.bias, values(layer.weights->bias), "hidden");
  count("outputs q_y", q.q_y, q_y, as_pytorch ? equal_text(q.q_y, pytorch::kLayer1) : "");
  table.print();
}

}  // namespace

void layer_by_formulas(const Study& study, Lesson& lesson) {
  section(3, "Layer 1 of the first test digit by explicit formulas");
  const Matrix<float> x = normalized(study.data.test.pixels, 0, 1);
  const LayerByFormulas q = by_formulas(study.mlp.layers[0], row(x, 0), study.intervals.input,
                                        study.intervals.outputs[0], study.options.activations.qmax);
  const QuantizedNet net = quantized(study, WeightGranularity::per_tensor);
  const OperationParts layer = layers_of(net)[0];
  const QuantizedWeight& weight = layer.weights->weight;
  NetBuffers buffers;
  run(pack(net), x, buffers);
  const std::span<const std::uint8_t> q_x = values(std::as_const(buffers.u8[1])),
                                      q_y = values(std::as_const(buffers.u8[2]));
  print_beside(q, layer, q_x, q_y, study.as_pytorch);
  std::printf("  the outputs, %d stands for 0:\n", q.z_y);
  print_outputs(q.q_y);
  lesson.claims.expect(
      QuantParams{q.s_x, q.z_x} == layer.input.params &&
          QuantParams{q.s_y, q.z_y} == layer.output.params && q.s_w == weight.scale(0) &&
          std::ranges::equal(q.q_w, values(weight.q)) && std::ranges::equal(q.q_x, q_x) &&
          std::ranges::equal(q.bias, values(layer.weights->bias)) && std::ranges::equal(q.q_y, q_y),
      "by formulas = library: parameters, weights, input, bias, outputs");
  if (study.as_pytorch)
    lesson.claims.expect(
        layer.input.params == pytorch::kInput && layer.output.params == pytorch::kOutput &&
            weight.scale(0) == pytorch::kWeightScale && std::ranges::equal(q.q_y, pytorch::kLayer1),
        "and = PyTorch: parameters and all 100 outputs");
}

}  // namespace qfs::ch06
