// Chapter 09: fake quantizers, their scales and their gradients, training, conversion.
#include <cmath>
#include <type_traits>

#include "04_mnist_mlp/pretrained.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "09_qat/convert.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_mlp.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::random_input;
using qfs::test::random_mlp;

ActivationIntervals intervals_of(const Mlp& mlp, Matrix<float> x) {
  ActivationIntervals intervals{min_max(values(x)), {}};
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    x = linear_forward_ref(mlp.layers[i], x);
    if (i + 1 < mlp.layers.size()) relu_forward(x);
    intervals.outputs.push_back(min_max(values(x)));
  }
  return intervals;
}

constexpr std::uint64_t kSeed = 9;

QatMlp random_qat(const QatOptions& options) {
  const Mlp mlp = random_mlp(kSeed);
  return make_qat(mlp, intervals_of(mlp, random_input(kSeed, 40, 23)), options);
}

const std::vector<std::uint8_t>& some_labels() {
  static const std::vector<std::uint8_t> labels = [] {
    std::vector<std::uint8_t> all(40);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i * 7 % 10);
    return all;
  }();
  return labels;
}

// One pass on a fixed batch: every gradient is filled.
float one_pass(QatMlp& net, QatPassBuffers& buffers) {
  return forward_backward(net, random_input(kSeed, 40, 23), some_labels(), buffers);
}

// 200 digits whose class is plain to see, for tests that need training but no accuracy.
TrainDigits easy_digits(std::size_t count = 200) {
  TrainDigits digits{
      .pixels = make_tensor<std::uint8_t>({count, 25}), .labels = {}, .rows = 5, .cols = 5};
  Rng rng(3);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t label = i % 10;
    for (std::uint8_t& pixel : row(digits.pixels, i))
      pixel = static_cast<std::uint8_t>(rng.below(60));
    row(digits.pixels, i)[2 * label] = 255;
    digits.labels.push_back(static_cast<std::uint8_t>(label));
  }
  return digits;
}

QatMlp easy_net(const TrainDigits& digits, const QatOptions& options) {
  Rng rng(4);
  const std::array<std::size_t, 4> widths = {25, 16, 12, 10};
  const Mlp mlp = make_mlp(widths, rng);
  return make_qat(mlp, intervals_of(mlp, normalized(digits.pixels, 0, digits.size())), options);
}

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

constexpr ScaleSource kSources[] = {ScaleSource::frozen, ScaleSource::observed,
                                    ScaleSource::learned};
constexpr WeightGranularity kGranularities[] = {WeightGranularity::per_tensor,
                                                WeightGranularity::per_channel};

}  // namespace

// Training is handed training digits: a QAT whose observers saw test digits does not compile.
static_assert(std::is_invocable_v<decltype(train_qat), QatMlp&, const TrainDigits&,
                                  const QatOptions&, TrainOptions, Rng&>);
static_assert(!std::is_invocable_v<decltype(train_qat), QatMlp&, const TestDigits&,
                                   const QatOptions&, TrainOptions, Rng&>);

TEST_CASE("LSQ starts at 2 mean|v| / sqrt(Q)", "[hand]") {
  // mean|v| = (1 + 2 + 3 + 2) / 4 = 2; Q = 4: 2 * 2 / 2 = 2.
  CHECK(lsq_initial_scale(std::vector<float>{1, -2, 3, -2}, {-4, 4}) == 2.0F);
  CHECK(lsq_initial_scale(std::vector<float>{1, -2, 3, -2}, {0, 1}) == 4.0F);
  CHECK(lsq_initial_scale(std::vector<float>{0, 0, 0}, {0, 3}) == kSmallestScale);
  CHECK_THROWS_AS(lsq_initial_scale(std::vector<float>{1, NAN}, {0, 3}), Error);
  CHECK_THROWS_AS(lsq_initial_scale({}, {0, 3}), Error);
}

TEST_CASE("g = 1 / sqrt(N Q)", "[hand]") {
  CHECK(lsq_gradient_factor(12, {0, 3}) == 1.0F / 6.0F);
  CHECK(lsq_gradient_factor(1, signed_range(2)) == 1.0F);
  CHECK(lsq_gradient_factor(100, {-5, 4}) == 0.05F);
}

TEST_CASE("the slope by the scale, six numbers by hand", "[hand]") {
  // s = 0.5, integers -2..1. t = 0.5, -1.5, 2, -3, 0, 1.5; rounded 0, -2, 2, -3, 0, 2.
  // Inside: 0 - 0.5, -2 + 1.5, 0 - 0. Outside: 1 (2 > 1), -2 (-3 < -2), 1 (2 > 1).
  const std::vector<float> x = {0.25F, -0.75F, 1.0F, -1.5F, 0.0F, 0.75F};
  const std::vector<float> dy = {1, 2, 4, 8, 16, 32};
  std::vector<float> dx(6);
  const FakeQuantSteps steps = make_steps({0.5F, 0}, signed_range(2));
  const float ds = lsq_backward_run(x, dy, steps, dx);
  // 1 (-0.5) + 2 (-0.5) + 4 (1) + 8 (-2) + 16 (0) + 32 (1) = 18.5
  CHECK(ds == 18.5F);
  CHECK(difference<float>(dx, std::vector<float>{1, 2, 0, 0, 16, 0}) == "");
}

TEST_CASE("the slope by the scale, any length, any zero point", "[prop]") {
  Rng rng(5);
  for (std::size_t length : {1U, 7U, 8U, 9U, 16U, 100U})
    for (std::int32_t z : {0, 3, 15}) {
      std::vector<float> x(length), dy(length), dx(length), expected_dx(length);
      for (float& value : x) value = static_cast<float>(rng.normal());
      for (float& value : dy) value = static_cast<float>(rng.normal());
      const QuantParams p{0.11F, z};
      const QuantRange range{0, 15};
      double sum = 0.0, terms = 0.0;
      for (std::size_t i = 0; i < length; ++i) {
        const FakeQuantized fake = fake_quantize_ref(x[i], p, range);
        const double r = static_cast<double>(fake.y) / static_cast<double>(p.scale);
        const double t = static_cast<double>(x[i]) / static_cast<double>(p.scale);
        const double term = static_cast<double>(dy[i]) * (fake.inside ? r - t : r);
        sum += term;
        terms += std::fabs(static_cast<double>(dy[i])) * (std::fabs(r) + std::fabs(t));
      }
      const float ds = lsq_backward_run(x, dy, make_steps(p, range), dx);
      // n products and sums in float32, six more roundings in each term
      CHECK(std::fabs(static_cast<double>(ds) - sum) <=
            static_cast<double>(length + 6) * 0x1p-24 * terms);
      fake_quantize_backward(x, dy, p, range, expected_dx);
      CHECK(difference<float>(dx, expected_dx) == "");
    }
}

TEST_CASE("a learned scale is its start times its ratio, and stays positive", "[hand]") {
  LearnedScales scales;
  scales.start({0.5F, 2.0F});
  scales.ratio[1] = 0.25F;
  CHECK(scales.scale(0) == 0.5F);
  CHECK(scales.scale(1) == 0.5F);
  scales.take_gradient(1, 3.0F, 0.5F);  // dL/du = g s0 dL/ds = 0.5 * 2 * 3
  CHECK(scales.ratio_gradient == std::vector<float>{0.0F, 3.0F});
  for (float bad : {0.0F, -1.0F, NAN, HUGE_VALF, 1e-9F}) {
    scales.ratio[0] = bad;
    CHECK_THAT(message_of([&] { scales.scale(0); }), QFS_CONTAINS("learned scale"));
  }
}

TEST_CASE("the largest magnitude", "[prop]") {
  CHECK(max_magnitude(std::vector<float>{0.5F, -3.0F, 2.0F}) == 3.0F);
  CHECK(max_magnitude(std::vector<float>{-0.0F, 0.0F}) == 0.0F);
  CHECK(max_magnitude({}) == 0.0F);
  Rng rng(6);
  std::vector<float> w(1001);
  for (float& value : w) value = static_cast<float>(rng.normal() * 1e-3);
  const auto [low, high] = min_max(w);
  CHECK(max_magnitude(w) == std::max(-low, high));
  for (float bad : {NAN, -NAN, HUGE_VALF, -HUGE_VALF}) {
    w[500] = bad;
    CHECK_THAT(message_of([&] { max_magnitude(w); }), QFS_CONTAINS("not finite"));
  }
}

TEST_CASE("observed weight scales are choose_qparams' of min and max, row by row", "[prop]") {
  for (int bits : {8, 6, 4, 3, 2})
    for (auto granularity : kGranularities) {
      QatMlp net = random_qat({.weight_bits = bits, .weights = granularity});
      for (QatLinear& layer : net.layers) {
        for (float& w : values(layer.real.weight)) w *= 1.5F;
        update_weight_scales(layer.weight, values(layer.real.weight), true);
        const bool channel = granularity == WeightGranularity::per_channel;
        const ParamLayout layout = make_layout(
            shape_of(layer.real.weight),
            {channel ? GranularityKind::per_channel : GranularityKind::per_tensor, 0, 0});
        CHECK(layer.weight.params ==
              choose_qparams(min_max_per_param(values(layer.real.weight), layout),
                             signed_range(bits), Scheme::symmetric));
      }
    }
}

TEST_CASE("forward values lie on the grid", "[prop]") {
  for (int bits : {8, 4, 2})
    for (auto granularity : kGranularities)
      for (ScaleSource source : kSources) {
        QatMlp net = random_qat({bits, bits, granularity, source});
        QatPassBuffers buffers;
        one_pass(net, buffers);
        for (std::size_t i = 0; i < net.layers.size(); ++i) {
          const QatLinear& layer = net.layers[i];
          CHECK(layer.weight.range == signed_range(bits));
          CHECK(layer.output.range == unsigned_range(i + 1 < net.layers.size() ? bits : 8));
          const auto on_grid = [](float y, QuantParams p, QuantRange range) {
            return dequantize_value(quantize_value(y, p, range), p) == y;
          };
          std::size_t off = 0;
          const std::size_t inner = layer.real.weight.size() / layer.weight.params.size();
          for (std::size_t k = 0; k < layer.fake.weight.size(); ++k)
            off += on_grid(values(layer.fake.weight)[k], layer.weight.params[k / inner],
                           layer.weight.range)
                       ? 0
                       : 1;
          for (float y : values(std::as_const(buffers.layers[i].after)))
            off += on_grid(y, layer.output.params[0], layer.output.range) ? 0 : 1;
          CHECK(off == 0);
        }
      }
}

TEST_CASE("outside the clip the gradient is zero, and without the mask it is not", "[prop]") {
  for (ScaleSource source : {ScaleSource::frozen, ScaleSource::learned}) {
    for (bool clip_mask : {true, false}) {
      QatMlp net = random_qat(
          {.weight_bits = 3, .activation_bits = 3, .scales = source, .clip_mask = clip_mask});
      QatLinear& layer = net.layers[1];
      layer.weight.params[0].scale /= 4.0F;  // so that many are outside
      if (source == ScaleSource::learned) layer.weight.learned.initial[0] /= 4.0F;
      QatPassBuffers buffers;
      one_pass(net, buffers);
      std::size_t outside = 0, moved_outside = 0, moved_inside = 0;
      for (std::size_t i = 0; i < layer.real.weight.size(); ++i) {
        const bool inside = fake_quantize_ref(values(layer.real.weight)[i], layer.weight.params[0],
                                              layer.weight.range)
                                .inside;
        const bool moved = values(layer.real.weight_gradient)[i] != 0.0F;
        outside += inside ? 0 : 1;
        moved_outside += !inside && moved ? 1 : 0;
        moved_inside += inside && moved ? 1 : 0;
      }
      REQUIRE(outside > 10);
      CHECK(moved_inside > 10);
      CHECK((moved_outside == 0) == clip_mask);
    }
  }
}

TEST_CASE("activations have the clip mask too", "[hand]") {
  FakeQuantizer q{.range = unsigned_range(2), .params = {{1.0F, 0}}};
  const std::vector<float> x = {-1.0F, 0.0F, 2.0F, 3.4F, 3.6F}, dy = {1, 2, 3, 4, 5};
  std::vector<float> dx(5);
  backward(q, x, dy, dx);
  CHECK(difference<float>(dx, std::vector<float>{0, 2, 3, 4, 0}) == "");
  q.clip_mask = false;
  backward(q, x, dy, dx);
  CHECK(difference<float>(dx, dy) == "");
}

TEST_CASE("frozen scales stay, observed ones follow, learned ones are Adam's", "[prop]") {
  for (ScaleSource source : kSources) {
    QatMlp net = random_qat({.weight_bits = 4, .activation_bits = 4, .scales = source});
    const QatMlp before = net;
    QatPassBuffers buffers;
    for (float& w : values(net.layers[0].real.weight)) w *= 2.0F;
    one_pass(net, buffers);
    const QatLinear &layer = net.layers[0], &old = before.layers[0];
    const float weight_ratio = layer.weight.params[0].scale / old.weight.params[0].scale;
    if (source == ScaleSource::frozen) {
      CHECK(weight_ratio == 1.0F);
      CHECK(layer.output.params == old.output.params);
    } else if (source == ScaleSource::observed) {
      CHECK(weight_ratio == 2.0F);
      CHECK(layer.output.params[0].scale > 1.2F * old.output.params[0].scale);
    } else {
      CHECK(layer.weight.params[0].scale == layer.weight.learned.initial[0]);
      CHECK(layer.output.params[0].scale ==
            lsq_initial_scale(values(std::as_const(buffers.layers[0].before)), unsigned_range(4)));
      net.layers[0].output.learned.ratio[0] = 1.25F;
      net.layers[0].weight.learned.ratio[0] = 0.5F;
      one_pass(net, buffers);
      CHECK(layer.output.params[0].scale == 1.25F * layer.output.learned.initial[0]);
      CHECK(layer.weight.params[0].scale == 0.5F * layer.weight.learned.initial[0]);
    }
  }
}

TEST_CASE("observers that have stopped let every scale be", "[prop]") {
  QatMlp net = random_qat({.scales = ScaleSource::observed});
  QatPassBuffers buffers;
  one_pass(net, buffers);
  net.observing = false;
  std::vector<std::vector<QuantParams>> before;
  for (const QatLinear& layer : net.layers)
    before.insert(before.end(), {layer.weight.params, layer.output.params});
  for (QatLinear& layer : net.layers)
    for (float& w : values(layer.real.weight)) w *= 3.0F;
  Matrix<float> x = random_input(77, 40, 23);
  for (float& value : values(x)) value *= 10.0F;
  forward(net, x, buffers);
  settle(net);
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    CHECK(net.layers[i].weight.params == before[2 * i]);
    CHECK(net.layers[i].output.params == before[2 * i + 1]);
  }
}

TEST_CASE("parameters: what Adam moves", "[hand]") {
  QatMlp frozen = random_qat({}), learned = random_qat({.scales = ScaleSource::learned});
  CHECK(parameters(frozen).size() == 6);
  std::vector<std::string> names;
  for (const ParamView& param : parameters(learned)) {
    names.push_back(param.name);
    CHECK(param.values.size() == param.gradients.size());
    CHECK(!param.values.empty());
  }
  CHECK(names == std::vector<std::string>{"fc1_weight", "fc1_bias", "fc1_weight_scale",
                                          "fc1_output_scale", "fc2_weight", "fc2_bias",
                                          "fc2_weight_scale", "fc2_output_scale", "fc3_weight",
                                          "fc3_bias", "fc3_weight_scale"});
}

TEST_CASE("g is that of the tensor: weights of a layer or row, outputs of a layer", "[hand]") {
  // random_mlp is 23-17-9-10; 4 bits: Q = 7 for weights, 15 for hidden activations.
  for (auto granularity : kGranularities) {
    const bool channel = granularity == WeightGranularity::per_channel;
    const QatMlp net = random_qat({4, 4, granularity, ScaleSource::learned});
    CHECK(net.layers[0].weight.gradient_factor ==
          lsq_gradient_factor(channel ? 23 : 23 * 17, {-8, 7}));
    CHECK(net.layers[1].output.gradient_factor == lsq_gradient_factor(9, {0, 15}));
    CHECK(net.layers[0].weight.learned.initial.size() == (channel ? 17 : 1));
  }
}

TEST_CASE("in eight bits the gradient is the float net's, nearly", "[prop]") {
  Mlp mlp = random_mlp(kSeed);
  MlpBuffers float_buffers;
  forward_backward(mlp, random_input(kSeed, 40, 23), some_labels(), float_buffers);
  for (ScaleSource source : kSources) {
    QatMlp net = random_qat({.scales = source});
    QatPassBuffers buffers;
    one_pass(net, buffers);
    for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
      double dot = 0.0, a2 = 0.0, b2 = 0.0;
      for (std::size_t k = 0; k < mlp.layers[i].weight.size(); ++k) {
        const double a = values(mlp.layers[i].weight_gradient)[k];
        const double b = values(net.layers[i].real.weight_gradient)[k];
        dot += a * b;
        a2 += a * a;
        b2 += b * b;
      }
      CHECK(dot / std::sqrt(a2 * b2) > 0.8);
    }
  }
}

TEST_CASE("training changes the weights, and lowers the loss, by every source of scales",
          "[prop]") {
  const TrainDigits digits = easy_digits();
  for (int bits : {8, 2})
    for (ScaleSource source : kSources) {
      const QatOptions options = {bits, bits, WeightGranularity::per_channel, source};
      QatMlp net = easy_net(digits, options);
      const QatMlp before = net;
      Rng rng(1);
      const auto history =
          train_qat(net, digits, options, {.epochs = 30, .adam = {.learning_rate = 1e-2}}, rng);
      CHECK(history.back().loss < 0.9 * history.front().loss);
      for (std::size_t i = 0; i < net.layers.size(); ++i)
        CHECK((net.layers[i].real.weight != before.layers[i].real.weight));
      CHECK(!net.observing);
    }
}

TEST_CASE("after training the scales are those of the last step", "[prop]") {
  const TrainDigits digits = easy_digits();
  for (ScaleSource source : {ScaleSource::observed, ScaleSource::learned}) {
    const QatOptions options = {4, 4, WeightGranularity::per_tensor, source};
    QatMlp net = easy_net(digits, options);
    Rng rng(1);
    train_qat(net, digits, options, {.epochs = 2, .adam = {.learning_rate = 1e-2}}, rng);
    for (const QatLinear& layer : net.layers) {
      const float expected = source == ScaleSource::learned
                                 ? layer.weight.learned.scale(0)
                                 : max_magnitude(values(layer.real.weight)) / 7.5F;
      CHECK(layer.weight.params[0].scale == expected);
      if (layer.output.source == ScaleSource::learned)
        CHECK(layer.output.params[0].scale == layer.output.learned.scale(0));
    }
  }
}

TEST_CASE("observers frozen after n epochs", "[prop]") {
  const TrainDigits digits = easy_digits();
  const auto scale_after = [&](int observe_epochs, int epochs) {
    const QatOptions options = {.scales = ScaleSource::observed, .observe_epochs = observe_epochs};
    QatMlp net = easy_net(digits, options);
    const float start = net.layers[0].weight.params[0].scale;
    Rng rng(1);
    train_qat(net, digits, options, {.epochs = epochs, .adam = {.learning_rate = 1e-2}}, rng);
    return std::pair(start, net.layers[0].weight.params[0].scale);
  };
  const auto [start, never] = scale_after(0, 3);
  CHECK(never == start);
  // Frozen after epoch 1: the weights move on, the scale stays where the last step of epoch 1 saw
  // it.
  CHECK(scale_after(1, 2).second == scale_after(1, 4).second);
  CHECK(scale_after(1, 2).second != start);
  CHECK(scale_after(1000, 2).second != scale_after(1000, 4).second);
}

TEST_CASE("a training that diverges is an Error", "[prop]") {
  const TrainDigits digits = easy_digits();
  for (ScaleSource source : {ScaleSource::observed, ScaleSource::learned}) {
    const QatOptions options = {.scales = source};
    QatMlp net = easy_net(digits, options);
    Rng rng(1);
    CHECK_THROWS_AS(
        train_qat(net, digits, options, {.epochs = 3, .adam = {.learning_rate = 1e30}}, rng),
        Error);
  }
}

TEST_CASE("never trained, the converted net is chapter 07's", "[prop]") {
  const Mlp mlp = random_mlp(kSeed);
  const ActivationIntervals intervals = intervals_of(mlp, random_input(kSeed, 40, 23));
  for (auto granularity : kGranularities) {
    const QuantizedMlp expected =
        quantize_fused_mlp(mlp, intervals, {unsigned_range(8), granularity});
    const QuantizedMlp got = convert(make_qat(mlp, intervals, {.weights = granularity}));
    CHECK(got.fused);
    CHECK((got.input == expected.input && got.input_range == expected.input_range));
    for (std::size_t i = 0; i < 3; ++i) {
      const QuantizedLinear &a = got.layers[i], &b = expected.layers[i];
      CHECK((a.weight == b.weight && a.bias == b.bias && a.weight_scale == b.weight_scale));
      CHECK((a.output == b.output && a.output_range == b.output_range));
      CHECK((a.input == b.input && a.input_range == b.input_range && a.multiplier == b.multiplier));
    }
  }
}

TEST_CASE("low bits stay in their range, in s8 and u8", "[prop]") {
  for (int bits : {4, 3, 2}) {
    const QuantizedMlp net = convert(random_qat({bits, bits}));
    const PackedMlp packed = pack(net);
    std::vector<Matrix<std::uint8_t>> outputs;
    forward_u8(packed, quantize_input(packed, random_input(5, 60, 23)), &outputs);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto [low, high] = std::ranges::minmax(values(net.layers[i].weight));
      CHECK((low >= signed_range(bits).qmin && high <= signed_range(bits).qmax));
      CHECK(low < 0);
      CHECK(high == signed_range(bits).qmax);
      if (i < 2) CHECK(std::ranges::max(values(outputs[i])) <= unsigned_range(bits).qmax);
    }
  }
}

TEST_CASE("a fused ReLU clamps at the zero point, wherever that is", "[hand]") {
  QatMlp net = random_qat({});
  net.layers[0].output.params[0].zero_point = 20;  // as if it had been observed before the ReLU
  const QuantizedMlp integers = convert(net);
  CHECK(integers.layers[0].output_range == QuantRange{20, 255});
  CHECK(integers.layers[1].input_range == QuantRange{20, 255});
  CHECK(integers.layers[2].output_range == QuantRange{0, 255});
}

TEST_CASE("the float graph and the integers differ at ties alone", "[prop]") {
  for (int bits : {8, 4, 2})
    for (auto granularity : kGranularities)
      for (BiasRounding bias : {BiasRounding::none, BiasRounding::as_integers}) {
        const QatMlp net = random_qat({bits, bits, granularity});
        const QuantizedMlp integers = convert(net);
        const Matrix<float> x = random_input(8, 300, 23);
        for (const Agreement& layer : compare_graphs(net, integers, x, bias)) {
          CHECK(layer.explained == layer.differ);
          if (bias == BiasRounding::as_integers) CHECK(layer.differ * 1000 <= layer.outputs);
        }
      }
}

TEST_CASE("and a wrong bias or multiplier is not a tie", "[prop]") {
  const QatMlp net = random_qat({});
  const Matrix<float> x = random_input(8, 300, 23);
  QuantizedMlp wrong_bias = convert(net);
  for (std::int32_t& b : values(wrong_bias.layers[1].bias)) b += 40;
  const auto a = compare_graphs(net, wrong_bias, x, BiasRounding::none);
  CHECK(a[1].explained < a[1].differ);
  QatMlp stale = net;  // the float graph with another weight scale than the converted net
  stale.layers[1].weight.params[0].scale *= 1.05F;
  const auto b = compare_graphs(stale, convert(net), x, BiasRounding::as_integers);
  CHECK(b[1].explained < b[1].differ);
}

TEST_CASE("the float graph on its own gives the integers' classes", "[prop]") {
  const TrainDigits digits = easy_digits();
  const QatOptions options = {.scales = ScaleSource::learned};
  QatMlp net = easy_net(digits, options);
  Rng rng(1);
  train_qat(net, digits, options, {.epochs = 5, .adam = {.learning_rate = 3e-3}}, rng);
  const QuantizedMlp integers = convert(net);
  CHECK(classify_fake(net, integers, digits.pixels, BiasRounding::as_integers) ==
        classify_u8(pack(integers), digits.pixels));
}

TEST_CASE("one layer, and six", "[prop]") {
  const TrainDigits digits = easy_digits();
  for (const std::vector<std::size_t>& widths :
       {std::vector<std::size_t>{25, 10}, {25, 12, 11, 9, 13, 8, 10}}) {
    Rng rng(2);
    const Mlp mlp = make_mlp(widths, rng);
    const ActivationIntervals intervals =
        intervals_of(mlp, normalized(digits.pixels, 0, digits.size()));
    for (ScaleSource source : kSources) {
      const QatOptions options = {4, 4, WeightGranularity::per_tensor, source};
      QatMlp net = make_qat(mlp, intervals, options);
      train_qat(net, digits, options, {.epochs = 2}, rng);
      CHECK(convert(net).layers.size() == widths.size() - 1);
      CHECK(classify_u8(pack(convert(net)), digits.pixels).size() == digits.size());
    }
  }
}

TEST_CASE("bad options and intervals are refused", "[hand]") {
  const Mlp mlp = random_mlp(kSeed);
  const ActivationIntervals good = intervals_of(mlp, random_input(kSeed, 40, 23));
  for (int bits : {-1, 0, 1, 9, 32}) {
    CHECK_THAT(message_of([&] { make_qat(mlp, good, {.weight_bits = bits}); }),
               QFS_CONTAINS("2 to 8 bits"));
    CHECK_THAT(message_of([&] { make_qat(mlp, good, {.activation_bits = bits}); }),
               QFS_CONTAINS("2 to 8 bits"));
  }
  ActivationIntervals bad = good;
  bad.outputs.pop_back();
  CHECK_THAT(message_of([&] { make_qat(mlp, bad, {}); }), QFS_CONTAINS("one interval per layer"));
  bad = good;
  bad.outputs[1].min = -0.5F;
  CHECK_THAT(message_of([&] { make_qat(mlp, bad, {}); }),
             QFS_CONTAINS("layer 2") && QFS_CONTAINS("after ReLU"));
  bad = good;
  bad.outputs[2].max = NAN;
  CHECK_THROWS_AS(make_qat(mlp, bad, {}), Error);
  Mlp not_finite = mlp;
  not_finite.layers[1].weight(0, 0) = NAN;
  CHECK_THROWS_AS(make_qat(not_finite, good, {}), Error);
  CHECK_THROWS_AS(make_qat(Mlp{}, {}, {}), Error);
}

TEST_CASE("activations that are constant have a scale, and train", "[prop]") {
  // Biases so low that no ReLU ever opens: every hidden activation is 0.
  const TrainDigits digits = easy_digits(64);
  Rng rng(2);
  const std::array<std::size_t, 3> widths = {25, 6, 10};
  Mlp mlp = make_mlp(widths, rng);
  for (float& b : values(mlp.layers[0].bias)) b = -100.0F;
  const ActivationIntervals intervals =
      intervals_of(mlp, normalized(digits.pixels, 0, digits.size()));
  CHECK(intervals.outputs[0] == Interval{0.0F, 0.0F});
  for (ScaleSource source : kSources) {
    const QatOptions options = {4, 4, WeightGranularity::per_tensor, source};
    QatMlp net = make_qat(mlp, intervals, options);
    CHECK_NOTHROW(train_qat(net, digits, options, {.epochs = 1}, rng));
    CHECK(net.layers[0].output.params[0].scale >= kSmallestScale);
  }
}
