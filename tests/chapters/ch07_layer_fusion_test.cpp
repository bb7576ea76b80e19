// Chapter 07: the list of operations, and the clamp that is a ReLU.
#include <algorithm>

#include "07_layer_fusion/fuse.hpp"
#include "07_layer_fusion/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
using qfs::test::random_input;
using qfs::test::random_mlp;
using enum OperationKind;

// One input, one weight: the sum is q_x - 128, what is asked of the output is up to the test.
QuantizedLinear identity_layer(QuantParams output, QuantRange range) {
  QuantizedLinear layer{
      .input = {1.0F, 128}, .input_range = {0, 255}, .output = output, .output_range = range};
  layer.weight = {{1}};
  layer.weight_scale = {1.0F};
  layer.bias = {0};
  layer.multiplier = output_multipliers(layer);
  return layer;
}

std::vector<std::uint8_t> outputs_of(const QuantizedLinear& layer,
                                     std::span<const std::uint8_t> x) {
  std::vector<std::uint8_t> y(x.size());
  ref_backend().run_u8(ref_backend().pack(layer), x, x.size(), y);
  return y;
}

std::vector<std::uint8_t> all_bytes() {
  std::vector<std::uint8_t> x(256);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::uint8_t>(i);
  return x;
}

ActivationIntervals intervals_of(const Mlp& mlp, Matrix<float> x, OutputPoint point) {
  ActivationIntervals intervals{min_max(values(x)), {}};
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    x = linear_forward_ref(mlp.layers[i], x);
    if (point == OutputPoint::after_linear) intervals.outputs.push_back(min_max(values(x)));
    if (i + 1 < mlp.layers.size()) relu_forward(x);
    if (point == OutputPoint::after_relu) intervals.outputs.push_back(min_max(values(x)));
  }
  return intervals;
}

// Every layer's output, after ReLU where there is one.
std::vector<Matrix<std::uint8_t>> outputs_after_relu(const QuantizedMlp& net,
                                                     const Matrix<float>& x, RequantizeRule rule) {
  const PackedMlp packed = pack(net, ref_backend(rule));
  std::vector<Matrix<std::uint8_t>> outputs;
  forward_u8(packed, quantize_input(packed, x), &outputs);
  if (!net.fused)
    for (std::size_t i = 0; i + 1 < outputs.size(); ++i)
      relu_u8(values(outputs[i]), net.layers[i].output.zero_point);
  return outputs;
}

}  // namespace

TEST_CASE("a net is Linear and ReLU in turn", "[hand]") {
  CHECK(operations(3) ==
        std::vector<Operation>{{linear, 0}, {relu, 0}, {linear, 1}, {relu, 1}, {linear, 2}});
  CHECK(operations(1) == std::vector<Operation>{{linear, 0}});
  CHECK(operations(0).empty());
}

TEST_CASE("fusion takes every Linear with a ReLU right after it, and nothing else", "[hand]") {
  CHECK(fuse_operations(operations(3)) ==
        std::vector<Operation>{{linear_relu, 0}, {linear_relu, 1}, {linear, 2}});
  CHECK(fuse_operations(operations(1)) == operations(1));
  CHECK(fuse_operations({}).empty());
  // A ReLU without a Linear before it stays; so does the second of two.
  const std::vector<Operation> odd = {{relu, 0}, {linear, 1}, {relu, 1}, {relu, 1}, {linear, 2}};
  CHECK(fuse_operations(odd) ==
        std::vector<Operation>{{relu, 0}, {linear_relu, 1}, {relu, 1}, {linear, 2}});
  CHECK(fuse_operations(fuse_operations(odd)) ==
        std::vector<Operation>{{relu, 0}, {linear_relu, 1}, {relu, 1}, {linear, 2}});
}

TEST_CASE("one weight, fused, by hand", "[hand]") {
  // Sums x - 128, scale 2, zero point 100: 100 + round((x - 128) / 2).
  const QuantizedLinear layer = identity_layer({2.0F, 100}, {0, 255});
  const std::vector<std::uint8_t> x = {0, 126, 127, 128, 129, 131, 255};
  // -64, -1, -0.5, 0, 0.5, 1.5, 63.5: halves to even.
  CHECK(outputs_of(layer, x) == std::vector<std::uint8_t>{36, 99, 100, 100, 100, 102, 164});
  CHECK(outputs_of(fuse(layer), x) == std::vector<std::uint8_t>{100, 100, 100, 100, 100, 102, 164});
  CHECK(fuse(layer).output_range == QuantRange{100, 255});
}

TEST_CASE("fuse changes the lower end of the range and nothing else", "[hand]") {
  const QuantizedLinear layer = identity_layer({0.5F, 7}, {3, 127}), fused = fuse(layer);
  CHECK(fused.output_range == QuantRange{7, 127});
  CHECK((fused.weight == layer.weight && fused.bias == layer.bias && fused.output == layer.output));
  CHECK((fused.input_range == layer.input_range && fused.multiplier == layer.multiplier));
  CHECK(fuse(fused).output_range == fused.output_range);
}

TEST_CASE("fused is Linear then ReLU, for every sum and every zero point", "[prop]") {
  // Sums -128..127 times m from 1/4 to 4: outputs far beyond both ends of the range.
  const std::vector<std::uint8_t> x = all_bytes();
  for (const float scale : {4.0F, 1.0F, 0.7F, 0.25F})
    for (const QuantRange range : {QuantRange{0, 255}, QuantRange{0, 127}, QuantRange{0, 15}})
      for (std::int32_t z = range.qmin; z <= range.qmax; ++z) {
        const QuantizedLinear layer = identity_layer({scale, z}, range);
        std::vector<std::uint8_t> expected = outputs_of(layer, x);
        relu_u8(expected, z);
        INFO("scale " << scale << ", zero point " << z << ", qmax " << range.qmax);
        REQUIRE(outputs_of(fuse(layer), x) == expected);
      }
}

TEST_CASE("fused with the old parameters, a net gives the same integers", "[prop]") {
  const Mlp mlp = random_mlp(1);
  const Matrix<float> x = random_input(2, 60, mlp.inputs());
  const ActivationIntervals intervals = intervals_of(mlp, x, OutputPoint::after_linear);
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
    for (auto rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
      const QuantizedMlp net = quantize_mlp(mlp, intervals, {unsigned_range(8), weights});
      REQUIRE(net.layers[0].output.zero_point > 0);
      const QuantizedMlp fused = fuse(net);
      require_valid(fused);
      CHECK(fused.fused);
      const auto a = outputs_after_relu(net, x, rule), b = outputs_after_relu(fused, x, rule);
      for (std::size_t i = 0; i < 3; ++i) CHECK(difference(b[i], a[i]) == "");
      // The last layer keeps its negative logits.
      CHECK(fused.layers[2].output_range == net.layers[2].output_range);
      CHECK(std::ranges::min(values(std::as_const(b[2]))) < fused.layers[2].output.zero_point);
    }
}

TEST_CASE("parameters of its own: all integers for what the ReLU leaves", "[prop]") {
  const Mlp mlp = random_mlp(3);
  const Matrix<float> x = random_input(4, 60, mlp.inputs());
  const auto before = intervals_of(mlp, x, OutputPoint::after_linear),
             after = intervals_of(mlp, x, OutputPoint::after_relu);
  for (const QuantRange range : {unsigned_range(8), reduced(unsigned_range(8))}) {
    const QuantizedMlp unfused = quantize_mlp(mlp, before, {range, WeightGranularity::per_tensor});
    const QuantizedMlp net = quantize_fused_mlp(mlp, after, {range, WeightGranularity::per_tensor});
    require_valid(net);
    CHECK(net.fused);
    for (std::size_t i = 0; i < 2; ++i) {
      const QuantizedLinear& layer = net.layers[i];
      CHECK(layer.output.zero_point == 0);
      CHECK(layer.output_range == range);
      // min = 0, so that (1.5) is hi / (qmax - qmin) in float32.
      CHECK(layer.output.scale == after.outputs[i].max / static_cast<float>(range.qmax));
      CHECK(layer.output.scale < unfused.layers[i].output.scale);
    }
    CHECK(net.layers[2].output == unfused.layers[2].output);
    CHECK(net.layers[2].output_range == range);
  }
}

TEST_CASE("layer 1 is as near to the float net as its own step allows", "[prop]") {
  // One sum on two grids: the reals differ by half a step of each at most (2^-10: float32).
  const Mlp mlp = random_mlp(5);
  const Matrix<float> x = random_input(6, 200, mlp.inputs());
  const QuantizedMlp a = quantize_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_linear), {}),
                     b = quantize_fused_mlp(mlp, intervals_of(mlp, x, OutputPoint::after_relu), {});
  const auto rule = RequantizeRule::float32;
  const auto q_a = outputs_after_relu(a, x, rule)[0], q_b = outputs_after_relu(b, x, rule)[0];
  const double half = 0.5 * (static_cast<double>(a.layers[0].output.scale) +
                             static_cast<double>(b.layers[0].output.scale));
  for (std::size_t i = 0; i < q_a.size(); ++i) {
    const float real_a = dequantize_value(values(q_a)[i], a.layers[0].output),
                real_b = dequantize_value(values(q_b)[i], b.layers[0].output);
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

TEST_CASE("a net of one layer has no ReLU to fuse", "[hand]") {
  Rng rng(9);
  const std::array<std::size_t, 2> widths = {5, 3};
  const Mlp mlp = make_mlp(widths, rng);
  const Matrix<float> x = random_input(10, 20, 5);
  const ActivationIntervals intervals = intervals_of(mlp, x, OutputPoint::after_relu);
  REQUIRE(intervals.outputs[0].min < 0.0F);
  const QuantizedMlp net = quantize_mlp(mlp, intervals, {}),
                     fused = quantize_fused_mlp(mlp, intervals, {});
  CHECK(fused.layers[0].output_range == net.layers[0].output_range);
}

TEST_CASE("a layer that never passes its ReLU gives its zero point", "[hand]") {
  const QuantizedLinear layer = identity_layer({1.0F, 255}, {0, 255});
  const QuantizedLinear fused = fuse(layer);
  CHECK(fused.output_range == QuantRange{255, 255});
  CHECK(outputs_of(fused, all_bytes()) == std::vector<std::uint8_t>(256, 255));
}

TEST_CASE("the paper layer gives PyTorch's integers", "[ref]") {
  // ch07.py, save_paper.
  namespace paper = paper_fusion;
  const auto run = [](const QuantizedLinear& layer) {
    auto y = make_tensor<std::uint8_t>({2, 2});
    ref_backend().run_u8(ref_backend().pack(layer), values(paper_mlp::kInput), 2, values(y));
    return y;
  };
  const auto reference = [](const char* name) { return load_reference<std::uint8_t, 2>(name); };
  Matrix<std::uint8_t> relu = run(paper::make_layer(paper::kUnfused));
  CHECK(std::ranges::equal(values(relu), paper::kLinear));
  relu_u8(values(relu), paper::kUnfused.zero_point);
  CHECK(difference(relu, reference("ch07/paper_relu")) == "");
  CHECK(difference(run(fuse(paper::make_layer(paper::kUnfused))), reference("ch07/paper_same")) ==
        "");
  CHECK(difference(run(fuse(paper::make_layer(paper::kFused))), reference("ch07/paper_own")) == "");
  const auto equal = [&](const char* name, const std::array<int, 4>& expected) {
    return std::ranges::equal(values(reference(name)), expected);
  };
  CHECK(equal("ch07/paper_relu", paper::kReluByPyTorch));
  CHECK(equal("ch07/paper_same", paper::kSameParamsByPyTorch));
  CHECK(equal("ch07/paper_own", paper::kOwnParamsByPyTorch));
}
