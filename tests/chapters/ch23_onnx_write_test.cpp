// Chapter 23: what our operations become in ONNX, name by name and number by number.
#include "23_onnx_export/onnx_write.hpp"

#include "07_layer_fusion/fuse.hpp"
#include "20_float_cnn/nets.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "23_onnx_export/lesson/paper_example.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/onnx_models.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::lines_of;
using qfs::test::numbers_of;
using qfs::test::random_input;
using qfs::test::random_mlp;
using Lines = std::vector<std::string>;

constexpr OnnxOptions kInIntegers = {.form = OnnxForm::qoperator};
constexpr OnnxOptions kStandard = {.form = OnnxForm::qoperator, .standard_operators = true};

// Four bits, and a relu whose zero is 6.
QuantizedNet four_bit_net() {
  constexpr QuantRange kFourBits = unsigned_range(4);
  QuantizedNet net{.tensors = {{{2}, DType::f32}}};
  const Vector<float> first = {0.5F, 1.0F}, second = {-0.25F, 0.5F};
  std::size_t x = add_quantize(net, 0, {0.25F, 4}, kFourBits);
  x = add_linear(net, x, {{{4, -2}, {-7, 3}}, {0.25F}}, values(first), {0.5F, 6}, kFourBits);
  x = add_relu(net, x);
  x = add_linear(net, x, {{{7, 1}, {-2, 6}}, {0.125F}}, values(second), {0.25F, 4}, kFourBits);
  add_dequantize(net, x);
  return net;
}

// Three inputs, two outputs.
QuantizedNet dynamic_net(const DynamicInput& input) {
  QuantizedNet net{.tensors = {{{3}, DType::f32}, {{2}, DType::f32}}};
  net.weights.push_back({.weight = {{{4, -2, 3}, {-7, 3, 2}}, {0.5F}}, .real_bias = {7.6F, 0.0F}});
  net.operations.push_back({.kind = "dynamic_linear", .inputs = {0}, .output = 1, .weights = 0});
  return with_input(std::move(net), input);
}
constexpr DynamicInput kOnnxInput = {.options = {InputGranularity::per_tensor, RangeRule::onnx}};

QuantizedNet random_net(std::uint64_t seed, const PtqOptions& options, bool fused) {
  const Mlp mlp = random_mlp(seed);
  ActivationIntervals intervals{.input = {-1.0F, 2.0F}, .outputs = {}};
  const Matrix<float> x = random_input(seed, 50, 23);
  MlpBuffers buffers;
  forward(mlp, x, buffers);
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const bool last = i + 1 == mlp.layers.size();
    intervals.outputs.push_back(min_max(values(std::as_const(buffers.activations[i]))));
    if (!fused && !last) intervals.outputs.back().min = -5.0F;
  }
  return fused ? quantize_fused_mlp(mlp, intervals, options)
               : quantize_mlp(mlp, intervals, options);
}

std::int64_t integer_attribute(const OnnxNode& node, const std::string& name) {
  return std::get<std::int64_t>(node.attributes.at(name));
}

// ONNX's checker refuses nothing, nor does its inference of types and shapes.
void check(const OnnxModel& model) { CHECK_NOTHROW(check_by_onnx(onnx_bytes(model), "a net")); }

}  // namespace

TEST_CASE("on paper: a Linear as reals between two edges", "[hand]") {
  const OnnxModel model = to_onnx(paper_onnx::make_net());
  CHECK(lines_of(model) == Lines{"QuantizeLinear x t1_scale t1_zero_point -> t1",
                                 "DequantizeLinear t1 t1_scale t1_zero_point -> t1_real",
                                 "DequantizeLinear w1 w1_scale w1_zero_point -> w1_real",
                                 "DequantizeLinear b1 b1_scale b1_zero_point -> b1_real",
                                 "Gemm t1_real w1_real b1_real -> t2_sum",
                                 "QuantizeLinear t2_sum t2_scale t2_zero_point -> t2",
                                 "DequantizeLinear t2 t2_scale t2_zero_point -> logits"});
  CHECK(numbers_of<float>(model, "t1_scale") == std::vector{paper_onnx::kX.scale});
  CHECK(numbers_of<std::uint8_t>(model, "t1_zero_point") == std::vector<std::uint8_t>{4});
  CHECK(numbers_of<std::int8_t>(model, "w1") == std::vector<std::int8_t>{4, -2, -7, 3});
  CHECK(numbers_of<float>(model, "w1_scale") == std::vector{0.25F});
  CHECK(numbers_of<std::int8_t>(model, "w1_zero_point") == std::vector<std::int8_t>{0});
  CHECK(numbers_of<std::int32_t>(model, "b1") == std::vector{8, 16});
  CHECK(numbers_of<float>(model, "b1_scale") == std::vector{0.0625F});  // 0.25 * 0.25
  CHECK(numbers_of<std::int32_t>(model, "b1_zero_point") == std::vector{0});
  CHECK(numbers_of<float>(model, "t2_scale") == std::vector{0.5F});
  CHECK(numbers_of<std::uint8_t>(model, "t2_zero_point") == std::vector<std::uint8_t>{6});
  CHECK(type_text(*find_initializer(model, "w1")) == "s8 [2, 2]");
  CHECK(type_text(*find_initializer(model, "w1_scale")) == "f32 []");
  CHECK(integer_attribute(*find_writer(model, "t2_sum"), "transB") == 1);
  CHECK(type_text(model.inputs[0]) == "f32 [batch, 2]");
  CHECK(type_text(model.outputs[0]) == "f32 [batch, 2]");
  CHECK(model.inputs[0].name == "x");
  CHECK(model.outputs[0].name == "logits");
  CHECK(model.outputs.size() == 1);
  CHECK(model.opsets == std::map<std::string, std::int64_t>{{"", 13}});
  CHECK(model.ir_version == 7);
  check(model);
}

TEST_CASE("on paper: every number by hand is our net's", "[hand]") {
  NetBuffers buffers;
  const QuantizedNet net = paper_onnx::make_net();
  run(pack(net), paper_onnx::kInput, buffers);
  CHECK(std::ranges::equal(buffers.u8[1], paper_onnx::kQ));
  CHECK(std::ranges::equal(buffers.u8[2], paper_onnx::kOutput));
}

TEST_CASE("a Linear as one operator of integers", "[hand]") {
  const OnnxModel model = to_onnx(paper_onnx::make_net(), kInIntegers);
  // The order of QGemm: A and its parameters, B and its, C, the parameters of Y.
  CHECK(lines_of(model) ==
        Lines{"QuantizeLinear x t1_scale t1_zero_point -> t1",
              "com.microsoft.QGemm t1 t1_scale t1_zero_point w1 w1_scale w1_zero_point b1 t2_scale "
              "t2_zero_point -> t2",
              "DequantizeLinear t2 t2_scale t2_zero_point -> logits"});
  CHECK(integer_attribute(model.nodes[1], "transB") == 1);
  CHECK(model.opsets == std::map<std::string, std::int64_t>{{"", 13}, {"com.microsoft", 1}});
  CHECK(type_text(*find_initializer(model, "w1")) == "s8 [2, 2]");
  CHECK(find_initializer(model, "b1_scale") == nullptr);  // nobody reads it: it is s_x s_w
  check(model);
}

TEST_CASE("a Linear in ONNX's own operators is a convolution of one pixel", "[hand]") {
  const OnnxModel model = to_onnx(paper_onnx::make_net(), kStandard);
  // The order of QLinearConv: x, w, then the parameters of y, and the bias last.
  CHECK(lines_of(model) ==
        Lines{"QuantizeLinear x t1_scale t1_zero_point -> t1",
              "Reshape t1 t2_pixel_x_shape -> t2_pixel_x",
              "QLinearConv t2_pixel_x t1_scale t1_zero_point w1 w1_scale w1_zero_point t2_scale "
              "t2_zero_point b1 -> t2_pixel",
              "Reshape t2_pixel t2_shape -> t2",
              "DequantizeLinear t2 t2_scale t2_zero_point -> logits"});
  CHECK(numbers_of<std::int64_t>(model, "t2_pixel_x_shape") ==
        std::vector<std::int64_t>{-1, 2, 1, 1});
  CHECK(numbers_of<std::int64_t>(model, "t2_shape") == std::vector<std::int64_t>{-1, 2});
  CHECK(type_text(*find_initializer(model, "w1")) == "s8 [2, 2, 1, 1]");
  CHECK(model.opsets.size() == 1);
  check(model);
}

TEST_CASE("a range narrower than u8 is a Clip of integers", "[hand]") {
  // Chapter 06's net of four bits: 0..15 everywhere, and a relu whose zero is 6.
  const OnnxModel model = to_onnx(four_bit_net());
  CHECK(lines_of(model) == Lines{"QuantizeLinear x t1_scale t1_zero_point -> t1_wide",
                                 "Clip t1_wide t1_min t1_max -> t1",
                                 "DequantizeLinear t1 t1_scale t1_zero_point -> t1_real",
                                 "DequantizeLinear w1 w1_scale w1_zero_point -> w1_real",
                                 "DequantizeLinear b1 b1_scale b1_zero_point -> b1_real",
                                 "Gemm t1_real w1_real b1_real -> t2_sum",
                                 "QuantizeLinear t2_sum t2_scale t2_zero_point -> t2_wide",
                                 "Clip t2_wide t2_min t2_max -> t2", "Clip t2 t3_min t3_max -> t3",
                                 "DequantizeLinear t3 t3_scale t3_zero_point -> t3_real",
                                 "DequantizeLinear w2 w2_scale w2_zero_point -> w2_real",
                                 "DequantizeLinear b2 b2_scale b2_zero_point -> b2_real",
                                 "Gemm t3_real w2_real b2_real -> t4_sum",
                                 "QuantizeLinear t4_sum t4_scale t4_zero_point -> t4_wide",
                                 "Clip t4_wide t4_min t4_max -> t4",
                                 "DequantizeLinear t4 t4_scale t4_zero_point -> logits"});
  CHECK(numbers_of<std::uint8_t>(model, "t1_min") == std::vector<std::uint8_t>{0});
  CHECK(numbers_of<std::uint8_t>(model, "t1_max") == std::vector<std::uint8_t>{15});
  CHECK(numbers_of<std::uint8_t>(model, "t3_min") == std::vector<std::uint8_t>{6});
  CHECK(numbers_of<std::uint8_t>(model, "t3_max") == std::vector<std::uint8_t>{15});
  check(model);
  check(to_onnx(four_bit_net(), kInIntegers));
  check(to_onnx(four_bit_net(), kStandard));
}

TEST_CASE("fused, a ReLU whose zero is 0 leaves nothing behind", "[hand]") {
  const QuantizedNet fused = random_net(3, {}, true);
  for (const OnnxNode& node : to_onnx(fused).nodes) CHECK(node.op != "Clip");
  // One whose zero is not 0 does: the clamp at the zero point.
  const OnnxModel model = to_onnx(fuse(four_bit_net()), kInIntegers);
  CHECK(lines_of(model)[2].starts_with("com.microsoft.QGemm t1 "));
  CHECK(lines_of(model)[3] == "Clip t2_wide t2_min t2_max -> t2");
  CHECK(numbers_of<std::uint8_t>(model, "t2_min") == std::vector<std::uint8_t>{6});
}

TEST_CASE("a scale an output, for the weight and for the bias", "[hand]") {
  QuantizedNet net = paper_onnx::make_net();
  net.weights[0].weight.scale = {0.25F, 0.5F};
  const OnnxModel model = to_onnx(net);
  CHECK(numbers_of<float>(model, "w1_scale") == std::vector{0.25F, 0.5F});
  CHECK(numbers_of<std::int8_t>(model, "w1_zero_point") == std::vector<std::int8_t>{0, 0});
  CHECK(numbers_of<float>(model, "b1_scale") == std::vector{0.0625F, 0.125F});
  CHECK(numbers_of<std::int32_t>(model, "b1_zero_point") == std::vector{0, 0});
  CHECK(type_text(*find_initializer(model, "w1_scale")) == "f32 [2]");
  CHECK(integer_attribute(*find_writer(model, "w1_real"), "axis") == 0);  // along the outputs
  CHECK(integer_attribute(*find_writer(model, "b1_real"), "axis") == 0);
  check(model);
  check(to_onnx(net, kInIntegers));
  check(to_onnx(net, kStandard));
}

TEST_CASE("dynamic: the nodes of ONNX's definition", "[hand]") {
  const QuantizedNet net =
      with_input(dynamic_net({}), {.options = {InputGranularity::per_tensor, RangeRule::onnx}});
  const OnnxModel model = to_onnx(net);
  CHECK(lines_of(model) == Lines{"DynamicQuantizeLinear x -> x_q x_scale x_zero_point",
                                 "MatMulInteger x_q w1 x_zero_point w1_zero_point -> logits_acc",
                                 "Cast logits_acc -> logits_acc_real",
                                 "Mul x_scale w1_scale -> logits_scale",
                                 "Mul logits_acc_real logits_scale -> logits_product",
                                 "Add logits_product b1 -> logits"});
  // (4, -2, 3; -7, 3, 2), turned round: MatMulInteger reads K x N.
  CHECK(numbers_of<std::int8_t>(model, "w1") == std::vector<std::int8_t>{4, -7, -2, 3, 3, 2});
  CHECK(type_text(*find_initializer(model, "w1")) == "s8 [3, 2]");
  CHECK(numbers_of<float>(model, "b1") == std::vector{7.6F, 0.0F});
  CHECK(integer_attribute(model.nodes[2], "to") == 1);
  check(model);
}

TEST_CASE("dynamic: only by ONNX's rule", "[hand]") {
  const auto with = [&](const DynamicInput& input) { return to_onnx(dynamic_net(input)); };
  using enum InputGranularity;
  CHECK_THROWS_WITH(with({.options = {per_tensor, RangeRule::pytorch}}),
                    QFS_CONTAINS("operation 1 (dynamic_linear)"));
  CHECK_THROWS_AS(with({.options = {per_row, RangeRule::onnx}}), Error);
  CHECK_THROWS_AS(with({unsigned_range(7), {per_tensor, RangeRule::onnx}}), Error);
  CHECK_THROWS_AS(with({{1, 255}, {per_tensor, RangeRule::onnx}}), Error);
  CHECK_NOTHROW(with({unsigned_range(8), {per_tensor, RangeRule::onnx}}));
}

TEST_CASE("dynamic: only a vector whose names are free", "[hand]") {
  const char* const refused = "operation 2 (dynamic_linear) reads a picture, or what another";
  QuantizedNet twice = dynamic_net(kOnnxInput);  // two operations read x
  Operation second = twice.operations[0];
  twice.tensors.push_back({{2}, DType::f32});
  second.output = 2;
  twice.operations.push_back(second);
  CHECK_THROWS_WITH(to_onnx(twice), QFS_CONTAINS(refused));

  QuantizedNet in_a_row = twice;  // the second reads what the first has written
  in_a_row.weights.push_back({.weight = {{{1, -2}, {3, 4}}, {0.5F}}, .real_bias = {1.0F, 2.0F}});
  in_a_row.operations[1].inputs = {1};
  in_a_row.operations[1].weights = 1;
  CHECK_THROWS_WITH(to_onnx(in_a_row), QFS_CONTAINS(refused));

  QuantizedNet with_relu = in_a_row;  // x, t1, Relu: t2, logits
  with_relu.tensors.push_back({{2}, DType::f32});
  with_relu.operations[1].inputs = {2};
  with_relu.operations[1].output = 3;
  with_relu.operations.insert(with_relu.operations.begin() + 1,
                              {.kind = "relu_f32", .inputs = {1}, .output = 2});
  check(to_onnx(with_relu));

  QuantizedNet picture = dynamic_net(kOnnxInput);
  picture.tensors[0].shape = {1, 3, 1};
  CHECK_THROWS_WITH(to_onnx(picture), QFS_CONTAINS("operation 1 (dynamic_linear) reads a picture"));
}

TEST_CASE("the integers, where they are asked for, are outputs, too", "[hand]") {
  OnnxOptions options;
  options.show_integers = true;
  const OnnxModel model = to_onnx(four_bit_net(), options);
  std::vector<std::string> outputs;
  for (const OnnxValue& output : model.outputs)
    outputs.push_back(output.name + " " + type_text(output));
  CHECK(outputs == Lines{"logits f32 [batch, 2]", "t1 u8 [batch, 2]", "t2 u8 [batch, 2]",
                         "t3 u8 [batch, 2]", "t4 u8 [batch, 2]"});
  check(model);
  const OnnxModel dynamic = to_onnx(dynamic_net(kOnnxInput), options);
  CHECK(dynamic.outputs.back().name + " " + type_text(dynamic.outputs.back()) ==
        "x_q u8 [batch, 3]");
  check(dynamic);
}

TEST_CASE("the float net", "[hand]") {
  Mlp mlp;
  mlp.layers.resize(2);
  mlp.layers[0].weight = {{1.0F, -0.5F}, {-1.75F, 0.75F}};
  mlp.layers[0].bias = {0.5F, 1.0F};
  mlp.layers[1].weight = {{0.875F, 0.125F}};
  mlp.layers[1].bias = {-0.25F};
  const OnnxModel model = to_onnx(mlp);
  CHECK(lines_of(model) ==
        Lines{"Gemm x w1 b1 -> t1", "Relu t1 -> t1_relu", "Gemm t1_relu w2 b2 -> logits"});
  CHECK(numbers_of<float>(model, "w1") == std::vector{1.0F, -0.5F, -1.75F, 0.75F});
  CHECK(numbers_of<float>(model, "b2") == std::vector{-0.25F});
  CHECK(type_text(model.outputs[0]) == "f32 [batch, 1]");
  CHECK(integer_attribute(model.nodes[0], "transB") == 1);
  check(model);
  CHECK_THROWS_AS(to_onnx(Mlp{}), Error);
}

TEST_CASE("nets that are none, or say what ONNX cannot", "[hand]") {
  QuantizedNet net = paper_onnx::make_net();
  SECTION("an operation that the table has not") {
    net.operations[1].kind = "softmax";
    CHECK_THROWS_WITH(to_onnx(net), QFS_CONTAINS("softmax"));
  }
  SECTION("an operation that the table has, and the writer not") {
    std::vector<OperationKind> table(static_operations().begin(), static_operations().end());
    table[2].name = "leaky";  // a relu by another name
    net = four_bit_net();
    net.operations[2].kind = "leaky";
    CHECK_THROWS_WITH(to_onnx(net, {}, table),
                      QFS_CONTAINS("operation 3 (leaky) has no form in ONNX here"));
  }
  SECTION("a scale that is none") {
    net.tensors[1].params.scale = 0.0F;
    CHECK_THROWS_AS(to_onnx(net), Error);
  }
  SECTION("no operations") {
    net.operations.clear();
    CHECK_THROWS_AS(to_onnx(net), Error);
  }
}

TEST_CASE("where an element of a picture stands in ONNX's order", "[hand]") {
  // 1 x 2 pixels of 3 channels: r g b r g b becomes r r g g b b.
  const std::vector<std::size_t> shape = {1, 2, 3};
  CHECK(nchw_positions(shape) == std::vector<std::size_t>{0, 2, 4, 1, 3, 5});
  const std::vector<std::size_t> vector = {4};
  CHECK(nchw_positions(vector) == std::vector<std::size_t>{0, 1, 2, 3});
  const std::vector<std::size_t> grey = {2, 2, 1};
  CHECK(nchw_positions(grey) == std::vector<std::size_t>{0, 1, 2, 3});
  // By the definition: (y W + x) C + c goes to (c H + y) W + x.
  const std::size_t H = 3, W = 4, C = 5;
  const std::vector<std::size_t> large = {H, W, C};
  const std::vector<std::size_t> to = nchw_positions(large);
  for (std::size_t y = 0; y < H; ++y)
    for (std::size_t x = 0; x < W; ++x)
      for (std::size_t c = 0; c < C; ++c) CHECK(to[(y * W + x) * C + c] == (c * H + y) * W + x);
}

TEST_CASE("rows that are pictures, in ONNX's order", "[hand]") {
  // Two rows of 1 x 2 pixels of 2 channels.
  const Matrix<std::uint8_t> ours = {{1, 2, 3, 4}, {5, 6, 7, 8}};
  const std::vector<std::size_t> shape = {1, 2, 2}, larger = {1, 2, 3}, vector = {4};
  const Matrix<std::uint8_t> turned = {{1, 3, 2, 4}, {5, 7, 6, 8}};
  CHECK(qfs::test::difference(in_onnx_order(ours, shape), turned) == "");
  CHECK(qfs::test::difference(in_onnx_order(ours, vector), ours) == "");
  CHECK_THROWS_WITH(in_onnx_order(ours, larger), QFS_CONTAINS("a row is no such picture"));
}

TEST_CASE("a Linear behind a picture: flattened, its columns in ONNX's order", "[hand]") {
  // One output; 1 x 2 pixels of 2 channels with the weights 1 2 3 4, in our order.
  QuantizedNet net{.tensors = {{{1, 2, 2}, DType::u8, {1.0F, 0}, {0, 255}}}};
  const std::vector<float> bias = {0.0F};
  add_linear(net, 0, {{{1, 2, 3, 4}}, {1.0F}}, bias, {1.0F, 0}, unsigned_range(8));
  const OnnxModel model = to_onnx(net);
  CHECK(lines_of(model)[0] == "Flatten x -> x_flat");
  CHECK(lines_of(model)[1] == "DequantizeLinear x_flat x_scale x_zero_point -> x_flat_real");
  CHECK(numbers_of<std::int8_t>(model, "w1") == std::vector<std::int8_t>{1, 3, 2, 4});
  CHECK(type_text(model.inputs[0]) == "u8 [batch, 2, 1, 2]");
  CHECK(model.outputs[0].name == "logits");
  check(model);
  check(to_onnx(net, kInIntegers));
  const OnnxModel standard = to_onnx(net, kStandard);
  CHECK(lines_of(standard)[0] == "Reshape x logits_pixel_x_shape -> logits_pixel_x");
  CHECK(numbers_of<std::int8_t>(standard, "w1") == std::vector<std::int8_t>{1, 3, 2, 4});
  check(standard);
}

TEST_CASE("a picture of ours has its channels last, ONNX's first", "[hand]") {
  QuantizedNet net{.tensors = {{{5, 7, 3}, DType::f32}}};
  add_dequantize(net, add_quantize(net, 0, {0.5F, 3}, unsigned_range(8)));
  const OnnxModel model = to_onnx(net);
  CHECK(type_text(model.inputs[0]) == "f32 [batch, 3, 5, 7]");
  CHECK(type_text(model.outputs[0]) == "f32 [batch, 3, 5, 7]");
  check(model);
}

TEST_CASE("a tensor that two read is dequantized once; weights that two share, twice", "[hand]") {
  QuantizedNet net = paper_onnx::make_net();
  const Operation linear = net.operations[1];
  net.tensors.push_back(net.tensors[2]);
  net.operations.insert(net.operations.begin() + 2, linear);
  net.operations[2].output = net.tensors.size() - 1;
  const OnnxModel model = to_onnx(net);
  std::size_t count = 0;
  for (const OnnxNode& node : model.nodes) count += node.outputs[0] == "t1_real" ? 1 : 0;
  CHECK(count == 1);
  CHECK(numbers_of<std::int8_t>(model, "w2") == numbers_of<std::int8_t>(model, "w1"));
  check(model);
}

TEST_CASE("ONNX's checker takes every net in every form", "[prop]") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    for (const int bits : {8, 7, 4})
      for (const auto granularity : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
        for (const bool fused : {false, true}) {
          const QuantizedNet net = random_net(seed, {unsigned_range(bits), granularity}, fused);
          for (const OnnxOptions& options : {OnnxOptions{}, kInIntegers, kStandard}) {
            const OnnxModel model = to_onnx(net, options);
            check(model);
            const std::string bytes = onnx_bytes(model);
            const OnnxModel again = parse_onnx(std::as_bytes(std::span(bytes)), "it");
            CHECK(qfs::test::model_difference(again, model) == "");
          }
        }
}

TEST_CASE("the file holds our integers and scales, bit for bit", "[prop]") {
  for (std::uint64_t seed = 5; seed <= 7; ++seed) {
    const QuantizedNet net =
        random_net(seed, {unsigned_range(8), WeightGranularity::per_channel}, true);
    for (const OnnxOptions& options : {OnnxOptions{}, kInIntegers}) {
      const OnnxModel model = to_onnx(net, options);
      for (std::size_t i = 0; i < net.weights.size(); ++i) {
        const std::string number = std::to_string(i + 1);
        const auto& [weight, bias, real_bias] = net.weights[i];
        CHECK(std::ranges::equal(numbers_of<std::int8_t>(model, "w" + number), weight.q));
        CHECK(std::ranges::equal(numbers_of<float>(model, "w" + number + "_scale"), weight.scale));
        CHECK(std::ranges::equal(numbers_of<std::int32_t>(model, "b" + number), bias));
      }
      for (const OperationParts& layer : layers_of(net)) {
        const std::string name = onnx_name(net, layer.operation.output);
        CHECK(numbers_of<float>(model, name + "_scale")[0] == layer.output.params.scale);
        CHECK(numbers_of<std::uint8_t>(model, name + "_zero_point")[0] ==
              layer.output.params.zero_point);
      }
    }
  }
}

namespace {

// 4 x 5 pixels of 2 channels; every kind of operation, a padded and grouped convolution with
// strides.
QuantizedNet picture_net() {
  const QuantRange range = unsigned_range(8);
  QuantizedNet net{.tensors = {{{4, 5, 2}, DType::f32}}};
  const std::size_t x = add_quantize(net, 0, {0.5F, 3}, range);
  const std::vector<float> bias = {1.0F, -2.0F};
  // N x (kh kw C / groups) = 2 x (1 2 1): one channel in a group.
  const std::size_t a = add_conv2d(
      net, x, {{{{1, 2}, {3, 4}}, {0.25F, 0.5F}}, bias, {1, 2, 1, 0}, 2}, {0.5F, 7}, range);
  const std::size_t b = add_max_pool(net, x, {1, 2, 1, 0});
  const std::size_t sum = add_sum(net, a, b, {1.0F, 2}, range);
  const std::size_t mean = add_average_pool(net, sum, {4, 4, 1, 0}, {0.25F, 1}, range);
  add_dequantize(net, mean);
  return net;
}

std::vector<std::int64_t> integers_attribute(const OnnxNode& node, const std::string& name) {
  return std::get<std::vector<std::int64_t>>(node.attributes.at(name));
}

}  // namespace

TEST_CASE("pictures as reals between edges", "[hand]") {
  const OnnxModel model = to_onnx(picture_net());
  CHECK(lines_of(model) ==
        Lines{"QuantizeLinear x t1_scale t1_zero_point -> t1",
              "DequantizeLinear t1 t1_scale t1_zero_point -> t1_real",
              "DequantizeLinear w1 w1_scale w1_zero_point -> w1_real",
              "DequantizeLinear b1 b1_scale b1_zero_point -> b1_real",
              "Conv t1_real w1_real b1_real -> t2_sum",
              "QuantizeLinear t2_sum t2_scale t2_zero_point -> t2", "MaxPool t1 -> t3",
              "DequantizeLinear t2 t2_scale t2_zero_point -> t2_real",
              "DequantizeLinear t3 t3_scale t3_zero_point -> t3_real",
              "Add t2_real t3_real -> t4_sum", "QuantizeLinear t4_sum t4_scale t4_zero_point -> t4",
              "DequantizeLinear t4 t4_scale t4_zero_point -> t4_real",
              "GlobalAveragePool t4_real -> t5_mean",
              "QuantizeLinear t5_mean t5_scale t5_zero_point -> t5",
              "DequantizeLinear t5 t5_scale t5_zero_point -> logits"});
  const OnnxNode& conv = *find_writer(model, "t2_sum");
  CHECK(integers_attribute(conv, "kernel_shape") == std::vector<std::int64_t>{1, 2});
  CHECK(integers_attribute(conv, "strides") == std::vector<std::int64_t>{1, 1});
  CHECK(integers_attribute(conv, "pads") == std::vector<std::int64_t>{0, 0, 0, 0});
  CHECK(integer_attribute(conv, "group") == 2);
  CHECK(type_text(*find_initializer(model, "w1")) == "s8 [2, 1, 1, 2]");
  CHECK(numbers_of<float>(model, "b1_scale") == std::vector{0.125F, 0.25F});
  CHECK(type_text(model.inputs[0]) == "f32 [batch, 2, 4, 5]");
  check(model);
}

TEST_CASE("pictures in integers", "[hand]") {
  const OnnxModel model = to_onnx(picture_net(), kInIntegers);
  CHECK(lines_of(model) ==
        Lines{"QuantizeLinear x t1_scale t1_zero_point -> t1",
              "QLinearConv t1 t1_scale t1_zero_point w1 w1_scale w1_zero_point t2_scale "
              "t2_zero_point b1 -> t2",
              "MaxPool t1 -> t3",
              "com.microsoft.QLinearAdd t2 t2_scale t2_zero_point t3 t3_scale t3_zero_point "
              "t4_scale t4_zero_point -> t4",
              "com.microsoft.QLinearGlobalAveragePool t4 t4_scale t4_zero_point t5_scale "
              "t5_zero_point -> t5",
              "DequantizeLinear t5 t5_scale t5_zero_point -> logits"});
  check(model);
  // ONNX itself adds and averages reals only.
  const OnnxModel standard = to_onnx(picture_net(), kStandard);
  CHECK(standard.opsets.size() == 1);
  CHECK(lines_of(standard)[3] == "DequantizeLinear t2 t2_scale t2_zero_point -> t2_real");
  CHECK(lines_of(standard)[5] == "Add t2_real t3_real -> t4_sum");
  CHECK(find_writer(standard, "t5_mean")->op == "GlobalAveragePool");
  check(standard);
}

TEST_CASE("a mean over less than the picture counts its border", "[hand]") {
  QuantizedNet net{.tensors = {{{4, 4, 2}, DType::u8, {0.5F, 3}, {0, 255}}}};
  add_average_pool(net, 0, {4, 4, 2, 1}, {0.25F, 1}, unsigned_range(8));
  const OnnxModel model = to_onnx(net);
  const OnnxNode& pool = *find_writer(model, "logits_mean");
  CHECK(pool.op == "AveragePool");
  CHECK(integer_attribute(pool, "count_include_pad") == 1);
  CHECK(integers_attribute(pool, "strides") == std::vector<std::int64_t>{2, 2});
  CHECK(integers_attribute(pool, "pads") == std::vector<std::int64_t>{1, 1, 1, 1});
  check(model);
  CHECK(find_writer(to_onnx(net, kInIntegers), "logits")->op == "QLinearAveragePool");
}

TEST_CASE("a convolution's weight turns from kh kw c to c kh kw", "[hand]") {
  // 2 x 1 pixels of 3 channels under the window, in our order 1 2 3, 4 5 6.
  QuantizedNet net{.tensors = {{{2, 1, 3}, DType::u8, {1.0F, 0}, {0, 255}}}};
  const std::vector<float> bias = {0.0F};
  add_conv2d(net, 0, {{{{1, 2, 3, 4, 5, 6}}, {1.0F}}, bias, {2, 1, 1, 0}, 1}, {1.0F, 0},
             unsigned_range(8));
  for (const OnnxOptions& options : {OnnxOptions{}, kInIntegers}) {
    const OnnxModel model = to_onnx(net, options);
    CHECK(type_text(*find_initializer(model, "w1")) == "s8 [1, 3, 2, 1]");
    CHECK(numbers_of<std::int8_t>(model, "w1") == std::vector<std::int8_t>{1, 4, 2, 5, 3, 6});
    check(model);
  }
}

TEST_CASE("the float nets of pictures", "[prop]") {
  Rng rng(1);
  const OnnxModel small = to_onnx(make_small_cnn(&rng));
  CHECK(lines_of(small) == Lines{"Conv x conv1_weight conv1_bias -> t1", "Relu t1 -> t2",
                                 "MaxPool t2 -> t3", "Conv t3 conv2_weight conv2_bias -> t4",
                                 "Relu t4 -> t5", "MaxPool t5 -> t6", "Flatten t6 -> logits_x",
                                 "Gemm logits_x fc1_weight fc1_bias -> logits"});
  CHECK(type_text(*find_initializer(small, "conv2_weight")) == "f32 [16, 8, 3, 3]");
  CHECK(type_text(small.inputs[0]) == "f32 [batch, 1, 28, 28]");
  check(small);
  Cnn residual = make_residual_net(&rng);
  const OnnxModel model = to_onnx(residual);
  CHECK(lines_of(model)[0] == "Conv x conv1_weight -> t1");
  CHECK(lines_of(model)[1] ==
        "BatchNormalization t1 norm1_gamma norm1_beta norm1_mean norm1_variance -> t2");
  check(model);
  // Two columns of the weight that are each other's place in another order.
  const Matrix<float>& weight = residual.convs[1].weight;  // 16 x (3 3 16)
  const std::vector<float> turned = numbers_of<float>(model, "conv2_weight");
  CHECK(turned[1] == weight(0, 16));            // c 0, the second pixel of the patch
  CHECK(turned[9] == weight(0, 1));             // c 1, the first
  CHECK(turned[144 + 9 + 2] == weight(1, 33));  // of output 1, c 1, the third
  residual.layers.pop_back();
  CHECK_THROWS_AS(to_onnx(residual), Error);
}

TEST_CASE("ONNX's checker takes the nets of pictures in every form", "[prop]") {
  Rng rng(2);
  const Cnn small = make_small_cnn(&rng), residual = fold_batch_norm(make_residual_net(&rng));
  for (const Cnn* cnn : {&small, &residual}) {
    TensorIntervals intervals(cnn->tensors.size(), {-1.0F, 3.0F});
    for (const int bits : {8, 7})
      for (const bool fused : {false, true}) {
        const PtqOptions options{unsigned_range(bits), WeightGranularity::per_channel};
        const QuantizedNet net = fused ? quantize_fused_cnn(*cnn, intervals, options)
                                       : quantize_cnn(*cnn, intervals, options);
        for (OnnxOptions form : {OnnxOptions{}, kInIntegers, kStandard}) {
          form.show_integers = true;
          check(to_onnx(net, form));
        }
      }
  }
}

TEST_CASE("on paper: the file is the one that Python puts together byte by byte", "[ref]") {
  // tests/reference/ch23.py, save_paper
  const auto by_python = [](const std::string& name) {
    const Vector<std::uint8_t> bytes = qfs::test::load_reference<std::uint8_t, 1>("ch23/" + name);
    return parse_onnx(std::as_bytes(values(bytes)), name);
  };
  const QuantizedNet net = paper_onnx::make_net();
  CHECK(qfs::test::model_difference(to_onnx(net), by_python("paper_qdq")) == "");
  CHECK(qfs::test::model_difference(to_onnx(net, kInIntegers), by_python("paper_qoperator")) == "");
}

TEST_CASE("on paper: every node's numbers are NumPy's", "[ref]") {
  using qfs::test::difference;
  using qfs::test::load_reference;
  NetBuffers buffers;
  run(pack(paper_onnx::make_net()), paper_onnx::kInput, buffers);
  CHECK(difference(buffers.u8[1], load_reference<std::uint8_t, 2>("ch23/paper_t1")) == "");
  CHECK(difference(buffers.u8[2], load_reference<std::uint8_t, 2>("ch23/paper_t2")) == "");
  const auto sum = load_reference<float, 2>("ch23/paper_t2_sum");
  CHECK(std::ranges::equal(sum, paper_onnx::kGemm));
}

TEST_CASE("a Linear of integers is what the QDQ nodes say, in NumPy", "[ref]") {
  // tests/reference/ch23.py, save_layers: scales are powers of two, so both are exact (eq. 23.4).
  using qfs::test::load_reference;
  const auto x = load_reference<std::uint8_t, 2>("ch23/layers_x"),
             y = load_reference<std::uint8_t, 2>("ch23/layers_y");
  const auto w = load_reference<std::int8_t, 2>("ch23/layers_w");
  const auto b = load_reference<std::int32_t, 2>("ch23/layers_b");
  const auto w_scale = load_reference<float, 2>("ch23/layers_w_scale"),
             scales = load_reference<float, 2>("ch23/layers_scales");
  const auto zero_points = load_reference<std::int32_t, 2>("ch23/layers_zero_points");
  const std::size_t layers = b.shape(0), N = b.shape(1), K = x.shape(1), M = x.shape(0) / layers;
  for (std::size_t i = 0; i < layers; ++i) {
    QuantizedNet net{
        .tensors = {{{K}, DType::u8, {scales(i, 0), zero_points(i, 0)}, unsigned_range(8)}}};
    QuantizedWeight weight{make_tensor<std::int8_t>({N, K}), make_tensor<float>({N})};
    std::ranges::copy(values(w).subspan(i * N * K, N * K), weight.q.begin());
    std::ranges::copy(row(w_scale, i), weight.scale.begin());
    add_linear(net, 0, std::move(weight), std::vector<float>(N, 0.0F),
               {scales(i, 1), zero_points(i, 1)}, unsigned_range(8));
    std::ranges::copy(row(b, i), net.weights[0].bias.begin());
    NetBuffers buffers;
    run(pack(net), {.u8 = values(x).subspan(i * M * K, M * K)}, M, buffers);
    INFO("layer " << i);
    CHECK(qfs::test::difference(values(std::as_const(buffers.u8[1])),
                                values(y).subspan(i * M * N, M * N)) == "");
    check(to_onnx(net));
  }
}

TEST_CASE("one integer less than u8 has is a Clip already", "[hand]") {
  for (const QuantRange range : {QuantRange{1, 255}, QuantRange{0, 254}, QuantRange{0, 255}}) {
    QuantizedNet net{.tensors = {{{2}, DType::f32}}};
    add_dequantize(net, add_quantize(net, 0, {0.5F, 9}, range));
    CHECK(to_onnx(net).nodes.size() == (range == unsigned_range(8) ? 2 : 3));
  }
}
