// Chapter 16: the debugger, on paper, against NumPy, and on planted faults.
#include "16_debugging/layer_diff.hpp"

#include <cmath>
#include <limits>

#include "05_observers/calibrate.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "16_debugging/lesson/depth.hpp"
#include "16_debugging/lesson/files.hpp"
#include "16_debugging/lesson/paper_example.hpp"
#include "16_debugging/lesson/study.hpp"
#include "common/bytes.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/quantized_nets.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/reference.hpp"
#include "tests/support/run_program.hpp"

namespace {

using namespace qfs;
using namespace qfs::ch16;
using qfs::test::difference;
using qfs::test::load_reference;
using qfs::test::message_of;
using qfs::test::net_difference;
using qfs::test::random_input;
using qfs::test::random_mlp;
using qfs::test::Scratch;
namespace paper = qfs::paper_debugging;

bool near(double got, double expected, double bound) { return std::fabs(got - expected) <= bound; }

// A random net and its integers, fused or not; the interval of layer 1 can be made `wider` than
// need be.
struct Pair {
  Mlp mlp;
  QuantizedNet net;
  Matrix<float> x;
};
Pair random_pair(std::uint64_t seed, bool fused,
                 WeightGranularity weights = WeightGranularity::per_tensor, float wider = 1.0F) {
  Pair pair{random_mlp(seed), {}, random_input(seed, 60, 23)};
  std::vector<MinMaxObserver> seen(pair.mlp.layers.size() + 1);
  tapped_forward(pair.mlp, fused ? OutputPoint::after_relu : OutputPoint::after_linear, pair.x,
                 [&](std::size_t t, std::span<const float> y) { seen[t].observe(y); });
  ActivationIntervals intervals{seen[0].interval(), {}};
  for (std::size_t i = 1; i < seen.size(); ++i) intervals.outputs.push_back(seen[i].interval());
  intervals.outputs[0].max *= wider;
  const PtqOptions options{.weights = weights};
  pair.net = fused ? quantize_fused_mlp(pair.mlp, intervals, options)
                   : quantize_mlp(pair.mlp, intervals, options);
  return pair;
}

const Dataset& digits() {
  static const Dataset data = load_dataset("");
  return data;
}
const Subject& narrow() {
  static const Subject subject = make_subject(load_mlp(debugging_dir() + "/first"), digits().train);
  return subject;
}
const Matrix<float>& test_x() {
  static const Matrix<float> x = normalized(digits().test.pixels, 0, digits().test.size());
  return x;
}

bool says(const std::string& message, std::string_view words) {
  return message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("16 the example of the text: what the integers stand for", "[hand]") {
  const QuantizedNet net = paper::make_net();
  NetBuffers buffers;
  run(pack(net), paper::kX, buffers);
  const std::vector<ChainLayer> layers = chain_of(net);
  REQUIRE(layers.size() == 2);
  const auto reals = [](const Matrix<std::uint8_t>& q, QuantParams params) {
    std::vector<float> x(q.size());
    dequantize(values(q), params, std::span<float>(x));
    return x;
  };
  const auto list = [](const std::array<float, 4>& x) { return std::vector(x.begin(), x.end()); };
  CHECK(reals(buffers.u8[layers[0].output_tensor], {0.5F, 0}) == list(paper::kLayer1));
  CHECK(reals(buffers.u8[layers[1].output_tensor], {0.25F, 8}) == list(paper::kLayer2InTurn));
  const Matrix<float> y1 = {{0.0F}, {0.8F}, {1.6F}, {2.4F}};
  run(pack(layer_alone(net, 1)), {.f32 = values(y1)}, 4, buffers);
  CHECK(reals(buffers.u8.back(), {0.25F, 8}) == list(paper::kLayer2Alone));
}

TEST_CASE("16 the example of the text: six SQNRs", "[hand]") {
  const auto layers = diff_layers(paper::make_mlp(), paper::make_net(), paper::kX);
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].name == "input");
  CHECK(layers[0].alone.error.sqnr_db == HUGE_VAL);  // 0 to 3 are integers of scale 1
  CHECK(layers[0].short_by() == -HUGE_VAL);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(layers[i + 1].name == "layer " + std::to_string(i + 1));
    CHECK(near(layers[i + 1].in_turn.error.sqnr_db, paper::kByHand[i].in_turn, 6e-4));
    CHECK(near(layers[i + 1].alone.error.sqnr_db, paper::kByHand[i].alone, 6e-4));
    CHECK(near(layers[i + 1].promised_db, paper::kByHand[i].promised, 6e-4));
    CHECK(
        near(layers[i + 1].short_by(), paper::kByHand[i].promised - paper::kByHand[i].alone, 2e-3));
  }
  // Layer 1 alone: y = 0, 0.8, 1.6, 2.4 and y' = 0, 1, 1.5, 2. gain = (0.8 + 2.4 + 4.8) / 8.96;
  // alive e = 0.2, -0.1, -0.4: sum^2 / count = 0.09 / 3 of 0.21; one output has all of it.
  const Symptoms& signs = layers[1].symptoms;
  CHECK(near(signs.gain, 8.0 / 8.96, 1e-6));
  CHECK(near(signs.constant, 0.03 / 0.21, 1e-5));
  CHECK(signs.worst_two == 1.0);
  CHECK(!first_fault(layers));
}

TEST_CASE("16 the example of the text equals NumPy", "[ref][committed]") {
  const Matrix<double> numpy = load_reference<double, 2>("ch16/paper_sqnr");
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(near(numpy(i, 0), paper::kByNumpy[i].in_turn, 6e-4));
    CHECK(near(numpy(i, 1), paper::kByNumpy[i].alone, 6e-4));
    CHECK(near(numpy(i, 2), paper::kByNumpy[i].promised, 6e-4));
  }
}

TEST_CASE("16 the diff of one tensor, counted by hand", "[hand]") {
  const std::vector<float> real = {-1.0F, -0.25F, 0.0F, 0.25F, 0.26F, 0.5F, 7.0F, 3.0F};
  const std::vector<std::uint8_t> q = {0, 1, 2, 2, 3, 3, 7, 7};  // stand for -1, -0.5, 0, ...
  const TensorDiff diff = diff_tensor(real, q, {0.5F, 2}, {0, 7});
  CHECK(diff.at_qmin == 1.0 / 8);
  CHECK(diff.at_qmax == 2.0 / 8);
  CHECK(diff.zero == 2.0 / 8);
  CHECK(diff.real_zero == 3.0 / 8);  // |y| <= 0.25, the tie included: it rounds to the even 0
  CHECK(diff.error.max_abs == 4.5);  // 7 became (7 - 2) * 0.5
  // An end that is the zero point stands for 0, and is not saturated.
  const TensorDiff relu = diff_tensor(real, q, {0.5F, 0}, {0, 7});
  CHECK(relu.at_qmin == 0.0);
  CHECK(relu.zero == 1.0 / 8);
  const TensorDiff top = diff_tensor(real, q, {0.5F, 7}, {0, 7});
  CHECK(top.at_qmax == 0.0);
  CHECK(top.at_qmin == 1.0 / 8);
  CHECK_THROWS_AS(diff_tensor(real, std::span(q).first(7), {0.5F, 2}, {0, 7}), Error);
  CHECK_THROWS_AS(diff_tensor({}, {}, {0.5F, 2}, {0, 7}), Error);
}

TEST_CASE("16 the promised noise, worked out", "[hand]") {
  // x = (3, 4): power 25. Weights of squares 5 and 0; s_x^2 = 12, s_w^2 = 12 and 48, s_y^2 = 24.
  // Output 1: 5 * 1 + 25 * 1 + 2 = 32; output 2: 0 + 25 * 4 + 2 = 102.
  const float twelve = std::sqrt(12.0F);
  const Matrix<float> weight = {{1.0F, 2.0F}, {0.0F, 0.0F}}, x = {{3.0F, 4.0F}};
  const std::array<float, 2> scales = {twelve, 2.0F * twelve};
  const Matrix<float> both = {{1.0F, -1.0F}}, first = {{1.0F, 0.0F}}, none = {{0.0F, 0.0F}};
  const float y_scale = std::sqrt(24.0F);
  CHECK(near(promised_noise(weight, x, both, twelve, scales, y_scale), 134.0, 1e-4));
  CHECK(near(promised_noise(weight, x, first, twelve, scales, y_scale), 32.0, 1e-4));
  CHECK(promised_noise(weight, x, none, twelve, scales, y_scale) == 0.0);
  // One scale for all: 32 and 0 + 25 + 2. Two rows of x: the power is that of one.
  const Matrix<float> twice = {{3.0F, 4.0F}, {3.0F, 4.0F}}, alive = {{1.0F, 1.0F}, {1.0F, 1.0F}};
  CHECK(near(promised_noise(weight, twice, alive, twelve, std::span(scales).first(1), y_scale),
             2.0 * 59.0, 1e-4));
}

TEST_CASE("16 the first that falls short is blamed, not the one that falls most", "[hand]") {
  const auto layer = [](double promised, double alone) {
    LayerDiff diff;
    diff.promised_db = promised;
    diff.alone.error.sqnr_db = alone;
    return diff;
  };
  using Layers = std::vector<LayerDiff>;
  CHECK(first_fault(Layers{layer(40, 41), layer(40, 33.9), layer(40, 3)}) == std::size_t{1});
  CHECK(!first_fault(Layers{layer(40, 34.0), layer(40, HUGE_VAL)}));  // 6 dB are allowed
  CHECK(first_fault(Layers{layer(40, 34.0)}, 5.9) == std::size_t{0});
  CHECK(!first_fault(Layers{layer(HUGE_VAL, HUGE_VAL)}));  // promised no noise, and has none
  CHECK(layer(HUGE_VAL, HUGE_VAL).short_by() == -HUGE_VAL);
  CHECK(first_fault(Layers{layer(40, -HUGE_VAL)}) == std::size_t{0});
  CHECK(!first_fault(Layers{}));
}

TEST_CASE("16 fused and unfused, per tensor and per channel: nothing falls short", "[prop]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (bool fused : {false, true})
      for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
        const Pair pair = random_pair(seed, fused, weights);
        const auto layers = diff_layers(pair.mlp, pair.net, pair.x);
        REQUIRE(layers.size() == 4);
        CHECK(!first_fault(layers));
        // The promise is a mean over nets: on one of few outputs it holds within a factor of 4.
        for (const LayerDiff& layer : layers) CHECK(std::fabs(layer.short_by()) < 6.0);
        // Nothing comes before the input, and nothing but its integers before layer 1.
        CHECK(layers[0].alone.error.sqnr_db == layers[0].in_turn.error.sqnr_db);
        CHECK(layers[1].alone.error.sqnr_db == layers[1].in_turn.error.sqnr_db);
        CHECK(layers[3].in_turn.error.sqnr_db != layers[3].alone.error.sqnr_db);
      }
}

TEST_CASE("16 a coarse scale promises little, and is no fault", "[prop]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Pair fine = random_pair(seed, true),
               coarse = random_pair(seed, true, WeightGranularity::per_tensor, 16.0F);
    const auto of_fine = diff_layers(fine.mlp, fine.net, fine.x);
    const auto of_coarse = diff_layers(coarse.mlp, coarse.net, coarse.x);
    CHECK(of_coarse[1].promised_db < of_fine[1].promised_db - 10.0);
    CHECK(of_coarse[1].alone.error.sqnr_db < of_fine[1].alone.error.sqnr_db - 10.0);
    CHECK(!first_fault(of_coarse));
  }
}

TEST_CASE("16 in turn is what the net computes; alone is a net of one layer", "[prop]") {
  for (bool fused : {false, true}) {
    const Pair pair = random_pair(3, fused);
    const auto outputs = test::layer_outputs(pair.net, pair.x);
    const auto diffs = diff_layers(pair.mlp, pair.net, pair.x);
    const std::vector<ChainLayer> layers = chain_of(pair.net);
    CHECK((layers[0].relu == nullptr) == fused);
    CHECK(layers[2].relu == nullptr);
    Matrix<float> y = pair.x;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      // Here by the parts of chapters 02 to 06, not by layer_alone.
      const auto quantized = [&](std::span<const float> x, const TensorSpec& spec) {
        std::vector<std::uint8_t> q(x.size());
        quantize(x, spec.params, spec.range, std::span<std::uint8_t>(q));
        return q;
      };
      const OperationParts& linear = layers[i].linear;
      const std::vector<std::uint8_t> q_x = quantized(values(std::as_const(y)), linear.input);
      const ToU8 to_u8 = make_to_u8(linear);
      const Backend& ref = ref_backend();
      const PackedProduct product = ref.pack(
          {.weight = &linear.weights->weight, .input_range = linear.input.range, .to_u8 = &to_u8});
      std::vector<std::uint8_t> q_y(y.shape(0) * linear.output.size());
      ref.run_u8(product, matrix_left_side(q_x, y.shape(0)), q_y);
      for (std::uint8_t& q : q_y)
        if (layers[i].relu != nullptr && q < linear.output.params.zero_point)
          q = static_cast<std::uint8_t>(linear.output.params.zero_point);
      y = linear_forward_ref(pair.mlp.layers[i], y);
      if (i + 1 < layers.size()) relu_forward(y);
      const TensorSpec& spec = *layers[i].output;
      const std::span<const float> real = values(std::as_const(y));
      const auto same = [](const TensorDiff& a, const TensorDiff& b) {
        return a.error.sqnr_db == b.error.sqnr_db && a.error.max_abs == b.error.max_abs &&
               a.at_qmin == b.at_qmin && a.at_qmax == b.at_qmax && a.zero == b.zero &&
               a.real_zero == b.real_zero;
      };
      CHECK(same(diffs[i + 1].alone, diff_tensor(real, q_y, spec.params, spec.range)));
      CHECK(same(diffs[i + 1].in_turn,
                 diff_tensor(real, values(outputs[i]), spec.params, spec.range)));
    }
  }
}

TEST_CASE("16 the pretrained net, tensor by tensor, equals NumPy", "[ref]") {
  const Subject wide = make_subject(load_mlp(test::reference_weights()), digits().train);
  const auto layers = diff_layers(wide.mlp, wide.net, test_x());
  const Matrix<double> numpy = load_reference<double, 2>("ch16/wide_layers");
  REQUIRE(shape_of(numpy) == std::vector<std::size_t>{layers.size(), 12});
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto& [name, in_turn, alone, promised, signs] = layers[i];
    const std::array<double, 12> got = {in_turn.error.sqnr_db,
                                        in_turn.error.max_abs,
                                        alone.error.sqnr_db,
                                        alone.error.max_abs,
                                        alone.at_qmin,
                                        alone.at_qmax,
                                        alone.zero,
                                        alone.real_zero,
                                        promised,
                                        signs.gain,
                                        signs.constant,
                                        signs.worst_two};
    // Sums of up to 1.6 million float64 terms in another order: 1e-9, relative, is wide.
    for (std::size_t c = 0; c < got.size(); ++c) {
      INFO(name << ", column " << c << ": " << got[c] << " against " << numpy(i, c));
      CHECK(near(got[c], numpy(i, c), 1e-9 * std::max(1.0, std::fabs(numpy(i, c)))));
    }
  }
}

TEST_CASE("16 every planted fault is blamed on its layer, or changes next to nothing", "[prop]") {
  const std::vector<Fault> all = all_faults(narrow().net);
  CHECK(all.size() == 18);
  std::size_t found = 0;
  for (const Fault& fault : all) {
    const auto layers = diff_layers(narrow().mlp, plant(narrow().net, fault), test_x());
    const auto blamed = first_fault(layers);
    INFO(name_of(fault.kind) << " in layer " << fault.layer);
    if (fault == Fault{1, FaultKind::bias_scale}) {
      CHECK(!blamed);  // its biases are small: 0.0 points, KL 0.0007
      continue;
    }
    ++found;
    CHECK(blamed == std::optional(fault.layer));
    if (!blamed) continue;
    // What tells the kinds apart (the table of the text), in the order in which to look.
    const LayerDiff& layer = layers[*blamed];
    const FaultKind kind = layer.alone.zero > layer.alone.real_zero + 0.2 ? FaultKind::zero_point
                           : layer.alone.at_qmax > 0.01                   ? FaultKind::seven_bits
                           : near(layer.symptoms.gain, 0.1, 0.01)         ? FaultKind::weight_scale
                           : layer.symptoms.worst_two > 0.95              ? FaultKind::swapped
                                                                          : FaultKind::bias_scale;
    CHECK(std::string(name_of(kind)) == name_of(fault.kind));
  }
  CHECK(found == 17);
}

TEST_CASE("16 the committed files are the right net with the faults planted", "[prop]") {
  const QuantizedNet right = load_model(debugging_dir() + "/right.qfs");
  CHECK(net_difference(right, narrow().net) == "");
  const std::vector<Fault> faults = faults_of_files(right);
  REQUIRE(faults.size() == 5);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    CHECK(net_difference(load_model(faulty_file(i + 1)), plant(right, faults[i])) == "");
    for (std::size_t j = 0; j < i; ++j) CHECK(faults[i].kind != faults[j].kind);
  }
}

TEST_CASE("16 what a fault changes, and what it leaves", "[hand]") {
  const QuantizedNet& net = narrow().net;
  const auto weights = [&](const QuantizedNet& of, std::size_t layer) -> const Weights& {
    return *layers_of(of)[layer - 1].weights;
  };
  CHECK(weights(plant(net, {2, FaultKind::weight_scale}), 2).weight.scale(0) ==
        weights(net, 2).weight.scale(0) / 10.0F);
  const QuantizedNet swapped = plant(net, {3, FaultKind::swapped});
  CHECK(row(weights(swapped, 3).weight.q, 0)[5] == row(weights(net, 3).weight.q, 1)[5]);
  CHECK(row(weights(swapped, 3).weight.q, 1)[5] == row(weights(net, 3).weight.q, 0)[5]);
  CHECK(weights(swapped, 3).bias == weights(net, 3).bias);
  CHECK(net.tensors[1].params.zero_point == 33);
  CHECK(plant(net, {0, FaultKind::zero_point}).tensors[1].params.zero_point == 0);
  CHECK(plant(net, {1, FaultKind::seven_bits}).tensors[2].range == QuantRange{0, 127});
  const float ratio = layers_of(net)[1].input.params.scale / weights(net, 2).weight.scale(0);
  const Vector<std::int32_t>& before = weights(net, 2).bias;
  const QuantizedNet wrong = plant(net, {2, FaultKind::bias_scale});
  for (std::size_t n = 0; n < before.size(); ++n)
    CHECK(near(weights(wrong, 2).bias(n), static_cast<double>(before(n)) * ratio, 1.0));
  // Places where a fault cannot be.
  for (const Fault& fault : {Fault{5, FaultKind::swapped}, Fault{0, FaultKind::swapped},
                             Fault{2, FaultKind::zero_point}, Fault{4, FaultKind::seven_bits}})
    CHECK(says(message_of([&] { plant(net, fault); }), "this fault cannot be planted"));
}

TEST_CASE("16 all reals 0, a net with one output, an exact net", "[hand]") {
  // y is 0 throughout: nothing is promised, nothing is wrong.
  Pair pair = random_pair(5, true);
  Mlp dead = pair.mlp;
  for (Linear& layer : dead.layers) {
    std::ranges::fill(values(layer.weight), 0.0F);
    std::ranges::fill(values(layer.bias), 0.0F);
  }
  std::vector<Interval> zero(3, Interval{0.0F, 0.0F});
  const QuantizedNet net = quantize_fused_mlp(dead, {{-1.0F, 2.0F}, zero}, {});
  const auto layers = diff_layers(dead, net, pair.x);
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(layers[i].alone.error.sqnr_db == HUGE_VAL);
    CHECK(layers[i].promised_db == HUGE_VAL);
    CHECK(layers[i].symptoms.gain == 0.0);
    CHECK(layers[i].symptoms.constant == 0.0);
  }
  CHECK(!first_fault(layers));
}

TEST_CASE("16 nets that are no chain, or not this net's", "[hand]") {
  const Pair pair = random_pair(6, true), other = random_pair(7, false);
  QuantizedNet net = pair.net;
  net.operations.pop_back();
  net.tensors.pop_back();  // what dequantize wrote
  CHECK(says(message_of([&] { chain_of(net); }), "operation 4 (linear) is out of place"));
  net = pair.net;
  net.operations.erase(net.operations.begin() + 1, net.operations.end() - 1);
  net.operations.back().inputs = {1};
  net.tensors = {net.tensors[0], net.tensors[1], {{23}, DType::f32}};
  net.operations.back().output = 2;
  net.weights.clear();
  CHECK(says(message_of([&] { chain_of(net); }), "this net is no MLP"));  // no layer at all
  // A second relu behind the first, which the table allows and a layer has not.
  net = other.net;
  const std::size_t relu = net.operations[2].output;
  net.tensors.push_back(net.tensors[relu]);
  net.operations.insert(net.operations.begin() + 3,
                        {.kind = "relu", .inputs = {relu}, .output = net.tensors.size() - 1});
  net.operations[4].inputs = {net.tensors.size() - 1};
  CHECK(says(message_of([&] { chain_of(net); }), "operation 4 (relu) is out of place"));
  // Something behind the end.
  net = pair.net;
  add_quantize(net, net.operations.back().output, {1.0F, 0}, unsigned_range(8));
  CHECK(says(message_of([&] { chain_of(net); }), "operation 6 (quantize) is out of place"));
  // A branch: layer 2 reads the linear, not the relu behind it.
  net = other.net;
  net.operations[3].inputs = {net.operations[1].output};
  CHECK(says(message_of([&] { chain_of(net); }), "this net is no MLP"));
  Mlp short_net = pair.mlp;
  short_net.layers.pop_back();
  CHECK(says(message_of([&] { diff_layers(short_net, pair.net, pair.x); }),
             "the integers are those of another net"));
  Matrix<float> nan = pair.x;
  nan(3, 4) = std::numeric_limits<float>::quiet_NaN();
  CHECK(says(message_of([&] { diff_layers(pair.mlp, pair.net, nan); }), "not finite"));
  CHECK_THROWS_AS(diff_layers(pair.mlp, pair.net, random_input(1, 5, 22)), Error);
}

TEST_CASE("16 error against depth: own errors, their sum, and the drift", "[prop]") {
  const auto rows = error_by_depth(1, 40);
  REQUIRE(rows.size() == kDepth);
  CHECK(rows[0].in_turn_db == rows[0].alone_db);
  CHECK(near(rows[0].added_db, rows[0].alone_db, 1e-9));
  double noise = 0.0;
  for (const DepthRow& row : rows) {
    noise += std::pow(10.0, -row.alone_db / 10.0);
    CHECK(near(row.added_db, -10.0 * std::log10(noise), 1e-9));
    CHECK(row.drifted >= 0.0);
    CHECK((row.drifted == 0.0) == (row.most_steps == 0.0));
  }
  CHECK(rows[15].drifted > rows[0].drifted);
}

#ifdef QFS_CH16_PROGRAM
TEST_CASE("16 ./learn 16 --model: a file, a fault, and files that are none", "[prop]") {
  using qfs::test::run_program;
  const auto debug = [](const std::string& words) { return run_program(QFS_CH16_PROGRAM, words); };
  const auto good = debug("--model '" + debugging_dir() + "/right.qfs'");
  CHECK(good.code == 0);
  CHECK(says(good.out, "no layer falls more than 6 dB short"));
  const auto bad = debug("--model '" + faulty_file(2) + "'");
  CHECK(bad.code == 0);
  CHECK(says(bad.out, "look at layer 3: gain 0.10"));
  const Scratch scratch;
  const auto refused = [&](const std::string& words, std::string_view why) {
    const auto outcome = debug(words);
    INFO(words << ": " << outcome.err);
    CHECK(outcome.code == 2);
    CHECK(says(outcome.err, why));
    CHECK(says(outcome.err, "what to do"));
  };
  refused("--model '" + scratch.path("none") + "'", "none");
  const std::vector<std::byte> whole = read_file(faulty_file(1), 1 << 20);
  const auto write = [&](std::size_t size) {
    write_file_atomically(scratch.path("cut.qfs"),
                          {reinterpret_cast<const char*>(whole.data()), size});
    return "--model '" + scratch.path("cut.qfs") + "'";
  };
  refused(write(whole.size() - 1), "cut.qfs");
  refused(write(100), "cut.qfs");
  refused(write(0), "cut.qfs");
  const Pair pair = random_pair(1, true);
  save_model(scratch.path("other.qfs"), pair.net);
  refused("--model '" + scratch.path("other.qfs") + "'", "the integers are those of another net");
  QuantizedNet edges{.tensors = {{{784}, DType::f32}}};
  add_dequantize(edges, add_quantize(edges, 0, {1.0F, 0}, unsigned_range(8)));
  save_model(scratch.path("edges.qfs"), edges);
  refused("--model '" + scratch.path("edges.qfs") + "'", "this net is no MLP");
  refused("--target 20 --bits 2", "the target cannot be met");  // as the text says
  // Not asked for, the same is a line of the lesson: it goes on with a net of the reader's.
  const auto foreign = debug("--quick --bits 2 --weights '" + debugging_dir() + "/second'");
  INFO(foreign.err);
  CHECK(foreign.code == 0);
  CHECK(says(foreign.out, "this net cannot meet the target"));
  CHECK(says(foreign.out, "[8] What goes wrong"));
  refused("--target -1", "--target");
  refused("--model x --target 1", "--target");
  refused("--tables '" + scratch.path("") + "'", "--tables has nothing to write");
}
#endif
