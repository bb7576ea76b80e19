// Chapter 09: training with quantization, and the trained net in integers.
#include <cmath>
#include <optional>
#include <type_traits>

#include "07_layer_fusion/fuse.hpp"
#include "common/npy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/intervals.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/qat_nets.hpp"
#include "tests/support/quantized_nets.hpp"
#include "tests/support/run_program.hpp"

namespace {

using namespace qfs;
using namespace qfs::test;

// One layer, one weight: x on the grid 0, 1, ..., 255, w = s_w, the output on the same grid as x.
QatMlp one_weight(float s_w, float bias) {
  Rng rng(1);
  Mlp mlp = make_mlp(std::array<std::size_t, 2>{1, 1}, rng);
  mlp.layers[0].weight(0, 0) = s_w;
  mlp.layers[0].bias(0) = bias;
  QatMlp net = make_qat(mlp, {{0, 255}, {{0, 255}}}, {.scales = ScaleSource::frozen});
  net.input.params = net.layers[0].output.params = {{1.0F, 0}};
  net.layers[0].weight.params = {{s_w, 0}};
  return net;
}

Matrix<float> one_column(std::initializer_list<float> numbers) {
  auto x = make_tensor<float>({numbers.size(), 1});
  std::ranges::copy(numbers, values(x).begin());
  return x;
}

// The first layer of a float graph against integers, by both users of compare(): chapter 09's
// graph, and chapter 06's simulation with the graph's weight scale and bias. The net has one weight
// scale.
std::vector<Agreement> both_users(const QatMlp& graph, const QuantizedNet& integers,
                                  const Matrix<float>& x, BiasRounding bias) {
  NetBuffers buffers;
  run(pack(integers), x, buffers);
  QuantizedNet simulated = integers;
  simulated.weights[0].weight.scale(0) = graph.layers[0].weight.params[0].scale;
  const OperationParts layer = layers_of(integers)[0];
  const Matrix<std::uint8_t>&q_x = buffers.u8[layer.operation.inputs[0]],
        &q_y = buffers.u8[layer.operation.output];
  const Matrix<float> y =
      simulate(layers_of(simulated)[0], q_x, bias, values(graph.layers[0].real.bias));
  return {compare_graphs(graph, integers, x, bias)[0], compare(layer, y, q_x, q_y, bias)};
}

}  // namespace

// Training is handed training digits: a QAT whose observers saw test digits does not compile.
static_assert(std::is_invocable_v<decltype(train_qat), QatMlp&, const TrainDigits&,
                                  const QatOptions&, TrainOptions, Rng&>);
static_assert(!std::is_invocable_v<decltype(train_qat), QatMlp&, const TestDigits&,
                                   const QatOptions&, TrainOptions, Rng&>);

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
  const auto scale_after = [&](std::optional<int> observe_epochs, int epochs) {
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
  CHECK(scale_after(1, 1).second == scale_after(1, 2).second);
  CHECK(scale_after(1, 2).second == scale_after(1, 4).second);
  CHECK(scale_after(1, 2).second != start);
  // Empty: they never stop.
  CHECK(scale_after({}, 2).second != scale_after({}, 4).second);
  CHECK(scale_after({}, 4).second == scale_after(5, 4).second);
}

TEST_CASE("the caller's after_epoch is called, after every epoch", "[hand]") {
  const TrainDigits digits = easy_digits();
  const QatOptions options = {.observe_epochs = 2};
  QatMlp net = easy_net(digits, options);
  Rng rng(1);
  std::vector<int> epochs;
  std::vector<bool> observing;  // in the next epoch
  const auto look = [&](const EpochResult& result) {
    epochs.push_back(result.epoch);
    observing.push_back(net.observing);
  };
  train_qat(net, digits, options, {.epochs = 3, .after_epoch = look}, rng);
  CHECK(epochs == std::vector<int>{1, 2, 3});
  CHECK(observing == std::vector<bool>{true, false, false});
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

TEST_CASE("the integers of the input keep the range of their quantizer", "[hand]") {
  QatMlp net = random_qat({});
  net.input.range = {0, 127};
  net.input.params = {choose_qparams(-1.0F, 1.0F, net.input.range)};
  CHECK(convert(net).tensors[1].range == net.input.range);
}

TEST_CASE("never trained, the converted net is chapter 07's", "[prop]") {
  const Mlp mlp = random_mlp(kSeed);
  const ActivationIntervals intervals =
      intervals_of(mlp, random_input(kSeed, 40, 23), OutputPoint::after_relu);
  for (auto granularity : kGranularities) {
    const QuantizedNet expected =
        quantize_fused_mlp(mlp, intervals, {unsigned_range(8), granularity});
    const QuantizedNet got = convert(make_qat(mlp, intervals, {.weights = granularity}));
    CHECK(lines_of(got) == std::vector<std::string>{"quantize 0 -> 1", "linear 1 -> 2",
                                                    "linear 2 -> 3", "linear 3 -> 4",
                                                    "dequantize 4 -> 5"});
    CHECK(net_difference(got, expected) == "");
    const auto a = layers_of(got), b = layers_of(expected);
    for (std::size_t i = 0; i < 3; ++i)
      CHECK((make_to_u8(a[i]).multiplier == make_to_u8(b[i]).multiplier));
  }
}

TEST_CASE("low bits stay in their range, in s8 and u8", "[prop]") {
  for (int bits : {4, 3, 2}) {
    const QuantizedNet net = convert(random_qat({bits, bits}));
    const std::vector<Matrix<std::uint8_t>> outputs = layer_outputs(net, random_input(5, 60, 23));
    const std::vector<OperationParts> layers = layers_of(net);
    REQUIRE((layers.size() == 3 && outputs.size() == 3));
    for (std::size_t i = 0; i < 3; ++i) {
      const auto [low, high] = std::ranges::minmax(values(layers[i].weights->weight.q));
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
  const QuantizedNet integers = convert(net);
  const std::vector<OperationParts> layers = layers_of(integers);
  CHECK(layers[0].output.range == QuantRange{20, 255});
  CHECK(layers[1].input.range == QuantRange{20, 255});
  CHECK(layers[2].output.range == QuantRange{0, 255});
}

TEST_CASE("a layer has the ReLU that it was trained with", "[hand]") {
  QatMlp net = random_qat({});
  net.layers[0].output.params[0].zero_point = 20;
  net.layers[0].relu = false;
  net.layers[2].output.params[0].zero_point = 30;
  net.layers[2].relu = true;
  const QuantizedNet integers = convert(net);
  const std::vector<OperationParts> layers = layers_of(integers);
  CHECK(layers[0].output.range == QuantRange{0, 255});
  CHECK(layers[2].output.range == QuantRange{30, 255});
  CHECK(lines_of(integers) == lines_of(convert(random_qat({}))));
  const auto outputs = layer_outputs(integers, random_input(5, 60, 23));
  CHECK(std::ranges::min(values(outputs[0])) < 20);
  CHECK(std::ranges::min(values(outputs[2])) == 30);
}

TEST_CASE("the float graph and the integers differ at ties alone", "[prop]") {
  for (int bits : {8, 4, 2})
    for (auto granularity : kGranularities)
      for (BiasRounding bias : {BiasRounding::none, BiasRounding::as_integers}) {
        const QatMlp net = random_qat({bits, bits, granularity});
        const QuantizedNet integers = convert(net);
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
  QuantizedNet wrong_bias = convert(net);
  for (std::int32_t& b : values(wrong_bias.weights[1].bias)) b += 40;
  const auto a = compare_graphs(net, wrong_bias, x, BiasRounding::none);
  CHECK(a[1].explained < a[1].differ);
  QatMlp stale = net;  // the float graph with another weight scale than the converted net
  stale.layers[1].weight.params[0].scale *= 1.05F;
  const auto b = compare_graphs(stale, convert(net), x, BiasRounding::as_integers);
  CHECK(b[1].explained < b[1].differ);
}

TEST_CASE("chapter 06's simulation and the integers differ at ties alone, too", "[prop]") {
  for (int bits : {8, 4, 2})
    for (auto granularity : kGranularities)
      for (BiasRounding bias : {BiasRounding::none, BiasRounding::as_integers}) {
        const QatMlp net = random_qat({bits, bits, granularity});
        const QuantizedNet integers = convert(net);
        NetBuffers buffers;
        run(pack(integers), random_input(8, 300, 23), buffers);
        const std::vector<OperationParts> layers = layers_of(integers);
        for (std::size_t i = 0; i < layers.size(); ++i) {
          const Operation& operation = layers[i].operation;
          const Matrix<std::uint8_t>& q_x = buffers.u8[operation.inputs[0]];
          const Matrix<float> y = simulate(layers[i], q_x, bias, values(net.layers[i].real.bias));
          const Agreement layer = compare(layers[i], y, q_x, buffers.u8[operation.output], bias);
          CHECK(layer.outputs == 300 * layers[i].output.size());
          CHECK(layer.explained == layer.differ);
          if (bias == BiasRounding::as_integers) CHECK(layer.differ * 1000 <= layer.outputs);
        }
      }
}

TEST_CASE("an unrounded bias reaches half a step of the sum from a tie, and no further", "[hand]") {
  // s_x s_w / s_y = 3/16, so (6.9) and (9.8) allow 1.5/16. The integers, bias 0: 2, 3, 4 and 8
  // times 3/16 are 6/16, 9/16, 12/16 and 24/16, which round to 0, 1, 1 and 2. Ties are at 8/16 and
  // 24/16.
  const Matrix<float> x = one_column({2, 3, 4, 8});
  QatMlp net = one_weight(3.0F / 16.0F, -1.25F / 16.0F);
  const QuantizedNet integers = convert(net);
  REQUIRE(integers.weights[0].bias(0) == 0);
  // In float, 1.25/16 less: 4.75/16, 7.75/16, 10.75/16 and 22.75/16. The second is 0 now, 1/16 from
  // its tie, and the last 1, on it.
  for (const Agreement& near : both_users(net, integers, x, BiasRounding::none)) {
    CHECK(near.outputs == 4);
    CHECK(near.differ == 2);
    CHECK(near.explained == 2);
    CHECK(near.farthest == 1.0 / 16.0);
  }
  // 2.5/16 more: 8.5/16, 11.5/16, 14.5/16 and 26.5/16. The first is 1 now, 2/16 from its tie.
  net.layers[0].real.bias(0) = 2.5F / 16.0F;
  for (const Agreement& far : both_users(net, integers, x, BiasRounding::none)) {
    CHECK(far.differ == 1);
    CHECK(far.explained == 0);
    CHECK(far.farthest == 2.0 / 16.0);
  }
  for (const Agreement& equal : both_users(net, integers, x, BiasRounding::as_integers))
    CHECK(equal.differ == 0);
}

TEST_CASE("float32 reaches as many roundings from a tie as are derived, and no further", "[hand]") {
  // u = 2^-24. With K = 1 and no bias (6.9) and (9.8) allow (1 + 4) u + 8 u = 13 u of the result,
  // here 127.5 steps and a little: s_w = 0.5 (1 + 12 u) lies within, 0.5 (1 + 14 u), the next
  // float32, without. The float graph is given a scale 40 u smaller than the integers', and is
  // beyond the tie.
  for (const int roundings : {12, 14}) {
    const double u = 0x1p-24;
    const auto s_w = static_cast<float>(0.5 * (1.0 + roundings * u));
    QatMlp net = one_weight(s_w, 0.0F);
    const QuantizedNet integers = convert(net);
    net.layers[0].weight.params = {{static_cast<float>(0.5 * (1.0 + (roundings - 40) * u)), 0}};
    INFO(roundings << " roundings");
    for (const Agreement& agreement :
         both_users(net, integers, one_column({255}), BiasRounding::as_integers)) {
      CHECK(agreement.differ == 1);
      CHECK(agreement.explained == (roundings <= 13 ? 1 : 0));
      CHECK(agreement.farthest == 127.5 * roundings * u);
    }
  }
}

TEST_CASE("the float graph on its own gives the integers' classes", "[prop]") {
  const TrainDigits digits = easy_digits();
  const QatOptions options = {.scales = ScaleSource::learned};
  QatMlp net = easy_net(digits, options);
  Rng rng(1);
  train_qat(net, digits, options, {.epochs = 5, .adam = {.learning_rate = 3e-3}}, rng);
  const QuantizedNet integers = convert(net);
  CHECK(classify_fake(net, integers, digits.pixels, BiasRounding::as_integers) ==
        classify_u8(pack(integers), digits.pixels));
}

TEST_CASE("the float graph rounds its input, and its bias where it is asked to", "[hand]") {
  // Black is -0.42, below the input's range: 0. The bias 0.0004 is 4 steps of the output, but 0.4
  // steps of the sum, s_x s_w = 0.001, so that in integers it is 0 and the first of equal logits
  // counts. The float input would give class 0 by 0.42.
  QatLinear layer;
  layer.real = {.weight = {{-1.0F}, {0.0F}},
                .bias = {0.0F, 0.0004F},
                .weight_gradient = make_tensor<float>({2, 1}),
                .bias_gradient = make_tensor<float>({2})};
  layer.weight = {.range = signed_range(8), .params = {{0.01F, 0}}};
  layer.output = {.range = unsigned_range(8), .params = {{0.0001F, 0}}};
  layer.relu = false;
  const QatMlp net{.input = {.range = unsigned_range(8), .params = {{0.1F, 0}}}, .layers = {layer}};
  const Matrix<std::uint8_t> black = {{0}};
  const auto class_by = [&](BiasRounding bias) {
    return classify_fake(net, convert(net), black, bias)[0];
  };
  CHECK(class_by(BiasRounding::none) == 1);
  CHECK(class_by(BiasRounding::as_integers) == 0);
}

TEST_CASE("the float graph's hidden layers pass their ReLU", "[prop]") {
  const QatMlp net = random_qat({});
  const QuantizedNet integers = convert(net);
  const Matrix<float> x = random_input(8, 50, 23);
  for (bool relu : {true, false}) {
    QatLinear layer = net.layers[0];
    layer.relu = relu;
    const Matrix<float> y = fake_forward_ref(layer, layers_of(integers)[0], x, BiasRounding::none);
    CHECK((std::ranges::min(values(y)) >= 0.0F) == relu);
  }
}

TEST_CASE("one layer, and six", "[prop]") {
  const TrainDigits digits = easy_digits();
  for (const std::vector<std::size_t>& widths :
       {std::vector<std::size_t>{25, 10}, {25, 12, 11, 9, 13, 8, 10}}) {
    Rng rng(2);
    const Mlp mlp = make_mlp(widths, rng);
    const ActivationIntervals intervals =
        intervals_of(mlp, normalized(digits.pixels, 0, digits.size()), OutputPoint::after_relu);
    for (ScaleSource source : kSources) {
      const QatOptions options = {4, 4, WeightGranularity::per_tensor, source};
      QatMlp net = make_qat(mlp, intervals, options);
      train_qat(net, digits, options, {.epochs = 2}, rng);
      const QuantizedNet integers = convert(net);
      CHECK(layers_of(integers).size() == widths.size() - 1);
      CHECK(integers.operations.size() == widths.size() + 1);  // and the two edges
      CHECK(classify_u8(pack(convert(net)), digits.pixels).size() == digits.size());
    }
  }
}

TEST_CASE("bad options and intervals are refused", "[hand]") {
  const Mlp mlp = random_mlp(kSeed);
  const ActivationIntervals good =
      intervals_of(mlp, random_input(kSeed, 40, 23), OutputPoint::after_relu);
  for (int bits : {-1, 0, 1, 9, 32}) {
    CHECK_THAT(message_of([&] { make_qat(mlp, good, {.weight_bits = bits}); }),
               QFS_CONTAINS("2 to 8 bits"));
    CHECK_THAT(message_of([&] { make_qat(mlp, good, {.activation_bits = bits}); }),
               QFS_CONTAINS("2 to 8 bits"));
  }
  ActivationIntervals bad = good;
  bad.outputs.pop_back();
  CHECK_THAT(message_of([&] { make_qat(mlp, bad, {}); }), QFS_CONTAINS("one interval per layer"));
  for (std::size_t i : {0U, 1U}) {
    bad = good;
    bad.outputs[i].min = -1e-6F;
    CHECK_THAT(message_of([&] { make_qat(mlp, bad, {}); }),
               QFS_CONTAINS("layer " + std::to_string(i + 1)) && QFS_CONTAINS("after ReLU"));
  }
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
      intervals_of(mlp, normalized(digits.pixels, 0, digits.size()), OutputPoint::after_relu);
  CHECK(intervals.outputs[0] == Interval{0.0F, 0.0F});
  for (ScaleSource source : kSources) {
    const QatOptions options = {4, 4, WeightGranularity::per_tensor, source};
    QatMlp net = make_qat(mlp, intervals, options);
    CHECK_NOTHROW(train_qat(net, digits, options, {.epochs = 1}, rng));
    CHECK(net.layers[0].output.params[0].scale >= kSmallestScale);
  }
}

namespace {

Outcome run_chapter(const std::string& options) { return run_program(QFS_CH09_PROGRAM, options); }

}  // namespace

TEST_CASE("bad usage ends with exit code 2, a message, and nothing written", "[prop]") {
  const Scratch scratch;
  const std::string json = " --json '" + scratch.path("report.json") + "'";
  Rng rng(1);
  const std::array<std::size_t, 3> widths = {784, 12, 10};
  Mlp mlp = make_mlp(widths, rng);
  save_mlp(mlp, scratch.path("net"));
  save_npy(scratch.path("net/fc2_weight.npy"), make_tensor<float>({10, 13}));
  const Outcome unchained = run_chapter("--weights '" + scratch.path("net") + "'" + json);
  CHECK(unchained.code == 2);
  CHECK_THAT(unchained.err, QFS_CONTAINS("does not chain"));
  const Outcome idle = run_chapter("--tables '" + scratch.path("tables") + "'" + json);
  CHECK(idle.code == 2);
  CHECK_THAT(idle.err, QFS_CONTAINS("neither --full nor --search"));
  const Outcome no_place = run_chapter("--full --tables /dev/null/tables" + json);
  CHECK(no_place.code == 2);
  CHECK_THAT(no_place.err, QFS_CONTAINS("cannot write"));
  CHECK(run_chapter("--epochs 0" + json).code == 2);
  CHECK(!std::filesystem::exists(scratch.path("report.json")));
  CHECK(!std::filesystem::exists(scratch.path("tables")));
}

TEST_CASE("a net of one layer, and one of five, go through the lesson", "[prop]") {
  const Scratch scratch;
  for (const std::vector<std::size_t>& widths :
       {std::vector<std::size_t>{784, 10}, {784, 9, 8, 7, 6, 10}}) {
    Rng rng(2);
    save_mlp(make_mlp(widths, rng), scratch.path("net"));
    const Outcome outcome = run_chapter("--quick --trace --weights '" + scratch.path("net") + "'");
    CHECK(outcome.err.find("error") == std::string::npos);
    CHECK(outcome.code == 0);
  }
}
