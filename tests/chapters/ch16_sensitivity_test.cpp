// Chapter 16: one layer at a time, and which to leave in float.
#include "16_debugging/sensitivity.hpp"

#include <cmath>

#include "03_fake_quantization/fake_quantize.hpp"
#include "16_debugging/report_card.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
using qfs::test::message_of;

const Dataset& digits() {
  static const Dataset data = load_dataset("");
  return data;
}
struct Net {
  Mlp mlp;
  ActivationIntervals intervals;
};
const Net& wide() {
  static const Net net = [] {
    Net made{load_mlp(test::reference_weights()), {}};
    made.intervals = calibrate<MinMaxObserver>(made.mlp, CalibrationSet(digits().train),
                                               OutputPoint::after_relu, 100);
    return made;
  }();
  return net;
}
const ChoiceDigits& some_digits() {
  static const ChoiceDigits some(wide().mlp, digits().train, 500);
  return some;
}
InFloat only(std::size_t layer) {
  InFloat in_float(3, true);
  in_float[layer] = false;
  return in_float;
}
PartlyQuantized make(int bits, const InFloat& in_float) {
  return quantize_partly(wide().mlp, wide().intervals, bits, in_float);
}
bool says(const std::string& message, std::string_view words) {
  return message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("16 all layers in float is the float net, to the last bit", "[prop]") {
  const Matrix<float> x = normalized(digits().test.pixels, 0, 50);
  const PartlyQuantized net = make(2, InFloat(3, true));
  CHECK(difference(forward_ref(net, x), forward_ref(wide().mlp, x)) == "");
  CHECK(some_digits().cost(net).points() == 0.0);
  CHECK(some_digits().cost(net).pair.classes_differ == 0);
}

TEST_CASE("16 a quantized layer rounds its weights and its input, no other does", "[prop]") {
  const Matrix<float> x = normalized(digits().test.pixels, 0, 20);
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const PartlyQuantized net = make(3, only(layer));
    Matrix<float> y = x;
    for (std::size_t i = 0; i < 3; ++i) {
      Linear part = wide().mlp.layers[i];
      CHECK((net.mlp.layers[i].weight == part.weight) == (i != layer));
      if (i == layer) {  // by the oracle of chapter 03, one number at a time
        const Interval all = min_max(values(std::as_const(part.weight)));
        const float reach = std::max(-all.min, all.max);
        const QuantParams w{reach / 3.5F, 0};
        for (float& value : values(part.weight)) value = fake_quantize_ref(value, w, {-4, 3}).y;
        const Interval in = i == 0 ? wide().intervals.input : wide().intervals.outputs[i - 1];
        const QuantRange range = i == 0 ? QuantRange{0, 255} : QuantRange{0, 7};
        const QuantParams p = choose_qparams(in.min, in.max, range);
        for (float& value : values(y)) value = fake_quantize_ref(value, p, range).y;
      }
      y = linear_forward_ref(part, y);
      if (i < 2) relu_forward(y);
    }
    CHECK(difference(forward_ref(net, x), y) == "");
  }
}

TEST_CASE("16 points lost are of the digits, with their sign", "[hand]") {
  CHECK(Cost{{.only_a = 7, .only_b = 2}, 200}.points() == 2.5);
  CHECK(Cost{{.only_a = 2, .only_b = 7}, 200}.points() == -2.5);
  CHECK(Cost{{.only_a = 3, .only_b = 3, .classes_differ = 9}, 200}.points() == 0.0);
}

TEST_CASE("16 two choices on the same digits", "[prop]") {
  const PairedResult pair = some_digits().compare(make(2, only(0)), make(2, only(2)));
  const PairedResult back = some_digits().compare(make(2, only(2)), make(2, only(0)));
  CHECK(pair.only_a == back.only_b);
  CHECK(pair.only_b == back.only_a);
  const double more =
      some_digits().cost(make(2, only(0))).points() - some_digits().cost(make(2, only(2))).points();
  CHECK(std::fabs(static_cast<double>(pair.only_b) - static_cast<double>(pair.only_a) -
                  5.0 * more) < 1e-9);  // of 500 digits one point is five
}

TEST_CASE("16 the ranking is by cost, each as if measured alone", "[prop][committed]") {
  const auto ranking = rank_layers(wide().mlp, wide().intervals, 2, some_digits());
  REQUIRE(ranking.size() == 3);
  std::vector<bool> seen(3, false);
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) CHECK(ranking[i - 1].cost.points() >= ranking[i].cost.points());
    seen[ranking[i].layer] = true;
    CHECK(ranking[i].cost.points() == some_digits().cost(make(2, only(ranking[i].layer))).points());
  }
  CHECK(seen == std::vector<bool>(3, true));
  CHECK(ranking[0].cost.points() > 2.0);  // two bits hurt
  // Of equal costs the earlier layer comes first: at 8 bits none of these digits changes.
  const ChoiceDigits few(wide().mlp, digits().train, 5);
  const auto ties = rank_layers(wide().mlp, wide().intervals, 8, few);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(ties[i].cost.points() == 0.0);
    CHECK(ties[i].layer == i);
  }
}

TEST_CASE("16 layers go back to float by rank, until the target is met and no further",
          "[prop][committed]") {
  const auto ranking = rank_layers(wide().mlp, wide().intervals, 2, some_digits());
  const auto cost_of = [](const InFloat& in_float) {
    return some_digits().cost(make(2, in_float)).points();
  };
  std::vector<double> costs;
  InFloat in_float(3, false);
  for (std::size_t kept = 0; kept < 3; ++kept) {
    costs.push_back(cost_of(in_float));
    in_float[ranking[kept].layer] = true;
  }
  REQUIRE(costs[0] > costs[1]);  // else this test says nothing
  // A target that is just met, and one just below.
  for (double slack : {0.0, 1e-9}) {
    const double target = costs[1] - slack;
    const auto steps = leave_in_float(wide().mlp, wide().intervals, 2, target, some_digits());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      CHECK(steps[i].cost.points() == costs[i]);
      CHECK((steps[i].cost.points() <= target) == (i + 1 == steps.size()));
      for (std::size_t r = 0; r < 3; ++r) CHECK(steps[i].in_float[ranking[r].layer] == (r < i));
    }
    CHECK(steps.size() == (slack == 0.0 ? 2U : 3U));
  }
  CHECK(leave_in_float(wide().mlp, wide().intervals, 8, 100.0, some_digits()).size() == 1);
}

TEST_CASE("16 a target that cannot be met, and other bad input", "[hand]") {
  const auto leave = [](int bits, double target) {
    return message_of(
        [&] { leave_in_float(wide().mlp, wide().intervals, bits, target, some_digits()); });
  };
  CHECK(says(leave(2, -50.0), "the target cannot be met"));
  CHECK(says(leave(2, -50.0), "take more --bits, or a larger --target"));
  CHECK(says(leave(1, 1.0), "layers are quantized to 2 to 8 bits"));
  CHECK(says(leave(9, 1.0), "layers are quantized to 2 to 8 bits"));
  CHECK(says(message_of([] { make(4, InFloat(2, false)); }), "one choice and one interval"));
  ActivationIntervals before = wide().intervals;
  before.outputs[0].min = -1.0F;
  CHECK(says(message_of([&] { quantize_partly(wide().mlp, before, 4, only(0)); }),
             "not one after ReLU"));
  before.outputs.pop_back();
  CHECK_THROWS_AS(quantize_partly(wide().mlp, before, 4, only(0)), Error);
  CHECK_THROWS_AS(ChoiceDigits(wide().mlp, digits().train, 0), Error);
  TrainDigits few{.pixels = make_tensor<std::uint8_t>({3, 784}), .labels = {1, 2, 3}};
  CHECK(ChoiceDigits(wide().mlp, few, 1000).size() == 3);
}

TEST_CASE("16 sensitivity and report cards of the pretrained net equal NumPy's", "[ref]") {
  // Rows: bits 8, 4, 3, 2; columns: layer 1, 2, 3, all; each right, lost, gained, moved, KL.
  const Tensor<double, 3> numpy = load_reference<double, 3>("ch16/wide_bits");
  const Matrix<float> x = normalized(digits().test.pixels, 0, digits().test.size());
  const Matrix<float> by_float = forward_ref(wide().mlp, x);
  const std::array bits = {8, 4, 3, 2};
  for (std::size_t b = 0; b < bits.size(); ++b)
    for (std::size_t c = 0; c < 4; ++c) {
      const PartlyQuantized net = make(bits[b], c < 3 ? only(c) : InFloat(3, false));
      const ReportCard card = report_card(by_float, forward_ref(net, x), digits().test.labels);
      INFO(bits[b] << " bits, column " << c);
      CHECK(static_cast<double>(card.right) == numpy(b, c, 0));
      CHECK(static_cast<double>(card.flips.lost) == numpy(b, c, 1));
      CHECK(static_cast<double>(card.flips.gained) == numpy(b, c, 2));
      CHECK(static_cast<double>(card.flips.moved) == numpy(b, c, 3));
      CHECK(std::fabs(card.kl - numpy(b, c, 4)) <= 1e-10 * std::max(1.0, numpy(b, c, 4)));
    }
}
