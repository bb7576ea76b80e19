// Chapter 08: parameters found at run time, layers, nets, and what bad inputs get.
#include <cmath>
#include <limits>

#include "08_dynamic_quantization/dynamic.hpp"
#include "08_dynamic_quantization/lesson/paper_example.hpp"
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

constexpr QuantRange kU8 = unsigned_range(8);
constexpr DynamicOptions kPerTensor = {InputGranularity::per_tensor, RangeRule::pytorch};
constexpr DynamicOptions kPerRow = {InputGranularity::per_row, RangeRule::pytorch};
constexpr DynamicOptions kOnnx = {InputGranularity::per_tensor, RangeRule::onnx};

QuantParams by_pytorch(float min, float max) {
  return dynamic_qparams({min, max}, kU8, RangeRule::pytorch);
}
QuantParams by_onnx(float min, float max) {
  return dynamic_qparams({min, max}, kU8, RangeRule::onnx);
}

PackedNet packed(const QuantizedNet& net, const Backend& backend = ref_backend()) {
  return pack(net, backend, dynamic_operations());
}

// One batch. By value: the buffers are gone.
Matrix<float> forward(const PackedNet& net, const Matrix<float>& x) {
  NetBuffers buffers;
  return run(net, x, buffers);
}

// The same net, its inputs by other options.
PackedNet packed_with(const QuantizedNet& net, const DynamicOptions& options,
                      const Backend& backend = ref_backend(), QuantRange range = kU8) {
  return packed(with_input(net, {range, options}), backend);
}

// A net of one dynamic_linear.
QuantizedNet layer_net(Matrix<std::int8_t> weight, Vector<float> scale, Vector<float> bias,
                       const DynamicInput& input = {}) {
  QuantizedNet net{.tensors = {{{weight.shape(1)}, DType::f32}, {{weight.shape(0)}, DType::f32}}};
  net.weights.push_back(
      {.weight = {std::move(weight), std::move(scale)}, .real_bias = std::move(bias)});
  net.operations.push_back({.kind = "dynamic_linear", .inputs = {0}, .output = 1, .weights = 0});
  return with_input(std::move(net), input);
}

// Layer i of a net, as a net of its own.
QuantizedNet layer_of(const QuantizedNet& net, std::size_t i) {
  const Weights& weights = net.weights[i];
  return layer_net(weights.weight.q, weights.weight.scale, weights.real_bias,
                   dynamic_input_of(net, layers_of(net)[i].operation));
}

// Random batch whose rows differ in size by powers of two.
Matrix<float> uneven_rows(std::uint64_t seed, std::size_t rows, std::size_t columns) {
  Matrix<float> x = random_input(seed, rows, columns);
  for (std::size_t m = 0; m < rows; ++m)
    for (float& value : row(x, m)) value = std::ldexp(value, static_cast<int>(m % 9) - 4);
  return x;
}

// What backends were asked for since the last clear(), and the inputs they quantized.
struct Asked {
  std::vector<std::string_view> packed;  // by whom
  std::vector<QuantRange> input_ranges;
  std::size_t min_max = 0, products = 0;
  std::vector<QuantParams> params;  // of every call of quantize
  std::vector<std::uint8_t> q;      // of all calls, one after the other
} asked;

// `of`, written down in `asked`.
template <RequantizeRule rule>
Backend watched_backend() {
  static const Backend& of = ref_backend(rule);
  Backend backend = of;
  backend.pack = [](const Product& product) {
    asked.packed.push_back(of.name);
    asked.input_ranges.push_back(product.input_range);
    return of.pack(product);
  };
  backend.run_f32 = [](const PackedProduct& product, const LeftSide& x,
                       std::span<const QuantParams> params, std::span<float> y) {
    ++asked.products;
    of.run_f32(product, x, params, y);
  };
  backend.min_max = [](std::span<const float> x) {
    ++asked.min_max;
    return of.min_max(x);
  };
  backend.quantize = [](std::span<const float> x, QuantParams params, QuantRange range,
                        Rounding rounding, std::span<std::uint8_t> q) {
    of.quantize(x, params, range, rounding, q);
    asked.params.push_back(params);
    asked.q.insert(asked.q.end(), q.begin(), q.end());
  };
  return backend;
}

// Adds the inputs of one more layer to those expected.
void append(Asked& expected, const QuantizedInput& input) {
  expected.params.insert(expected.params.end(), input.params.begin(), input.params.end());
  expected.q.insert(expected.q.end(), input.q.begin(), input.q.end());
}

}  // namespace

TEST_CASE("scale and zero point are PyTorch's on awkward tensors", "[ref]") {
  // ch08.py, save_params: torch._choose_qparams_per_tensor.
  const auto tensors = load_reference<float, 2>("ch08/tensors");
  const auto scale = load_reference<float, 1>("ch08/tensors_scale");
  const auto zero_point = load_reference<std::int32_t, 1>("ch08/tensors_zero_point");
  REQUIRE(tensors.shape(0) > 200);
  for (std::size_t i = 0; i < tensors.shape(0); ++i) {
    INFO("tensor " << i << ": " << list_text(row(tensors, i), 9));
    const Interval interval = min_max(row(tensors, i));
    const QuantParams p = dynamic_qparams(interval, kU8, RangeRule::pytorch);
    CHECK(p.scale == scale(i));
    CHECK(p.zero_point == zero_point(i));
  }
}

TEST_CASE("zero points near a half are rounded as PyTorch and ONNX round them", "[ref]") {
  // ch08.py, save_near_halves: intervals on which other orders of operations give another integer.
  const std::pair<std::string, RangeRule> rules[] = {{"ch08/near_halves", RangeRule::pytorch},
                                                     {"ch08/onnx_near_halves", RangeRule::onnx}};
  for (const auto& [name, rule] : rules) {
    const auto intervals = load_reference<float, 2>(name);
    const auto scale = load_reference<float, 1>(name + "_scale");
    const auto zero_point = load_reference<std::int32_t, 1>(name + "_zero_point");
    REQUIRE(intervals.shape(0) > 20);
    for (std::size_t i = 0; i < intervals.shape(0); ++i) {
      INFO(name << " " << list_text(row(intervals, i), 9));
      CHECK(dynamic_qparams({intervals(i, 0), intervals(i, 1)}, kU8, rule) ==
            QuantParams{scale(i), zero_point(i)});
    }
  }
}

TEST_CASE("the range contains 0", "[hand]") {
  for (RangeRule rule : {RangeRule::pytorch, RangeRule::onnx}) {
    CHECK(dynamic_qparams({1.0F, 51.0F}, kU8, rule) == QuantParams{0.2F, 0});  // 51 / 255
    CHECK(dynamic_qparams({-51.0F, -1.0F}, kU8, rule) == QuantParams{0.2F, 255});
    CHECK(dynamic_qparams({-1.0F, 254.0F}, kU8, rule) == QuantParams{1.0F, 1});
  }
}

TEST_CASE("the zero point of a half goes to the even integer", "[hand]") {
  for (RangeRule rule : {RangeRule::pytorch, RangeRule::onnx}) {
    CHECK(dynamic_qparams({-0.5F, 254.5F}, kU8, rule).zero_point == 0);
    CHECK(dynamic_qparams({-1.5F, 253.5F}, kU8, rule).zero_point == 2);
    CHECK(dynamic_qparams({-2.5F, 252.5F}, kU8, rule).zero_point == 2);
  }
}

TEST_CASE("another range of integers", "[hand]") {
  // 127 steps: 12.7 / 127. A range that begins at 10: the zero point is counted from there.
  for (RangeRule rule : {RangeRule::pytorch, RangeRule::onnx}) {
    CHECK(dynamic_qparams({-2.0F, 125.0F}, unsigned_range(7), rule) == QuantParams{1.0F, 2});
    CHECK(dynamic_qparams({-2.0F, 8.0F}, {10, 20}, rule) == QuantParams{1.0F, 12});
    CHECK(dynamic_qparams({-0.5F, 8.5F}, {1, 10}, rule) == QuantParams{1.0F, 2});  // 1 + 0.5
  }
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    const QuantizedInput input = quantize_input({{-2.0F, 125.0F}}, unsigned_range(7), options);
    CHECK(input.params == std::vector<QuantParams>{{1.0F, 2}});
    CHECK(difference(input.q, Matrix<std::uint8_t>{{0, 127}}) == "");
  }
  // Parameters of somebody else's: what passes the range is clamped to it.
  const std::vector<float> wide = {-50.0F, 200.0F};
  for (Rounding rounding : {Rounding::half_even, Rounding::half_even_divide}) {
    std::vector<std::uint8_t> q(2);
    ref_backend().quantize(wide, {1.0F, 20}, {10, 100}, rounding, q);
    CHECK(q == std::vector<std::uint8_t>{10, 100});
  }
}

TEST_CASE("zeros, and ranges that are nearly 0", "[hand]") {
  CHECK(by_pytorch(0.0F, 0.0F) == QuantParams{0.1F, 0});
  CHECK(by_pytorch(0.0F, 1e-40F) == QuantParams{0.1F, 0});  // 1 / scale would be infinite
  CHECK(by_pytorch(-1e-40F, 0.0F) == QuantParams{0.1F, 0});
  CHECK(by_onnx(0.0F, 0.0F) == QuantParams{1.0F, 0});
  CHECK(by_onnx(-1e-40F, 1e-40F) == QuantParams{1.0F, 0});
  // 1e-3 / 255 = 3.9e-6 is below the smallest scale: it is 6.1e-5, and the zero point stays where
  // it was, 0.2 * 255 = 51.
  CHECK(by_pytorch(-0.2e-3F, 0.8e-3F) == QuantParams{6.1e-5F, 51});
  CHECK(by_pytorch(-1e-3F, 0.0F) == QuantParams{6.1e-5F, 255});
  CHECK(by_pytorch(0.0F, 1e-3F) == QuantParams{6.1e-5F, 0});
  CHECK(by_onnx(-0.2e-3F, 0.8e-3F) == QuantParams{(0.8e-3F + 0.2e-3F) / 255.0F, 51});
  // 255 * 6.1e-5 = 0.015555: just above it the scale is the range's own.
  CHECK(by_pytorch(0.0F, 0.0156F).scale == 0.0156F / 255.0F);
}

TEST_CASE("PyTorch's float64 and ONNX's float32 may differ in a scale's last bit", "[hand]") {
  // 0.3 + 0.1 in float32 is 0.400000006, in float64 of the same two 0.4000000134.
  const QuantParams a = by_pytorch(-0.1F, 0.3F), b = by_onnx(-0.1F, 0.3F);
  CHECK(a.scale ==
        static_cast<float>((static_cast<double>(0.3F) + static_cast<double>(0.1F)) / 255.0));
  CHECK(b.scale == (0.3F + 0.1F) / 255.0F);
  CHECK(a.scale != b.scale);  // 0.0015686275 and 0.0015686274
  CHECK(a.zero_point == 64);  // 63.75
  CHECK(b.zero_point == 64);
}

TEST_CASE("an interval that no scale exists for", "[hand]") {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(),
                  kInfinity = std::numeric_limits<float>::infinity();
  for (RangeRule rule : {RangeRule::pytorch, RangeRule::onnx}) {
    for (Interval interval : {Interval{kNaN, 1.0F}, Interval{0.0F, kNaN}, Interval{0.0F, kInfinity},
                              Interval{-kInfinity, 0.0F}, Interval{1.0F, 0.0F}})
      CHECK_THROWS_WITH(dynamic_qparams(interval, kU8, rule), QFS_CONTAINS("no scale exists"));
    CHECK_THROWS_AS(dynamic_qparams({0.0F, 1.0F}, {7, 7}, rule), Error);
  }
  // Too wide for float32; PyTorch's float64 has room: 6e38 / 255.
  CHECK_THROWS_WITH(by_onnx(-3e38F, 3e38F), QFS_CONTAINS("too wide"));
  CHECK(by_pytorch(-3e38F, 3e38F).zero_point == 128);  // 127.5
}

TEST_CASE("the example of the text is PyTorch's, every bit", "[ref]") {
  // ch08.py, save_paper.
  const PackedNet layer = packed(paper_dynamic::make_net());
  Matrix<float> other = rows_of(paper_dynamic::kBoth, 1, 2);
  const std::pair<std::string, Matrix<float>> batches[] = {
      {"alone", paper_dynamic::kAlone}, {"other_alone", other}, {"both", paper_dynamic::kBoth}};
  for (const auto& [name, x] : batches) {
    INFO(name);
    const auto get = [&, n = name](const std::string& what) {
      return "ch08/paper_" + n + "_" + what;
    };
    const QuantizedInput input = quantize_input(x, kU8, kPerTensor);
    CHECK(input.params[0].scale == load_reference<float, 1>(get("scale"))(0));
    CHECK(input.params[0].zero_point == load_reference<std::int32_t, 1>(get("zero_point"))(0));
    CHECK(difference(input.q, load_reference<std::uint8_t, 2>(get("q"))) == "");
    CHECK(difference(forward(layer, x), load_reference<float, 2>(get("y"))) == "");
  }
  const auto equal = [](const char* name, const auto& expected) {
    const auto y = load_reference<float, 2>(name);
    return std::ranges::equal(values(y), expected);
  };
  CHECK(equal("ch08/paper_alone_y", paper_dynamic::kAloneByPyTorch));
  CHECK(equal("ch08/paper_both_y", paper_dynamic::kBothByPyTorch));
  CHECK(paper_dynamic::kAloneScaleByPyTorch ==
        load_reference<float, 1>("ch08/paper_alone_scale")(0));
  CHECK(paper_dynamic::kBothScaleByPyTorch == load_reference<float, 1>("ch08/paper_both_scale")(0));
}

TEST_CASE("who shares a scale", "[hand]") {
  // Rows that reach to 51 and to 5.1: 0.2 and 0.02 alone, 0.2 for both together.
  const Matrix<float> x = {{51.0F, 10.0F}, {5.1F, 1.0F}};
  const QuantizedInput tensor = quantize_input(x, kU8, kPerTensor),
                       rows = quantize_input(x, kU8, kPerRow);
  CHECK(tensor.params == std::vector<QuantParams>{{0.2F, 0}});
  CHECK(rows.params == std::vector<QuantParams>{{0.2F, 0}, {0.02F, 0}});
  CHECK(difference(tensor.q, Matrix<std::uint8_t>{{255, 50}, {26, 5}}) == "");  // 25.5 to the even
  CHECK(difference(rows.q, Matrix<std::uint8_t>{{255, 50}, {255, 50}}) == "");
}

TEST_CASE("per tensor, a batch of one row is per row", "[prop]") {
  const Mlp mlp = random_mlp(21);
  const QuantizedNet net = quantize_dynamic(mlp);
  const Matrix<float> x = uneven_rows(22, 30, mlp.inputs());
  CHECK(difference(run_in_batches(packed_with(net, kPerTensor), x, 1),
                   forward(packed_with(net, kPerRow), x)) == "");
}

TEST_CASE("per row, a row gives the same bits in every batch; per tensor it does not", "[prop]") {
  const Mlp mlp = random_mlp(23);
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const QuantizedNet net = quantize_dynamic(mlp, weights);
    const PackedNet by_tensor = packed_with(net, kPerTensor), by_row = packed_with(net, kPerRow);
    const Matrix<float> x = uneven_rows(24, 40, mlp.inputs());
    const Matrix<float> alone = run_in_batches(by_row, x, 1);
    for (std::size_t batch : {2U, 7U, 40U}) {
      CHECK(difference(run_in_batches(by_row, x, batch), alone) == "");
      const Matrix<float> together = run_in_batches(by_tensor, x, batch);
      std::size_t changed = 0;
      for (std::size_t m = 0; m < 40; ++m)
        changed += std::ranges::equal(row(together, m), row(alone, m)) ? 0 : 1;
      CHECK(changed > 10);
    }
  }
}

TEST_CASE("a layer is its definition: s_x s_w sum (q_x - z_x) q_w + b", "[prop]") {
  const Mlp mlp = random_mlp(25);
  const Matrix<float> x = uneven_rows(26, 13, mlp.inputs());
  for (int bits : {7, 8})
    for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel})
      for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
        const QuantizedNet net =
            layer_of(quantize_dynamic(mlp, weights, {unsigned_range(bits), options}), 0);
        const auto& [q_w, s_w] = net.weights[0].weight;
        const QuantizedInput input = quantize_input(x, unsigned_range(bits), options);
        CHECK(std::ranges::max(values(input.q)) == (1 << bits) - 1);
        Matrix<float> expected = make_tensor<float>({13, q_w.shape(0)});
        for (std::size_t m = 0; m < 13; ++m)
          for (std::size_t n = 0; n < q_w.shape(0); ++n) {
            const QuantParams p = input.params[input.params.size() == 1 ? 0 : m];
            std::int64_t sum = 0;
            for (std::size_t k = 0; k < q_w.shape(1); ++k)
              sum += (input.q(m, k) - p.zero_point) * q_w(n, k);
            expected(m, n) = static_cast<float>(sum) * (p.scale * s_w(s_w.size() == 1 ? 0 : n)) +
                             net.weights[0].real_bias(n);
          }
        CHECK(difference(forward(packed(net), x), expected) == "");
      }
}

TEST_CASE("a layer stays near the float one", "[prop]") {
  // Each of 23 products is off by at most |x| s_w (a clamped weight; else half) + |w'| s_x / 2, and
  // no output is rounded. float32 errors are below 1e-4 of outputs below 100.
  const Mlp mlp = random_mlp(27);
  const Matrix<float> x = random_input(28, 50, mlp.inputs());
  const Matrix<float> real = linear_forward_ref(mlp.layers[0], x);
  const QuantizedNet net = layer_of(quantize_dynamic(mlp), 0);
  const QuantizedWeight& weight = net.weights[0].weight;
  const double s_w = static_cast<double>(weight.scale(0));
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    const Matrix<float> y = forward(packed_with(net, options), x);
    const double s_x = static_cast<double>(
        quantize_input(x, kU8, kPerTensor).params[0].scale);  // the largest of all
    for (std::size_t n = 0; n < weight.outputs(); ++n) {
      double weights = 0.0;
      for (std::int8_t q : row(weight.q, n)) weights += std::abs(q) * s_w;
      const double bound = 23 * 2.0 * s_w + weights * s_x / 2 + 1e-4;
      for (std::size_t m = 0; m < 50; ++m)
        CHECK(std::fabs(static_cast<double>(y(m, n)) - static_cast<double>(real(m, n))) <= bound);
    }
  }
}

namespace {

// The reals of one row of integers, whose parameters are given.
Matrix<float> reals_of(const QuantizedNet& layer, const std::vector<std::uint8_t>& q_x,
                       QuantParams params) {
  const ToF32 to_f32 = make_to_f32(layer.weights[0]);
  const PackedProduct product = ref_backend().pack(
      {.weight = &layer.weights[0].weight, .input_range = kU8, .to_f32 = &to_f32});
  auto y = make_tensor<float>({1, product.outputs});
  ref_backend().run_f32(product, matrix_left_side(q_x, 1), {&params, 1}, values(y));
  return y;
}

}  // namespace

TEST_CASE("the sums become reals in PyTorch's order of operations", "[hand]") {
  // The sum is 3 * 255 + 237 = 1002. s_x s_w first: 1002 * (0.1 * 0.3) + 0.7. One after the other
  // gives another last bit.
  const QuantizedNet layer = layer_net({{1, 1, 1, 1}}, {0.3F}, {0.7F});
  const float y = reals_of(layer, {255, 255, 255, 237}, {0.1F, 0})(0, 0);
  CHECK(y == 1002.0F * (0.1F * 0.3F) + 0.7F);  // 30.760002
  CHECK(y != 1002.0F * 0.1F * 0.3F + 0.7F);    // 30.760004
}

TEST_CASE("the zero point's part is subtracted in integers", "[hand]") {
  // 1101 weights of 127 times the zero point 201: 28105227, which float32 rounds to 28105228. The
  // weights 1 and -1 add nothing to that.
  auto weight = make_tensor<std::int8_t>({1, 1103}, std::int8_t{127});
  weight(0, 1101) = 1;
  weight(0, 1102) = -1;
  const QuantizedNet layer = layer_net(weight, {1.0F}, {0.0F});
  std::vector<std::uint8_t> q_x(1103, 201);
  CHECK(reals_of(layer, q_x, {1.0F, 201})(0, 0) == 0.0F);  // the sum is 28105227
  q_x[1101] = 204;                                         // 28105230
  CHECK(reals_of(layer, q_x, {1.0F, 201})(0, 0) == 3.0F);
}

TEST_CASE("offline: chapter 06's weights, and the bias as it was", "[prop]") {
  const Mlp mlp = random_mlp(29);
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const QuantizedNet net = quantize_dynamic(mlp, weights);
    const ActivationIntervals some = {{-1.0F, 1.0F}, {{-9.0F, 9.0F}, {-9.0F, 9.0F}, {-9.0F, 9.0F}}};
    const QuantizedNet expected = quantize_mlp(mlp, some, {kU8, weights});
    REQUIRE(net.weights.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      const Weights& layer = net.weights[i];
      CHECK(difference(layer.weight.q, expected.weights[i].weight.q) == "");
      CHECK(difference(layer.weight.scale, expected.weights[i].weight.scale) == "");
      CHECK(difference(layer.real_bias, mlp.layers[i].bias) == "");
      CHECK(layer.bias.size() == 0);
      const ToF32 to_f32 = make_to_f32(layer);
      CHECK(difference(to_f32.weight_sum, row_sums(layer.weight.q)) == "");
      CHECK(difference(to_f32.bias, mlp.layers[i].bias) == "");
    }
  }
  // All weights 0: chapter 06 has no integer for such a bias, here it stays a float.
  Mlp dead;
  dead.layers.resize(1);
  dead.layers[0].weight = {{0.0F, 0.0F}};
  dead.layers[0].bias = {1000.0F};
  CHECK(forward(packed(quantize_dynamic(dead)), {{3.0F, -4.0F}})(0, 0) == 1000.0F);
}

TEST_CASE("the net is a list: dynamic_linear and relu_f32 in turn, on reals", "[hand]") {
  const DynamicInput input = {{3, 200}, {InputGranularity::per_row, RangeRule::onnx}};
  const QuantizedNet net =
      quantize_dynamic(random_mlp(29), WeightGranularity::per_tensor, input);  // 23-17-9-10
  const std::size_t sizes[] = {23, 17, 17, 9, 9, 10};
  REQUIRE(net.tensors.size() == 6);
  for (std::size_t t = 0; t < 6; ++t) {
    CHECK(net.tensors[t].shape == std::vector<std::size_t>{sizes[t]});
    CHECK(net.tensors[t].type == DType::f32);
  }
  REQUIRE(net.operations.size() == 5);
  for (std::size_t p = 0; p < 5; ++p) {
    const Operation& operation = net.operations[p];
    const bool linear = p % 2 == 0;
    CHECK(operation.kind == (linear ? "dynamic_linear" : "relu_f32"));
    CHECK(operation.inputs == std::vector<std::size_t>{p});
    CHECK(operation.output == p + 1);
    CHECK(operation.weights == (linear ? std::optional<std::size_t>(p / 2) : std::nullopt));
    CHECK(operation.attributes.size() == (linear ? 3 : 0));
    if (!linear) continue;
    CHECK(operation.attributes.at("range") == std::vector<std::int32_t>{3, 200});
    CHECK(operation.attributes.at("per_row") == std::vector<std::int32_t>{1});
    CHECK(operation.attributes.at("onnx_rule") == std::vector<std::int32_t>{1});
  }
}

TEST_CASE("what happens to the inputs is what the attributes say", "[prop]") {
  const QuantizedNet net = quantize_dynamic(random_mlp(29));
  for (const QuantRange range : {kU8, unsigned_range(7), QuantRange{3, 200}})
    for (auto granularity : {InputGranularity::per_tensor, InputGranularity::per_row})
      for (auto rule : {RangeRule::pytorch, RangeRule::onnx}) {
        const QuantizedNet other = with_input(net, {range, {granularity, rule}});
        for (const OperationParts& layer : layers_of(other)) {
          const DynamicInput input = dynamic_input_of(other, layer.operation);
          CHECK(input.range == range);
          CHECK(input.options.granularity == granularity);
          CHECK(input.options.rule == rule);
        }
        CHECK(other.operations[1].attributes.empty());  // relu_f32
      }
}

TEST_CASE("zeros, constants, one row, no rows", "[hand]") {
  const QuantizedNet net = layer_net({{3, -1}, {2, 5}}, {0.5F}, {0.25F, -4.0F});
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    const PackedNet layer = packed_with(net, options);
    // Zeros: the bias, exactly.
    CHECK(difference(forward(layer, make_tensor<float>({3, 2})),
                     Matrix<float>{{0.25F, -4}, {0.25F, -4}, {0.25F, -4}}) == "");
    // The constant 51: every integer is 255, 0.2 * 255 = 51. 51 * (0.5 * 2, 0.5 * 7).
    const Matrix<float> constant = {{51, 51}, {51, 51}};
    const QuantizedInput input = quantize_input(constant, kU8, options);
    CHECK(difference(input.q, Matrix<std::uint8_t>{{255, 255}, {255, 255}}) == "");
    CHECK(difference(forward(layer, constant), Matrix<float>{{51.25F, 174.5F}, {51.25F, 174.5F}},
                     1e-4) == "");
    // The constant -51: every integer is 0, the zero point 255.
    const QuantizedInput negative = quantize_input({{-51, -51}}, kU8, options);
    CHECK(difference(negative.q, Matrix<std::uint8_t>{{0, 0}}) == "");
    CHECK(negative.params == std::vector<QuantParams>{{0.2F, 255}});
    CHECK(shape_of(forward(layer, make_tensor<float>({0, 2}))) == std::vector<std::size_t>{0, 2});
  }
}

TEST_CASE("the same object takes batches of every shape, one after the other", "[hand]") {
  QuantizedInput input;
  const std::vector<float> x = {51.0F, 10.2F, 0.0F, 5.1F};
  const auto fill = [&](std::size_t rows, const DynamicOptions& options) {
    quantize_input(x, rows, kU8, options, ref_backend(), input);
  };
  fill(2, kPerRow);  // 51 / 255 = 0.2 and 5.1 / 255 = 0.02
  CHECK(input.params == std::vector<QuantParams>{{0.2F, 0}, {0.02F, 0}});
  CHECK(difference(input.q, Matrix<std::uint8_t>{{255, 51}, {0, 255}}) == "");
  fill(1, kPerRow);  // 5.1 / 0.2 = 25.5, to the even
  CHECK(input.params == std::vector<QuantParams>{{0.2F, 0}});
  CHECK(difference(input.q, Matrix<std::uint8_t>{{255, 51, 0, 26}}) == "");
  fill(4, kPerTensor);
  CHECK(input.params == std::vector<QuantParams>{{0.2F, 0}});
  CHECK(difference(input.q, Matrix<std::uint8_t>{{255}, {51}, {0}, {26}}) == "");
  CHECK_THROWS_WITH(fill(3, kPerRow), QFS_CONTAINS("rows of one length"));
  CHECK_THROWS_WITH(fill(0, kPerRow), QFS_CONTAINS("rows of one length"));
  quantize_input({}, 0, kU8, kPerTensor, ref_backend(), input);
  CHECK(input.params.empty());
  CHECK(shape_of(input.q) == std::vector<std::size_t>{0, 0});
}

TEST_CASE("NaN, infinity and widths that do not fit are refused", "[hand]") {
  const QuantizedNet net = layer_net({{3, -1}}, {0.5F}, {0.25F});
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    const PackedNet layer = packed_with(net, options);
    for (float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()})
      for (std::size_t at : {0U, 3U}) {
        Matrix<float> x = {{1, 2}, {3, 4}};
        values(x)[at] = bad;
        CHECK_THROWS_WITH(forward(layer, x), QFS_CONTAINS("not finite"));
      }
    CHECK_THROWS_WITH(forward(layer, {{1, 2, 3}}), QFS_CONTAINS("does not fit the net"));
    CHECK_THROWS_WITH(forward(layer, make_tensor<float>({0, 3})),
                      QFS_CONTAINS("does not fit the net"));
    CHECK_THROWS_WITH(forward(layer, {{1, 2, 3}, {4, 5, 6}}), QFS_CONTAINS("does not fit the net"));
  }
}

namespace {

void refuse(const QuantizedNet& net, const char* why) {
  INFO(why);
  CHECK_THROWS_WITH(packed(net), QFS_CONTAINS(why));
}

// `change` makes the layer of two outputs and two inputs wrong.
template <class Change>
void refuse_layer(const char* why, const Change& change) {
  QuantizedNet net = layer_net({{1, 2}, {3, 4}}, {0.5F}, {1.0F, 2.0F});
  REQUIRE_NOTHROW(packed(net));
  change(net);
  refuse(net, why);
}

}  // namespace

TEST_CASE("layers that contradict themselves are not packed", "[hand]") {
  const Matrix<std::int8_t> w = {{1, 2}, {3, 4}};
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(),
                  kInfinity = std::numeric_limits<float>::infinity();
  const char* const one_per_output = "operation 1 (dynamic_linear): one bias per output";
  refuse(layer_net(w, {0.5F}, {1.0F}), one_per_output);
  refuse(layer_net(w, {0.5F}, {1.0F, 2.0F, 3.0F}), one_per_output);
  refuse(layer_net(w, {0.5F}, {}), one_per_output);
  refuse(layer_net(w, {0.5F, 0.5F, 0.5F}, {1.0F, 2.0F}), "one for the tensor or one per output");
  for (float scale : {0.0F, -1.0F, kNaN, 1e-40F, kInfinity})
    refuse(layer_net(w, {scale}, {1.0F, 2.0F}), "no usable scale");
  for (float bias : {kNaN, kInfinity, -kInfinity})
    refuse(layer_net(w, {0.5F}, {1.0F, bias}),
           "operation 1 (dynamic_linear) has a bias that is not finite");
  for (QuantRange range : {QuantRange{0, 256}, QuantRange{-1, 255}, QuantRange{5, 5}})
    refuse(layer_net(w, {0.5F}, {1.0F, 2.0F}, {range, kPerTensor}),
           "operation 1 (dynamic_linear) has no range of integers within 8 bits");
  QuantizedNet net = quantize_dynamic(random_mlp(31));
  std::swap(net.weights[0], net.weights[1]);
  refuse(net, "operation 1 (dynamic_linear) has weights that do not fit its tensors");
  refuse(QuantizedNet{}, "a net needs tensors and operations");
  CHECK_THROWS_WITH(quantize_dynamic(Mlp{}), QFS_CONTAINS("a net needs layers"));
  CHECK_THROWS_AS(packed(quantize_dynamic(random_mlp(31), WeightGranularity::per_tensor,
                                          {{0, 256}, kPerTensor})),
                  Error);
}

TEST_CASE("a dynamic_linear reads reals, writes reals, and has weights that fit", "[hand]") {
  refuse_layer("operation 1 (dynamic_linear) reads another number of tensors",
               [](QuantizedNet& net) {
                 net.operations[0].inputs = {0, 0};
               });
  for (std::size_t t : {0U, 1U})
    refuse_layer("operation 1 (dynamic_linear) has a tensor of another type",
                 [&](QuantizedNet& net) { net.tensors[t].type = DType::u8; });
  refuse_layer("operation 1 (dynamic_linear) has no weights",
               [](QuantizedNet& net) { net.operations[0].weights.reset(); });
  refuse_layer("operation 1 (dynamic_linear) names weights that do not exist",
               [](QuantizedNet& net) { net.operations[0].weights = 1; });
  for (std::size_t t : {0U, 1U})
    refuse_layer("operation 1 (dynamic_linear) has weights that do not fit its tensors",
                 [&](QuantizedNet& net) { net.tensors[t].shape = {3}; });
  // A bias in integers is none: its scale is not known.
  refuse_layer("operation 1 (dynamic_linear): one bias per output", [](QuantizedNet& net) {
    net.weights[0].real_bias = Vector<float>();
    net.weights[0].bias = {1, 2};
  });
}

TEST_CASE("attributes that are missing, of another form, or mean nothing", "[hand]") {
  const auto with = [](const char* name, std::vector<std::int32_t> numbers) {
    return [=](QuantizedNet& net) { net.operations[0].attributes[name] = numbers; };
  };
  const char* const other = "operation 1 (dynamic_linear) has other attributes than its kind";
  for (const char* name : {"range", "per_row", "onnx_rule"}) {
    refuse_layer(other, [&](QuantizedNet& net) { net.operations[0].attributes.erase(name); });
    // As many as before, one of them called otherwise.
    refuse_layer("operation 1 (dynamic_linear)", [&](QuantizedNet& net) {
      net.operations[0].attributes.erase(name);
      net.operations[0].attributes["stride"] = {1};
    });
  }
  refuse_layer(other, with("stride", {1}));
  for (std::vector<std::int32_t> range : {std::vector{255}, std::vector{0, 255, 0}})
    refuse_layer(other, with("range", range));
  for (std::vector<std::int32_t> range : {std::vector{5, 5}, std::vector{9, 5}, std::vector{-1, 5},
                                          std::vector{0, 256}, std::vector{250, 1000000}})
    refuse_layer("has no range of integers within 8 bits", with("range", range));
  for (const char* flag : {"per_row", "onnx_rule"})
    for (std::vector<std::int32_t> numbers :
         {std::vector{2}, std::vector{-1}, std::vector{0, 1}, std::vector{1, 1}})
      refuse_layer("lacks an attribute, or it is neither 0 nor 1", with(flag, numbers));
  // No numbers at all: no attribute of any operation.
  for (const char* name : {"range", "per_row", "onnx_rule"})
    refuse_layer("has an attribute without numbers", with(name, {}));
  // The smallest range and the widest.
  for (QuantRange range : {QuantRange{254, 255}, QuantRange{0, 1}, kU8})
    CHECK_NOTHROW(packed(layer_net({{1}}, {1.0F}, {0.0F}, {range, kPerTensor})));
}

TEST_CASE("relu_f32: what is negative becomes 0, on reals of one size", "[hand]") {
  QuantizedNet net{.tensors = {{{5}, DType::f32}, {{5}, DType::f32}}};
  net.operations.push_back({.kind = "relu_f32", .inputs = {0}, .output = 1});
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  CHECK(difference(
            forward(packed(net), {{-1, 0, 2.5F, -kInfinity, kInfinity}, {3, -1e-40F, 1, 1, -2}}),
            Matrix<float>{{0, 0, 2.5F, 0, kInfinity}, {3, 0, 1, 1, 0}}) == "");
  const auto refuse_relu = [&](const char* why, const auto& change) {
    QuantizedNet other = net;
    change(other);
    refuse(other, why);
  };
  refuse_relu("operation 1 (relu_f32) reads another number of tensors", [](QuantizedNet& n) {
    n.operations[0].inputs = {0, 0};
  });
  for (std::size_t t : {0U, 1U})
    refuse_relu("operation 1 (relu_f32) has a tensor of another type",
                [&](QuantizedNet& n) { n.tensors[t].type = DType::u8; });
  refuse_relu("operation 1 (relu_f32) changes the number of elements",
              [](QuantizedNet& n) { n.tensors[1].shape = {4}; });
  refuse_relu("operation 1 (relu_f32) has attributes", [](QuantizedNet& n) {
    n.operations[0].attributes["range"] = {0, 255};
  });
  refuse_relu("operation 1 (relu_f32) has attributes or weights", [](QuantizedNet& n) {
    n.weights.push_back({.weight = {{{1}}, {1.0F}}});
    n.operations[0].weights = 0;
  });
}

TEST_CASE("sums stay within 32 bits: as many inputs as ref takes, and one more", "[hand]") {
  // 2147483647 / (255 * 128) = 65793.
  const auto net = [](std::size_t inputs) {
    return layer_net(make_tensor<std::int8_t>({1, inputs}, std::int8_t{-128}), {1.0F}, {0.0F});
  };
  const PackedNet longest = packed(net(65793));
  // The constant -255: every integer is 0, the zero point 255, the sum -255 * (65793 * -128).
  CHECK(forward(longest, make_tensor<float>({1, 65793}, -255.0F))(0, 0) ==
        static_cast<float>(255 * (65793 * 128)));
  CHECK(forward(longest, make_tensor<float>({1, 65793}, 255.0F))(0, 0) ==
        static_cast<float>(-255 * (65793 * 128)));
  refuse(net(65794), "ref takes no layer with so many inputs");
}

TEST_CASE("chapter 06's table knows none of these operations; this one has its rows first",
          "[hand]") {
  const QuantizedNet net = quantize_dynamic(random_mlp(31));
  CHECK_THROWS_WITH(pack(net), QFS_CONTAINS("operation 1 (dynamic_linear): no such operation"));
  const auto table = dynamic_operations(), known = static_operations();
  REQUIRE(table.size() == known.size() + 2);
  for (std::size_t i = 0; i < known.size(); ++i) CHECK(table[i].name == known[i].name);
  CHECK(table[known.size()].name == "dynamic_linear");
  CHECK(table[known.size() + 1].name == "relu_f32");
  CHECK_FALSE(table[known.size()].clamps);  // no range to clamp to: chapter 07 leaves it alone
}

TEST_CASE("static and dynamic operations in one list", "[prop]") {
  // Layer 1 with fixed scales, back to reals; layers 2 and 3 find theirs.
  const Mlp mlp = random_mlp(31);
  const Matrix<float> x = random_input(32, 11, mlp.inputs());
  const QuantizedNet tail = quantize_dynamic(mlp);
  Mlp first;
  first.layers = {mlp.layers[0]};
  const QuantizedNet front =
      quantize_mlp(first, {{-1.0F, 2.0F}, {{-30.0F, 30.0F}}}, {});  // quantize, linear, dequantize
  QuantizedNet net = front;
  net.weights.insert(net.weights.end(), tail.weights.begin() + 1, tail.weights.end());
  for (std::size_t p = 1; p < tail.operations.size(); ++p) {  // from the first relu_f32 on
    Operation operation = tail.operations[p];
    operation.inputs = {net.tensors.size() - 1};
    operation.output = net.tensors.size();
    net.tensors.push_back(tail.tensors[p + 1]);
    net.operations.push_back(operation);
  }
  Matrix<float> y = forward(pack(front), x);
  for (std::size_t i : {1U, 2U}) {
    relu_forward(y);
    y = forward(packed(layer_of(tail, i)), y);
  }
  CHECK(difference(forward(packed(net), x), y) == "");
}

TEST_CASE("everything a layer needs is asked of the backend that packed it", "[hand]") {
  const Backend ref = watched_backend<RequantizeRule::float32>(),
                fixed = watched_backend<RequantizeRule::fixed_point>();
  const Mlp mlp = random_mlp(31);
  const Matrix<float> x = uneven_rows(32, 5, mlp.inputs());
  for (const Backend* backend : {&ref, &fixed})
    for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
      const QuantizedNet net = quantize_dynamic(mlp);
      asked = {};
      const PackedNet ready = packed_with(net, options, *backend);
      CHECK(asked.packed == std::vector<std::string_view>(3, backend->name));
      CHECK(asked.input_ranges == std::vector<QuantRange>(3, kU8));
      CHECK(difference(forward(ready, x), forward(packed_with(net, options), x)) == "");
      const std::size_t parts = options.granularity == InputGranularity::per_row ? 5 : 1;
      CHECK(asked.min_max == 3 * parts);
      CHECK(asked.params.size() == 3 * parts);
      CHECK(asked.products == 3);
    }
}

TEST_CASE("a net is its layers with ReLU between them", "[prop]") {
  const Mlp mlp = random_mlp(33);
  const Backend watched = watched_backend<RequantizeRule::float32>();
  const Matrix<float> x = uneven_rows(34, 11, mlp.inputs());
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    const QuantizedNet net = quantize_dynamic(mlp, WeightGranularity::per_tensor, {kU8, options});
    asked = {};
    NetBuffers tensors;
    const Matrix<float> logits = run(packed(net, watched), x, tensors);
    Asked expected;
    Matrix<float> y = x;
    for (std::size_t i = 0; i < 3; ++i) {
      append(expected, quantize_input(y, kU8, options));
      y = forward(packed(layer_of(net, i)), y);
      if (i < 2)
        for (float& value : values(y)) value = std::max(value, 0.0F);
      // Every tensor can be looked at: 2 and 4 are what the ReLUs leave.
      CHECK(difference(tensors.f32[i < 2 ? 2 * i + 2 : 5], y) == "");
    }
    CHECK(asked.params == expected.params);
    CHECK(asked.q == expected.q);
    CHECK(difference(logits, y) == "");
    CHECK(std::ranges::min(values(logits)) < 0.0F);  // no ReLU after the last
  }
}

TEST_CASE("a net in seven bits keeps inputs in seven bits", "[prop]") {
  const Mlp mlp = random_mlp(37);
  constexpr QuantRange kU7 = unsigned_range(7);
  const Backend watched = watched_backend<RequantizeRule::float32>();
  const Matrix<float> x = uneven_rows(38, 11, mlp.inputs());
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    const QuantizedNet net = quantize_dynamic(mlp, WeightGranularity::per_channel, {kU7, options});
    asked = {};
    forward(packed(net, watched), x);
    CHECK(asked.input_ranges == std::vector<QuantRange>(3, kU7));
    Asked expected;
    Matrix<float> y = x;
    for (std::size_t i = 0; i < 3; ++i) {
      const QuantizedInput input = quantize_input(y, kU7, options);
      append(expected, input);
      CHECK(std::ranges::max(values(input.q)) == 127);
      y = forward(packed(layer_of(net, i)), y);
      relu_forward(y);
    }
    CHECK(asked.params == expected.params);
    CHECK(asked.q == expected.q);
  }
}

TEST_CASE("batches: the last one is shorter, and their size matters per tensor", "[prop]") {
  const Mlp mlp = random_mlp(35);
  const PackedNet net = packed(quantize_dynamic(mlp));
  const Matrix<float> x = uneven_rows(36, 25, mlp.inputs());
  const Matrix<float> all = run_in_batches(net, x, 10);
  CHECK(difference(rows_of(all, 0, 10), forward(net, rows_of(x, 0, 10))) == "");
  CHECK(difference(rows_of(all, 20, 25), forward(net, rows_of(x, 20, 25))) == "");
  CHECK(difference(all, forward(net, x)) != "");
  CHECK_THROWS_WITH(run_in_batches(net, x, 0), QFS_CONTAINS("a batch needs a size"));
  CHECK(run_in_batches(net, make_tensor<float>({0, mlp.inputs()})).shape(0) == 0);
}

TEST_CASE("ONNX's examples of DynamicQuantizeLinear", "[hand]") {
  // From the operator's tests: 5 / 255 and 153, 4 / 255 and 255, 4 / 255 and 0.
  const auto check = [](const Matrix<float>& x, float scale, std::int32_t zero_point,
                        const Matrix<std::uint8_t>& y) {
    const QuantizedInput input = quantize_input(x, kU8, kOnnx);
    CHECK(input.params == std::vector<QuantParams>{{scale, zero_point}});
    CHECK(difference(input.q, y) == "");
  };
  check({{0, 2, -3, -2.5F, 1.34F, 0.5F}}, 0.0196078438F, 153, {{153, 255, 0, 26, 221, 179}});
  check({{-1, -2.1F, -1.3F, -2.5F, -3.34F, -4}}, 0.0156862754F, 255, {{191, 121, 172, 96, 42, 0}});
  check({{1, 2.1F, 1.3F, 2.5F}, {3.34F, 4, 1.5F, 2.6F}, {3.9F, 4, 3, 2.345F}}, 0.0156862754F, 0,
        {{64, 134, 83, 159}, {213, 255, 96, 166}, {249, 255, 191, 149}});
}

TEST_CASE("ONNX divides where PyTorch multiplies by the reciprocal", "[hand]") {
  // 76.5 / 255 = 0.3. In float32 2.25 * (1 / 0.3) is 7.5, which goes to 8; 2.25 / 0.3 is 7.4999995.
  const Matrix<float> x = {{2.25F, 76.5F}};
  CHECK(difference(quantize_input(x, kU8, kPerTensor).q, Matrix<std::uint8_t>{{8, 255}}) == "");
  CHECK(difference(quantize_input(x, kU8, kOnnx).q, Matrix<std::uint8_t>{{7, 255}}) == "");
}

TEST_CASE("ONNX: DynamicQuantizeLinear, MatMulInteger, and back to reals", "[ref]") {
  // ch08.py, save_onnx: 40 batches of 7 rows.
  const auto x = load_reference<float, 2>("ch08/onnx_x");
  const auto q = load_reference<std::uint8_t, 2>("ch08/onnx_q");
  const auto y = load_reference<float, 2>("ch08/onnx_y");
  const auto scale = load_reference<float, 1>("ch08/onnx_scale");
  const auto zero_point = load_reference<std::int32_t, 1>("ch08/onnx_zero_point");
  const PackedNet layer =
      packed(layer_net(load_reference<std::int8_t, 2>("ch08/onnx_w"), {0.013F},
                       load_reference<float, 1>("ch08/onnx_bias"), {kU8, kOnnx}));
  for (std::size_t b = 0; b < scale.size(); ++b) {
    const Matrix<float> some = rows_of(x, 7 * b, 7 * b + 7);
    const QuantizedInput input = quantize_input(some, kU8, kOnnx);
    CHECK(input.params == std::vector<QuantParams>{{scale(b), zero_point(b)}});
    CHECK(difference(values(input.q), values(q).subspan(7 * b * 23, 7 * 23)) == "");
    const Matrix<float> got = forward(layer, some);
    CHECK(difference(values(got), values(y).subspan(7 * b * 9, 7 * 9)) == "");
  }
}
