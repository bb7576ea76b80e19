// Chapter 06: weights, tensors, operations, backends, the pass through the net.
#include <limits>
#include <type_traits>

#include "06_static_ptq/lesson/paper_example.hpp"
#include "06_static_ptq/operations.hpp"
#include "06_static_ptq/plumbing/net_checks.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/intervals.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::intervals_of;
using qfs::test::load_reference;
using qfs::test::random_input;
using qfs::test::random_mlp;

// A net of one linear, from integers to integers.
QuantizedNet one_linear(QuantParams x, QuantParams y, Weights weights) {
  const std::size_t N = weights.weight.outputs(), K = weights.weight.inputs();
  return {.tensors = {{{K}, DType::u8, x}, {{N}, DType::u8, y}},
          .weights = {std::move(weights)},
          .operations = {{.kind = "linear", .inputs = {0}, .output = 1, .weights = 0}}};
}

// One input, one weight, one output; the multiplier is 0.25 * 0.5 / 0.5 = 0.25.
QuantizedNet one_weight() {
  return one_linear({0.25F, 10}, {0.5F, 20}, {.weight = {{{3}}, {0.5F}}, .bias = {4}});
}

// A linear as add_linear makes it of reals.
QuantizedNet quantized(const Linear& linear, QuantParams x, QuantParams y, QuantizedWeight weight) {
  const QuantRange u8 = unsigned_range(8);
  QuantizedNet net{.tensors = {{{linear.inputs()}, DType::u8, x, u8}}};
  add_linear(net, 0, std::move(weight), values(linear.bias), y, u8);
  return net;
}

Vector<float> multiplier_of(const QuantizedNet& net) {
  return make_to_u8(layers_of(net)[0]).multiplier;
}

// The last tensor of a net from integers to integers.
Matrix<std::uint8_t> run_u8(const PackedNet& net, const Matrix<std::uint8_t>& x) {
  NetBuffers buffers;
  run(net, {.u8 = values(x)}, x.shape(0), buffers);
  return buffers.u8[net.operations.back().operation.output];
}

int output_of(const QuantizedNet& net, std::uint8_t x) {
  return run_u8(pack(net), Matrix<std::uint8_t>{{x}})(0, 0);
}

// Every tensor of a net from reals to reals.
NetBuffers tensors_of(const PackedNet& net, const Matrix<float>& x) {
  NetBuffers buffers;
  run(net, x, buffers);
  return buffers;
}

// A weight for its sums alone.
QuantizedWeight weight_of(Matrix<std::int8_t> q) { return {std::move(q), {1.0F}}; }

PackedProduct pack_for(const Backend& backend, const QuantizedWeight& weight, QuantRange inputs) {
  return backend.pack({.weight = &weight, .input_range = inputs});
}

}  // namespace

TEST_CASE("a layer is quantized as by hand", "[hand]") {
  Linear linear;
  linear.weight = {{1.0F, -0.5F}, {0.25F, -0.125F}};
  linear.bias = {0.25F, -0.25F};
  const QuantParams x = {0.5F, 3}, y = {0.25F, 7};
  const QuantRange u8 = unsigned_range(8);
  SECTION("one scale: 1 / 127.5") {
    const QuantizedNet net =
        quantized(linear, x, y, quantize_weight(linear.weight, WeightGranularity::per_tensor));
    const Weights& q = net.weights[0];
    REQUIRE(q.weight.scale.size() == 1);
    CHECK(q.weight.scale(0) == 1.0F / 127.5F);
    // 1 is 127.5 steps: to even 128, clamped 127. -0.5: -63.75. 0.25: 31.875. -0.125: -15.94.
    CHECK(difference(q.weight.q, Matrix<std::int8_t>{{127, -64}, {32, -16}}) == "");
    // s_x s_w = 1/255: 0.25 is 63.75 steps.
    CHECK(difference(q.bias, Vector<std::int32_t>{64, -64}) == "");
    CHECK(q.real_bias.size() == 0);
    CHECK(multiplier_of(net)(0) == output_multiplier(0.5F, 1.0F / 127.5F, 0.25F));
    const OperationParts layer = layers_of(net)[0];
    CHECK((layer.input.params == x && layer.output.params == y));
    CHECK((layer.input.range == u8 && layer.output.range == u8));
    CHECK((layer.output.shape == std::vector<std::size_t>{2} && layer.output.type == DType::u8));
  }
  SECTION("one scale per output: 1 / 127.5 and 0.25 / 127.5") {
    const QuantizedNet net =
        quantized(linear, x, y, quantize_weight(linear.weight, WeightGranularity::per_channel));
    const Weights& q = net.weights[0];
    CHECK(difference(q.weight.scale, Vector<float>{1.0F / 127.5F, 0.25F / 127.5F}) == "");
    CHECK(difference(q.weight.q, Matrix<std::int8_t>{{127, -64}, {127, -64}}) == "");
    // The second bias: -0.25 * 1020 = -255.
    CHECK(difference(q.bias, Vector<std::int32_t>{64, -255}) == "");
    CHECK(multiplier_of(net).size() == 2);
  }
}

TEST_CASE("a layer with weight parameters of somebody else's", "[hand]") {
  Linear linear;
  linear.weight = {{1.0F, -0.5F}, {0.25F, -1.25F}};
  linear.bias = {0.25F, -0.25F};
  const QuantParams x = {0.5F, 3}, y = {0.25F, 7};
  const auto make = [&](std::vector<QuantParams> params, QuantRange range) {
    return quantized(linear, x, y, quantize_weight(linear.weight, params, range));
  };
  // Steps of 1/2 in -2..1: 2 clamped 1, -1; 0.5 to even 0, -2.5 to even -2.
  const QuantizedNet one = make({{0.5F, 0}}, signed_range(2));
  CHECK(difference(one.weights[0].weight.q, Matrix<std::int8_t>{{1, -1}, {0, -2}}) == "");
  // s_x s_w = 1/4
  CHECK(difference(one.weights[0].bias, Vector<std::int32_t>{1, -1}) == "");
  // The second row in steps of 1/4: 1, -5 clamped -2; its bias in steps of 1/8.
  const QuantizedNet two = make({{0.5F, 0}, {0.25F, 0}}, signed_range(2));
  CHECK(difference(two.weights[0].weight.q, Matrix<std::int8_t>{{1, -1}, {1, -2}}) == "");
  CHECK(difference(two.weights[0].bias, Vector<std::int32_t>{1, -2}) == "");
  CHECK(difference(multiplier_of(two), Vector<float>{1.0F, 0.5F}) == "");
  CHECK_THROWS_AS(make({}, signed_range(2)), Error);
  CHECK_THROWS_AS(make({{1, 0}, {1, 0}, {1, 0}}, signed_range(2)), Error);
  for (std::int32_t zero_point : {1, -1})
    CHECK_THROWS_WITH(make({{0.5F, zero_point}}, signed_range(2)),
                      QFS_CONTAINS("weights are symmetric"));
  for (const QuantRange range : {QuantRange{-129, 127}, {-128, 128}})
    CHECK_THROWS_WITH(make({{0.5F, 0}}, range), QFS_CONTAINS("weights are stored in s8"));
  CHECK_THROWS_AS(make({{0.5F, 0}}, unsigned_range(8)), Error);
  CHECK_THROWS_AS(make({{0.5F, 0}}, {3, 3}), Error);
  linear.weight(0, 1) = NAN;
  CHECK_THROWS_AS(make({{0.5F, 0}}, signed_range(2)), Error);
}

TEST_CASE("the multiplier is made in PyTorch's order of operations", "[hand]") {
  Linear linear;
  linear.weight = {{1.0F}};
  linear.bias = {0.0F};
  const QuantizedNet net = quantized(linear, {0.3F, 0}, {0.05F, 0},
                                     quantize_weight(linear.weight, WeightGranularity::per_tensor));
  const float s_w = 1.0F / 127.5F;
  CHECK(multiplier_of(net)(0) == (0.3F * s_w) * (1.0F / 0.05F));  // 0.04705883
  CHECK(multiplier_of(net)(0) != 0.3F * s_w / 0.05F);             // 0.047058824
}

TEST_CASE("one weight, every step by hand", "[hand]") {
  const QuantizedNet net = one_weight();
  // x = 30: acc = (30 - 10) * 3 + 4 = 64, * 0.25 = 16, + 20 = 36.
  CHECK(output_of(net, 30) == 36);
  // x = 12: acc = 10, 2.5 to even 2. x = 16: acc = 22, 5.5 to even 6.
  CHECK(output_of(net, 12) == 22);
  CHECK(output_of(net, 16) == 26);
  // x = 0: acc = -26, -6.5 to even -6.
  CHECK(output_of(net, 0) == 14);
}

TEST_CASE("the output is clamped to its range", "[hand]") {
  QuantizedNet net = one_weight();
  net.weights[0].weight.q = {{127}};
  CHECK(output_of(net, 255) == 255);  // acc = 245 * 127 + 4, far above
  CHECK(output_of(net, 0) == 0);      // acc = -10 * 127 + 4, below
  net.tensors[1].range = {0, 127};
  CHECK(output_of(net, 255) == 127);
  net.tensors[1].range = {20, 255};  // ReLU fused: nothing below the zero point
  CHECK(output_of(net, 0) == 20);
}

TEST_CASE("two outputs with scales and ranges of their own, by both rules", "[hand]") {
  // x - 10 = 20 and -10: sums (20, -10) * (3, 5) + (4, 0) = (64, 100) and (-26, -50). Multipliers
  // 1/4 and 1/2: (16, 50) and (-6.5 to even -6, -25), + 20.
  QuantizedNet net =
      one_linear({0.25F, 10}, {0.5F, 20}, {.weight = {{{3}, {5}}, {0.5F, 1.0F}}, .bias = {4, 0}});
  const Matrix<std::uint8_t> x = {{30}, {0}, {30}};
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const auto y = [&] { return run_u8(pack(net, ref_backend(rule)), x); };
    net.tensors[1].range = {0, 255};
    CHECK(difference(y(), Matrix<std::uint8_t>{{36, 70}, {14, 0}, {36, 70}}) == "");
    net.tensors[1].range = {15, 60};
    CHECK(difference(y(), Matrix<std::uint8_t>{{36, 60}, {15, 15}, {36, 60}}) == "");
  }
}

namespace {

// `make()` with a change, refused by require_valid and by pack, for the reasons named.
template <class Make, class Change>
void refuse(const Make& make, const Change& change, const char* where, const char* why) {
  QuantizedNet net = make();
  CHECK_NOTHROW(require_valid(net, static_operations()));
  change(net);
  CHECK_THROWS_WITH(require_valid(net, static_operations()),
                    QFS_CONTAINS(where) && QFS_CONTAINS(why));
  CHECK_THROWS_WITH(pack(net), QFS_CONTAINS(where) && QFS_CONTAINS(why));
}

}  // namespace

TEST_CASE("a layer that is not valid is refused, by require_valid and by pack", "[hand]") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(),
                  kInfinity = std::numeric_limits<float>::infinity();
  const auto refused = [](const auto& change, const char* where, const char* why) {
    refuse(one_weight, change, where, why);
  };
  for (float bad : {0.0F, -0.5F, 1e-40F, kNan, kInfinity, -kInfinity}) {
    refused([&](auto& net) { net.weights[0].weight.scale = {bad}; }, "weights 1, weight",
            "has no usable scale");
    refused([&](auto& net) { net.tensors[0].params.scale = bad; }, "tensor 0",
            "has no usable scale");
    refused([&](auto& net) { net.tensors[1].params.scale = bad; }, "tensor 1",
            "has no usable scale");
  }
  for (const QuantRange range : {QuantRange{-1, 255}, {0, 256}, {12, 11}}) {
    refused([&](auto& net) { net.tensors[0].range = range; }, "tensor 0", "8 bits do not hold");
    refused([&](auto& net) { net.tensors[1].range = range; }, "tensor 1", "8 bits do not hold");
  }
  for (const QuantRange range : {QuantRange{0, 9}, {11, 255}})  // the input's zero point is 10
    refused([&](auto& net) { net.tensors[0].range = range; }, "tensor 0",
            "zero point outside its range");
  for (const QuantRange range : {QuantRange{0, 19}, {21, 255}})  // the output's is 20
    refused([&](auto& net) { net.tensors[1].range = range; }, "tensor 1",
            "zero point outside its range");
  const auto with_weight = [](std::size_t N, std::size_t K) {
    return [=](auto& net) { net.weights[0].weight.q = make_tensor<std::int8_t>({N, K}); };
  };
  refused(with_weight(0, 1), "weights 1", "has no weights");
  refused(with_weight(1, 0), "weights 1", "has no weights");
  refused(with_weight(1, 2), "operation 1 (linear)", "do not fit its tensors");
  refused(with_weight(2, 1), "operation 1 (linear)", "do not fit its tensors");
  for (const Vector<float>& scales : {Vector<float>{0.5F, 0.5F}, make_tensor<float>({0})})
    refused([&](auto& net) { net.weights[0].weight.scale = scales; }, "weights 1",
            "one for the tensor or one per output channel");
  refused(
      [](auto& net) {
        net.weights[0].bias = {4, 5};
      },
      "operation 1 (linear)", "one bias per output");
  refused([](auto& net) { net.weights[0].bias = make_tensor<std::int32_t>({0}); },
          "operation 1 (linear)", "one bias per output");
  refused([](auto& net) { net.operations[0].weights.reset(); }, "operation 1 (linear)",
          "has no weights");
  QuantizedNet edge = one_weight();  // a zero point at either end, and a range of one integer
  for (const QuantRange range : {QuantRange{0, 20}, {20, 255}, {20, 20}}) {
    edge.tensors[1].range = range;
    CHECK_NOTHROW(require_valid(edge, static_operations()));
  }
}

TEST_CASE("scales and biases that give no integers are refused when a net is packed", "[hand]") {
  QuantizedNet net = one_weight();
  net.tensors[0].params.scale = net.weights[0].weight.scale(0) = 1e-30F;  // 1e-60 is no float32
  CHECK_NOTHROW(require_valid(net, static_operations()));
  CHECK_THROWS_WITH(pack(net), QFS_CONTAINS("give no multiplier"));
  net = one_weight();
  net.weights[0].bias = {2147483647};
  CHECK_THROWS_WITH(pack(net), QFS_CONTAINS("may overflow its 32-bit sum"));
  // A fixed-point multiplier exists from 2^-32 on.
  net = one_weight();
  net.tensors[0].params.scale = 0x1p-32F;  // m = 2^-32 * 0.5 / 0.5
  CHECK_NOTHROW(pack(net, ref_backend(RequantizeRule::fixed_point)));
  net.tensors[0].params.scale = 0x1p-33F;
  CHECK_NOTHROW(pack(net));
  CHECK_THROWS_WITH(pack(net, ref_backend(RequantizeRule::fixed_point)),
                    QFS_CONTAINS("no fixed-point multiplier"));
}

TEST_CASE("a list that can not be run from front to back is refused", "[hand]") {
  // quantize 0 -> 1, linear 1 -> 2, relu 2 -> 3, linear 3 -> 4, dequantize 4 -> 5.
  const auto refused = [](const auto& change, const char* where, const char* why) {
    refuse(paper_mlp::make_net, change, where, why);
  };
  refused([](auto& net) { net.operations.clear(); }, "", "a net needs tensors and operations");
  refused([](auto& net) { net.tensors.clear(); }, "", "a net needs tensors and operations");
  for (DType type : {DType::s8, DType::s32, DType::f64})
    refused([&](auto& net) { net.tensors[2].type = type; }, "tensor 2", "has no type of a tensor");
  constexpr std::size_t kHuge = 2147483647;  // the most there may be
  for (const std::vector<std::size_t>& shape :
       {std::vector<std::size_t>{},
        {0},
        {2, 0},
        {0, 2},
        {kHuge + 1},
        {2, kHuge},
        {(std::size_t{1} << 63) + 1, 2}})  // 2^64 + 2 wraps around to 2, which would fit
    refused([&](auto& net) { net.tensors[0].shape = shape; }, "tensor 0", "is empty or too large");
  refused([](auto& net) { net.operations[1].inputs.clear(); }, "operation 2 (linear)",
          "reads nothing");
  // No such tensor; its own output; one that is written later.
  for (std::size_t input : {6U, 2U, 4U})
    refused([&](auto& net) { net.operations[1].inputs = {input}; }, "operation 2 (linear)",
            "reads a tensor not yet written");
  // No such tensor; the input of the net; two that are written already.
  for (std::size_t output : {6U, 0U, 2U, 3U})
    refused([&](auto& net) { net.operations[3].output = output; }, "operation 4 (linear)",
            "does not exist or is written already");
  refused([](auto& net) { net.tensors.push_back(net.tensors[1]); }, "tensor 6",
          "is written by no operation");
  refused([](auto& net) { net.operations.pop_back(); }, "tensor 5", "is written by no operation");
  for (std::size_t weights : {2U, 1000U})
    refused([&](auto& net) { net.operations[1].weights = weights; }, "operation 2 (linear)",
            "names weights that do not exist");
  refused([](auto& net) { net.operations[2].attributes["slope"] = {}; }, "operation 3 (relu)",
          "has an attribute without numbers");
  refused([](auto& net) { net.operations[2].attributes[""] = {1}; }, "operation 3 (relu)",
          "has an attribute without numbers");
  refused([](auto& net) { std::swap(net.operations[1], net.operations[2]); }, "operation 2 (relu)",
          "reads a tensor not yet written");
  // Weights that no operation names are checked too: a file could not bring them back.
  refused([](auto& net) { net.weights.emplace_back(); }, "weights 3", "has no weights");
}

TEST_CASE("an operation that its row can not run is refused", "[hand]") {
  const auto refused = [](std::size_t operation, const auto& change, const char* why) {
    const char* names[] = {"operation 1 (quantize)", "operation 2 (linear)", "operation 3 (relu)",
                           "operation 4 (linear)", "operation 5 (dequantize)"};
    refuse(
        paper_mlp::make_net, [&](QuantizedNet& net) { change(net, net.operations[operation]); },
        names[operation], why);
  };
  for (std::size_t p : {0U, 1U, 2U, 4U}) {
    refused(
        p,
        [](auto&, auto& operation) {
          operation.inputs = {0, 0};
        },
        "reads another number of tensors");
    refused(
        p, [](auto&, auto& operation) { operation.attributes["slope"] = {1}; }, "has attributes");
    if (p != 1)
      refused(
          p, [](auto&, auto& operation) { operation.weights = 0; }, "has weights");
    // The first operation that meets the changed tensor is the one named.
    refused(
        p,
        [](auto& net, auto& operation) {
          DType& type = net.tensors[operation.output].type;
          type = type == DType::u8 ? DType::f32 : DType::u8;
        },
        "has a tensor of another type");
  }
  refused(
      0, [](auto& net, auto&) { net.tensors[0].type = DType::u8; }, "of another type");
  refused(
      1, [](auto&, auto& operation) { operation.inputs = {0}; }, "of another type");
  refused(
      2, [](auto&, auto& operation) { operation.inputs = {0}; }, "of another type");
  refused(
      4, [](auto&, auto& operation) { operation.inputs = {0}; }, "of another type");
  refused(
      0, [](auto& net, auto&) { net.tensors[0].shape = {3}; }, "changes the number");
  refused(
      2, [](auto& net, auto&) { net.tensors[3].shape = {3}; }, "changes the number");
  refused(
      4, [](auto& net, auto&) { net.tensors[5].shape = {1}; }, "changes the number");
  refused(
      2, [](auto& net, auto&) { net.tensors[3].params.scale = 0.25F; },
      "changes scale or zero point");
  refused(
      2, [](auto& net, auto&) { net.tensors[3].params.zero_point = 7; },
      "changes scale or zero point");
  // The zero point is 6 and the integers end at 15: what is left is 6..15 and nothing else.
  for (const QuantRange range : {QuantRange{0, 15}, {5, 15}, {6, 14}, {6, 16}})
    refused(
        2, [&](auto& net, auto&) { net.tensors[3].range = range; },
        "writes integers of another range");
  refused(
      2,
      [](auto&, auto& operation) {
        operation.kind = "relu";
        operation.inputs = {1};
      },
      "changes scale or zero point");  // tensor 1 has the input's
}

TEST_CASE("an operation that no row is called is refused, and the rows are named", "[hand]") {
  QuantizedNet net = paper_mlp::make_net();
  net.operations[2].kind = "gelu";
  for (const auto& [table, rows] :
       {std::pair(static_operations(), "one of quantize, linear, relu, dequantize"),
        std::pair(static_operations().first(3), "one of quantize, linear, relu")}) {
    CHECK_THROWS_WITH(require_valid(net, table), QFS_CONTAINS("operation 3 (gelu)") &&
                                                     QFS_CONTAINS("no such operation") &&
                                                     QFS_CONTAINS(rows));
    CHECK_THROWS_WITH(find_kind(table, "gelu", "here"), QFS_CONTAINS("here") && QFS_CONTAINS(rows));
    CHECK(find_kind(table, "relu", "here").name == "relu");
  }
  // In whatever order the rows stand, and only the row that is meant.
  CHECK_THROWS_WITH(pack(paper_mlp::make_net(), ref_backend(), static_operations().first(3)),
                    QFS_CONTAINS("operation 5 (dequantize)"));
  for (const OperationKind& kind : static_operations())
    CHECK((kind.clamps == (kind.name == "linear") && kind.row_by_row));
}

TEST_CASE("ReLU keeps what is above the zero point", "[hand]") {
  QuantizedNet net{.tensors = {{{5}, DType::u8, {1.0F, 100}}}};
  add_relu(net, 0);
  CHECK(net.tensors[1].range == QuantRange{100, 255});
  const Matrix<std::uint8_t> q = {{0, 99, 100, 101, 255}}, expected = {{100, 100, 100, 101, 255}};
  CHECK(difference(run_u8(pack(net), q), expected) == "");
}

TEST_CASE("the paper net gives PyTorch's integers", "[ref]") {
  // ch06.py, save_paper.
  const QuantizedNet net = paper_mlp::make_net();
  require_valid(net, static_operations());
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const auto kept = tensors_of(pack(net, ref_backend(rule)), paper_mlp::kRealInput).u8;
    REQUIRE(kept.size() == 6);
    CHECK(difference(kept[1], paper_mlp::kInput) == "");
    CHECK(difference(kept[2], load_reference<std::uint8_t, 2>("ch06/paper_y1")) == "");
    CHECK(difference(kept[3], load_reference<std::uint8_t, 2>("ch06/paper_relu")) == "");
    CHECK(difference(kept[4], load_reference<std::uint8_t, 2>("ch06/paper_y2")) == "");
  }
  const auto equal = [](const char* name, const auto& expected) {
    const auto q = load_reference<std::uint8_t, 2>(name);
    return std::ranges::equal(values(q), expected);
  };
  CHECK(equal("ch06/paper_y1", paper_mlp::kLayer1ByPyTorch));
  CHECK(equal("ch06/paper_relu", paper_mlp::kReluByPyTorch));
  CHECK(equal("ch06/paper_y2", paper_mlp::kLayer2ByPyTorch));
}

TEST_CASE("a net whose list has no relu runs none", "[hand]") {
  // The paper net with its ranges left as they are, so that nothing cuts layer 1's 5 and 2:
  // (5, 11) - 6 = (-1, 5): sums -7 + 5 - 4 = -6 and 2 + 30 + 8 = 40, a quarter -1.5 and 10;
  // (10, 2) - 6 = (4, -4): sums 28 - 4 - 4 = 20 and -8 - 24 + 8 = -24, a quarter 5 and -6.
  QuantizedNet net = paper_mlp::make_net();
  net.operations.erase(net.operations.begin() + 2);  // relu 2 -> 3
  net.tensors.erase(net.tensors.begin() + 3);
  net.operations[2].inputs = {2};  // linear 2 -> 3, dequantize 3 -> 4
  net.operations[2].output = 3;
  net.operations[3].inputs = {3};
  net.operations[3].output = 4;
  const Matrix<std::uint8_t> expected = {{2, 14}, {9, 0}};
  CHECK(difference(tensors_of(pack(net), paper_mlp::kRealInput).u8[3], expected) == "");
}

TEST_CASE("the input is clamped to its range", "[hand]") {
  const PackedNet net = pack(paper_mlp::make_net());  // scale 0.25, zero point 4, integers 0..15
  const Matrix<float> x = {{-1.25F, -1.0F}, {2.75F, 3.0F}, {0.3F, 0.375F}};
  const Matrix<std::uint8_t> expected = {{0, 0}, {15, 15}, {5, 6}};  // 1.5 steps to the even 2
  CHECK(difference(tensors_of(net, x).u8[1], expected) == "");
}

TEST_CASE("the input is multiplied by 1/s, as PyTorch does, not divided by s", "[hand]") {
  QuantizedNet net{.tensors = {{{1}, DType::f32}}};
  add_quantize(net, 0, {0.00214854861F, 0}, unsigned_range(8));
  // x * (1/s) is exactly 127.5 and goes to 128; x / s is 127.499992.
  NetBuffers buffers;
  const std::vector<float> x = {0.273939937F};
  run(pack(net), {.f32 = x}, 1, buffers);
  CHECK(buffers.u8[1](0, 0) == 128);
}

TEST_CASE("the logits pass no ReLU", "[hand]") {
  // Input (15, 0): layer 1 sums 60 + 0 = 60 and -105 + 32 = -73, an eighth 7.5 and -9.125: 14 and 0
  // (6 - 9 is below the range), ReLU 14 and 6. Layer 2: 98 + 6 - 52 = 52 and -28 + 36 - 16 = -8, a
  // quarter 13 and -2: 15 (clamped) and 2, which is below the zero point 4 and stays.
  const Matrix<float> x = {{2.75F, -1.0F}};  // 15 and 0 of scale 0.25, zero point 4
  const NetBuffers tensors = tensors_of(pack(paper_mlp::make_net()), x);
  CHECK(difference(tensors.u8[1], Matrix<std::uint8_t>{{15, 0}}) == "");
  CHECK(difference(tensors.u8[4], Matrix<std::uint8_t>{{15, 2}}) == "");
  // As reals, by the last layer's scale 0.25 and zero point 4.
  CHECK(difference(tensors.f32[5], Matrix<float>{{2.75F, -0.5F}}) == "");
}

TEST_CASE("an MLP becomes a flat list on numbered tensors", "[hand]") {
  const Mlp mlp = random_mlp(13);  // 23, 17, 9, 10
  const QuantizedNet net = quantize_mlp(
      mlp, intervals_of(mlp, random_input(14, 20, mlp.inputs()), OutputPoint::after_linear), {});
  const std::vector<std::string> kinds = {"quantize", "linear", "relu",      "linear",
                                          "relu",     "linear", "dequantize"};
  const std::vector<std::size_t> sizes = {23, 23, 17, 17, 9, 9, 10, 10};
  REQUIRE((net.operations.size() == 7 && net.tensors.size() == 8 && net.weights.size() == 3));
  std::size_t layer = 0;
  for (std::size_t p = 0; p < kinds.size(); ++p) {
    const Operation& operation = net.operations[p];
    CHECK((operation.kind == kinds[p] && operation.attributes.empty()));
    CHECK((operation.inputs == std::vector<std::size_t>{p} && operation.output == p + 1));
    CHECK(operation.weights.has_value() == (operation.kind == "linear"));
    if (operation.weights) CHECK(*operation.weights == layer++);
    CHECK(name_of(net, operation) == "operation " + std::to_string(p + 1) + " (" + kinds[p] + ")");
  }
  for (std::size_t t = 0; t < sizes.size(); ++t) {
    CHECK(net.tensors[t].shape == std::vector<std::size_t>{sizes[t]});
    CHECK(net.tensors[t].type == (t == 0 || t == 7 ? DType::f32 : DType::u8));
  }
  const std::vector<OperationParts> layers = layers_of(net);
  REQUIRE(layers.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(&layers[i].operation == &net.operations[2 * i + 1]);
    CHECK((&layers[i].input == &net.tensors[2 * i + 1] &&
           &layers[i].output == &net.tensors[2 * i + 2] && layers[i].weights == &net.weights[i]));
  }
  CHECK(parts_of(net, net.operations[0]).weights == nullptr);
  const PackedNet packed = pack(net);
  CHECK((packed.input().size() == 23 && packed.output().size() == 10));
}

TEST_CASE("a net takes the type of its first tensor, and gives that of its last", "[hand]") {
  NetBuffers buffers;
  const std::vector<std::uint8_t> integers = {30};
  const std::vector<float> reals = {30.0F};
  const PackedNet from_u8 = pack(one_weight());
  CHECK_THROWS_WITH(run(from_u8, {.f32 = reals}, 1, buffers), QFS_CONTAINS("the other type"));
  CHECK_THROWS_WITH(run(from_u8, {integers, reals}, 1, buffers), QFS_CONTAINS("the other type"));
  CHECK_THROWS_WITH(run(from_u8, {.u8 = integers}, 2, buffers), QFS_CONTAINS("does not fit"));
  CHECK_THROWS_WITH(run(from_u8, {}, 1, buffers), QFS_CONTAINS("does not fit the net"));
  QuantizedNet net{.tensors = {{{1}, DType::f32}}};
  add_quantize(net, 0, {1.0F, 0}, unsigned_range(8));
  const PackedNet to_u8 = pack(net);
  CHECK_THROWS_WITH(run(to_u8, {.u8 = integers}, 1, buffers), QFS_CONTAINS("the other type"));
  CHECK_THROWS_WITH(run(to_u8, Matrix<float>{{30.0F}}, buffers), QFS_CONTAINS("gives no reals"));
  run(to_u8, {.f32 = reals}, 1, buffers);
  CHECK(buffers.u8[1](0, 0) == 30);
}

TEST_CASE("the buffers hold every tensor but the input, and fit batches of any size", "[hand]") {
  const PackedNet net = pack(paper_mlp::make_net());
  NetBuffers buffers;
  for (std::size_t rows : {2U, 5U, 1U, 0U}) {
    run(net, make_tensor<float>({rows, 2}), buffers);
    CHECK((buffers.u8[0].size() == 0 && buffers.f32[0].size() == 0));
    for (std::size_t t = 1; t <= 5; ++t) {
      CHECK(buffers.u8[t].size() == (t < 5 ? 2 * rows : 0));
      CHECK(buffers.f32[t].size() == (t == 5 ? 2 * rows : 0));
    }
  }
}

TEST_CASE("without options: eight bits, one scale per weight matrix", "[hand]") {
  CHECK(PtqOptions{}.activations == QuantRange{0, 255});
  CHECK(PtqOptions{}.weights == WeightGranularity::per_tensor);
}

TEST_CASE("a backend is data", "[hand]") {
  static_assert(std::is_aggregate_v<Backend> && !std::is_polymorphic_v<Backend> &&
                std::is_trivially_copyable_v<Backend>);
  CHECK(ref_backend().name == "ref");
  CHECK(ref_backend(RequantizeRule::fixed_point).name == "ref_fixed");
  const QuantizedWeight weight = weight_of({{3}});
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const Backend& backend = ref_backend(rule);
    const PackedProduct packed = pack_for(backend, weight, unsigned_range(8));
    CHECK(packed.backend == backend.name);
    CHECK(backend.describe(packed) == "N x K, as they are");
  }
}

TEST_CASE("run_s32 gives the raw product: no zero point, no bias", "[hand]") {
  // (3, 9) by the rows (4, -2) and (-7, 3), as in the text: 12 - 18 and -21 + 27. Input (0, 255):
  // -510 and 765.
  const QuantizedWeight weight = weight_of({{4, -2}, {-7, 3}});
  const Matrix<std::uint8_t> x = {{3, 9}, {0, 255}};
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const Backend& backend = ref_backend(rule);
    const PackedProduct packed = pack_for(backend, weight, unsigned_range(8));
    CHECK((packed.inputs == 2 && packed.outputs == 2));
    CHECK(packed.input_range == unsigned_range(8));
    Matrix<std::int32_t> acc = make_tensor<std::int32_t>({2, 2}, 99);
    backend.run_s32(packed, matrix_left_side(values(x), 2), values(acc));
    CHECK(difference(acc, Matrix<std::int32_t>{{-6, 6}, {-510, 765}}) == "");
    // A layer's packed weight is the same: its bias and zero point stay out.
    const QuantizedNet net = paper_mlp::make_net();
    const OperationParts layer = layers_of(net)[0];
    const ToU8 to_u8 = make_to_u8(layer);
    const PackedProduct whole = backend.pack(
        {.weight = &layer.weights->weight, .input_range = unsigned_range(8), .to_u8 = &to_u8});
    backend.run_s32(whole, matrix_left_side(values(x), 2), values(acc));
    CHECK(difference(acc, Matrix<std::int32_t>{{-6, 6}, {-510, 765}}) == "");
  }
}

TEST_CASE("run_f32 gives sums as reals: one s_x and z_x, or one for every row", "[hand]") {
  // (3, 9) and (0, 255) by (4, -2) and (-7, 3): -6, 6, -510, 765. Sums of the weight 2 and -4.
  // s_x = 0.5, z_x = 4: sums - 8 and + 16; s_w = 0.25 and 1; biases 1 and -2.
  const QuantizedWeight weight = {{{4, -2}, {-7, 3}}, {0.25F, 1.0F}};
  const Matrix<std::uint8_t> x = {{3, 9}, {0, 255}};
  const ToF32 to_f32 = {.weight_sum = {2, -4}, .bias = {1.0F, -2.0F}};
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const Backend& backend = ref_backend(rule);
    const PackedProduct packed =
        backend.pack({.weight = &weight, .input_range = unsigned_range(8), .to_f32 = &to_f32});
    const auto run = [&](std::vector<QuantParams> params) {
      auto y = make_tensor<float>({2, 2});
      backend.run_f32(packed, matrix_left_side(values(x), 2), params, values(y));
      return y;
    };
    // -14 / 8 + 1, 22 / 2 - 2; -518 / 8 + 1, 781 / 2 - 2
    CHECK(difference(run({{0.5F, 4}}), Matrix<float>{{-0.75F, 9.0F}, {-63.75F, 388.5F}}) == "");
    // The second row by s_x = 2, z_x = 0: -510 / 2 + 1, 765 * 2 - 2.
    CHECK(difference(run({{0.5F, 4}, {2.0F, 0}}),
                     Matrix<float>{{-0.75F, 9.0F}, {-254.0F, 1528.0F}}) == "");
    CHECK_THROWS_WITH(run({}), QFS_CONTAINS("one for every row"));
    CHECK_THROWS_WITH(run({{1, 0}, {1, 0}, {1, 0}}), QFS_CONTAINS("one for every row"));
    for (const ToF32& half : {ToF32{.weight_sum = {2, -4}}, ToF32{.bias = {1.0F, -2.0F}}}) {
      const PackedProduct not_for_reals =
          backend.pack({.weight = &weight, .input_range = unsigned_range(8), .to_f32 = &half});
      const std::vector<QuantParams> params = {{0.5F, 4}};
      auto y = make_tensor<float>({2, 2});
      CHECK_THROWS_WITH(
          backend.run_f32(not_for_reals, matrix_left_side(values(x), 2), params, values(y)),
          QFS_CONTAINS("not packed for reals"));
    }
  }
}

TEST_CASE("ref packs rows of the left side when it needs them", "[hand]") {
  // Rows of two out of a line of numbers, each one step further: (1, 2), (2, 3), (3, 4).
  const std::vector<std::uint8_t> line = {1, 2, 3, 4};
  const LeftSide windows = {
      .rows = 3,
      .depth = 2,
      .source = &line,
      .pack = [](const void* source, std::size_t begin, std::size_t end, std::uint8_t* to) {
        const auto& numbers = *static_cast<const std::vector<std::uint8_t>*>(source);
        for (std::size_t m = begin; m < end; ++m)
          for (std::size_t k = 0; k < 2; ++k) *to++ = numbers[m + k];
      }};
  const QuantizedWeight weight = weight_of({{10, 1}, {1, -1}});
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    auto acc = make_tensor<std::int32_t>({3, 2});
    ref_backend(rule).run_s32(pack_for(ref_backend(rule), weight, unsigned_range(8)), windows,
                              values(acc));
    CHECK(difference(acc, Matrix<std::int32_t>{{12, -1}, {23, -1}, {34, -1}}) == "");
  }
}

TEST_CASE("a weight is packed when no sum can leave 32 bits, for the range it is packed for",
          "[hand]") {
  // 128 * 255 = 32640 an input: 65793 inputs reach 2147483520, 65794 would pass 2^31 - 1. In seven
  // bits it is 128 * 127 = 16256 an input, so twice as many fit.
  const auto lowest = [](std::size_t inputs) {
    return make_tensor<std::int8_t>({1, inputs}, std::int8_t{-128});
  };
  const auto pack_ref = [](Matrix<std::int8_t> q, QuantRange inputs) {
    return pack_for(ref_backend(), weight_of(std::move(q)), inputs);
  };
  const auto shape_of_any = [](Matrix<std::int8_t> q, QuantRange inputs) {
    const QuantizedWeight weight = weight_of(std::move(q));
    return pack_shape({.weight = &weight, .input_range = inputs}, "any");
  };
  CHECK_NOTHROW(pack_ref(lowest(65793), unsigned_range(8)));
  // ref's loop (chapter 02) takes no longer sums than any weights allow.
  CHECK_THROWS_WITH(pack_ref(make_tensor<std::int8_t>({1, 65794}), unsigned_range(8)),
                    QFS_CONTAINS("so many inputs"));
  CHECK_NOTHROW(shape_of_any(lowest(65794), unsigned_range(7)));
  CHECK_NOTHROW(shape_of_any(lowest(65793), unsigned_range(8)));
  CHECK_THROWS_WITH(shape_of_any(lowest(65794), unsigned_range(8)), QFS_CONTAINS("may overflow"));
  CHECK_THROWS_WITH(pack_ref(lowest(0), unsigned_range(8)), QFS_CONTAINS("has no weights"));
  CHECK_THROWS_WITH(pack_ref(lowest(1), {0, 256}), QFS_CONTAINS("within 8 bits"));
  CHECK_THROWS_WITH(pack_ref(lowest(1), {-1, 255}), QFS_CONTAINS("within 8 bits"));
  CHECK_THROWS_WITH(pack_ref(lowest(1), {5, 4}), QFS_CONTAINS("within 8 bits"));
  // The largest input counts, not the width of the range.
  CHECK_THROWS_WITH(shape_of_any(lowest(65794), {200, 255}), QFS_CONTAINS("may overflow"));
  // 127 * 255 = 32385 an input: 66311 reach 2147481735, 66312 would pass 2^31 - 1.
  const auto highest = [](std::size_t inputs) {
    return make_tensor<std::int8_t>({1, inputs}, std::int8_t{127});
  };
  CHECK_NOTHROW(shape_of_any(highest(66311), unsigned_range(8)));
  CHECK_THROWS_WITH(shape_of_any(highest(66312), unsigned_range(8)), QFS_CONTAINS("may overflow"));
  // Inputs 0 and 1: 2^24 - 1 weights of -128 and one of 127 reach 2^31 - 1, not a step more.
  Matrix<std::int8_t> longest = lowest(std::size_t{1} << 24);
  CHECK_THROWS_WITH(shape_of_any(longest, {0, 1}), QFS_CONTAINS("may overflow"));
  longest(0, 0) = 127;
  CHECK_NOTHROW(shape_of_any(longest, {0, 1}));
  const PackedProduct packed = shape_of_any({{1, 2, 3}, {4, 5, 6}}, {5, 200});
  CHECK((packed.backend == "any" && packed.inputs == 3 && packed.outputs == 2));
  CHECK((packed.input_range == QuantRange{5, 200} && packed.object == nullptr));
}

TEST_CASE("a backend refuses what another one laid out, and what does not fit", "[hand]") {
  const QuantizedWeight weight = weight_of({{1, 2}});
  const std::vector<std::uint8_t> x(4);
  std::vector<std::int32_t> acc(2);
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const Backend& backend = ref_backend(rule);
    PackedProduct packed = pack_for(backend, weight, unsigned_range(8));
    const auto run = [&](std::size_t size, std::size_t rows, std::size_t sums) {
      backend.run_s32(packed, matrix_left_side({x.data(), size}, rows), {acc.data(), sums});
    };
    CHECK_NOTHROW(run(4, 2, 2));
    CHECK_THROWS_WITH(run(4, 3, 2), QFS_CONTAINS("input does not fit"));
    CHECK_THROWS_WITH(run(4, 1, 1), QFS_CONTAINS("input does not fit"));
    CHECK_THROWS_WITH(run(3, 1, 1), QFS_CONTAINS("input does not fit"));
    CHECK_THROWS_WITH(run(3, 2, 2), QFS_CONTAINS("input does not fit"));
    CHECK_THROWS_WITH(run(2, 0, 0), QFS_CONTAINS("input does not fit"));
    CHECK_THROWS_WITH(run(2, 1, 2), QFS_CONTAINS("output does not fit"));
    CHECK_THROWS_WITH(run(4, 2, 1), QFS_CONTAINS("output does not fit"));
    // Packed for sums alone.
    std::vector<std::uint8_t> y(2);
    std::vector<float> reals(2);
    const std::vector<QuantParams> params = {{1.0F, 0}};
    const LeftSide left = matrix_left_side(x, 2);
    CHECK_THROWS_WITH(backend.run_u8(packed, left, y), QFS_CONTAINS("not packed for 8 bits"));
    CHECK_THROWS_WITH(backend.run_f32(packed, left, params, reals),
                      QFS_CONTAINS("not packed for reals"));
    for (const char* another : {"avx2", "ref_", ""}) {
      packed.backend = another;
      CHECK_THROWS_WITH(backend.run_s32(packed, left, acc), QFS_CONTAINS("another backend"));
      CHECK_THROWS_WITH(backend.run_u8(packed, left, y), QFS_CONTAINS("another backend"));
      CHECK_THROWS_WITH(backend.run_f32(packed, left, params, reals),
                        QFS_CONTAINS("another backend"));
    }
    // What a layer was packed for by another backend, a run on the wrong one refuses.
    const Backend& other = ref_backend(rule == RequantizeRule::float32 ? RequantizeRule::fixed_point
                                                                       : RequantizeRule::float32);
    const PackedProduct theirs = pack_for(backend, weight, unsigned_range(8));
    CHECK_THROWS_WITH(other.run_u8(theirs, left, y), QFS_CONTAINS("another backend"));
    // The raw sums are the same for both, and so is what holds the weights.
    CHECK_NOTHROW(other.run_s32(theirs, left, acc));
  }
}

TEST_CASE("the integers stay near the float net", "[prop]") {
  const Mlp mlp = random_mlp(3);
  const Matrix<float> x = random_input(4, 50, mlp.inputs());
  const QuantizedNet net = quantize_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_linear), {});
  const Matrix<float> real = linear_forward_ref(mlp.layers[0], x);
  const NetBuffers kept = tensors_of(pack(net), x);
  // Layer 1: each of 23 products is off by at most |x| s_w / 2 (a clamped weight: s_w) + |w| s_x /
  // 2, the bias by half a step of the sum, the output by half a step. |x| <= 2; float32 errors are
  // below 1e-4.
  const OperationParts layer = layers_of(net)[0];
  const Matrix<std::uint8_t>& q = kept.u8[layer.operation.output];
  for (std::size_t n = 0; n < layer.output.size(); ++n) {
    double weights = 0.0;
    for (float w : row(mlp.layers[0].weight, n)) weights += std::fabs(static_cast<double>(w));
    const double s_x = static_cast<double>(layer.input.params.scale),
                 s_w = static_cast<double>(layer.weights->weight.scale(0)),
                 s_y = static_cast<double>(layer.output.params.scale);
    const double bound =
        23 * 2.0 * s_w + (weights + 23 * s_w) * s_x / 2 + s_x * s_w / 2 + s_y / 2 + 1e-4;
    for (std::size_t m = 0; m < 50; ++m) {
      const double got = static_cast<double>(dequantize_value(q(m, n), layer.output.params));
      CHECK(std::fabs(got - static_cast<double>(real(m, n))) <= bound);
    }
  }
}

TEST_CASE("a batch gives what its rows give alone", "[prop]") {
  const Mlp mlp = random_mlp(5);
  const Matrix<float> x = random_input(6, 7, mlp.inputs());
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const PackedNet net = pack(
        quantize_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_linear), {}), ref_backend(rule));
    NetBuffers buffers, buffers_of_one;
    const Matrix<float>& all = run(net, x, buffers);
    for (std::size_t m = 0; m < 7; ++m) {
      Matrix<float> one = make_tensor<float>({1, mlp.inputs()});
      std::ranges::copy(row(x, m), row(one, 0).begin());
      const Matrix<float>& alone = run(net, one, buffers_of_one);
      CHECK(difference(row(all, m), values(alone)) == "");
    }
  }
}

TEST_CASE("no rows give no rows", "[hand]") {
  const Mlp mlp = random_mlp(7);
  const PackedNet net = pack(quantize_mlp(
      mlp, intervals_of(mlp, random_input(8, 5, mlp.inputs()), OutputPoint::after_linear), {}));
  CHECK(tensors_of(net, make_tensor<float>({0, mlp.inputs()})).f32.back().shape(0) == 0);
  CHECK(classify_u8(net, make_tensor<std::uint8_t>({0, mlp.inputs()})).empty());
}

TEST_CASE("seven bits stay below 128", "[prop]") {
  const Mlp mlp = random_mlp(9);
  const Matrix<float> x = random_input(10, 40, mlp.inputs());
  const PtqOptions options = {reduced(unsigned_range(8)), WeightGranularity::per_channel};
  ActivationIntervals narrow = intervals_of(mlp, x, OutputPoint::after_linear);
  for (Interval& interval : narrow.outputs) interval.max *= 0.5F;  // so that the clamp is reached
  const QuantizedNet net = quantize_mlp(mlp, narrow, options);
  const NetBuffers kept = tensors_of(pack(net), x);
  for (const OperationParts& layer : layers_of(net))
    CHECK(std::ranges::max(values(kept.u8[layer.operation.output])) == 127);
}

TEST_CASE("wrong shapes and intervals are refused", "[hand]") {
  const Mlp mlp = random_mlp(11);
  const ActivationIntervals good =
      intervals_of(mlp, random_input(12, 5, mlp.inputs()), OutputPoint::after_linear);
  ActivationIntervals few = good;
  few.outputs.pop_back();
  CHECK_THROWS_WITH(quantize_mlp(mlp, few, {}), QFS_CONTAINS("one interval per layer"));
  ActivationIntervals many = good;
  many.outputs.push_back({0.0F, 1.0F});
  CHECK_THROWS_WITH(quantize_mlp(mlp, many, {}), QFS_CONTAINS("one interval per layer"));
  CHECK_THROWS_WITH(quantize_mlp(Mlp{}, {good.input, {}}, {}),
                    QFS_CONTAINS("one interval per layer"));
  const PackedNet net = pack(quantize_mlp(mlp, good, {}));
  NetBuffers buffers;
  for (std::size_t inputs : {22U, 24U})
    CHECK_THROWS_WITH(run(net, make_tensor<float>({2, inputs}), buffers),
                      QFS_CONTAINS("does not fit the net"));
}

TEST_CASE("a sum is bounded for the integers that occur, its bias included", "[hand]") {
  // 100 q_x beside a bias of 2^31 - 1 - 20000: of 127 it stays within 32 bits, of 255 it does not.
  QuantizedNet net = one_linear({0.25F, 0}, {0.5F, 0}, {.weight = {{{100}}, {0.5F}}, .bias = {}});
  net.weights[0].bias = {2147483647 - 20000};
  net.tensors[0].range = {0, 127};
  CHECK_NOTHROW(pack(net));
  net.tensors[0].range = {0, 255};
  CHECK_THROWS_WITH(pack(net), QFS_CONTAINS("may overflow its 32-bit sum"));
}

TEST_CASE("a bias that leaves 32 bits is refused", "[hand]") {
  Linear linear;
  linear.weight = {{0.0F}};  // the smallest scale there is
  linear.bias = {1000.0F};
  CHECK_THROWS_WITH(quantized(linear, {0.01F, 0}, {1.0F, 0},
                              quantize_weight(linear.weight, WeightGranularity::per_tensor)),
                    QFS_CONTAINS("does not fit 32 bits"));
}
