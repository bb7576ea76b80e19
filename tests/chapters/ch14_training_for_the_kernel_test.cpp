// Chapter 14: training with the bound, and what it is for: sums in 16 bits that are exact.
#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "04_mnist_mlp/evaluate.hpp"
#include "09_qat/convert.hpp"
#include "10_kernel_ladder/saturation.hpp"
#include "14_training_for_the_kernel/bounded_train.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/intervals.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/qat_nets.hpp"
#include "tests/support/quantized_nets.hpp"

namespace {

using namespace qfs;
using namespace qfs::test;

// 100 digits of 20 x 20 pixels, a class to every two rows.
TrainDigits large_digits() {
  TrainDigits digits{
      .pixels = make_tensor<std::uint8_t>({100, 400}), .labels = {}, .rows = 20, .cols = 20};
  Rng rng(14);
  for (std::size_t i = 0; i < 100; ++i) {
    const std::size_t label = i % 10;
    for (std::size_t k = 0; k < 400; ++k)
      digits.pixels(i, k) =
          static_cast<std::uint8_t>(k / 40 == label ? 100 + rng.below(156) : rng.below(60));
    digits.labels.push_back(static_cast<std::uint8_t>(label));
  }
  return digits;
}

// A bell with long tails: of 16 weights a few are most of the sum, so that lanes are over their
// bound at any depth.
Mlp mlp_with_tails(std::uint64_t seed) {
  Rng rng(seed);
  Mlp mlp = make_mlp(std::array<std::size_t, 3>{400, 24, 10}, rng);
  for (Linear& layer : mlp.layers)
    for (float& w : values(layer.weight)) {
      const double n = rng.normal();
      w = static_cast<float>(0.01 * n * n * n * n * n);
    }
  return mlp;
}

ActivationIntervals intervals_for(const Mlp& mlp, const TrainDigits& digits) {
  return intervals_of(mlp, normalized(digits.pixels, 0, digits.size()), OutputPoint::after_relu);
}

QatMlp bounded_net(const TrainDigits& digits, const LaneBound& bound, std::uint64_t seed) {
  const Mlp mlp = mlp_with_tails(seed);
  return make_bounded(mlp, intervals_for(mlp, digits), bound);
}

QatMlp trained_net(const TrainDigits& digits, const LaneBound& bound, std::uint64_t seed,
                   int epochs = 2) {
  QatMlp net = bounded_net(digits, bound, seed);
  Rng rng(seed);
  train_bounded(net, digits, bound, {.epochs = epochs, .adam = {.learning_rate = 1e-3}}, rng);
  return net;
}

// Mean |w| over a matrix whose sums are exact, times the weights a lane of a row has on average, of
// which either sign has half, over C.
float scale_of_average_lane(const Linear& layer, const LaneBound& bound) {
  double sum = 0.0;
  for (float w : values(layer.weight)) sum += std::fabs(static_cast<double>(w));
  std::size_t lanes = 0;
  const std::size_t steps = bound.products / 2, K = layer.inputs();
  for (std::size_t k = 0; k < K; k += 2)  // a lane begins with the first step of its group
    lanes += k / 4 % steps == 0 ? 2 : 0;
  return static_cast<float>(sum / static_cast<double>(lanes * layer.outputs()) /
                            (bound.x_max == 127 ? 258 : 128));
}

// vpmaddubsw and vpaddw: two lanes of 16 bits, `products` to a lane before both are added to 32
// bits. Pairs saturate, sums wrap.
std::int32_t sum_in_16_bits(std::span<const std::uint8_t> x, std::span<const std::int8_t> w,
                            std::size_t products) {
  std::int32_t sum = 0;
  std::uint16_t lanes[2] = {};
  const auto widen = [&] {
    for (std::uint16_t& lane : lanes) {
      sum += static_cast<std::int16_t>(lane);
      lane = 0;
    }
  };
  for (std::size_t k = 0; k < w.size(); k += 2) {
    if (k > 0 && k % 4 == 0 && k / 4 % (products / 2) == 0) widen();
    const bool pair = k + 1 < w.size();
    const auto product = static_cast<std::uint16_t>(
        add_pair(x[k], w[k], pair ? x[k + 1] : std::uint8_t{0}, pair ? w[k + 1] : std::int8_t{0}));
    std::uint16_t& lane = lanes[k / 2 % 2];
    lane = static_cast<std::uint16_t>(lane + product);
  }
  widen();
  return sum;
}

std::int32_t exact_sum(std::span<const std::uint8_t> x, std::span<const std::int8_t> w) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < w.size(); ++k) sum += x[k] * w[k];
  return sum;
}

// Of all outputs of a net, for the inputs that make a sum largest and smallest, and random ones:
// how many sums in 16 bits are wrong.
std::size_t wrong_sums(const QuantizedNet& net, const LaneBound& bound, Rng& rng) {
  const auto x_max = static_cast<std::uint8_t>(bound.x_max);
  std::size_t wrong = 0;
  for (const Weights& weights : net.weights)
    for (std::size_t n = 0; n < weights.weight.outputs(); ++n) {
      const auto w = row(weights.weight.q, n);
      std::vector<std::uint8_t> x(w.size());
      for (int trial = 0; trial < 12; ++trial) {
        for (std::size_t k = 0; k < w.size(); ++k) {
          const bool positive = w[k] > 0;
          if (trial < 2)
            x[k] = positive == (trial == 0) ? x_max : std::uint8_t{0};
          else
            x[k] = static_cast<std::uint8_t>(rng.below(std::uint64_t{x_max} + 1));
        }
        wrong += sum_in_16_bits(x, w, bound.products) != exact_sum(x, w) ? 1 : 0;
      }
    }
  return wrong;
}

// Of all layers, after a projection and one step of Adam: of at most 0.1 / sqrt(0.001) < 3.2 rates
// in every weight of a lane. Projected weights are float32, rounded by 2^-24 of themselves.
std::size_t lanes_over(const QatMlp& net, const LaneBound& bound, double rate) {
  std::size_t over = 0;
  for (const QatLinear& layer : net.layers) {
    const double most = lane_capacity(bound.x_max) *
                        static_cast<double>(layer.weight.params[0].scale) * (1.0 + 0x1p-22);
    for (std::size_t n = 0; n < layer.real.outputs(); ++n)
      for_each_lane(layer.real.inputs(), bound.products, [&](std::span<const std::size_t> lane) {
        double positive = 0.0, negative = 0.0;
        for (std::size_t k : lane) {
          const auto w = static_cast<double>(layer.real.weight(n, k));
          (w > 0.0 ? positive : negative) += w;
        }
        const double limit = most + 3.2 * rate * static_cast<double>(lane.size());
        over += positive > limit || -negative > limit ? 1 : 0;
      });
  }
  return over;
}

constexpr std::size_t kDepths[] = {16, 32, kThroughout};

}  // namespace

// The net is trained on training digits, and on no others.
static_assert(!std::is_invocable_v<decltype(train_bounded), QatMlp&, const TestDigits&,
                                   const LaneBound&, TrainOptions, Rng&>);

TEST_CASE("a bounded net has inputs to x_max, and logits of 8 bits", "[hand]") {
  const Mlp mlp = random_mlp(kSeed);
  const ActivationIntervals intervals =
      intervals_of(mlp, random_input(kSeed, 40, 23), OutputPoint::after_relu);
  for (std::int32_t x_max : {127, 255}) {
    const QuantRange inputs{0, x_max};
    const QatMlp net = make_bounded(mlp, intervals, {16, x_max});
    CHECK(net.input.range == inputs);
    REQUIRE(net.input.params.size() == 1);
    CHECK(net.input.params[0] == choose_qparams(intervals.input.min, intervals.input.max, inputs));
    REQUIRE(net.layers.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      const QatLinear& layer = net.layers[i];
      CHECK(layer.weight.range == QuantRange{-128, 127});
      CHECK(layer.weight.source == ScaleSource::learned);
      CHECK(layer.output.range == (i < 2 ? inputs : QuantRange{0, 255}));
    }
    // Every layer's inputs, as the integers have them.
    const QuantizedNet integers = convert(net);
    for (const OperationParts& layer : layers_of(integers)) CHECK(layer.input.range.qmax <= x_max);
  }
}

TEST_CASE("a bounded net starts from scales at which an average lane fits", "[prop]") {
  Rng rng(1411);
  Mlp mlp = make_mlp(std::array<std::size_t, 3>{398, 22, 10}, rng);
  for (Linear& layer : mlp.layers)
    for (float& w : values(layer.weight))  // multiples of 1/256, whose sums are exact
      w = (static_cast<float>(rng.below(257)) - 128.0F) / 256.0F;
  const ActivationIntervals intervals =
      intervals_of(mlp, random_input(1, 10, 398), OutputPoint::after_relu);
  std::size_t full = 0, lsq = 0;
  for (std::size_t products : {std::size_t{2}, std::size_t{16}, kThroughout})
    for (std::int32_t x_max : {127, 255}) {
      const LaneBound bound{products, x_max};
      const QatMlp net = make_bounded(mlp, intervals, bound);
      for (std::size_t i = 0; i < 2; ++i) {
        const float of_lanes = scale_of_average_lane(mlp.layers[i], bound);
        const float of_lsq = lsq_initial_scale(values(mlp.layers[i].weight), signed_range(8));
        (of_lanes > of_lsq ? full : lsq) += 1;
        const FakeQuantizer& weight = net.layers[i].weight;
        REQUIRE(weight.params.size() == 1);
        CHECK(weight.params[0] == QuantParams{std::max(of_lanes, of_lsq), 0});
        CHECK(weight.learned.initial == std::vector<float>{weight.params[0].scale});
        CHECK(weight.learned.ratio == std::vector<float>{1.0F});
      }
    }
  CHECK((full > 0 && lsq > 0));
}

TEST_CASE("bounds that no kernel has are refused", "[hand]") {
  const Mlp mlp = random_mlp(kSeed);
  const ActivationIntervals intervals =
      intervals_of(mlp, random_input(kSeed, 40, 23), OutputPoint::after_relu);
  const auto message = [&](const LaneBound& bound) {
    return message_of([&] { make_bounded(mlp, intervals, bound); });
  };
  for (std::int32_t x_max : {0, 1, 100, 126, 128, 254, 256, -127})
    CHECK_THAT(message({16, x_max}), QFS_CONTAINS("inputs have 7 bits or 8"));
  for (std::size_t products :
       {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{17}, kThroughout + 1})
    CHECK_THAT(message({products, 127}), QFS_CONTAINS("a lane gets its products in pairs"));
  for (std::size_t products : {std::size_t{2}, std::size_t{6}, kThroughout})
    CHECK(message({products, 255}) == "no error");
}

TEST_CASE("after training all lanes fit, for every depth and seed", "[prop]") {
  const TrainDigits digits = large_digits();
  for (std::size_t products : kDepths)
    for (std::int32_t x_max : {127, 255})
      for (std::uint64_t seed = 1; seed <= (x_max == 127 ? 5U : 2U); ++seed) {
        const LaneBound bound{products, x_max};
        INFO("products = " << products << ", x_max = " << x_max << ", seed " << seed);
        QatMlp net = bounded_net(digits, bound, seed);
        CHECK_FALSE(fits_lanes(convert(net), bound));  // or there is nothing to do
        Rng rng(seed);
        const auto history =
            train_bounded(net, digits, bound, {.epochs = 3, .adam = {.learning_rate = 1e-3}}, rng);
        CHECK(history.size() == 3);
        CHECK(history.back().loss < history.front().loss);
        CHECK_FALSE(net.observing);
        const QuantizedNet integers = convert(net);
        CHECK(fits_lanes(integers, bound));
        for (const Weights& weights : integers.weights)
          for (std::size_t n = 0; n < weights.weight.outputs(); ++n)
            CHECK(fits_lanes(row(weights.weight.q, n), bound));
        // The weights lie on the grid of the scale that Adam left.
        for (std::size_t i = 0; i < net.layers.size(); ++i) {
          const float scale = net.layers[i].weight.learned.scale(0);
          CHECK(net.layers[i].weight.params[0].scale == scale);
          std::size_t off = 0;
          for (std::size_t j = 0; j < net.layers[i].real.weight.size(); ++j)
            off += values(net.layers[i].real.weight)[j] !=
                           scale * static_cast<float>(values(integers.weights[i].weight.q)[j])
                       ? 1
                       : 0;
          CHECK(off == 0);
        }
      }
}

TEST_CASE("more epochs, and a second training, end within the bound too", "[prop]") {
  const TrainDigits digits = large_digits();
  for (std::size_t products : kDepths) {
    const LaneBound bound{products, 127};
    QatMlp net = trained_net(digits, bound, 1, 20);
    CHECK(fits_lanes(convert(net), bound));
    const std::vector<QuantParams> logits = net.layers.back().output.params;
    Rng rng(2);
    train_bounded(net, digits, bound, {.epochs = 1, .adam = {.learning_rate = 1e-2}}, rng);
    CHECK(fits_lanes(convert(net), bound));
    CHECK(net.layers.back().output.params != logits);  // they are observed again
  }
}

TEST_CASE("a bounded net learns", "[prop]") {
  const TrainDigits digits = large_digits();
  for (std::size_t products : kDepths) {
    const QatMlp net = trained_net(digits, {products, 127}, 1, 20);
    // Guessing has 10 of 100 right.
    CHECK(count_correct(classify_u8(pack(convert(net)), digits.pixels), digits.labels) >= 80);
  }
}

TEST_CASE("the weights are within the bound before every pass, not at the end alone", "[prop]") {
  const TrainDigits digits = large_digits();
  const LaneBound bound{kThroughout, 127};
  const double rate = 1e-4;
  QatMlp net = bounded_net(digits, bound, 1);
  CHECK(lanes_over(net, bound, rate) > 10);
  std::vector<std::size_t> after_epoch;
  Rng rng(1);
  train_bounded(
      net, digits, bound,
      {.epochs = 3,
       .adam = {.learning_rate = rate},
       .after_epoch =
           [&](const EpochResult&) { after_epoch.push_back(lanes_over(net, bound, rate)); }},
      rng);
  CHECK(after_epoch == std::vector<std::size_t>{0, 0, 0});
}

TEST_CASE("a pass has its weights within the bound of its own scale", "[prop]") {
  // Half as coarse as the net says that it is: the first pass brings the scale up to date.
  const TrainDigits digits = large_digits();
  const LaneBound bound{kThroughout, 127};
  const double rate = 1e-9;
  QatMlp net = bounded_net(digits, bound, 1);
  for (QatLinear& layer : net.layers) layer.weight.learned.ratio[0] = 0.5F;
  std::size_t after_pass = 1;
  Rng rng(1);
  train_bounded(
      net, digits, bound,
      {.epochs = 1,
       .batch_size = digits.size(),
       .adam = {.learning_rate = rate},
       .after_epoch = [&](const EpochResult&) { after_pass = lanes_over(net, bound, rate); }},
      rng);
  CHECK(after_pass == 0);
}

TEST_CASE("after the last step: the nearest weights that fit, then their integers", "[prop]") {
  const TrainDigits digits = large_digits();
  const LaneBound bound{kThroughout, 127};
  QatMlp net = bounded_net(digits, bound, 1), last = net;
  Rng rng(1);
  train_bounded(net, digits, bound,
                {.epochs = 2,
                 .adam = {.learning_rate = 1e-2},
                 .after_epoch = [&](const EpochResult&) { last = net; }},
                rng);
  std::size_t different = 0, without_projection = 0;
  for (std::size_t i = 0; i < net.layers.size(); ++i)
    for (std::size_t n = 0; n < net.layers[i].real.outputs(); ++n) {
      const float scale = last.layers[i].weight.learned.scale(0);
      const auto reals = row(last.layers[i].real.weight, n),
                 ended = row(net.layers[i].real.weight, n);
      std::vector<float> fitted(reals.begin(), reals.end()), expected = fitted;
      fit_row(fitted, scale, signed_range(8), bound);
      project_row(expected, scale, bound);
      fit_row(expected, scale, signed_range(8), bound);
      different += std::ranges::equal(ended, expected) ? 0 : 1;
      without_projection += fitted != expected ? 1 : 0;
    }
  CHECK(different == 0);
  CHECK(without_projection > 0);  // or it made no difference
}

TEST_CASE("one seed, one net; another seed, another", "[prop]") {
  const TrainDigits digits = large_digits();
  const LaneBound bound{16, 127};
  const auto trained = [&](std::uint64_t seed) {
    QatMlp net = bounded_net(digits, bound, 1);
    Rng rng(seed);
    train_bounded(net, digits, bound, {.epochs = 2, .adam = {.learning_rate = 1e-3}}, rng);
    return net;
  };
  const QatMlp a = trained(1), b = trained(1), c = trained(2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK((a.layers[i].real.weight == b.layers[i].real.weight));
    CHECK((a.layers[i].real.bias == b.layers[i].real.bias));
    CHECK(a.layers[i].weight.params == b.layers[i].weight.params);
    CHECK((a.layers[i].real.weight != c.layers[i].real.weight));
  }
}

TEST_CASE("lanes that never fill change nothing: it is chapter 09's training, rounded", "[prop]") {
  const TrainDigits digits = easy_digits();
  const QatOptions options = {.activation_bits = 8, .scales = ScaleSource::learned};
  QatMlp plain = easy_net(digits, options), bounded = plain;
  const LaneBound bound{2, 127};  // 258: no two weights reach it
  const TrainOptions training{.epochs = 3, .adam = {.learning_rate = 1e-3}};
  Rng rng_plain(1), rng_bounded(1);
  train_qat(plain, digits, options, training, rng_plain);
  train_bounded(bounded, digits, bound, training, rng_bounded);
  REQUIRE(fits_lanes(convert(plain), bound));
  CHECK(net_difference(convert(plain), convert(bounded)) == "");
}

TEST_CASE("a bounded training that diverges is an Error", "[prop]") {
  const TrainDigits digits = large_digits();
  for (double rate : {1e30, 1e39}) {
    QatMlp net = bounded_net(digits, {16, 127}, 1);
    Rng rng(1);
    CHECK_THROWS_AS(
        train_bounded(net, digits, {16, 127}, {.epochs = 3, .adam = {.learning_rate = rate}}, rng),
        Error);
  }
  QatMlp net = bounded_net(digits, {16, 127}, 1);
  net.layers[0].real.weight(3, 5) = NAN;
  Rng rng(1);
  CHECK_THROWS_AS(train_bounded(net, digits, {16, 127}, {.epochs = 1}, rng), Error);
}

TEST_CASE("sums in 16-bit lanes are exact, for the worst inputs and any", "[prop][isa]") {
  const TrainDigits digits = large_digits();
  for (std::size_t products : kDepths)
    for (std::int32_t x_max : {127, 255}) {
      const LaneBound bound{products, x_max};
      INFO("products = " << products << ", x_max = " << x_max);
      Rng rng(1412);
      // Before training they are not, or this test could not fail.
      CHECK(wrong_sums(convert(bounded_net(digits, bound, 1)), bound, rng) > 0);
      CHECK(wrong_sums(convert(trained_net(digits, bound, 1)), bound, rng) == 0);
    }
}
