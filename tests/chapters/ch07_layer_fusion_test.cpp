// Chapter 07: the rewrite of the list of operations, and the clamp that is a ReLU.
#include "06_static_ptq/plumbing/net_checks.hpp"
#include "07_layer_fusion/fuse.hpp"

#include <algorithm>
#include <cmath>

#include "07_layer_fusion/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/intervals.hpp"
#include "tests/support/quantized_nets.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::intervals_of;
using qfs::test::layer_outputs;
using qfs::test::lines_of;
using qfs::test::load_reference;
using qfs::test::net_difference;
using qfs::test::random_input;
using qfs::test::random_mlp;
using Lines = std::vector<std::string>;

// Nets of one integer: tensor 0 is that integer, of scale 1 and zero point 128.
QuantizedNet net_of_one() {
  return QuantizedNet{.tensors = {{{1}, DType::u8, {1.0F, 128}, {0, 255}}}};
}

// Adds a linear of one weight, 1, whose sum is q_x minus the zero point of its input.
std::size_t add_identity(QuantizedNet& net, std::size_t input, QuantParams output,
                         QuantRange range) {
  const std::vector<float> bias = {0.0F};
  QuantizedWeight weight{make_tensor<std::int8_t>({1, 1}, 1), make_tensor<float>({1}, 1.0F)};
  return add_linear(net, input, std::move(weight), bias, output, range);
}

// A linear and its relu: the sum is q_x - 128, what is asked of the output is up to the test.
QuantizedNet identity_net(QuantParams output, QuantRange range) {
  QuantizedNet net = net_of_one();
  add_relu(net, add_identity(net, 0, output, range));
  return net;
}

// Runs a net of one integer on each of `x`: the numbers of one tensor.
std::vector<std::uint8_t> tensor_of(const QuantizedNet& net, std::span<const std::uint8_t> x,
                                    std::size_t tensor,
                                    std::span<const OperationKind> table = static_operations()) {
  NetBuffers buffers;
  run(pack(net, ref_backend(), table), {.u8 = x}, x.size(), buffers);
  return {buffers.u8[tensor].begin(), buffers.u8[tensor].end()};
}
std::vector<std::uint8_t> outputs_of(const QuantizedNet& net, std::span<const std::uint8_t> x,
                                     std::span<const OperationKind> table = static_operations()) {
  return tensor_of(net, x, net.operations.back().output, table);
}

std::vector<std::uint8_t> all_bytes() {
  std::vector<std::uint8_t> x(256);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::uint8_t>(i);
  return x;
}

// (eq. 6.8), here and not from the library.
std::vector<std::uint8_t> relu_of(std::vector<std::uint8_t> q, std::int32_t zero_point) {
  for (std::uint8_t& value : q)
    if (value < zero_point) value = static_cast<std::uint8_t>(zero_point);
  return q;
}

// Whether a net of one integer and what fuse makes of it give the same for every input.
bool same_integers(const QuantizedNet& net,
                   std::span<const OperationKind> table = static_operations()) {
  const std::vector<std::uint8_t> x = all_bytes();
  return outputs_of(fuse(net, table), x, table) == outputs_of(net, x, table);
}

// A net of these widths with parameters from before the ReLU.
QuantizedNet unfused_net(std::span<const std::size_t> widths) {
  Rng rng(1);
  const Mlp mlp = make_mlp(widths, rng);
  const Matrix<float> x = random_input(2, 20, widths[0]);
  return quantize_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_linear), {});
}
const std::array<std::size_t, 4> kThreeLayers = {5, 4, 3, 2};
const std::array<std::size_t, 2> kOneLayer = {5, 2};

}  // namespace

TEST_CASE("a net is linear and relu in turn, between its edges", "[hand]") {
  CHECK(lines_of(unfused_net(kThreeLayers)) == Lines{"quantize 0 -> 1", "linear 1 -> 2",
                                                     "relu 2 -> 3", "linear 3 -> 4", "relu 4 -> 5",
                                                     "linear 5 -> 6", "dequantize 6 -> 7"});
  CHECK(lines_of(unfused_net(kOneLayer)) ==
        Lines{"quantize 0 -> 1", "linear 1 -> 2", "dequantize 2 -> 3"});
}

TEST_CASE("fusion takes every relu right behind a linear, and nothing else", "[hand]") {
  CHECK(lines_of(fuse(unfused_net(kThreeLayers))) == Lines{"quantize 0 -> 1", "linear 1 -> 2",
                                                           "linear 2 -> 3", "linear 3 -> 4",
                                                           "dequantize 4 -> 5"});
  CHECK(net_difference(fuse(unfused_net(kOneLayer)), unfused_net(kOneLayer)) == "");
}

TEST_CASE("a relu without a linear before it stays; of two behind one linear none is left",
          "[hand]") {
  QuantizedNet net = net_of_one();
  std::size_t x = add_identity(net, add_relu(net, 0), {2.0F, 100}, {0, 255});
  x = add_relu(net, add_relu(net, x));
  add_identity(net, x, {3.0F, 50}, {0, 255});
  CHECK(lines_of(net) ==
        Lines{"relu 0 -> 1", "linear 1 -> 2", "relu 2 -> 3", "relu 3 -> 4", "linear 4 -> 5"});
  const QuantizedNet fused = fuse(net);
  CHECK(lines_of(fused) == Lines{"relu 0 -> 1", "linear 1 -> 2", "linear 2 -> 3"});
  CHECK(fused.tensors[2].range == QuantRange{100, 255});
  CHECK(same_integers(net));
}

TEST_CASE("a relu on the integers of quantize stays", "[hand]") {
  QuantizedNet net{.tensors = {{{1}, DType::f32}}};
  add_dequantize(net, add_relu(net, add_quantize(net, 0, {0.5F, 8}, {0, 15})));
  CHECK(net_difference(fuse(net), net) == "");
}

TEST_CASE("a relu stays where somebody else reads what is before it", "[hand]") {
  for (bool relu_first : {true, false}) {
    QuantizedNet net = net_of_one();
    const std::size_t shared = add_identity(net, 0, {2.0F, 100}, {0, 255});
    if (relu_first) add_identity(net, add_relu(net, shared), {1.0F, 60}, {0, 255});
    add_identity(net, shared, {1.0F, 70}, {0, 255});
    if (!relu_first) add_identity(net, add_relu(net, shared), {1.0F, 60}, {0, 255});
    CHECK(net_difference(fuse(net), net) == "");
  }
  // Two relus are two readers.
  QuantizedNet net = net_of_one();
  const std::size_t shared = add_identity(net, 0, {2.0F, 100}, {0, 255});
  add_relu(net, shared);
  add_relu(net, shared);
  CHECK(net_difference(fuse(net), net) == "");
}

namespace {

void allow(const QuantizedNet&, const Operation&) {}
std::any pack_range(const QuantizedNet& net, const Operation& operation, const Backend&) {
  return net.tensors[operation.output].range;
}
void run_copy(const std::any&, std::size_t, std::span<const TensorView> inputs, TensorSlot output) {
  std::ranges::copy(inputs[0].u8, output.u8.begin());
}
void run_clamped_copy(const std::any& packed, std::size_t, std::span<const TensorView> inputs,
                      TensorSlot output) {
  const auto range = std::any_cast<QuantRange>(packed);
  for (std::size_t i = 0; i < output.u8.size(); ++i)
    output.u8[i] =
        static_cast<std::uint8_t>(std::clamp<int>(inputs[0].u8[i], range.qmin, range.qmax));
}

// Rows that a later chapter might bring: both copy, one of them clamps to its tensor's range.
std::vector<OperationKind> table_with_copies() {
  std::vector<OperationKind> table(static_operations().begin(), static_operations().end());
  table.push_back({"copy", allow, pack_range, run_copy});
  table.push_back({"clamped_copy", allow, pack_range, run_clamped_copy, nullptr, true});
  return table;
}

QuantizedNet copy_and_relu(const char* kind) {
  QuantizedNet net = net_of_one();
  net.tensors.push_back(net.tensors[0]);
  net.operations.push_back({.kind = kind, .inputs = {0}, .output = 1});
  add_relu(net, 1);
  return net;
}

}  // namespace

TEST_CASE("the table says behind which operation a relu may vanish", "[hand]") {
  const std::vector<OperationKind> table = table_with_copies();
  const QuantizedNet plain = copy_and_relu("copy"), clamped = copy_and_relu("clamped_copy");
  CHECK(net_difference(fuse(plain, table), plain) == "");
  const QuantizedNet fused = fuse(clamped, table);
  CHECK(lines_of(fused) == Lines{"clamped_copy 0 -> 1"});
  CHECK(fused.tensors[1].range == QuantRange{128, 255});
  CHECK(same_integers(clamped, table));
  for (const OperationKind& kind : static_operations()) {
    INFO(kind.name);
    CHECK(kind.clamps == (kind.name == "linear"));
  }
}

TEST_CASE("what is left of a linear and its relu stands where the relu stood", "[hand]") {
  // The last operation writes the output of the net. Here that is the relu of the first linear; the
  // second has another zero point.
  QuantizedNet net = net_of_one();
  const std::size_t first = add_identity(net, 0, {2.0F, 100}, {0, 255});
  add_identity(net, 0, {2.0F, 10}, {0, 255});
  add_relu(net, first);
  CHECK(lines_of(net) == Lines{"linear 0 -> 1", "linear 0 -> 2", "relu 1 -> 3"});
  const QuantizedNet fused = fuse(net);
  CHECK(lines_of(fused) == Lines{"linear 0 -> 1", "linear 0 -> 2"});
  CHECK(fused.operations[0].weights == std::optional<std::size_t>(1));
  CHECK(fused.operations[1].weights == std::optional<std::size_t>(0));
  CHECK(fused.tensors[1].params == QuantParams{2.0F, 10});
  CHECK(fused.tensors[2].params == QuantParams{2.0F, 100});
  CHECK(same_integers(net));
}

TEST_CASE("tensors that nobody reads or writes go, and the others move up", "[hand]") {
  QuantizedNet net;
  for (std::size_t width : {10U, 11U, 12U, 13U, 14U, 15U})
    net.tensors.push_back({{width}, DType::f32});
  net.operations = {{.kind = "a", .inputs = {0, 2}, .output = 4},
                    {.kind = "b", .inputs = {4, 4}, .output = 5, .weights = 7}};
  const QuantizedNet left = without_unused_tensors(net);
  std::vector<std::size_t> widths;
  for (const TensorSpec& tensor : left.tensors) widths.push_back(tensor.size());
  CHECK(widths == std::vector<std::size_t>{10, 12, 14, 15});
  CHECK(lines_of(left) == Lines{"a 0 1 -> 2", "b 2 2 -> 3"});
  CHECK(left.operations[1].weights == std::optional<std::size_t>(7));
  CHECK(net_difference(without_unused_tensors(left), left) == "");
  // Tensor 0 is the input of the net, read or not.
  net.operations = {{.kind = "a", .inputs = {3}, .output = 3}};
  CHECK(without_unused_tensors(net).tensors.size() == 2);
}

TEST_CASE("one weight, fused, by hand", "[hand]") {
  // Sums x - 128, scale 2, zero point 100: 100 + round((x - 128) / 2).
  const QuantizedNet net = identity_net({2.0F, 100}, {0, 255}), fused = fuse(net);
  const std::vector<std::uint8_t> x = {0, 126, 127, 128, 129, 131, 255};
  // -64, -1, -0.5, 0, 0.5, 1.5, 63.5: halves to even.
  CHECK(tensor_of(net, x, 1) == std::vector<std::uint8_t>{36, 99, 100, 100, 100, 102, 164});
  CHECK(tensor_of(net, x, 2) == std::vector<std::uint8_t>{100, 100, 100, 100, 100, 102, 164});
  CHECK(outputs_of(fused, x) == std::vector<std::uint8_t>{100, 100, 100, 100, 100, 102, 164});
  CHECK(lines_of(fused) == Lines{"linear 0 -> 1"});
  CHECK(fused.tensors[1].range == QuantRange{100, 255});
}

TEST_CASE("fuse changes the lower end of the range and nothing else", "[hand]") {
  const QuantizedNet net = identity_net({0.5F, 7}, {3, 127}), fused = fuse(net);
  const OperationParts before = layers_of(net)[0], after = layers_of(fused)[0];
  CHECK(before.output.range == QuantRange{3, 127});
  CHECK(after.output.range == QuantRange{7, 127});
  CHECK((after.output.params == before.output.params && after.output.shape == before.output.shape));
  CHECK(test::same(after.input, before.input));
  CHECK(test::same(*after.weights, *before.weights));
  const ToU8 a = make_to_u8(after), b = make_to_u8(before);
  CHECK((a.multiplier == b.multiplier && a.bias == b.bias && a.output == b.output));
  CHECK(net_difference(fuse(fused), fused) == "");
}

TEST_CASE("fused is linear then relu, for every sum and every zero point", "[prop]") {
  // Sums -128..127 times m from 1/4 to 4: outputs far beyond both ends of the range.
  const std::vector<std::uint8_t> x = all_bytes();
  for (const float scale : {4.0F, 1.0F, 0.7F, 0.25F})
    for (const QuantRange range : {QuantRange{0, 255}, QuantRange{0, 127}, QuantRange{0, 15}})
      for (std::int32_t z = range.qmin; z <= range.qmax; ++z) {
        const QuantizedNet net = identity_net({scale, z}, range);
        const std::vector<std::uint8_t> expected = relu_of(tensor_of(net, x, 1), z);
        INFO("scale " << scale << ", zero point " << z << ", qmax " << range.qmax);
        REQUIRE(outputs_of(net, x) == expected);
        REQUIRE(outputs_of(fuse(net), x) == expected);
      }
}

TEST_CASE("fused with the old parameters, a net gives the same integers", "[prop]") {
  const Mlp mlp = random_mlp(1);
  const Matrix<float> x = random_input(2, 60, mlp.inputs());
  const ActivationIntervals intervals = intervals_of(mlp, x, OutputPoint::after_linear);
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
    for (auto rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
      const QuantizedNet net = quantize_mlp(mlp, intervals, {unsigned_range(8), weights});
      REQUIRE(layers_of(net)[0].output.params.zero_point > 0);
      const QuantizedNet fused = fuse(net);
      require_valid(fused, static_operations());
      CHECK(std::ranges::count(fused.operations, "relu", &Operation::kind) == 0);
      const auto a = layer_outputs(net, x, rule), b = layer_outputs(fused, x, rule);
      REQUIRE((a.size() == 3 && b.size() == 3));
      for (std::size_t i = 0; i < 3; ++i) CHECK(difference(b[i], a[i]) == "");
      // The last layer keeps its negative logits.
      const TensorSpec& logits = layers_of(fused)[2].output;
      CHECK(test::same(logits, layers_of(net)[2].output));
      CHECK(std::ranges::min(values(std::as_const(b[2]))) < logits.params.zero_point);
    }
}

TEST_CASE("fusing keeps every weight, and what is fused stays as it is", "[prop]") {
  const Mlp mlp = random_mlp(1);
  const Matrix<float> x = random_input(2, 60, mlp.inputs());
  const QuantizedNet net = quantize_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_linear),
                                        {unsigned_range(8), WeightGranularity::per_channel});
  const QuantizedNet fused = fuse(net);
  REQUIRE(fused.weights.size() == 3);
  CHECK(test::difference_of_lists("weights", fused.weights, net.weights) == "");
  const auto before = layers_of(net), after = layers_of(fused);
  REQUIRE(after.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(after[i].operation.weights == before[i].operation.weights);
  CHECK(net_difference(fuse(fused), fused) == "");
}

TEST_CASE("parameters of its own: all integers for what the ReLU leaves", "[prop]") {
  const Mlp mlp = random_mlp(3);
  const Matrix<float> x = random_input(4, 60, mlp.inputs());
  const auto before = intervals_of(mlp, x, OutputPoint::after_linear),
             after = intervals_of(mlp, x, OutputPoint::after_relu);
  for (const QuantRange range : {unsigned_range(8), reduced(unsigned_range(8))}) {
    const QuantizedNet unfused = quantize_mlp(mlp, before, {range, WeightGranularity::per_tensor});
    const QuantizedNet net = quantize_fused_mlp(mlp, after, {range, WeightGranularity::per_tensor});
    require_valid(net, static_operations());
    CHECK(std::ranges::count(net.operations, "relu", &Operation::kind) == 0);
    const auto layers = layers_of(net), unfused_layers = layers_of(unfused);
    for (std::size_t i = 0; i < 2; ++i) {
      const TensorSpec& output = layers[i].output;
      CHECK(output.params.zero_point == 0);
      CHECK(output.range == range);
      // min = 0, so that (1.5) is hi / (qmax - qmin) in float32.
      CHECK(output.params.scale == after.outputs[i].max / static_cast<float>(range.qmax));
      CHECK(output.params.scale < unfused_layers[i].output.params.scale);
    }
    CHECK(layers[2].output.params == unfused_layers[2].output.params);
    CHECK(layers[2].output.range == range);
  }
}

TEST_CASE("layer 1 is as near to the float net as its own step allows", "[prop]") {
  // One sum on two grids: the reals differ by half a step of each at most (2^-10: float32).
  const Mlp mlp = random_mlp(5);
  const Matrix<float> x = random_input(6, 200, mlp.inputs());
  const QuantizedNet a = quantize_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_linear), {}),
                     b = quantize_fused_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_relu), {});
  const auto q_a = layer_outputs(a, x)[0], q_b = layer_outputs(b, x)[0];
  const QuantParams params_a = layers_of(a)[0].output.params,
                    params_b = layers_of(b)[0].output.params;
  const double half =
      0.5 * (static_cast<double>(params_a.scale) + static_cast<double>(params_b.scale));
  for (std::size_t i = 0; i < q_a.size(); ++i) {
    const float real_a = dequantize_value(values(q_a)[i], params_a),
                real_b = dequantize_value(values(q_b)[i], params_b);
    CHECK(std::fabs(static_cast<double>(real_a - real_b)) <= half + 0x1p-10);
  }
}

TEST_CASE("an interval from before the ReLU is refused", "[hand]") {
  const Mlp mlp = random_mlp(7);
  const Matrix<float> x = random_input(8, 20, mlp.inputs());
  CHECK_THROWS_WITH(quantize_fused_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_linear), {}),
                    QFS_CONTAINS("layer 1: its interval is not one after ReLU"));
  for (std::size_t i : {0U, 1U}) {  // each hidden layer, however little it reaches below 0
    ActivationIntervals below = intervals_of(mlp, x, OutputPoint::after_relu);
    below.outputs[i].min = -1e-6F;
    CHECK_THROWS_WITH(quantize_fused_mlp(mlp, below, {}),
                      QFS_CONTAINS("layer " + std::to_string(i + 1) + ": its interval is not one"));
  }
  ActivationIntervals few = intervals_of(mlp, x, OutputPoint::after_relu);
  few.outputs.pop_back();
  CHECK_THROWS_WITH(quantize_fused_mlp(mlp, few, {}), QFS_CONTAINS("one interval per layer"));
}

TEST_CASE("no layers, no operations, or operations of another table are refused", "[hand]") {
  CHECK_THROWS_WITH(quantize_fused_mlp({}, {}, {}), QFS_CONTAINS("one interval per layer"));
  CHECK_THROWS_WITH(fuse(QuantizedNet{}), QFS_CONTAINS("a net needs tensors and operations"));
  CHECK_THROWS_WITH(fuse(net_of_one()), QFS_CONTAINS("a net needs tensors and operations"));
  CHECK_THROWS_WITH(fuse(copy_and_relu("copy")),
                    QFS_CONTAINS("operation 1 (copy): no such operation here"));
  QuantizedNet late = identity_net({2.0F, 100}, {0, 255});
  std::swap(late.operations[0], late.operations[1]);
  CHECK_THROWS_WITH(fuse(late), QFS_CONTAINS("operation 1 (relu) reads a tensor not yet written"));
}

TEST_CASE("a relu that claims another range than it leaves is refused", "[hand]") {
  // The linear gives 0..200, so the relu leaves 100..200. Fused with another range it would give
  // other integers; unfused, whoever packs the next weights would trust a range that does not hold.
  const QuantizedNet net = identity_net({2.0F, 100}, {0, 200});
  REQUIRE(net.tensors[2].range == QuantRange{100, 200});
  for (const QuantRange range :
       {QuantRange{0, 200}, QuantRange{99, 200}, QuantRange{100, 199}, QuantRange{100, 201}}) {
    QuantizedNet other = net;
    other.tensors[2].range = range;
    CHECK_THROWS_WITH(
        fuse(other),
        QFS_CONTAINS("operation 2 (relu) writes integers of another range") &&
            QFS_CONTAINS(std::to_string(range.qmin) + ".." + std::to_string(range.qmax)) &&
            QFS_CONTAINS("100..200"));
    CHECK_THROWS_AS(pack(other), Error);
  }
}

TEST_CASE("a net of one layer has no ReLU to fuse", "[hand]") {
  Rng rng(9);
  const std::array<std::size_t, 2> widths = {5, 3};
  const Mlp mlp = make_mlp(widths, rng);
  const Matrix<float> x = random_input(10, 20, 5);
  const ActivationIntervals intervals = intervals_of(mlp, x, OutputPoint::after_relu);
  REQUIRE(intervals.outputs[0].min < 0.0F);
  const QuantizedNet net = quantize_mlp(mlp, intervals, {}),
                     fused = quantize_fused_mlp(mlp, intervals, {});
  CHECK(layers_of(fused)[0].output.range == layers_of(net)[0].output.range);
  CHECK(net_difference(fused, net) == "");
}

TEST_CASE("a layer that never passes its ReLU gives its zero point", "[hand]") {
  const QuantizedNet fused = fuse(identity_net({1.0F, 255}, {0, 255}));
  CHECK(fused.tensors[1].range == QuantRange{255, 255});
  CHECK(outputs_of(fused, all_bytes()) == std::vector<std::uint8_t>(256, 255));
}

TEST_CASE("the paper layer gives PyTorch's integers", "[ref]") {
  // ch07.py, save_paper.
  namespace paper = paper_fusion;
  const auto tensor = [](const QuantizedNet& net, std::size_t number) {
    NetBuffers buffers;
    run(pack(net), paper::kRealInput, buffers);
    return buffers.u8[number];
  };
  const auto reference = [](const char* name) { return load_reference<std::uint8_t, 2>(name); };
  const QuantizedNet net = paper::make_net(paper::kUnfused);
  CHECK(difference(tensor(net, 1), Matrix<std::uint8_t>{{3, 9}, {10, 2}}) == "");
  CHECK(std::ranges::equal(values(tensor(net, 2)), paper::kLinear));
  CHECK(difference(tensor(net, 3), reference("ch07/paper_relu")) == "");
  CHECK(difference(tensor(fuse(net), 2), reference("ch07/paper_same")) == "");
  CHECK(difference(tensor(fuse(paper::make_net(paper::kFused)), 2), reference("ch07/paper_own")) ==
        "");
  const auto equal = [&](const char* name, const std::array<int, 4>& expected) {
    return std::ranges::equal(values(reference(name)), expected);
  };
  CHECK(equal("ch07/paper_relu", paper::kReluByPyTorch));
  CHECK(equal("ch07/paper_same", paper::kSameParamsByPyTorch));
  CHECK(equal("ch07/paper_own", paper::kOwnParamsByPyTorch));
}
