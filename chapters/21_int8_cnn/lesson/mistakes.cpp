// Section 8: the border as integer 0.
#include <cmath>
#include <cstdio>

#include "04_mnist_mlp/mcnemar.hpp"
#include "21_int8_cnn/conv_u8.hpp"
#include "21_int8_cnn/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {
namespace {

// A row of our own, and a net that uses it: the border as an operation, of any integer.
struct Border {
  PictureShape picture;
  std::size_t padding;
  std::uint8_t value;
};
void check_nothing(const QuantizedNet&, const Operation&) {}
std::any pack_border(const QuantizedNet& net, const Operation& operation, const Backend&) {
  const auto number = [&](const char* name) { return operation.attributes.at(name)[0]; };
  return Border{picture_of(parts_of(net, operation).input),
                static_cast<std::size_t>(number("padding")),
                static_cast<std::uint8_t>(number("value"))};
}
void run_border(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
                TensorSlot output) {
  const auto& border = std::any_cast<const Border&>(packed);
  thread_local std::vector<std::uint8_t> scratch;
  const PaddedPictures padded = pad_pictures(inputs[0].u8, border.picture,
                                             {.padding = border.padding}, border.value, scratch);
  std::copy_n(padded.first, output.u8.size(), output.u8.data());
}

std::vector<OperationKind> table_with_border() {
  const std::span<const OperationKind> known = cnn_operations();
  std::vector<OperationKind> table(known.begin(), known.end());
  table.push_back({"border", check_nothing, pack_border, run_border});
  table.back().row_by_row = true;
  return table;
}

enum class BorderIs { zero_point, zero };

// Every convolution with a border as two operations: the border, then a convolution without.
QuantizedNet with_borders(const QuantizedNet& net, BorderIs kind) {
  QuantizedNet made{.tensors = net.tensors, .weights = net.weights};
  for (Operation operation : net.operations) {
    const Window window =
        operation.kind == "conv2d" ? window_of(net, operation) : Window{1, 1, 1, 0};
    if (window.padding > 0) {
      TensorSpec padded = net.tensors[operation.inputs[0]];
      padded.shape[0] += 2 * window.padding;
      padded.shape[1] += 2 * window.padding;
      if (kind == BorderIs::zero) padded.range.qmin = 0;
      made.tensors.push_back(padded);
      const std::int32_t value = kind == BorderIs::zero ? 0 : padded.params.zero_point;
      made.operations.push_back(
          {.kind = "border",
           .inputs = operation.inputs,
           .output = made.tensors.size() - 1,
           .attributes = {{"padding", {static_cast<std::int32_t>(window.padding)}},
                          {"value", {value}}}});
      operation.inputs = {made.tensors.size() - 1};
      operation.attributes["padding"] = {0};
    }
    made.operations.push_back(operation);
  }
  return made;
}

// What the first convolution writes for the first test picture, with its border z and 0.
struct Edges {
  PictureShape shape;
  std::size_t channel;  // where they are furthest apart
  std::vector<double> with_z, with_0;
};

std::vector<double> first_convolution(const QuantizedNet& net, const Matrix<float>& x) {
  const std::vector<OperationKind> table = table_with_border();
  NetBuffers buffers;
  run(pack(net, ref_backend(), table), x, buffers);
  const OperationParts conv = layers_of(net)[0];
  std::vector<double> reals;
  for (std::uint8_t q : values(buffers.u8[conv.operation.output]))
    reals.push_back(static_cast<double>(dequantize_value(q, conv.output.params)));
  return reals;
}

// The integers of `net` on the first 50 test pictures, every tensor, that differ from those of
// `other`: the same tensors, and perhaps some behind them.
std::size_t integers_apart(const QuantizedNet& net, const QuantizedNet& other, const Study& study) {
  const std::size_t pictures = std::min<std::size_t>(study.data.test.size(), 50);
  const Matrix<float> x = normalized(study.data.test.pixels, 0, pictures);
  const NetBuffers one = tensors_of(net, x, choose_backend());
  const std::vector<OperationKind> table = table_with_border();
  NetBuffers two;
  run(pack(other, choose_backend(), table), x, two);
  std::size_t apart = 0;
  for (std::size_t t = 0; t < net.tensors.size(); ++t)
    if (net.tensors[t].type == DType::u8) apart += count_different(two.u8[t], one.u8[t]);
  return apart;
}

Edges edges_of(const QuantizedNet& net, const Study& study) {
  const Matrix<float> x = normalized(study.data.test.pixels, 0, 1);
  Edges edges{picture_of(layers_of(net)[0].output), 0,
              first_convolution(with_borders(net, BorderIs::zero_point), x),
              first_convolution(with_borders(net, BorderIs::zero), x)};
  double furthest = 0.0;
  for (std::size_t i = 0; i < edges.with_z.size(); ++i)
    if (const double apart = std::fabs(edges.with_z[i] - edges.with_0[i]); apart > furthest) {
      furthest = apart;
      edges.channel = i % edges.shape.channels;
    }
  return edges;
}

constexpr std::size_t kEdgeRow = 13;

void print_edges(const Edges& edges, const Lesson& lesson) {
  std::printf("  one picture, channel %zu behind the first convolution, row %zu, from the left:\n",
              edges.channel + 1, kEdgeRow + 1);
  std::vector<std::vector<double>> rows;
  const auto at = [&](std::size_t column) {
    return (kEdgeRow * edges.shape.width + column) * edges.shape.channels + edges.channel;
  };
  for (std::size_t column = 0; column < edges.shape.width; ++column)
    rows.push_back(
        {static_cast<double>(column + 1), edges.with_z[at(column)], edges.with_0[at(column)]});
  for (const std::size_t which : {1U, 2U}) {
    std::printf("  %-8s", which == 1 ? "border z" : "border 0");
    for (std::size_t column = 0; column < 9; ++column) std::printf("  %6.3f", rows[column][which]);
    std::printf("\n");
  }
  lesson.report.csv("border", {"column", "border_z", "border_0"}, rows);
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(8, "What goes wrong: a border of integer 0");
  const TrainedNet& net = study.nets.front();
  const QuantizedNet fused_net = fused(net);
  const QuantizedNet unfused = quantize_cnn(net.folded, net.intervals, {});
  const std::vector<OperationKind> border_table = table_with_border();
  const auto& labels = study.data.test.labels;
  Table table({"net", "border", "right", "accuracy", "only z", "only this", "p"});
  std::size_t lost = 0;
  bool same = true;
  for (const auto& [name, made] :
       {std::pair{"unfused", &unfused}, std::pair{"fused", &fused_net}}) {
    const auto right = classes_of(*made, study.data.test.pixels);
    for (const BorderIs border : {BorderIs::zero_point, BorderIs::zero}) {
      const auto classes =
          classes_of(with_borders(*made, border), study.data.test.pixels, border_table);
      const PairedResult pair = compare_classes(right, classes, labels);
      const bool zero = border == BorderIs::zero;
      if (!zero)
        same = same && pair.classes_differ == 0 &&
               integers_apart(*made, with_borders(*made, border), study) == 0;
      if (zero && made == &unfused) lost = pair.only_a;
      table.row({name, zero ? "0" : "z", std::to_string(count_correct(classes, labels)),
                 percent(count_correct(classes, labels), labels.size()),
                 std::to_string(pair.only_a), std::to_string(pair.only_b), p_text(pair.p)});
    }
  }
  table.print();
  print_edges(edges_of(unfused, study), lesson);
  lesson.claims.expect(
      same, "a border of z, written as an operation of its own, is the same net: every integer");
  if (lesson.options.is_default_run())
    lesson.claims.expect(
        lost > 20, "where z is not 0 a border of 0 stands for a real of its own: digits are lost");
}

}  // namespace qfs::ch21
