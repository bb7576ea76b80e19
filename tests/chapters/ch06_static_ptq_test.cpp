// Chapter 06: layers, backends, the pass through the net, and paired comparison.
#include <limits>
#include <type_traits>

#include "06_static_ptq/compare.hpp"
#include "06_static_ptq/paper_example.hpp"
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

ActivationIntervals intervals_of(const Mlp& mlp, Matrix<float> x) {
  ActivationIntervals intervals{min_max(values(x)), {}};
  for (const Linear& layer : mlp.layers) {
    x = linear_forward_ref(layer, x);
    intervals.outputs.push_back(min_max(values(x)));
    relu_forward(x);
  }
  return intervals;
}

// One input, one weight, one output.
QuantizedLinear one_weight() {
  QuantizedLinear layer;
  layer.weight = {{3}};
  layer.weight_scale = {0.5F};
  layer.bias = {4};
  layer.input = {0.25F, 10};
  layer.output = {0.5F, 20};
  layer.multiplier = output_multipliers(layer);  // 0.25 * 0.5 / 0.5 = 0.25
  return layer;
}

std::uint8_t output_of(const QuantizedLinear& layer, std::uint8_t x) {
  const PackedLinear packed = ref_backend().pack(layer);
  std::uint8_t y = 0;
  ref_backend().run_u8(packed, {&x, 1}, 1, {&y, 1});
  return y;
}

}  // namespace

TEST_CASE("a layer is quantized as by hand", "[hand]") {
  Linear linear;
  linear.weight = {{1.0F, -0.5F}, {0.25F, -0.125F}};
  linear.bias = {0.25F, -0.25F};
  const QuantParams x = {0.5F, 3}, y = {0.25F, 7};
  const QuantRange u8 = unsigned_range(8);
  SECTION("one scale: 1 / 127.5") {
    const QuantizedLinear q = quantize_linear(linear, x, u8, y, u8, WeightGranularity::per_tensor);
    REQUIRE(q.weight_scale.size() == 1);
    CHECK(q.weight_scale(0) == 1.0F / 127.5F);
    // 1 is 127.5 steps: to even 128, clamped 127. -0.5: -63.75. 0.25: 31.875. -0.125: -15.94.
    CHECK(difference(q.weight, Matrix<std::int8_t>{{127, -64}, {32, -16}}) == "");
    // s_x s_w = 1/255: 0.25 is 63.75 steps.
    CHECK(difference(q.bias, Vector<std::int32_t>{64, -64}) == "");
    CHECK(q.multiplier(0) == output_multiplier(0.5F, 1.0F / 127.5F, 0.25F));
    CHECK((q.input == x && q.output == y && q.input_range == u8 && q.output_range == u8));
  }
  SECTION("one scale per output: 1 / 127.5 and 0.25 / 127.5") {
    const QuantizedLinear q = quantize_linear(linear, x, u8, y, u8, WeightGranularity::per_channel);
    CHECK(difference(q.weight_scale, Vector<float>{1.0F / 127.5F, 0.25F / 127.5F}) == "");
    CHECK(difference(q.weight, Matrix<std::int8_t>{{127, -64}, {127, -64}}) == "");
    // The second bias: -0.25 * 1020 = -255.
    CHECK(difference(q.bias, Vector<std::int32_t>{64, -255}) == "");
    CHECK(q.multiplier.size() == 2);
  }
}

TEST_CASE("a layer with weight parameters of somebody else's", "[hand]") {
  Linear linear;
  linear.weight = {{1.0F, -0.5F}, {0.25F, -1.25F}};
  linear.bias = {0.25F, -0.25F};
  const QuantParams x = {0.5F, 3}, y = {0.25F, 7};
  const QuantRange u8 = unsigned_range(8);
  const auto make = [&](std::vector<QuantParams> weights, QuantRange range) {
    return quantize_linear(linear, x, u8, y, u8, weights, range);
  };
  // Steps of 1/2 in -2..1: 2 clamped 1, -1; 0.5 to even 0, -2.5 to even -2.
  const QuantizedLinear one = make({{0.5F, 0}}, signed_range(2));
  CHECK(difference(one.weight, Matrix<std::int8_t>{{1, -1}, {0, -2}}) == "");
  CHECK(difference(one.bias, Vector<std::int32_t>{1, -1}) == "");  // s_x s_w = 1/4
  // The second row in steps of 1/4: 1, -5 clamped -2; its bias in steps of 1/8.
  const QuantizedLinear two = make({{0.5F, 0}, {0.25F, 0}}, signed_range(2));
  CHECK(difference(two.weight, Matrix<std::int8_t>{{1, -1}, {1, -2}}) == "");
  CHECK(difference(two.bias, Vector<std::int32_t>{1, -2}) == "");
  CHECK(difference(two.multiplier, Vector<float>{1.0F, 0.5F}) == "");
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
  const QuantRange u8 = unsigned_range(8);
  const QuantizedLinear q =
      quantize_linear(linear, {0.3F, 0}, u8, {0.05F, 0}, u8, WeightGranularity::per_tensor);
  const float s_w = 1.0F / 127.5F;
  CHECK(q.multiplier(0) == (0.3F * s_w) * (1.0F / 0.05F));  // 0.04705883
  CHECK(q.multiplier(0) != 0.3F * s_w / 0.05F);             // 0.047058824
}

TEST_CASE("one weight, every step by hand", "[hand]") {
  const QuantizedLinear layer = one_weight();
  // x = 30: acc = (30 - 10) * 3 + 4 = 64, * 0.25 = 16, + 20 = 36.
  CHECK(output_of(layer, 30) == 36);
  // x = 12: acc = 10, 2.5 to even 2. x = 16: acc = 22, 5.5 to even 6.
  CHECK(output_of(layer, 12) == 22);
  CHECK(output_of(layer, 16) == 26);
  // x = 0: acc = -26, -6.5 to even -6.
  CHECK(output_of(layer, 0) == 14);
}

TEST_CASE("the output is clamped to its range", "[hand]") {
  QuantizedLinear layer = one_weight();
  layer.multiplier(0) = 0.25F;
  layer.weight = {{127}};
  CHECK(output_of(layer, 255) == 255);  // acc = 245 * 127 + 4, far above
  CHECK(output_of(layer, 0) == 0);      // acc = -10 * 127 + 4, below
  layer.output_range = {0, 127};
  CHECK(output_of(layer, 255) == 127);
  layer.output_range = {20, 255};  // ReLU fused: nothing below the zero point
  CHECK(output_of(layer, 0) == 20);
}

TEST_CASE("two outputs with scales and ranges of their own, by both rules", "[hand]") {
  // x - 10 = 20 and -10: sums (20, -10) * (3, 5) + (4, 0) = (64, 100) and (-26, -50). Multipliers
  // 1/4 and 1/2: (16, 50) and (-6.5 to even -6, -25), + 20.
  QuantizedLinear layer = one_weight();
  layer.weight = {{3}, {5}};
  layer.weight_scale = {0.5F, 1.0F};
  layer.bias = {4, 0};
  layer.multiplier = output_multipliers(layer);
  const std::vector<std::uint8_t> x = {30, 0, 30};
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const Backend& backend = ref_backend(rule);
    const auto run = [&] {
      std::vector<std::uint8_t> y(6);
      backend.run_u8(backend.pack(layer), x, 3, y);
      return y;
    };
    layer.output_range = {0, 255};
    CHECK(run() == std::vector<std::uint8_t>{36, 70, 14, 0, 36, 70});
    layer.output_range = {15, 60};
    CHECK(run() == std::vector<std::uint8_t>{36, 60, 15, 15, 36, 60});
  }
}

TEST_CASE("a layer that is not valid is refused, by require_valid and by pack", "[hand]") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(),
                  kInfinity = std::numeric_limits<float>::infinity();
  const auto refuse = [](const auto& change, const char* why) {
    QuantizedLinear layer = one_weight();
    change(layer);
    CHECK_THROWS_WITH(require_valid(layer, "L"), QFS_CONTAINS("L") && QFS_CONTAINS(why));
    CHECK_THROWS_WITH(ref_backend().pack(layer), QFS_CONTAINS(why));
  };
  for (float bad : {0.0F, -0.5F, 1e-40F, kNan, kInfinity, -kInfinity}) {
    refuse([&](auto& layer) { layer.weight_scale = {bad}; }, "weight has no usable scale");
    refuse([&](auto& layer) { layer.input.scale = bad; }, "input has no usable scale");
    refuse([&](auto& layer) { layer.output.scale = bad; }, "output has no usable scale");
  }
  for (const QuantRange range : {QuantRange{-1, 255}, {0, 256}, {12, 11}}) {
    refuse([&](auto& layer) { layer.input_range = range; }, "8 bits do not hold");
    refuse([&](auto& layer) { layer.output_range = range; }, "8 bits do not hold");
  }
  for (const QuantRange range : {QuantRange{0, 9}, {11, 255}})  // the input's zero point is 10
    refuse([&](auto& layer) { layer.input_range = range; }, "zero point outside its range");
  for (const QuantRange range : {QuantRange{0, 19}, {21, 255}})  // the output's is 20
    refuse([&](auto& layer) { layer.output_range = range; }, "zero point outside its range");
  refuse([](auto& layer) { layer.weight = make_tensor<std::int8_t>({0, 1}); }, "has no weights");
  refuse([](auto& layer) { layer.weight = make_tensor<std::int8_t>({1, 0}); }, "has no weights");
  refuse([](auto& layer) { layer.bias = {4, 5}; }, "one bias per output");
  refuse([](auto& layer) { layer.bias = make_tensor<std::int32_t>({0}); }, "one bias per output");
  refuse([](auto& layer) { layer.multiplier(0) = 0.26F; }, "not s_x s_w / s_y");
  refuse([](auto& layer) { layer.multiplier = {0.25F, 0.25F}; }, "not s_x s_w / s_y");
  QuantizedLinear edge = one_weight();  // a zero point at either end, and a range of one integer
  for (const QuantRange range : {QuantRange{0, 20}, {20, 255}, {20, 20}}) {
    edge.output_range = range;
    CHECK_NOTHROW(require_valid(edge, "L"));
  }
}

TEST_CASE("ReLU keeps what is above the zero point", "[hand]") {
  std::vector<std::uint8_t> q = {0, 99, 100, 101, 255};
  relu_u8(q, 100);
  CHECK(q == std::vector<std::uint8_t>{100, 100, 100, 101, 255});
}

TEST_CASE("the paper net gives PyTorch's integers", "[ref]") {
  // ch06.py, save_paper.
  const QuantizedMlp net = paper_mlp::make_net();
  require_valid(net);
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    std::vector<Matrix<std::uint8_t>> kept;
    const auto y = forward_u8(pack(net, ref_backend(rule)), paper_mlp::kInput, &kept);
    CHECK(difference(kept[0], load_reference<std::uint8_t, 2>("ch06/paper_y1")) == "");
    relu_u8(values(kept[0]), net.layers[0].output.zero_point);
    CHECK(difference(kept[0], load_reference<std::uint8_t, 2>("ch06/paper_relu")) == "");
    CHECK(difference(y, load_reference<std::uint8_t, 2>("ch06/paper_y2")) == "");
  }
  const auto equal = [](const char* name, const auto& expected) {
    const auto q = load_reference<std::uint8_t, 2>(name);
    return std::ranges::equal(values(q), expected);
  };
  CHECK(equal("ch06/paper_y1", paper_mlp::kLayer1ByPyTorch));
  CHECK(equal("ch06/paper_relu", paper_mlp::kReluByPyTorch));
  CHECK(equal("ch06/paper_y2", paper_mlp::kLayer2ByPyTorch));
}

TEST_CASE("a fused net runs no ReLU of its own", "[hand]") {
  // The paper net with its ranges left as they are, so that nothing cuts layer 1's 5 and 2:
  // (5, 11) - 6 = (-1, 5): sums -7 + 5 - 4 = -6 and 2 + 30 + 8 = 40, a quarter -1.5 and 10;
  // (10, 2) - 6 = (4, -4): sums 28 - 4 - 4 = 20 and -8 - 24 + 8 = -24, a quarter 5 and -6.
  QuantizedMlp net = paper_mlp::make_net();
  net.fused = true;
  const Matrix<std::uint8_t> expected = {{2, 14}, {9, 0}};
  CHECK(difference(forward_u8(pack(net), paper_mlp::kInput), expected) == "");
}

TEST_CASE("the input is clamped to its range", "[hand]") {
  const PackedMlp net = pack(paper_mlp::make_net());  // scale 0.25, zero point 4, integers 0..15
  const Matrix<float> x = {{-1.25F, -1.0F}, {2.75F, 3.0F}, {0.3F, 0.375F}};
  const Matrix<std::uint8_t> expected = {{0, 0}, {15, 15}, {5, 6}};  // 1.5 steps to the even 2
  CHECK(difference(quantize_input(net, x), expected) == "");
}

TEST_CASE("the logits pass no ReLU", "[hand]") {
  // Input (15, 0): layer 1 sums 60 + 0 = 60 and -105 + 32 = -73, an eighth 7.5 and -9.125: 14 and 0
  // (6 - 9 is below the range), ReLU 14 and 6. Layer 2: 98 + 6 - 52 = 52 and -28 + 36 - 16 = -8, a
  // quarter 13 and -2: 15 (clamped) and 2, which is below the zero point 4 and stays.
  const Matrix<std::uint8_t> x = {{15, 0}}, expected = {{15, 2}};
  const PackedMlp net = pack(paper_mlp::make_net());
  CHECK(difference(forward_u8(net, x), expected) == "");
  // As reals, by the last layer's scale 0.25 and zero point 4.
  CHECK(difference(dequantize_logits(net, expected), Matrix<float>{{2.75F, -0.5F}}) == "");
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
  CHECK(ref_backend().pack(one_weight()).backend == "ref");
}

TEST_CASE("run_s32 gives the raw product: no zero point, no bias", "[hand]") {
  // (3, 9) by the rows (4, -2) and (-7, 3), as in the text: 12 - 18 and -21 + 27. Input (0, 255):
  // -510 and 765.
  const Matrix<std::int8_t> weight = {{4, -2}, {-7, 3}};
  const Matrix<std::uint8_t> x = {{3, 9}, {0, 255}};
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const Backend& backend = ref_backend(rule);
    const PackedWeight packed = backend.pack_weight(weight, unsigned_range(8));
    CHECK((packed.inputs == 2 && packed.outputs == 2));
    CHECK(packed.input_range == unsigned_range(8));
    Matrix<std::int32_t> acc = make_tensor<std::int32_t>({2, 2}, 99);
    backend.run_s32(packed, values(x), 2, values(acc));
    CHECK(difference(acc, Matrix<std::int32_t>{{-6, 6}, {-510, 765}}) == "");
    // A layer's packed weight is the same: its bias and zero point stay out.
    QuantizedLinear layer = paper_mlp::make_net().layers[0];
    backend.run_s32(backend.pack(layer), values(x), 2, values(acc));
    CHECK(difference(acc, Matrix<std::int32_t>{{-6, 6}, {-510, 765}}) == "");
  }
}

TEST_CASE("a weight is packed when no sum can leave 32 bits, for the range it is packed for",
          "[hand]") {
  // 128 * 255 = 32640 an input: 65793 inputs reach 2147483520, 65794 would pass 2^31 - 1. In seven
  // bits it is 128 * 127 = 16256 an input, so twice as many fit.
  const auto lowest = [](std::size_t inputs) {
    return make_tensor<std::int8_t>({1, inputs}, std::int8_t{-128});
  };
  const Backend& backend = ref_backend();
  CHECK_NOTHROW(backend.pack_weight(lowest(65793), unsigned_range(8)));
  // ref's loop (chapter 02) takes no longer sums than any weights allow.
  CHECK_THROWS_WITH(backend.pack_weight(make_tensor<std::int8_t>({1, 65794}), unsigned_range(8)),
                    QFS_CONTAINS("so many inputs"));
  CHECK_NOTHROW(pack_shape(lowest(65794), unsigned_range(7), "any"));
  CHECK_NOTHROW(pack_shape(lowest(65793), unsigned_range(8), "any"));
  CHECK_THROWS_WITH(pack_shape(lowest(65794), unsigned_range(8), "any"),
                    QFS_CONTAINS("may overflow"));
  CHECK_THROWS_WITH(backend.pack_weight(lowest(0), unsigned_range(8)),
                    QFS_CONTAINS("has no weights"));
  CHECK_THROWS_WITH(backend.pack_weight(lowest(1), {0, 256}), QFS_CONTAINS("within 8 bits"));
  CHECK_THROWS_WITH(backend.pack_weight(lowest(1), {-1, 255}), QFS_CONTAINS("within 8 bits"));
  CHECK_THROWS_WITH(backend.pack_weight(lowest(1), {5, 4}), QFS_CONTAINS("within 8 bits"));
  // The largest input counts, not the width of the range.
  CHECK_THROWS_WITH(pack_shape(lowest(65794), {200, 255}, "any"), QFS_CONTAINS("may overflow"));
  // 127 * 255 = 32385 an input: 66311 reach 2147481735, 66312 would pass 2^31 - 1.
  const auto highest = [](std::size_t inputs) {
    return make_tensor<std::int8_t>({1, inputs}, std::int8_t{127});
  };
  CHECK_NOTHROW(pack_shape(highest(66311), unsigned_range(8), "any"));
  CHECK_THROWS_WITH(pack_shape(highest(66312), unsigned_range(8), "any"),
                    QFS_CONTAINS("may overflow"));
  // Inputs 0 and 1: 2^24 - 1 weights of -128 and one of 127 reach 2^31 - 1, not a step more.
  Matrix<std::int8_t> longest = lowest(std::size_t{1} << 24);
  CHECK_THROWS_WITH(pack_shape(longest, {0, 1}, "any"), QFS_CONTAINS("may overflow"));
  longest(0, 0) = 127;
  CHECK_NOTHROW(pack_shape(longest, {0, 1}, "any"));
}

TEST_CASE("a backend refuses what another one laid out, and what does not fit", "[hand]") {
  const Backend& backend = ref_backend();
  PackedWeight weight = backend.pack_weight({{1, 2}}, unsigned_range(8));
  std::vector<std::uint8_t> x(4);
  std::vector<std::int32_t> acc(2);
  CHECK_NOTHROW(backend.run_s32(weight, x, 2, acc));
  CHECK_THROWS_WITH(backend.run_s32(weight, x, 3, acc), QFS_CONTAINS("input does not fit"));
  CHECK_THROWS_WITH(backend.run_s32(weight, x, 1, {acc.data(), 1}),
                    QFS_CONTAINS("input does not fit"));
  CHECK_THROWS_WITH(backend.run_s32(weight, {x.data(), 2}, 1, acc),
                    QFS_CONTAINS("output does not fit"));
  CHECK_THROWS_WITH(backend.run_s32(weight, x, 2, {acc.data(), 1}),
                    QFS_CONTAINS("output does not fit"));
  weight.backend = "avx2";
  CHECK_THROWS_WITH(backend.run_s32(weight, x, 2, acc), QFS_CONTAINS("another backend"));
}

TEST_CASE("the integers stay near the float net", "[prop]") {
  const Mlp mlp = random_mlp(3);
  const Matrix<float> x = random_input(4, 50, mlp.inputs());
  const QuantizedMlp net = quantize_mlp(mlp, intervals_of(mlp, x), {});
  const Matrix<float> real = linear_forward_ref(mlp.layers[0], x);
  std::vector<Matrix<std::uint8_t>> kept;
  const PackedMlp packed = pack(net);
  forward_u8(packed, quantize_input(packed, x), &kept);
  // Layer 1: each of 23 products is off by at most |x| s_w / 2 (a clamped weight: s_w) + |w| s_x /
  // 2, the bias by half a step of the sum, the output by half a step. |x| <= 2; float32 errors are
  // below 1e-4.
  const QuantizedLinear& layer = net.layers[0];
  for (std::size_t n = 0; n < layer.outputs(); ++n) {
    double weights = 0.0;
    for (float w : row(mlp.layers[0].weight, n)) weights += std::fabs(static_cast<double>(w));
    const double s_x = static_cast<double>(layer.input.scale),
                 s_w = static_cast<double>(layer.weight_scale(0)),
                 s_y = static_cast<double>(layer.output.scale);
    const double bound =
        23 * 2.0 * s_w + (weights + 23 * s_w) * s_x / 2 + s_x * s_w / 2 + s_y / 2 + 1e-4;
    for (std::size_t m = 0; m < 50; ++m) {
      const double got = static_cast<double>(dequantize_value(kept[0](m, n), layer.output));
      CHECK(std::fabs(got - static_cast<double>(real(m, n))) <= bound);
    }
  }
}

TEST_CASE("a batch gives what its rows give alone", "[prop]") {
  const Mlp mlp = random_mlp(5);
  const Matrix<float> x = random_input(6, 7, mlp.inputs());
  for (RequantizeRule rule : {RequantizeRule::float32, RequantizeRule::fixed_point}) {
    const PackedMlp net = pack(quantize_mlp(mlp, intervals_of(mlp, x), {}), ref_backend(rule));
    const Matrix<float> all = forward(net, x);
    for (std::size_t m = 0; m < 7; ++m) {
      Matrix<float> one = make_tensor<float>({1, mlp.inputs()});
      std::ranges::copy(row(x, m), row(one, 0).begin());
      const Matrix<float> alone = forward(net, one);
      CHECK(difference(row(all, m), values(alone)) == "");
    }
  }
}

TEST_CASE("no rows give no rows", "[hand]") {
  const Mlp mlp = random_mlp(7);
  const PackedMlp net =
      pack(quantize_mlp(mlp, intervals_of(mlp, random_input(8, 5, mlp.inputs())), {}));
  CHECK(forward(net, make_tensor<float>({0, mlp.inputs()})).shape(0) == 0);
}

TEST_CASE("seven bits stay below 128", "[prop]") {
  const Mlp mlp = random_mlp(9);
  const Matrix<float> x = random_input(10, 40, mlp.inputs());
  const PtqOptions options = {reduced(unsigned_range(8)), WeightGranularity::per_channel};
  ActivationIntervals narrow = intervals_of(mlp, x);
  for (Interval& interval : narrow.outputs) interval.max *= 0.5F;  // so that the clamp is reached
  const PackedMlp net = pack(quantize_mlp(mlp, narrow, options));
  std::vector<Matrix<std::uint8_t>> kept;
  forward_u8(net, quantize_input(net, x), &kept);
  for (const auto& q : kept) CHECK(std::ranges::max(values(q)) == 127);
}

TEST_CASE("wrong shapes and intervals are refused", "[hand]") {
  const Mlp mlp = random_mlp(11);
  const ActivationIntervals good = intervals_of(mlp, random_input(12, 5, mlp.inputs()));
  ActivationIntervals few = good;
  few.outputs.pop_back();
  CHECK_THROWS_WITH(quantize_mlp(mlp, few, {}), QFS_CONTAINS("one interval per layer"));
  ActivationIntervals many = good;
  many.outputs.push_back({0.0F, 1.0F});
  CHECK_THROWS_WITH(quantize_mlp(mlp, many, {}), QFS_CONTAINS("one interval per layer"));
  const PackedMlp net = pack(quantize_mlp(mlp, good, {}));
  const Matrix<std::uint8_t> wrong = make_tensor<std::uint8_t>({2, 22});
  CHECK_THROWS_WITH(forward_u8(net, wrong), QFS_CONTAINS("does not fit the layer"));
}

TEST_CASE("a bias that leaves 32 bits is refused", "[hand]") {
  Linear linear;
  linear.weight = {{0.0F}};  // the smallest scale there is
  linear.bias = {1000.0F};
  const QuantRange u8 = unsigned_range(8);
  CHECK_THROWS_WITH(
      quantize_linear(linear, {0.01F, 0}, u8, {1.0F, 0}, u8, WeightGranularity::per_tensor),
      QFS_CONTAINS("does not fit 32 bits"));
}

TEST_CASE("McNemar's p by hand", "[hand]") {
  CHECK(mcnemar_p(0, 0) == 1.0);
  CHECK(mcnemar_p(1, 1) == 1.0);
  CHECK(mcnemar_p(1, 0) == 1.0);                                    // 2 * 1/2
  CHECK(mcnemar_p(0, 5) == 2.0 / 32.0);                             // 2 * 1/32, exact in binary
  CHECK(std::fabs(mcnemar_p(2, 8) - 2.0 * 56.0 / 1024.0) < 1e-15);  // 1 + 10 + 45 = 56
  CHECK(mcnemar_p(8, 2) == mcnemar_p(2, 8));
  CHECK(std::fabs(mcnemar_p(3, 4) - 1.0) < 1e-15);  // 2 * (1 + 7 + 21 + 35) / 128 = 1
  CHECK(mcnemar_p(0, 3000) == 0.0);                 // 2^-2999 is no double
  CHECK(mcnemar_p(5000, 5000) == 1.0);
}

TEST_CASE("paired results count the digits that only one gets right", "[hand]") {
  const std::vector<std::uint8_t> labels = {1, 2, 3, 4, 5}, a = {1, 2, 0, 9, 5},
                                  b = {1, 0, 3, 8, 5};
  const PairedResult result = compare_classes(a, b, labels);
  CHECK(result.only_a == 1);
  CHECK(result.only_b == 1);
  CHECK(result.classes_differ == 3);
  CHECK(result.p == 1.0);
  // Only a is right on two digits, only b on one: 2 * (1 + 3) / 8 = 1.
  const std::vector<std::uint8_t> better = {1, 2, 3, 0, 0}, worse = {0, 0, 3, 4, 0};
  const PairedResult uneven = compare_classes(better, worse, labels);
  CHECK((uneven.only_a == 2 && uneven.only_b == 1 && uneven.classes_differ == 3));
  CHECK(uneven.p == 1.0);
  for (std::size_t size : {4U, 6U}) {  // of one prediction too few or too many, on either side
    const std::vector<std::uint8_t> wrong(size, 1);
    CHECK_THROWS_WITH(compare_classes(wrong, b, labels), QFS_CONTAINS("one prediction per label"));
    CHECK_THROWS_WITH(compare_classes(a, wrong, labels), QFS_CONTAINS("one prediction per label"));
  }
}

TEST_CASE("p as text has three digits, or is below a thousandth", "[hand]") {
  CHECK(p_text(1.0) == "1.000");
  CHECK(p_text(0.0123) == "0.012");
  CHECK(p_text(0.001) == "0.001");
  CHECK(p_text(0.000999) == "<0.001");
  CHECK(p_text(0.0) == "<0.001");
}

TEST_CASE("the row of a compared net", "[hand]") {
  // Twelve digits, of which `other` gets the first three right and the net the last eleven: only a
  // 1, only b 9, p = 2 * (1 + 10) / 1024 = 0.021. Wilson's interval of 11 of 12 is 64.61 to 98.51
  // %.
  const std::vector<std::uint8_t> labels(12, 7);
  std::vector<std::uint8_t> other(12, 0), classes(12, 7);
  for (std::size_t i = 0; i < 3; ++i) other[i] = 7;
  classes[0] = 1;
  Table table({"net", "right", "accuracy", "95 % interval", "only a", "only b", "p"}),
      expected = table;
  const PairedResult pair = add_compared(table, "int8", classes, &other, labels);
  CHECK((pair.only_a == 1 && pair.only_b == 9 && pair.classes_differ == 10));
  expected.row({"int8", "11", "91.67 %", "64.61 to 98.51", "1", "9", "0.021"});
  add_compared(table, "alone", classes, nullptr, labels);
  expected.row({"alone", "11", "91.67 %", "64.61 to 98.51", "-", "-", "-"});
  CHECK(table.text() == expected.text());
}
