// Chapter 02, whole layers: every integer equals the one of PyTorch's qnnpack engine.
#include "02_integer_products/dot.hpp"
#include "02_integer_products/lesson/paper_example.hpp"
#include "02_integer_products/requantize.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"

using qfs::Matrix;
using qfs::Tensor;
using qfs::Vector;
using qfs::test::difference;
using qfs::test::load_reference;

namespace {

// Matrix i of a stack.
template <class T>
Matrix<T> slice(const Tensor<T, 3>& stack, std::size_t i) {
  auto matrix = qfs::make_tensor<T>({stack.shape(1), stack.shape(2)});
  const auto from = qfs::values(stack).subspan(i * matrix.size(), matrix.size());
  std::copy(from.begin(), from.end(), qfs::values(matrix).begin());
  return matrix;
}

// What a layer of the file `name` gives; s_x, s_y and z_x, z_w, z_y in the order of ch02.py.
void expect_layers_equal_pytorch(const std::string& name) {
  const auto x = load_reference<std::uint8_t, 3>("ch02/" + name + "_x");
  const auto w = load_reference<std::int8_t, 3>("ch02/" + name + "_w");
  const auto y = load_reference<std::uint8_t, 3>("ch02/" + name + "_y");
  const auto bias = load_reference<float, 2>("ch02/" + name + "_bias");
  const auto w_scales = load_reference<float, 2>("ch02/" + name + "_w_scales");
  const auto scales = load_reference<float, 2>("ch02/" + name + "_xy_scales");
  const auto zero_points = load_reference<std::int32_t, 2>("ch02/" + name + "_zero_points");
  REQUIRE(y.shape(0) == 8);
  for (std::size_t i = 0; i < y.shape(0); ++i) {
    const std::size_t outputs = w.shape(1);
    auto bias_q = qfs::make_tensor<std::int32_t>({outputs});
    Vector<float> multipliers = qfs::make_tensor<float>({outputs});
    for (std::size_t n = 0; n < outputs; ++n) {
      const float w_scale = qfs::of_channel(qfs::row(w_scales, i), n);
      bias_q(n) = qfs::quantize_bias(bias(i, n), scales(i, 0), w_scale);
      multipliers(n) = qfs::output_multiplier(scales(i, 0), w_scale, scales(i, 1));
    }
    const Vector<std::int32_t> z_w = {zero_points(i, 1)};
    const auto folded = qfs::fold_zero_points(slice(w, i), qfs::values(bias_q), zero_points(i, 0),
                                              qfs::unsigned_range(8), qfs::values(z_w));
    const auto acc =
        qfs::integer_product(slice(x, i), slice(w, i), qfs::values(folded), qfs::values(z_w));
    const auto got = qfs::requantize_matrix<std::uint8_t>(
        acc, qfs::values(std::as_const(multipliers)), zero_points(i, 2), qfs::unsigned_range(8),
        &qfs::requantize_float);
    INFO(name << ", layer " << i);
    CHECK(difference(got, slice(y, i)) == "");
  }
}

}  // namespace

// random_layers of ch02.py: torch.ao.nn.quantized.Linear, engine qnnpack; 8 layers, each with 16
// inputs of 40 numbers and 12 outputs.
TEST_CASE("layers with one weight scale equal PyTorch's", "[ref]") {
  expect_layers_equal_pytorch("per_tensor");
}
TEST_CASE("layers with a weight scale per output equal PyTorch's", "[ref]") {
  expect_layers_equal_pytorch("per_channel");
}
TEST_CASE("layers whose weights have a zero point equal PyTorch's", "[ref]") {
  expect_layers_equal_pytorch("affine_w");
}

// tie_cases of ch02.py: layers of one weight 0, so that the output is the requantized bias. In the
// first 150 bias / (s_x s_w) rounds to another integer than bias * (1 / (s_x s_w)), in the last 150
// acc * (s_x s_w / s_y) to another than acc * ((s_x s_w) * (1 / s_y)).
TEST_CASE("where the order of float operations matters, it is PyTorch's", "[ref]") {
  const auto cases = load_reference<float, 2>("ch02/ties_scales_bias");
  const auto y = load_reference<std::uint8_t, 1>("ch02/ties_y");
  REQUIRE(cases.shape(0) == 300);
  int bias_differs = 0, multiplier_differs = 0;
  for (std::size_t i = 0; i < cases.shape(0); ++i) {
    const float s_x = cases(i, 0), s_w = cases(i, 1), s_y = cases(i, 2), bias = cases(i, 3);
    const std::int32_t acc = qfs::quantize_bias(bias, s_x, s_w);
    const float m = qfs::output_multiplier(s_x, s_w, s_y);
    INFO("case " << i);
    CHECK(qfs::requantize_float(acc, m, 0, qfs::unsigned_range(8)) == +y(i));
    bias_differs += std::nearbyint(bias / (s_x * s_w)) != static_cast<float>(acc) ? 1 : 0;
    multiplier_differs +=
        qfs::requantize_float(acc, s_x * s_w / s_y, 0, qfs::unsigned_range(8)) != y(i) ? 1 : 0;
  }
  CHECK(bias_differs >= 150);
  CHECK(multiplier_differs >= 150);
}

TEST_CASE("the example of the text: on paper, here and in PyTorch", "[hand][ref]") {
  namespace paper = qfs::ch02::paper;
  const auto expect = [](qfs::QuantParams w_params, qfs::QuantRange w_range, auto sums,
                         auto by_hand, auto by_pytorch, const std::string& reference) {
    auto x = qfs::make_tensor<std::uint8_t>({2, 4});
    auto w = qfs::make_tensor<std::int8_t>({3, 4});
    qfs::quantize(qfs::values(paper::kX), paper::kXParams, paper::kUnsigned, qfs::values(x));
    qfs::quantize(qfs::values(paper::kW), w_params, w_range, qfs::values(w));
    auto bias = qfs::make_tensor<std::int32_t>({3});
    for (std::size_t n = 0; n < 3; ++n)
      bias(n) = qfs::quantize_bias(paper::kBias[n], paper::kXParams.scale, w_params.scale);
    const Vector<std::int32_t> z_w = {w_params.zero_point};
    const auto folded = qfs::fold_zero_points(w, qfs::values(bias), paper::kXParams.zero_point,
                                              paper::kUnsigned, qfs::values(z_w));
    const auto acc = qfs::integer_product(x, w, qfs::values(folded), qfs::values(z_w));
    CHECK(std::ranges::equal(qfs::values(acc), sums));
    const Vector<float> m = {
        qfs::output_multiplier(paper::kXParams.scale, w_params.scale, paper::kYParams.scale)};
    const auto q = qfs::requantize_matrix<std::uint8_t>(
        acc, qfs::values(m), paper::kYParams.zero_point, paper::kUnsigned, &qfs::requantize_float);
    CHECK(std::ranges::equal(qfs::values(q), by_hand));
    CHECK(by_hand == by_pytorch);
    CHECK(difference(q, load_reference<std::uint8_t, 2>(reference)) ==
          "");  // paper_example of ch02.py
  };
  expect(paper::kAffineW, paper::kSigned, paper::kAffineAcc, paper::kAffineByHand,
         paper::kAffineByPyTorch, "ch02/paper_affine_y");
  expect(paper::kSymmetricW, paper::kNarrow, paper::kSymmetricAcc, paper::kSymmetricByHand,
         paper::kSymmetricByPyTorch, "ch02/paper_symmetric_y");
}
