// Chapter 08: parameters found at run time, layers, nets, and what bad inputs get.
#include <cmath>
#include <limits>

#include "08_dynamic_quantization/dynamic_mlp.hpp"
#include "08_dynamic_quantization/paper_example.hpp"
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

PackedDynamicLinear packed(Matrix<std::int8_t> weight, Vector<float> scale, Vector<float> bias,
                           QuantRange range = kU8) {
  return pack({std::move(weight), std::move(scale), std::move(bias)}, range, ref_backend(), "it");
}

// Random batch whose rows differ in size by powers of two.
Matrix<float> uneven_rows(std::uint64_t seed, std::size_t rows, std::size_t columns) {
  Matrix<float> x = random_input(seed, rows, columns);
  for (std::size_t m = 0; m < rows; ++m)
    for (float& value : row(x, m)) value = std::ldexp(value, static_cast<int>(m % 9) - 4);
  return x;
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
    // Parameters of somebody else's: what passes the range is clamped to it.
    const std::vector<QuantParams> narrow = {{1.0F, 20}};
    CHECK(difference(quantize_rows({{-50.0F, 200.0F}}, narrow, {10, 100}, options.rule),
                     Matrix<std::uint8_t>{{10, 100}}) == "");
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
  const PackedDynamicLinear layer = paper_dynamic::make_layer();
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
    CHECK(difference(dynamic_forward(layer, x, kPerTensor), load_reference<float, 2>(get("y"))) ==
          "");
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
  const PackedDynamicMlp net = pack(quantize_dynamic(mlp));
  const Matrix<float> x = uneven_rows(22, 30, mlp.inputs());
  CHECK(difference(forward_in_batches(net, x, kPerTensor, 1), forward(net, x, kPerRow)) == "");
}

TEST_CASE("per row, a row gives the same bits in every batch; per tensor it does not", "[prop]") {
  const Mlp mlp = random_mlp(23);
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const PackedDynamicMlp net = pack(quantize_dynamic(mlp, weights));
    const Matrix<float> x = uneven_rows(24, 40, mlp.inputs());
    const Matrix<float> alone = forward_in_batches(net, x, kPerRow, 1);
    for (std::size_t batch : {2U, 7U, 40U}) {
      CHECK(difference(forward_in_batches(net, x, kPerRow, batch), alone) == "");
      const Matrix<float> together = forward_in_batches(net, x, kPerTensor, batch);
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
        const DynamicLinear layer = quantize_dynamic(mlp.layers[0], weights);
        const PackedDynamicLinear ready = pack(layer, unsigned_range(bits), ref_backend(), "it");
        const QuantizedInput input = quantize_input(x, unsigned_range(bits), options);
        CHECK(std::ranges::max(values(input.q)) == (1 << bits) - 1);
        Matrix<float> expected = make_tensor<float>({13, layer.outputs()});
        for (std::size_t m = 0; m < 13; ++m)
          for (std::size_t n = 0; n < layer.outputs(); ++n) {
            const QuantParams p = input.params[input.params.size() == 1 ? 0 : m];
            std::int64_t sum = 0;
            for (std::size_t k = 0; k < layer.inputs(); ++k)
              sum += (input.q(m, k) - p.zero_point) * layer.weight(n, k);
            const float s_w = layer.weight_scale(layer.weight_scale.size() == 1 ? 0 : n);
            expected(m, n) = static_cast<float>(sum) * (p.scale * s_w) + layer.bias(n);
          }
        CHECK(difference(dynamic_forward(ready, x, options), expected) == "");
      }
}

TEST_CASE("a layer stays near the float one", "[prop]") {
  // Each of 23 products is off by at most |x| s_w (a clamped weight; else half) + |w'| s_x / 2, and
  // no output is rounded. float32 errors are below 1e-4 of outputs below 100.
  const Mlp mlp = random_mlp(27);
  const Matrix<float> x = random_input(28, 50, mlp.inputs());
  const Matrix<float> real = linear_forward_ref(mlp.layers[0], x);
  const DynamicLinear layer = quantize_dynamic(mlp.layers[0], WeightGranularity::per_tensor);
  const PackedDynamicLinear ready = pack(layer, kU8, ref_backend(), "it");
  const double s_w = static_cast<double>(layer.weight_scale(0));
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    const Matrix<float> y = dynamic_forward(ready, x, options);
    const double s_x =
        static_cast<double>(find_qparams(x, kU8, kPerTensor)[0].scale);  // the largest of all
    for (std::size_t n = 0; n < layer.outputs(); ++n) {
      double weights = 0.0;
      for (std::int8_t q : row(layer.weight, n)) weights += std::abs(q) * s_w;
      const double bound = 23 * 2.0 * s_w + weights * s_x / 2 + 1e-4;
      for (std::size_t m = 0; m < 50; ++m)
        CHECK(std::fabs(static_cast<double>(y(m, n)) - static_cast<double>(real(m, n))) <= bound);
    }
  }
}

TEST_CASE("the sums become reals in PyTorch's order of operations", "[hand]") {
  // s_x s_w first: 1002 * (0.1 * 0.3) + 0.7. One after the other gives another last bit.
  const PackedDynamicLinear layer = packed({{1}}, {0.3F}, {0.7F});
  const std::vector<QuantParams> params = {{0.1F, 0}};
  const float y = dequantize_sums(layer, {{1002}}, params)(0, 0);
  CHECK(y == 1002.0F * (0.1F * 0.3F) + 0.7F);  // 30.760002
  CHECK(y != 1002.0F * 0.1F * 0.3F + 0.7F);    // 30.760004
}

TEST_CASE("the zero point's part is subtracted in integers", "[hand]") {
  // 1101 weights of 127 times the zero point 201: 28105227, which float32 rounds to 28105228.
  const auto weight = make_tensor<std::int8_t>({1, 1101}, std::int8_t{127});
  const PackedDynamicLinear layer = packed(weight, {1.0F}, {0.0F});
  const std::vector<QuantParams> params = {{1.0F, 201}};
  CHECK(dequantize_sums(layer, {{28105230}}, params)(0, 0) == 3.0F);
  CHECK(dequantize_sums(layer, {{28105227}}, params)(0, 0) == 0.0F);
}

TEST_CASE("offline: chapter 06's weights, and the bias as it was", "[prop]") {
  const Mlp mlp = random_mlp(29);
  for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const DynamicLinear layer = quantize_dynamic(mlp.layers[1], weights);
    const QuantizedLinear expected =
        quantize_linear(mlp.layers[1], {0.1F, 3}, kU8, {0.2F, 4}, kU8, weights);
    CHECK(difference(layer.weight, expected.weight) == "");
    CHECK(difference(layer.weight_scale, expected.weight_scale) == "");
    CHECK(difference(layer.bias, mlp.layers[1].bias) == "");
    const PackedDynamicLinear ready = pack(layer, kU8, ref_backend(), "it");
    CHECK(difference(ready.weight_sum, row_sums(layer.weight)) == "");
    CHECK(ready.weight.input_range == kU8);
  }
  // All weights 0: chapter 06 has no integer for such a bias, here it stays a float.
  Linear dead;
  dead.weight = {{0.0F, 0.0F}};
  dead.bias = {1000.0F};
  const PackedDynamicLinear layer =
      pack(quantize_dynamic(dead, WeightGranularity::per_tensor), kU8, ref_backend(), "it");
  CHECK(dynamic_forward(layer, {{3.0F, -4.0F}}, kPerTensor)(0, 0) == 1000.0F);
}

TEST_CASE("zeros, constants, one row, no rows", "[hand]") {
  const PackedDynamicLinear layer = packed({{3, -1}, {2, 5}}, {0.5F}, {0.25F, -4.0F});
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    // Zeros: the bias, exactly.
    CHECK(difference(dynamic_forward(layer, make_tensor<float>({3, 2}), options),
                     Matrix<float>{{0.25F, -4}, {0.25F, -4}, {0.25F, -4}}) == "");
    // The constant 51: every integer is 255, 0.2 * 255 = 51. 51 * (0.5 * 2, 0.5 * 7).
    const Matrix<float> constant = {{51, 51}, {51, 51}};
    const QuantizedInput input = quantize_input(constant, kU8, options);
    CHECK(difference(input.q, Matrix<std::uint8_t>{{255, 255}, {255, 255}}) == "");
    CHECK(difference(dynamic_forward(layer, constant, options),
                     Matrix<float>{{51.25F, 174.5F}, {51.25F, 174.5F}}, 1e-4) == "");
    // The constant -51: every integer is 0, the zero point 255.
    const QuantizedInput negative = quantize_input({{-51, -51}}, kU8, options);
    CHECK(difference(negative.q, Matrix<std::uint8_t>{{0, 0}}) == "");
    CHECK(negative.params == std::vector<QuantParams>{{0.2F, 255}});
    CHECK(shape_of(dynamic_forward(layer, make_tensor<float>({0, 2}), options)) ==
          std::vector<std::size_t>{0, 2});
  }
}

TEST_CASE("NaN, infinity and widths that do not fit are refused", "[hand]") {
  const PackedDynamicLinear layer = packed({{3, -1}}, {0.5F}, {0.25F});
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    for (float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()})
      for (std::size_t at : {0U, 3U}) {
        Matrix<float> x = {{1, 2}, {3, 4}};
        values(x)[at] = bad;
        CHECK_THROWS_WITH(dynamic_forward(layer, x, options), QFS_CONTAINS("not finite"));
      }
    CHECK_THROWS_WITH(dynamic_forward(layer, {{1, 2, 3}}, options),
                      QFS_CONTAINS("does not fit the layer"));
    CHECK_THROWS_WITH(dynamic_forward(layer, make_tensor<float>({0, 3}), options),
                      QFS_CONTAINS("does not fit the layer"));
  }
}

TEST_CASE("layers that contradict themselves are not packed", "[hand]") {
  const auto refuse = [](DynamicLinear layer, QuantRange range, const char* why) {
    CHECK_THROWS_WITH(pack(layer, range, ref_backend(), "layer 7"), QFS_CONTAINS(why));
  };
  const Matrix<std::int8_t> w = {{1, 2}, {3, 4}};
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  refuse({w, {0.5F}, {1.0F}}, kU8, "layer 7: one bias per output");
  refuse({w, {0.5F, 0.5F, 0.5F}, {1.0F, 2.0F}}, kU8, "one for the tensor or one per output");
  for (float scale : {0.0F, -1.0F, kNaN, 1e-40F, std::numeric_limits<float>::infinity()})
    refuse({w, {scale}, {1.0F, 2.0F}}, kU8, "no usable weight scale");
  refuse({w, {0.5F}, {1.0F, kNaN}}, kU8, "a bias that is not finite");
  refuse({w, {0.5F}, {1.0F, 2.0F}}, {0, 256}, "within 8 bits");
  refuse({w, {0.5F}, {1.0F, 2.0F}}, {5, 5}, "range of one integer");
  DynamicMlp net = quantize_dynamic(random_mlp(31));
  std::swap(net.layers[0], net.layers[1]);
  CHECK_THROWS_WITH(pack(net), QFS_CONTAINS("layer 2 does not fit the layer before it"));
  CHECK_THROWS_WITH(pack(DynamicMlp{}), QFS_CONTAINS("a net needs layers"));
}

TEST_CASE("every layer is packed for the backend that was asked for", "[hand]") {
  const Backend& fixed = ref_backend(RequantizeRule::fixed_point);
  for (const Backend* backend : {&ref_backend(), &fixed})
    for (const PackedDynamicLinear& layer : pack(quantize_dynamic(random_mlp(31)), *backend).layers)
      CHECK(layer.backend == backend);
}

TEST_CASE("a net is its layers with ReLU between them", "[prop]") {
  const Mlp mlp = random_mlp(33);
  const PackedDynamicMlp net = pack(quantize_dynamic(mlp));
  const Matrix<float> x = uneven_rows(34, 11, mlp.inputs());
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    std::vector<QuantizedInput> kept;
    const Matrix<float> logits = forward(net, x, options, &kept);
    Matrix<float> y = dynamic_forward(net.layers[0], x, options);
    for (float& value : values(y)) value = std::max(value, 0.0F);
    CHECK(difference(kept[1].q, quantize_input(y, kU8, options).q) == "");
    y = dynamic_forward(net.layers[1], y, options);
    for (float& value : values(y)) value = std::max(value, 0.0F);
    y = dynamic_forward(net.layers[2], y, options);
    CHECK(difference(logits, y) == "");
    CHECK(std::ranges::min(values(logits)) < 0.0F);  // no ReLU after the last
  }
}

TEST_CASE("a net in seven bits keeps inputs in seven bits", "[prop]") {
  const Mlp mlp = random_mlp(37);
  constexpr QuantRange kU7 = unsigned_range(7);
  const PackedDynamicMlp net =
      pack(quantize_dynamic(mlp, WeightGranularity::per_channel, kU7), ref_backend());
  const Matrix<float> x = uneven_rows(38, 11, mlp.inputs());
  for (const DynamicOptions& options : {kPerTensor, kPerRow, kOnnx}) {
    std::vector<QuantizedInput> kept;
    forward(net, x, options, &kept);
    REQUIRE(kept.size() == 3);
    Matrix<float> y = x;
    for (std::size_t i = 0; i < 3; ++i) {
      const QuantizedInput expected = quantize_input(y, kU7, options);
      CHECK(kept[i].params == expected.params);
      CHECK(difference(kept[i].q, expected.q) == "");
      CHECK(std::ranges::max(values(expected.q)) == 127);
      y = dynamic_forward(net.layers[i], y, options);
      relu_forward(y);
    }
  }
}

TEST_CASE("batches: the last one is shorter, and their size matters per tensor", "[prop]") {
  const Mlp mlp = random_mlp(35);
  const PackedDynamicMlp net = pack(quantize_dynamic(mlp));
  const Matrix<float> x = uneven_rows(36, 25, mlp.inputs());
  const Matrix<float> all = forward_in_batches(net, x, kPerTensor, 10);
  CHECK(difference(rows_of(all, 0, 10), forward(net, rows_of(x, 0, 10), kPerTensor)) == "");
  CHECK(difference(rows_of(all, 20, 25), forward(net, rows_of(x, 20, 25), kPerTensor)) == "");
  CHECK(difference(all, forward(net, x, kPerTensor)) != "");
  CHECK_THROWS_WITH(forward_in_batches(net, x, kPerTensor, 0),
                    QFS_CONTAINS("a batch needs a size"));
  CHECK(forward_in_batches(net, make_tensor<float>({0, mlp.inputs()}), kPerTensor).shape(0) == 0);
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
  const PackedDynamicLinear layer = packed(load_reference<std::int8_t, 2>("ch08/onnx_w"), {0.013F},
                                           load_reference<float, 1>("ch08/onnx_bias"));
  for (std::size_t b = 0; b < scale.size(); ++b) {
    const Matrix<float> some = rows_of(x, 7 * b, 7 * b + 7);
    const QuantizedInput input = quantize_input(some, kU8, kOnnx);
    CHECK(input.params == std::vector<QuantParams>{{scale(b), zero_point(b)}});
    CHECK(difference(values(input.q), values(q).subspan(7 * b * 23, 7 * 23)) == "");
    const Matrix<float> got = dynamic_forward(layer, some, kOnnx);
    CHECK(difference(values(got), values(y).subspan(7 * b * 9, 7 * 9)) == "");
  }
}
