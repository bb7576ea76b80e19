// Chapter 09: fake quantizers, their scales and their gradients.
#include <algorithm>
#include <cmath>

#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/qat_nets.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using namespace qfs::test;

}  // namespace

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

TEST_CASE("below a zero point of -2 PyTorch's learnable backward contradicts its own forward",
          "[hand][ref]") {
  // tests/reference/ch09.py, save_offset(): s = 1, z = -2, integers -4..3, so steps -2 to 5. -2.6
  // rounds to -3: outside, and both forward passes clamp it to -2. Its gradient is 0 here, 1 there.
  const auto theirs = load_reference<float, 2>("ch09/lsq_offset");
  const auto x = row(theirs, 0), their_y = row(theirs, 1), their_dx = row(theirs, 2);
  const QuantRange range{-4, 3};
  const std::vector<float> ones(x.size(), 1.0F);
  std::vector<float> y(x.size()), dx(x.size());
  fake_quantize(x, QuantParams{1.0F, -2}, range, y);
  lsq_backward_run(x, ones, make_steps({1.0F, -2}, range), dx);
  CHECK(difference<float>(y, their_y) == "");
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO("x = " << x[i]);
    CHECK(dx[i] == (y[i] == std::nearbyint(x[i]) ? 1.0F : 0.0F));  // 1 where nothing was clamped
  }
  const auto at = static_cast<std::size_t>(std::ranges::find(x, -2.6F) - x.begin());
  REQUIRE(at < x.size());
  CHECK(y[at] == -2.0F);
  CHECK(dx[at] == 0.0F);
  CHECK(their_dx[at] == 1.0F);
  // Theirs is the mask of the zero point -1.
  lsq_backward_run(x, ones, make_steps({1.0F, -1}, range), dx);
  CHECK(difference<float>(dx, their_dx) == "");
}

TEST_CASE("a learned scale is its start times its ratio, and stays positive", "[hand]") {
  LearnedScales scales;
  scales.start({0.5F, 2.0F});
  scales.ratio[1] = 0.25F;
  CHECK(scales.scale(0) == 0.5F);
  CHECK(scales.scale(1) == 0.5F);
  scales.take_gradient(1, 3.0F, 0.5F);  // dL/du = g s0 dL/ds = 0.5 * 2 * 3
  CHECK(scales.ratio_gradient == std::vector<float>{0.0F, 3.0F});
  scales.ratio[0] = 1e-9F;
  CHECK(scales.scale(0) == kSmallestScale);
  for (float bad : {0.0F, -1.0F, NAN, HUGE_VALF}) {
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
        std::ranges::fill(row(layer.real.weight, 1), 0.0F);  // a row of zeros has a scale, too
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

TEST_CASE("weights have their bits, activations theirs", "[hand]") {
  for (const auto& [weight_bits, activation_bits] : {std::pair(3, 5), std::pair(6, 2)}) {
    const QatMlp net = random_qat({.weight_bits = weight_bits, .activation_bits = activation_bits});
    CHECK(net.input.range == unsigned_range(8));
    for (const QatLinear& layer : net.layers)
      CHECK(layer.weight.range == signed_range(weight_bits));
    CHECK(net.layers[0].output.range == unsigned_range(activation_bits));
    CHECK(net.layers[1].output.range == unsigned_range(activation_bits));
    CHECK(net.layers[2].output.range == unsigned_range(8));
  }
}

TEST_CASE("forward values lie on the grid", "[prop]") {
  for (int bits : {8, 4, 2})
    for (auto granularity : kGranularities)
      for (ScaleSource source : kSources) {
        QatMlp net = random_qat({bits, bits, granularity, source});
        QatPassBuffers buffers;
        one_pass(net, buffers);
        const auto on_grid = [](float y, QuantParams p, QuantRange range) {
          return dequantize_value(quantize_value(y, p, range), p) == y;
        };
        CHECK(net.input.range == unsigned_range(8));
        CHECK(std::ranges::all_of(values(std::as_const(buffers.input)), [&](float x) {
          return on_grid(x, net.input.params[0], net.input.range);
        }));
        for (std::size_t i = 0; i < net.layers.size(); ++i) {
          const QatLinear& layer = net.layers[i];
          CHECK(layer.weight.range == signed_range(bits));
          CHECK(layer.output.range == unsigned_range(i + 1 < net.layers.size() ? bits : 8));
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

TEST_CASE("every pass computes with the weights and biases of now", "[hand]") {
  QatLinear layer;
  layer.real = {
      .weight = {{0.5F}}, .bias = {0.25F}, .weight_gradient = {{0.0F}}, .bias_gradient = {0.0F}};
  layer.fake = layer.real;
  layer.weight = {.range = signed_range(8), .params = {{0.125F, 0}}};
  layer.output = {.range = unsigned_range(8), .params = {{0.125F, 0}}};
  QatBuffers buffers;
  const Matrix<float> x = {{2.0F}};
  qat_forward(layer, x, true, buffers);
  CHECK(buffers.after(0, 0) == 1.25F);
  layer.real.bias(0) = 1.0F;
  layer.real.weight(0, 0) = 1.05F;  // 8.4 steps: 1
  qat_forward(layer, x, true, buffers);
  CHECK(buffers.after(0, 0) == 3.0F);
  buffers.gradient = {{4.0F}};
  qat_backward(layer, x, buffers, nullptr);
  CHECK(layer.real.weight_gradient(0, 0) == 8.0F);
  CHECK(layer.real.bias_gradient(0) == 4.0F);
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

TEST_CASE("without the mask every gradient passes, in place too, whatever moves the scale",
          "[prop]") {
  // qat_backward calls it in place for activations.
  const std::vector<float> x = {-1.0F, 0.0F, 2.0F, 3.4F, 3.6F, 9.0F, 1.0F, 0.5F, 4.0F};
  const std::vector<float> dy = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  for (ScaleSource source : kSources) {
    FakeQuantizer q{.range = unsigned_range(2), .source = source, .params = {{1.0F, 0}}};
    q.learned.start({1.0F});
    std::vector<float> apart(9), in_place = dy;
    backward(q, x, dy, apart);
    backward(q, x, in_place, in_place);
    CHECK(difference<float>(in_place, apart) == "");
    CHECK(apart[5] == 0.0F);
    const auto gradient = q.learned.ratio_gradient;
    q.clip_mask = false;
    in_place = dy;
    backward(q, x, dy, apart);
    backward(q, x, in_place, in_place);
    CHECK(difference<float>(apart, dy) == "");
    CHECK(difference<float>(in_place, dy) == "");
    CHECK(q.learned.ratio_gradient == gradient);  // the mask is not about the scale's own slope
  }
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

TEST_CASE("a learned activation scale starts at the first batch that is not all zeros", "[hand]") {
  FakeQuantizer q{
      .range = unsigned_range(2), .source = ScaleSource::learned, .params = {{0.5F, 0}}};
  q.learned.start({0.5F});
  q.awaits_first_batch = true;
  update_activation_scale(q, std::vector<float>{0, 0, 0}, true);
  CHECK((q.params[0].scale == 0.5F && q.awaits_first_batch));
  const std::vector<float> first = {0, 3, 1}, second = {9, 9, 9};
  update_activation_scale(q, first, true);
  update_activation_scale(q, second, true);
  CHECK(q.params[0].scale == lsq_initial_scale(first, q.range));
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

TEST_CASE("every row's learned scale starts from that row, and is its own", "[prop]") {
  for (auto granularity : kGranularities) {
    QatMlp net = random_qat({4, 4, granularity, ScaleSource::learned});
    for (QatLinear& layer : net.layers) {
      LearnedScales& learned = layer.weight.learned;
      const std::size_t inner = layer.real.weight.size() / learned.initial.size();
      const std::span<const float> w = values(std::as_const(layer.real.weight));
      for (std::size_t c = 0; c < learned.initial.size(); ++c) {
        CHECK(learned.initial[c] == lsq_initial_scale(w.subspan(c * inner, inner), {-8, 7}));
        learned.ratio[c] = 1.0F + 0.25F * static_cast<float>(c);
      }
      update_weight_scales(layer.weight, w, true);
      for (std::size_t c = 0; c < learned.initial.size(); ++c)
        CHECK(layer.weight.params[c].scale == learned.initial[c] * learned.ratio[c]);
    }
  }
}

TEST_CASE("the logits, which have a zero point, are observed where the others are learned",
          "[hand]") {
  const std::vector<QatLinear> layers = random_qat({.scales = ScaleSource::learned}).layers;
  CHECK(layers[0].output.source == ScaleSource::learned);
  CHECK(layers[1].output.source == ScaleSource::learned);
  CHECK(layers[2].output.source == ScaleSource::observed);
  CHECK(layers[2].weight.source == ScaleSource::learned);
}

TEST_CASE("the clip mask of the options is that of every quantizer", "[hand]") {
  for (bool clip_mask : {true, false})
    for (const QatLinear& layer : random_qat({.clip_mask = clip_mask}).layers)
      CHECK((layer.weight.clip_mask == clip_mask && layer.output.clip_mask == clip_mask));
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
