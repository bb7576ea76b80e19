// Chapter 22: a convolution with batch norm, fake-quantized: by hand, and against PyTorch's
// ConvBn2d and ConvBnReLU2d of torch.nn.intrinsic.qat.
#include <cmath>

#include "04_mnist_mlp/adam.hpp"
#include "22_model_comparison/lesson/paper_example.hpp"
#include "22_model_comparison/qat_conv.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/flat_parameters.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
using qfs::test::message_of;
using qfs::test::outside;

std::vector<float> text_values(const Matrix<float>& m) {
  return {values(m).begin(), values(m).end()};
}

// A layer of random weights and statistics: 3 x 3, stride 1, padding 1, C to N channels.
constexpr PictureShape kPicture = {5, 4, 3};
QatConv random_layer(std::uint64_t seed, bool norm, bool relu, WeightGranularity weights,
                     bool bias = false) {
  Rng rng(seed);
  const std::size_t N = 4, K = 27;
  QatConv layer{.real = {.window = {3, 3, 1, 1},
                         .weight = make_tensor<float>({N, K}),
                         .weight_gradient = make_tensor<float>({N, K})}};
  const auto draw = [&](std::span<float> some, double low, double high) {
    for (float& value : some) value = static_cast<float>(rng.uniform(low, high));
  };
  draw(values(layer.real.weight), -1, 1);
  if (bias || !norm) {
    layer.real.bias = layer.real.bias_gradient = make_tensor<float>({N});
    draw(values(layer.real.bias), -1, 1);
  }
  layer.fake = layer.real;
  if (norm) {
    layer.norm = make_batch_norm(N);
    draw(values(layer.norm->gamma), 0.5, 2);
    draw(values(layer.norm->beta), -1, 1);
    draw(values(layer.norm->running_mean), -1, 1);
    draw(values(layer.norm->running_variance), 0.5, 2);
    layer.fake.bias = layer.fake.bias_gradient = Vector<float>{};
  }
  layer.relu = relu;
  const bool channel = weights == WeightGranularity::per_channel;
  layer.weight = {.range = signed_range(8),
                  .source = ScaleSource::observed,
                  .params = std::vector<QuantParams>(channel ? N : 1)};
  layer.output = {.range = unsigned_range(8), .source = ScaleSource::observed, .params = {{}}};
  return layer;
}

Matrix<float> random_batch(std::uint64_t seed, std::size_t rows, std::size_t columns) {
  Rng rng(seed);
  auto x = make_tensor<float>({rows, columns});
  for (float& value : values(x)) value = static_cast<float>(rng.normal());
  return x;
}

}  // namespace

TEST_CASE("one weight by hand, forward, by the statistics of the batch", "[hand]") {
  QatConv layer = ch22::paper_layer();
  QatConvBuffers buffers;
  qat_forward(layer, ch22::kPaperPicture, ch22::paper_pixels(), true, NormStatistics::batch,
              buffers);
  CHECK(buffers.factor == std::vector<float>{0.5F});
  CHECK(buffers.folded(0, 0) == 0.5625F);
  CHECK(layer.fake.weight(0, 0) == 0.5F);
  CHECK(text_values(buffers.unfolded) == std::vector<float>{1, 3, 3, 3, 3, 3, 3, 5});
  // x^ = -2, 0, ..., 0, 2, and y = x^ + 1.5: -0.5 becomes 0
  CHECK(text_values(buffers.before) ==
        std::vector<float>{0, 1.5F, 1.5F, 1.5F, 1.5F, 1.5F, 1.5F, 3.5F});
  // in steps of 0.75: 0, 2, 4.67
  CHECK(text_values(buffers.after) ==
        std::vector<float>{0, 1.5F, 1.5F, 1.5F, 1.5F, 1.5F, 1.5F, 3.75F});
  // 0.9 * 2 + 0.1 * 3, and 0.9 * 4 + 0.1 * 8 / 7, rounded to float32
  CHECK(std::fabs(layer.norm->running_mean(0) - 2.1F) <= 0x1p-22F);
  CHECK(std::fabs(layer.norm->running_variance(0) - 3.7142857F) <= 0x1p-21F);
}

TEST_CASE("by the batch's statistics a single weight's gradient is 0: its size does not matter",
          "[hand]") {
  QatConv layer = ch22::paper_layer();
  QatConvBuffers buffers;
  const Matrix<float> x = ch22::paper_pixels();
  qat_forward(layer, ch22::kPaperPicture, x, true, NormStatistics::batch, buffers);
  buffers.gradient = make_tensor<float>({1, 8});
  std::ranges::copy(ch22::kGradient, values(buffers.gradient).begin());
  qat_backward(layer, ch22::kPaperPicture, x, NormStatistics::batch, buffers, nullptr);
  // d = (0, 0, ..., 1) behind ReLU; means of d and of d x^: 1/8 and 2/8;
  // dv = d - 1/8 - x^ / 4 = (3, -1, -1, -1, -1, -1, -1, 3) / 8; du = 2 dv; sum of du x = 0.
  CHECK(text_values(buffers.gradient) ==
        std::vector<float>{0.75F, -0.25F, -0.25F, -0.25F, -0.25F, -0.25F, -0.25F, 0.75F});
  CHECK(layer.real.weight_gradient(0, 0) == 0.0F);
  CHECK(layer.norm->beta_gradient(0) == 1.0F);
  CHECK(layer.norm->gamma_gradient(0) == 2.0F);  // of batch norm; the two ways through f are 0 each
}

TEST_CASE("one weight by hand, by the running statistics, and back", "[hand]") {
  QatConv layer = ch22::paper_layer();
  QatConvBuffers buffers;
  const Matrix<float> x = ch22::paper_pixels();
  qat_forward(layer, ch22::kPaperPicture, x, true, NormStatistics::running, buffers);
  CHECK(text_values(buffers.before) == std::vector<float>{1, 2, 2, 2, 2, 2, 2, 3});
  CHECK(text_values(buffers.after) ==
        std::vector<float>{0.75F, 2.25F, 2.25F, 2.25F, 2.25F, 2.25F, 2.25F, 3});
  CHECK(layer.norm->running_mean(0) == 2.0F);  // frozen
  CHECK(layer.norm->running_variance(0) == 4.0F);
  CHECK(folded_bias(layer)(0) == 0.5F);
  CHECK(folded_weight(layer)(0, 0) == 0.5625F);
  buffers.gradient = make_tensor<float>({1, 8});
  std::ranges::copy(ch22::kGradient, values(buffers.gradient).begin());
  Matrix<float> dx;
  qat_backward(layer, ch22::kPaperPicture, x, NormStatistics::running, buffers, &dx);
  CHECK(layer.real.weight_gradient(0, 0) == 3.0F);
  CHECK(layer.norm->gamma_gradient(0) == 1.375F);
  CHECK(layer.norm->beta_gradient(0) == 2.0F);
  CHECK(text_values(dx) == std::vector<float>{0.5F, 0, 0, 0, 0, 0, 0, 0.5F});  // w' = 0.5
}

TEST_CASE("a bias before batch norm, by hand, frozen", "[hand]") {
  // b = 0.5: v = x + 0.5, batch norm's own slope (1.5 - 2) / 2 + (5.5 - 2) / 2 = 1.5; df = 0.75 as
  // without it, for u / f is x still: 1.5 + 0.375. dL/db is the sum of dL/dv = 0.5 + 0.5.
  QatConv layer = ch22::paper_layer();
  layer.real.bias = {0.5F};
  layer.real.bias_gradient = {0.0F};
  QatConvBuffers buffers;
  const Matrix<float> x = ch22::paper_pixels();
  qat_forward(layer, ch22::kPaperPicture, x, true, NormStatistics::running, buffers);
  CHECK(buffers.unfolded(0, 7) == 5.5F);
  CHECK(folded_bias(layer)(0) == 0.75F);
  buffers.gradient = make_tensor<float>({1, 8});
  std::ranges::copy(ch22::kGradient, values(buffers.gradient).begin());
  qat_backward(layer, ch22::kPaperPicture, x, NormStatistics::running, buffers, nullptr);
  CHECK(layer.norm->gamma_gradient(0) == 1.875F);
  CHECK(layer.real.bias_gradient(0) == 1.0F);
}

TEST_CASE("without batch norm every pass takes the bias of now", "[hand]") {
  QatConv layer = ch22::paper_layer();
  layer.norm.reset();
  layer.real.bias = {0.75F};
  layer.real.bias_gradient = {0.0F};
  QatConvBuffers buffers;
  qat_forward(layer, ch22::kPaperPicture, ch22::paper_pixels(), true, NormStatistics::batch,
              buffers);
  CHECK(buffers.before(0, 0) == 1.75F);  // 1.125 is 4.5 steps: 4, and 1 * 1 + 0.75
  layer.real.bias(0) = 1.5F;
  qat_forward(layer, ch22::kPaperPicture, ch22::paper_pixels(), true, NormStatistics::batch,
              buffers);
  CHECK(buffers.before(0, 0) == 2.5F);
}

TEST_CASE("a batch norm that gives nothing cannot be unfolded", "[hand]") {
  BatchNorm norm = make_batch_norm(3);
  norm.epsilon = 0.0F;
  norm.gamma = {3, 1, 2};
  norm.running_variance = {4, 1, 0.25F};
  CHECK(fold_factor(norm) == std::vector<float>{1.5F, 1, 4});
  for (float bad : {0.0F, -0.0F, 1e-39F, NAN, HUGE_VALF}) {
    norm.gamma(1) = bad;
    CHECK_THAT(message_of([&] { fold_factor(norm); }),
               QFS_CONTAINS("channel 1 cannot be folded and unfolded again"));
  }
  norm.gamma(1) = 0;
  const std::string zero = message_of([&] { fold_factor(norm); });
  CHECK_THAT(zero, QFS_CONTAINS("got:        f = 0 of gamma 0 and running variance 1\n"));
  CHECK_THAT(zero, QFS_CONTAINS("expected:   a factor that is finite and neither 0 nor subnormal"));
  CHECK_THAT(zero, QFS_CONTAINS("what to do: remove a channel whose gamma is 0"));
  norm.gamma(1) = 1;
  norm.running_variance(2) = -1.0F;
  const std::string negative = message_of([&] { fold_factor(norm); });
  CHECK_THAT(negative, QFS_CONTAINS("channel 2 cannot be folded"));
  CHECK_THAT(negative, QFS_CONTAINS("of gamma 2 and running variance -1\n"));
}

TEST_CASE("without batch norm the layer is a Linear of chapter 09 on every pixel", "[prop]") {
  // A 1 x 1 window on 1 x 1 pictures: the same products, the same quantizers.
  Rng rng(8);
  const PictureShape picture = {1, 1, 7};
  Linear linear{make_tensor<float>({5, 7}), make_tensor<float>({5}), make_tensor<float>({5, 7}),
                make_tensor<float>({5})};
  for (float& w : values(linear.weight)) w = static_cast<float>(rng.normal());
  for (float& b : values(linear.bias)) b = static_cast<float>(rng.normal());
  for (bool relu : {false, true}) {
    QatLinear ours{linear, linear, {.range = signed_range(8)}, {.range = unsigned_range(8)}, relu};
    ours.weight.source = ours.output.source = ScaleSource::observed;
    ours.weight.params.resize(5);
    ours.output.params.resize(1);
    QatConv conv{.real = {{1, 1, 1, 0}, 1, linear.weight, linear.bias, linear.weight, linear.bias},
                 .weight = ours.weight,
                 .output = ours.output,
                 .relu = relu};
    conv.fake = conv.real;
    const Matrix<float> x = random_batch(9, 6, 7), dy = random_batch(10, 6, 5);
    QatBuffers by_linear;
    QatConvBuffers by_conv;
    qat_forward(ours, x, true, by_linear);
    qat_forward(conv, picture, x, true, NormStatistics::batch, by_conv);
    CHECK(conv.weight.params == ours.weight.params);
    // Sums of 7 products, in some order each: 9 roundings of a few units. Then the grid of 255
    // steps: half a step where a tie falls the other way, which none does here.
    CHECK(difference(by_conv.before, by_linear.before, 1e-5) == "");
    CHECK(difference(by_conv.after, by_linear.after, 1e-4) == "");
    Matrix<float> linear_dx, conv_dx;
    by_linear.gradient = by_conv.gradient = dy;
    qat_backward(ours, x, by_linear, &linear_dx);
    qat_backward(conv, picture, x, NormStatistics::batch, by_conv, &conv_dx);
    CHECK(difference(conv.real.weight_gradient, ours.real.weight_gradient, 1e-5) == "");
    CHECK(difference(conv.real.bias_gradient, ours.real.bias_gradient, 1e-5) == "");
    CHECK(difference(conv_dx, linear_dx, 1e-5) == "");
  }
}

TEST_CASE("frozen, the layer is one convolution with the folded weights and bias", "[prop]") {
  for (bool bias : {false, true})
    for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      QatConv layer = random_layer(3, true, false, weights, bias);
      QatConvBuffers buffers;
      const Matrix<float> x = random_batch(4, 6, kPicture.size());
      qat_forward(layer, kPicture, x, true, NormStatistics::running, buffers);
      Conv2d folded = layer.fake;
      folded.bias = folded_bias(layer);
      // 27 products of at most 4 * 4 and a few operations beside them, each relative 2^-24: below
      // (27 + 10) 2^-24 * 27 * 16 = 9.6e-4; seen 1e-6.
      CHECK(difference(buffers.before, conv2d_forward_ref(folded, kPicture, x), 1e-5) == "");
      // Its weights are what chapter 09 would have made of them.
      Matrix<float> again = folded_weight(layer);
      CHECK(difference(again, buffers.folded) == "");
      forward(layer.weight, values(std::as_const(again)), values(again));
      CHECK(difference(again, layer.fake.weight) == "");
    }
}

TEST_CASE("f is that of the running statistics before this batch", "[prop]") {
  QatConv layer = random_layer(5, true, true, WeightGranularity::per_channel);
  const std::vector<float> before = fold_factor(*layer.norm);
  QatConvBuffers buffers;
  qat_forward(layer, kPicture, random_batch(6, 6, kPicture.size()), true, NormStatistics::batch,
              buffers);
  CHECK(buffers.factor == before);
  CHECK(fold_factor(*layer.norm) != before);  // the batch has moved them
}

TEST_CASE("folding changes nothing but the rounding of the weights", "[prop]") {
  // With 16 bits for the weights the layer is chapter 20's convolution and batch norm: 65536 steps,
  // 27 weights of at most 1 (times gamma / std), each off by at most half a step.
  QatConv layer = random_layer(11, true, false, WeightGranularity::per_channel);
  layer.weight.range = {-32767, 32767};
  const Matrix<float> x = random_batch(12, 6, kPicture.size());
  QatConvBuffers buffers;
  BatchNorm norm = *layer.norm;
  qat_forward(layer, kPicture, x, true, NormStatistics::batch, buffers);
  BatchNormBuffers norm_buffers;
  Matrix<float> expected;
  batch_norm_forward(norm, conv2d_forward_ref(layer.real, kPicture, x), norm_buffers, expected);
  CHECK(difference(buffers.before, expected, 1e-3) == "");
  CHECK(difference(layer.norm->running_mean, norm.running_mean, 1e-3) == "");
  CHECK(difference(layer.norm->running_variance, norm.running_variance, 1e-3) == "");
}

TEST_CASE("observers that have stopped, and frozen ones, let the scales be", "[prop]") {
  for (bool observing : {true, false})
    for (auto source : {ScaleSource::observed, ScaleSource::frozen}) {
      QatConv layer = random_layer(13, true, true, WeightGranularity::per_channel);
      layer.weight.source = layer.output.source = source;
      layer.weight.params.assign(4, {0.01F, 0});
      layer.output.params = {{0.02F, 3}};
      QatConvBuffers buffers;
      qat_forward(layer, kPicture, random_batch(14, 3, kPicture.size()), observing,
                  NormStatistics::batch, buffers);
      const bool moved = observing && source == ScaleSource::observed;
      CHECK((layer.weight.params[2].scale != 0.01F) == moved);
      CHECK((layer.output.params[0].scale != 0.02F) == moved);
    }
}

TEST_CASE("the gradient of a clipped weight is 0", "[prop]") {
  QatConv layer = random_layer(15, true, true, WeightGranularity::per_channel);
  layer.weight.source = ScaleSource::frozen;
  layer.weight.params.assign(4, {0.004F, 0});  // reaches 0.508 of folded weights up to 2
  const Matrix<float> x = random_batch(16, 6, kPicture.size());
  QatConvBuffers buffers;
  qat_forward(layer, kPicture, x, true, NormStatistics::batch, buffers);
  buffers.gradient = random_batch(17, 6, 5 * 4 * 4);
  qat_backward(layer, kPicture, x, NormStatistics::batch, buffers, nullptr);
  std::size_t outside = 0;
  for (std::size_t i = 0; i < buffers.folded.size(); ++i) {
    const bool clipped = std::fabs(buffers.folded.data()[i]) > 0.5141F;
    outside += clipped ? 1 : 0;
    if (std::fabs(std::fabs(buffers.folded.data()[i]) - 0.511F) < 0.004F) continue;
    CHECK((layer.real.weight_gradient.data()[i] == 0.0F) == clipped);
  }
  CHECK(outside > 10);
}

namespace {

// What ch22.py, save_case, kept under `name`: three batches, or one.
struct Case {
  std::string name;
  bool relu, bias;
  std::size_t groups;
  QuantRange weights;
  std::size_t scales;
  std::vector<NormStatistics> batches;

  template <class T, std::size_t N>
  Tensor<T, N> load(const std::string& part) const {
    return load_reference<T, N>("ch22/" + name + "_" + part);
  }
};
constexpr PictureShape kTheirPicture = {4, 3, 2};

std::vector<std::span<float>> tensors_of(QatConv& layer, bool gradients) {
  Conv2d& conv = layer.real;
  BatchNorm& norm = *layer.norm;
  if (gradients)
    return {values(conv.weight_gradient), values(conv.bias_gradient), values(norm.gamma_gradient),
            values(norm.beta_gradient)};
  return {values(conv.weight), values(conv.bias), values(norm.gamma), values(norm.beta)};
}
std::vector<float> flat(const std::vector<std::span<float>>& tensors) {
  std::vector<float> all;
  for (auto tensor : tensors) all.insert(all.end(), tensor.begin(), tensor.end());
  return all;
}

QatConv layer_of(const Case& test) {
  const std::size_t N = 4, K = 9 * 2 / test.groups;
  QatConv layer{.real = {.window = {3, 3, 2, 1},
                         .groups = test.groups,
                         .weight = make_tensor<float>({N, K}),
                         .weight_gradient = make_tensor<float>({N, K})},
                .norm = make_batch_norm(N),
                .relu = test.relu};
  if (test.bias) layer.real.bias = layer.real.bias_gradient = make_tensor<float>({N});
  layer.fake = layer.real;
  layer.fake.bias = layer.fake.bias_gradient = Vector<float>{};
  const auto start = test.load<float, 1>("start");
  std::span<const float> left = values(start);
  auto tensors = tensors_of(layer, false);
  tensors.insert(tensors.end(),
                 {values(layer.norm->running_mean), values(layer.norm->running_variance)});
  for (std::span<float> tensor : tensors) {
    std::ranges::copy(left.first(tensor.size()), tensor.begin());
    left = left.subspan(tensor.size());
  }
  REQUIRE(left.empty());
  layer.weight = {.range = test.weights,
                  .source = ScaleSource::observed,
                  .params = std::vector<QuantParams>(test.scales)};
  layer.output = {.range = unsigned_range(8), .source = ScaleSource::observed, .params = {{}}};
  return layer;
}

void check_against_pytorch(const Case& test) {
  QatConv layer = layer_of(test);
  QatConvBuffers buffers;
  for (std::size_t b = 0; b < test.batches.size(); ++b) {
    INFO(test.name << ", batch " << b);
    const auto load = [&](const std::string& part) {
      return test.load<float, 2>(part + std::to_string(b));
    };
    const auto load_flat = [&](const std::string& part) {
      return test.load<float, 1>(part + std::to_string(b));
    };
    const Matrix<float> x = load("x");
    qat_forward(layer, kTheirPicture, x, true, test.batches[b], buffers);
    CHECK(outside(values(buffers.after), values(load("y")), values(load("y_radius")), 2.0) == "");
    CHECK(static_cast<float>(layer.output.params[0].zero_point) == load_flat("output")(1));
    CHECK(std::fabs(layer.output.params[0].scale / load_flat("output")(0) - 1.0F) <= 1e-4F);
    const auto running = load_flat("running"), running_radius = load_flat("running_radius");
    CHECK(outside(flat({values(layer.norm->running_mean), values(layer.norm->running_variance)}),
                  values(running), values(running_radius), 2.0) == "");
    buffers.gradient = load("dy");
    Matrix<float> dx;
    qat_backward(layer, kTheirPicture, x, test.batches[b], buffers, &dx);
    CHECK(outside(values(dx), values(load("dx")), values(load("dx_radius")), 2.0) == "");
    const auto gradients = load_flat("gradients"), radius = load_flat("radius");
    CHECK(qfs::test::looseness(values(radius), values(gradients)) <= 1e-3);
    CHECK(outside(flat(tensors_of(layer, true)), values(gradients), values(radius), 2.0) == "");
  }
  std::vector<ParamView> params;
  const auto numbers = tensors_of(layer, false), gradients = tensors_of(layer, true);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    params.push_back({"", {numbers[i].size()}, numbers[i], gradients[i]});
  Adam adam(params, {});
  adam.step();
  const auto after = test.load<float, 1>("after"), radius = test.load<float, 1>("after_radius");
  CHECK(outside(flat(numbers), values(after), values(radius), 2.0) == "");
}

}  // namespace

TEST_CASE("ConvBnReLU2d of PyTorch: two batches, freeze_bn_stats, one more, a step of Adam",
          "[ref]") {
  check_against_pytorch({"relu",
                         true,
                         false,
                         1,
                         {-127, 127},
                         4,
                         {NormStatistics::batch, NormStatistics::batch, NormStatistics::running}});
}

TEST_CASE("ConvBn2d of PyTorch: with a bias, two groups, one scale, in -128..127", "[ref]") {
  check_against_pytorch({"bias", false, true, 2, {-128, 127}, 1, {NormStatistics::batch}});
}

TEST_CASE("the example of the text: by hand, by this program, by PyTorch", "[hand][ref]") {
  const auto pytorch = load_reference<double, 1>("ch22/paper");
  const std::array<double, 13> got = ch22::paper_numbers();
  REQUIRE(pytorch.size() == got.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(ch22::kPaperNames[i]);
    CHECK(got[i] == ch22::kPaperByHand[i]);
    CHECK(pytorch(i) == ch22::kPaperByPyTorch[i]);
  }
}
