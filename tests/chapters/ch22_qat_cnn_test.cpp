// Chapter 22: quantization-aware training of a whole net of convolutions.
#include <cmath>

#include "20_float_cnn/nets.hpp"
#include "22_model_comparison/qat_cnn.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::message_of;

constexpr PictureShape kPicture = {8, 8, 1};

Cnn small_net(bool residual, std::uint64_t seed = 3) {
  Rng rng(seed);
  return residual ? make_residual_net(&rng, kPicture) : make_small_cnn(&rng, kPicture);
}

Matrix<float> some_pictures(std::uint64_t seed, std::size_t rows = 12) {
  Rng rng(seed);
  auto x = make_tensor<float>({rows, kPicture.size()});
  for (float& value : values(x)) value = static_cast<float>(rng.normal());
  return x;
}

std::vector<Interval> intervals_of(const Cnn& cnn, const Matrix<float>& x) {
  std::vector<Interval> intervals(cnn.tensors.size());
  forward_ref(cnn, x, [&](std::size_t t, std::span<const float> numbers) {
    intervals[t] = min_max(numbers);
  });
  return intervals;
}

std::vector<std::uint8_t> some_labels(std::size_t rows = 12) {
  std::vector<std::uint8_t> labels(rows);
  for (std::size_t i = 0; i < rows; ++i) labels[i] = static_cast<std::uint8_t>(i * 7 % 10);
  return labels;
}

QatCnn qat_of(const Cnn& cnn, const QatCnnOptions& options = {}) {
  return make_qat(cnn, intervals_of(cnn, some_pictures(4)), options);
}

// 200 digits of 8 x 8 pixels whose class is plain to see.
TrainDigits easy_digits() {
  TrainDigits digits{
      .pixels = make_tensor<std::uint8_t>({200, 64}), .labels = {}, .rows = 8, .cols = 8};
  Rng rng(3);
  for (std::size_t i = 0; i < 200; ++i) {
    const std::size_t label = i % 10;
    for (std::uint8_t& pixel : row(digits.pixels, i))
      pixel = static_cast<std::uint8_t>(rng.below(60));
    for (std::size_t k = 0; k < 6; ++k) row(digits.pixels, i)[6 * label + k] = 255;
    digits.labels.push_back(static_cast<std::uint8_t>(label));
  }
  return digits;
}

// So many bits that rounding hardly shows.
void widen(FakeQuantizer& q, Interval seen) {
  q.range = {0, 65535};
  q.params = {choose_qparams(seen.min, seen.max, q.range)};
}

// Training is handed training digits: a QAT whose observers saw test digits does not compile.
template <class Digits>
concept TrainsOn = requires(QatCnn& net, const Digits& digits, QatCnnOptions options, Rng& rng) {
  train_qat(net, digits, options, TrainOptions{}, rng);
};
static_assert(TrainsOn<TrainDigits> && !TrainsOn<TestDigits>);

}  // namespace

TEST_CASE("layers that become one operation become one layer", "[hand]") {
  const QatCnn small = qat_of(small_net(false));
  // 0 pixels, 1 conv, 2 relu, 3 pool, 4 conv, 5 relu, 6 pool, 7 linear
  REQUIRE(small.layers.size() == 5);
  CHECK(small.layers[0].output == 2);
  CHECK(small.layers[1].kind == LayerKind::max_pool);
  CHECK(small.layers[1].inputs == std::vector<std::size_t>{2});
  CHECK(small.layers[2].output == 5);
  CHECK(small.layers[4].output == 7);
  CHECK((small.convs[0].relu && small.convs[1].relu && !small.linears[0].relu));
  CHECK(!small.convs[0].norm);

  const Cnn cnn = small_net(true);
  const QatCnn net = qat_of(cnn);
  // conv; 2 convs and a sum; twice 3 convs and a sum; average_pool, linear
  REQUIRE(net.layers.size() == 14);
  std::string kinds;
  for (const QatLayer& layer : net.layers) {
    kinds += std::string(name_of(layer.kind)) + " ";
    if (layer.kind == LayerKind::conv2d) CHECK(net.convs[layer.index].norm.has_value());
  }
  CHECK(kinds ==
        "conv2d conv2d conv2d add conv2d conv2d conv2d add conv2d conv2d conv2d add average_pool "
        "linear ");
  // ReLU behind the first convolution of a block and behind its sum, not behind what is summed.
  std::string relus;
  for (const QatConv& conv : net.convs) relus += conv.relu ? "1" : "0";
  CHECK(relus == "110100100");
  CHECK((net.sums[0].relu && net.sums[1].relu && net.sums[2].relu && !net.sums[3].relu));
  CHECK(net.layers[3].inputs ==
        std::vector<std::size_t>{net.layers[2].output, net.layers[0].output});
  CHECK(net.layers.back().output == cnn.layers.back().output);
}

TEST_CASE("what stands where it cannot be fused is refused, by name", "[hand]") {
  Rng rng(1);
  const auto message = [&](const std::function<void(Cnn&)>& build) {
    Cnn cnn{.tensors = {kPicture}};
    build(cnn);
    return message_of([&] {
      make_qat(cnn, std::vector<Interval>(cnn.tensors.size(), {-1, 1}), {});
    });
  };
  const ConvOptions conv = {.channels = 4, .window = {3, 3, 1, 1}};
  CHECK_THAT(message([&](Cnn& cnn) { add_batch_norm(cnn, 0); }), QFS_CONTAINS("batch_norm"));
  CHECK_THAT(message([&](Cnn& cnn) {
               add_relu(cnn, add_max_pool(cnn, 0, {2, 2, 2, 0}));
             }),
             QFS_CONTAINS("relu"));
  // A tensor that somebody else reads, too, is not inside a layer.
  CHECK_THAT(message([&](Cnn& cnn) {
               const std::size_t x = add_conv2d(cnn, 0, conv, &rng);
               add_sum(cnn, add_batch_norm(cnn, x), x);
             }),
             QFS_CONTAINS("batch_norm"));
  const Cnn cnn = small_net(false);
  const std::vector<Interval> intervals(cnn.tensors.size(), {-1, 1});
  const auto refused = [&](QatOptions quantizers) {
    return message_of([&] { make_qat(cnn, intervals, {.quantizers = quantizers}); });
  };
  CHECK_THAT(refused({.weight_bits = 1}), QFS_CONTAINS("2 to 8 bits"));
  CHECK_THAT(refused({.activation_bits = 9}), QFS_CONTAINS("2 to 8 bits"));
  CHECK_THAT(refused({.scales = ScaleSource::learned}), QFS_CONTAINS("learned"));
  CHECK_THAT(message_of([&] { make_qat(cnn, std::vector<Interval>(3), {}); }),
             QFS_CONTAINS("one interval per tensor"));
  CHECK_THAT(
      message_of([&] { make_qat(Cnn{.tensors = {kPicture}}, std::vector<Interval>(1), {}); }),
      QFS_CONTAINS("one interval per tensor"));
  QatCnn net = qat_of(cnn);
  QatCnnBuffers buffers;
  CHECK_THAT(message_of([&] {
               forward(net, make_tensor<float>({2, 63}), buffers);
             }),
             QFS_CONTAINS("does not fit"));
  CHECK_THAT(message_of([&] { grid_of(net, 1); }), QFS_CONTAINS("no layer writes"));
}

TEST_CASE("bits and granularity are those of the options; pixels and logits keep 8", "[hand]") {
  const QatCnn net =
      qat_of(small_net(true), {.quantizers = {.weight_bits = 3,
                                              .activation_bits = 5,
                                              .weights = WeightGranularity::per_channel,
                                              .scales = ScaleSource::frozen,
                                              .clip_mask = false}});
  for (const QatConv& conv : net.convs) {
    CHECK(conv.weight.range == signed_range(3));
    CHECK(conv.weight.params.size() == conv.real.outputs());
    CHECK(conv.output.range == unsigned_range(5));
    CHECK((!conv.weight.clip_mask && !conv.output.clip_mask));
    CHECK((conv.weight.source == ScaleSource::frozen && conv.output.source == ScaleSource::frozen));
  }
  for (const QatSum& sum : net.sums) CHECK(sum.output.range == unsigned_range(5));
  CHECK(net.linears[0].output.range == unsigned_range(8));
  CHECK(net.input.range == unsigned_range(8));
  CHECK(qat_of(small_net(true), {.quantizers = {}}).convs[1].weight.params.size() == 1);
  CHECK(QatCnnOptions{}.quantizers.weights == WeightGranularity::per_channel);
}

TEST_CASE("every tensor lies on its grid, and max_pool's is its input's", "[prop]") {
  for (bool residual : {false, true}) {
    QatCnn net = qat_of(small_net(residual));
    QatCnnBuffers buffers;
    forward(net, some_pictures(4), buffers);
    for (const QatLayer& layer : net.layers) {
      const FakeQuantizer& grid = grid_of(net, layer.output);
      if (layer.kind == LayerKind::max_pool)
        CHECK(grid.params == grid_of(net, layer.inputs[0]).params);
      std::size_t off = 0;
      for (float y : values(std::as_const(buffers.activations[layer.output])))
        off += dequantize_value(quantize_value(y, grid.params[0], grid.range), grid.params[0]) == y
                   ? 0
                   : 1;
      CHECK(off == 0);
    }
    CHECK(&grid_of(net, 0) == &net.input);
  }
}

TEST_CASE("with very many bits the passes are the float net's", "[prop]") {
  for (bool residual : {false, true})
    for (bool frozen : {false, true}) {
      Cnn cnn = small_net(residual, 5);
      const Matrix<float> x = some_pictures(6);
      CnnBuffers float_buffers;
      for (int i = 0; i < 60; ++i)  // running statistics like those of the batch
        if (residual) forward_training(cnn, x, float_buffers);
      const auto intervals = intervals_of(cnn, x);
      QatCnn net = make_qat(cnn, intervals, {.quantizers = {.scales = ScaleSource::frozen}});
      net.statistics = frozen ? NormStatistics::running : NormStatistics::batch;
      widen(net.input, intervals[0]);
      for (const QatLayer& layer : net.layers) {
        const Interval wide = {2 * intervals[layer.output].min - 1,
                               2 * intervals[layer.output].max + 1};
        if (layer.kind == LayerKind::conv2d) widen(net.convs[layer.index].output, wide);
        if (layer.kind == LayerKind::linear) widen(net.linears[layer.index].output, wide);
        if (layer.kind == LayerKind::add || layer.kind == LayerKind::average_pool)
          widen(net.sums[layer.index].output, wide);
      }
      const auto fine = [](FakeQuantizer& q, const Matrix<float>& weight) {
        q.range = {-32767, 32767};
        q.params = {{max_magnitude(values(weight)) / 32767.0F, 0}};
      };
      for (QatConv& conv : net.convs) fine(conv.weight, folded_weight(conv));
      for (QatLinear& linear : net.linears) fine(linear.weight, linear.real.weight);
      QatCnnBuffers buffers;
      const float loss = forward_backward(net, x, some_labels(), buffers);
      if (frozen && residual) {
        CHECK(difference(buffers.activations[net.layers.back().output], forward_ref(cnn, x),
                         5e-3) == "");
        continue;  // the float net has no backward pass by running statistics
      }
      CHECK(std::fabs(loss - forward_backward(cnn, x, some_labels(), float_buffers)) <= 1e-3F);
      std::vector<ParamView> ours = parameters(net), theirs = parameters(cnn);
      REQUIRE(ours.size() == theirs.size());
      for (const ParamView& expected : theirs) {
        INFO(expected.name << (residual ? ", residual" : ""));
        const auto found = std::ranges::find(ours, expected.name, &ParamView::name);
        REQUIRE(found != ours.end());
        double dot = 0.0, a2 = 0.0, b2 = 0.0;
        for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
          const double a = expected.gradients[i], b = found->gradients[i];
          dot += a * b, a2 += a * a, b2 += b * b;
        }
        CHECK(dot / std::sqrt(a2 * b2) > 0.999);
        CHECK(std::fabs(std::sqrt(b2 / a2) - 1.0) < 0.02);
      }
    }
}

TEST_CASE("parameters: what Adam moves, in this order", "[hand]") {
  QatCnn small = qat_of(small_net(false)), residual = qat_of(small_net(true));
  const auto names = [](QatCnn& net) {
    std::string all;
    for (const ParamView& param : parameters(net)) all += param.name + " ";
    return all;
  };
  CHECK(names(small) == "conv1_weight conv1_bias conv2_weight conv2_bias fc1_weight fc1_bias ");
  // 9 convolutions with weight, gamma and beta, layer by layer; a Linear
  std::string expected;
  for (const std::string i : {"1", "2", "3", "4", "5", "6", "7", "8", "9"})
    expected += "conv" + i + "_weight norm" + i + "_gamma norm" + i + "_beta ";
  CHECK(names(residual) == expected + "fc1_weight fc1_bias ");
  for (const ParamView& param : parameters(residual))
    CHECK((param.values.size() == param.gradients.size() && !param.values.empty()));
  // They are the real weights, not the fake-quantized copies.
  const std::vector<ParamView> params = parameters(residual);
  CHECK(params[0].values.data() == residual.convs[0].real.weight.data());
  CHECK(params[0].gradients.data() == residual.convs[0].real.weight_gradient.data());
  CHECK(params[1].values.data() == residual.convs[0].norm->gamma.data());
  CHECK(params[28].values.data() == residual.linears[0].real.bias.data());
}

TEST_CASE("after n epochs observers stop, after m batch norm's statistics", "[prop]") {
  const TrainDigits digits = easy_digits();
  Cnn cnn = small_net(true);
  const auto intervals = intervals_of(cnn, normalized(digits.pixels, 0, digits.size()));
  const auto trained = [&](std::optional<int> observe, std::optional<int> norm, int epochs) {
    const QatCnnOptions options = {.quantizers = {.observe_epochs = observe}, .norm_epochs = norm};
    QatCnn net = make_qat(cnn, intervals, options);
    Rng rng(1);
    train_qat(net, digits, options, {.epochs = epochs, .adam = {.learning_rate = 1e-3}}, rng);
    return net;
  };
  const auto scale = [](const QatCnn& net) { return net.convs[4].output.params[0].scale; };
  const auto mean = [](const QatCnn& net) { return net.convs[4].norm->running_mean; };
  const QatCnn one = trained({}, {}, 1), two = trained({}, {}, 2);
  CHECK((scale(one) != scale(two) && mean(one) != mean(two)));
  const QatCnn stopped = trained(1, 1, 2);
  CHECK(scale(stopped) == scale(one));
  CHECK((mean(stopped) == mean(one)));
  CHECK((stopped.convs[4].real.weight != one.convs[4].real.weight));  // the weights go on
  const QatCnn norm_alone = trained({}, 1, 2);
  CHECK((scale(norm_alone) != scale(one) && mean(norm_alone) == mean(one)));
  const QatCnn never = trained(0, 0, 2);
  CHECK((mean(never) == cnn.norms[4].running_mean));
  CHECK(scale(never) == make_qat(cnn, intervals, {}).convs[4].output.params[0].scale);
}

TEST_CASE("training lowers the loss; settled, the net is that of its last step", "[prop]") {
  const TrainDigits digits = easy_digits();
  for (bool residual : {false, true})
    for (int bits : {8, 4}) {
      const Cnn cnn = small_net(residual);
      const QatCnnOptions options = {.quantizers = {.weight_bits = bits,
                                                    .activation_bits = bits,
                                                    .weights = WeightGranularity::per_channel}};
      const Matrix<float> x = normalized(digits.pixels, 0, digits.size());
      QatCnn net = make_qat(cnn, intervals_of(cnn, x), options);
      Rng rng(1);
      const auto history =
          train_qat(net, digits, options, {.epochs = 4, .adam = {.learning_rate = 3e-3}}, rng);
      CHECK(history.back().loss < 0.9 * history.front().loss);
      CHECK((!net.observing && net.statistics == NormStatistics::running));
      for (const QatConv& conv : net.convs) {
        const Matrix<float> folded = folded_weight(conv);
        const float half_steps = static_cast<float>((1 << bits) - 1) / 2.0F;
        for (std::size_t n = 0; n < folded.shape(0); ++n)
          CHECK(conv.weight.params[n].scale == max_magnitude(row(folded, n)) / half_steps);
      }
      // Nothing moves any more.
      QatCnnBuffers buffers;
      const Matrix<float> once = forward(net, x, buffers);
      CHECK(difference(forward(net, x, buffers), once) == "");
    }
}

TEST_CASE("settled after its observers have stopped, a net keeps its scales", "[prop]") {
  QatCnn net = qat_of(small_net(true));
  net.observing = false;
  const auto before = net.convs[2].weight.params, linear = net.linears[0].weight.params;
  for (float& w : values(net.convs[2].real.weight)) w *= 2.0F;
  for (float& w : values(net.linears[0].real.weight)) w *= 2.0F;
  settle(net);
  CHECK(net.convs[2].weight.params == before);
  CHECK(net.linears[0].weight.params == linear);
}
