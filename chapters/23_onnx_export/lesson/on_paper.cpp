// Section 1: a Linear as six nodes, every number beside the one worked out by hand.
#include <cstdio>

#include "23_onnx_export/lesson/paper_example.hpp"
#include "23_onnx_export/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch23 {
namespace {

namespace paper = paper_onnx;

template <class T>
std::string row_text(std::span<const T> numbers, std::size_t m) {
  return list_text(numbers.subspan(2 * m, 2));
}

// What the nodes of the graph write, one after the other.
struct Nodes {
  Matrix<std::uint8_t> q_x{}, q_y{};
  Matrix<float> x{}, sum{};
  RealLayers reals{};
};

Nodes run_nodes(const QuantizedNet& net) {
  const OperationParts layer = layers_of(net)[0];
  Nodes nodes{.reals = dequantized_layers(net)};
  nodes.q_x = make_tensor<std::uint8_t>({2, 2});
  nodes.x = make_tensor<float>({2, 2});
  nodes.sum = make_tensor<float>({2, 2});
  quantize(values(paper::kInput), layer.input.params, layer.input.range, values(nodes.q_x),
           Rounding::half_even_divide);
  dequantize(values(std::as_const(nodes.q_x)), layer.input.params, values(nodes.x));
  for (std::size_t m = 0; m < 2; ++m)
    for (std::size_t n = 0; n < 2; ++n)
      nodes.sum(m, n) = nodes.x(m, 0) * nodes.reals.weights[0](n, 0) +
                        nodes.x(m, 1) * nodes.reals.weights[0](n, 1) + nodes.reals.biases[0](n);
  nodes.q_y = run_as_written(net, nodes.reals, paper::kInput)[0];
  return nodes;
}

void print_nodes(const Nodes& nodes) {
  Table table({"node", "writes", "first row", "second row"});
  const auto add = [&](const char* node, const char* name, const auto& tensor) {
    table.row({node, name, row_text(values(std::as_const(tensor)), 0),
               row_text(values(std::as_const(tensor)), 1)});
  };
  add("(input)", "x", paper::kInput);
  add("QuantizeLinear", "t1", nodes.q_x);
  add("DequantizeLinear", "t1_real", nodes.x);
  table.row({"DequantizeLinear", "w1_real",
             row_text(values(std::as_const(nodes.reals.weights[0])), 0),
             row_text(values(std::as_const(nodes.reals.weights[0])), 1)});
  table.row(
      {"DequantizeLinear", "b1_real", list_text(values(std::as_const(nodes.reals.biases[0]))), ""});
  add("Gemm", "t2_sum", nodes.sum);
  add("QuantizeLinear", "t2", nodes.q_y);
  table.print();
}

bool same(const auto& tensor, const auto& expected) {
  return std::ranges::equal(values(std::as_const(tensor)), expected);
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "On paper: a Linear as reals between two edges");
  const QuantizedNet net = paper::make_net();
  std::printf(
      "  s_x %g, z_x %d; q_w [[4, -2], [-7, 3]], s_w %g; q_b [8, 16], s_x s_w %g;"
      " s_y %g, z_y %d\n",
      static_cast<double>(paper::kX.scale), paper::kX.zero_point,
      static_cast<double>(paper::kWeightScale), static_cast<double>(paper::kBiasScale),
      static_cast<double>(paper::kY.scale), paper::kY.zero_point);
  const Nodes nodes = run_nodes(net);
  print_nodes(nodes);
  lesson.claims.expect(same(nodes.q_x, paper::kQ) && same(nodes.x, values(paper::kInput)) &&
                           same(nodes.reals.weights[0], paper::kRealWeight) &&
                           same(nodes.reals.biases[0], paper::kRealBias) &&
                           same(nodes.sum, paper::kGemm) && same(nodes.q_y, paper::kOutput),
                       "by hand = this program, every number of every node");
  const auto integers = run_in_integers(net, paper::kInput);
  std::printf("  in integers: sums [%d, %d], [%d, %d], times %g\n", paper::kSum[0], paper::kSum[1],
              paper::kSum[2], paper::kSum[3],
              static_cast<double>(paper::kBiasScale / paper::kY.scale));
  lesson.claims.expect(same(nodes.q_y, paper::kOutput) && same(integers[0], paper::kOutput),
                       "the nodes of reals and chapter 06's integers: the same output");
}

}  // namespace qfs::ch23
