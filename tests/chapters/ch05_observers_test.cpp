// Chapter 05: observers and calibration, against numbers by hand and against PyTorch.
#include <limits>

#include "01_affine_math/affine.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "05_observers/calibrate.hpp"
#include "05_observers/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"
#include "tests/support/run_program.hpp"

using namespace qfs;
using qfs::test::load_reference;

namespace {

struct Pretrained {
  Dataset dataset = load_dataset("");
  Mlp mlp = load_mlp(test::reference_weights());
};
const Pretrained& pretrained() {
  static const Pretrained net;
  return net;
}

// The tensors of tests/reference/ch05.py, activations(): input, then layers 1 and 2 before and
// after ReLU, then layer 3.
std::vector<Matrix<float>> reference_tensors(std::size_t begin, std::size_t end) {
  const CalibrationSet digits(pretrained().dataset.train);
  std::vector<Matrix<float>> tensors = {digits.batch(begin, end)};
  Matrix<float> x = tensors.front();
  for (std::size_t i = 0; i < 3; ++i) {
    x = linear_forward_ref(pretrained().mlp.layers[i], x);
    tensors.push_back(x);
    if (i == 2) break;
    relu_forward(x);
    tensors.push_back(x);
  }
  return tensors;
}

// One observer per tensor, ten batches of 100 digits; after each batch the interval is PyTorch's.
template <Observer O>
void check_against_pytorch(const std::string& name) {
  const auto intervals = load_reference<float, 3>("ch05/" + name + "_intervals");
  const auto scale = load_reference<float, 2>("ch05/" + name + "_scale");
  const auto zero_point = load_reference<std::int32_t, 2>("ch05/" + name + "_zero_point");
  std::vector<O> observers(intervals.shape(0));
  REQUIRE(intervals.shape(1) == 10);
  for (std::size_t batch = 0; batch < 10; ++batch) {
    const auto tensors = reference_tensors(100 * batch, 100 * (batch + 1));
    REQUIRE(tensors.size() == observers.size());
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      INFO(name << ", tensor " << t << ", batch " << batch);
      observers[t].observe(values(tensors[t]));
      CHECK(observers[t].interval().min == intervals(t, batch, 0));
      CHECK(observers[t].interval().max == intervals(t, batch, 1));
    }
  }
  for (std::size_t t = 0; t < observers.size(); ++t)
    for (std::size_t r = 0; r < 2; ++r) {
      INFO(name << ", tensor " << t << ", reduce_range " << r);
      const QuantRange range = r == 0 ? unsigned_range(8) : reduced(unsigned_range(8));
      const auto [min, max] = observers[t].interval();
      CHECK(choose_qparams(min, max, range) == QuantParams{scale(t, r), zero_point(t, r)});
    }
}

}  // namespace

TEST_CASE("the paper example: both observers by hand", "[hand]") {
  MinMaxObserver min_max;
  MovingAverageMinMaxObserver average(ch05::paper::kConstant);
  for (std::size_t b = 0; b < 3; ++b) {
    min_max.observe(ch05::paper::kBatches[b]);
    average.observe(ch05::paper::kBatches[b]);
    CHECK(min_max.interval() == ch05::paper::kMinMax[b]);
    CHECK(average.interval() == ch05::paper::kMovingAverage[b]);
  }
  const QuantRange u7 = reduced(unsigned_range(8));
  CHECK(choose_qparams(-2.0F, 5.0F, u7) == ch05::paper::kMinMaxParams);
  CHECK(choose_qparams(-0.5F, 2.5F, u7) == ch05::paper::kMovingAverageParams);
}

TEST_CASE("the paper example: PyTorch's observers agree", "[ref]") {
  // tests/reference/ch05.py, paper(): after each batch min-max's lo and hi, then the average's.
  const auto rows = load_reference<float, 2>("ch05/paper");
  for (std::size_t b = 0; b < 3; ++b) {
    CHECK(Interval{rows(b, 0), rows(b, 1)} == ch05::paper::kMinMax[b]);
    CHECK(Interval{rows(b, 2), rows(b, 3)} == ch05::paper::kMovingAverage[b]);
  }
}

TEST_CASE("min-max equals PyTorch's on the activations of the trained net", "[ref]") {
  // tests/reference/ch05.py, observed(): MinMaxObserver
  check_against_pytorch<MinMaxObserver>("min_max");
}

TEST_CASE("the moving average equals PyTorch's, batch by batch", "[ref]") {
  // tests/reference/ch05.py, observed(): MovingAverageMinMaxObserver, averaging_constant 0.01
  check_against_pytorch<MovingAverageMinMaxObserver>("moving_average");
}

TEST_CASE("the moving average rounds as PyTorch's does", "[ref]") {
  // tests/reference/ch05.py, bare_steps(): with a fused or a wider operation some last bits differ,
  // with c = 0.3 oftener than with 0.01
  const auto batches = load_reference<float, 2>("ch05/average_x");
  const auto expected = load_reference<float, 2>("ch05/average_intervals");
  REQUIRE(expected.shape(0) == 50);
  MovingAverageMinMaxObserver observer(0.3F);
  for (std::size_t b = 0; b < 50; ++b) {
    observer.observe(row(batches, b));
    INFO("batch " << b);
    CHECK(observer.interval() == Interval{expected(b, 0), expected(b, 1)});
  }
}

TEST_CASE("per-channel scales of the weights equal PyTorch's on both axes", "[ref]") {
  // tests/reference/ch05.py, generate(): PerChannelMinMaxObserver, qint8 symmetric
  const Matrix<float>& weight = pretrained().mlp.layers[0].weight;
  for (std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    const auto expected = load_reference<float, 1>("ch05/weight_scale_axis" + std::to_string(axis));
    PerChannelMinMaxObserver observer(axis);
    observer.observe(values(weight), shape_of(weight));
    REQUIRE(observer.intervals().size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto [min, max] = observer.intervals()[i];
      CHECK(choose_qparams(min, max, signed_range(8), Scheme::symmetric).scale == expected(i));
    }
  }
}

TEST_CASE("the first batch sets the interval, on whichever side of 0", "[hand]") {
  MinMaxObserver above, below;
  above.observe(std::vector<float>{1.0F, 3.0F});
  below.observe(std::vector<float>{-3.0F, -1.0F});
  CHECK(above.interval() == Interval{1.0F, 3.0F});
  CHECK(below.interval() == Interval{-3.0F, -1.0F});
  MovingAverageMinMaxObserver last_batch_only(1.0F);
  last_batch_only.observe(std::vector<float>{1.0F, 3.0F});
  last_batch_only.observe(std::vector<float>{2.0F, 2.5F});
  CHECK(last_batch_only.interval() == Interval{2.0F, 2.5F});
}

TEST_CASE("calibrate copies the observer it is given", "[prop]") {
  // One digit a batch, with another brightest pixel in each, so that the input's average moves too.
  TrainDigits digits = pretrained().dataset.train;
  for (std::size_t m = 0; m < 5; ++m)
    for (std::uint8_t& pixel : row(digits.pixels, m))
      pixel = static_cast<std::uint8_t>(m + pixel / (m + 1));
  const CalibrationSet set(digits, 5);
  const auto calibrated = calibrate(pretrained().mlp, set, OutputPoint::after_linear, 1,
                                    MovingAverageMinMaxObserver(0.5F));
  MovingAverageMinMaxObserver input(0.5F), output(0.5F);
  for (std::size_t begin = 0; begin < 5; ++begin) {
    const Matrix<float> x = set.batch(begin, begin + 1);
    input.observe(values(x));
    const Matrix<float> y = linear_forward_ref(pretrained().mlp.layers[0], x);
    output.observe(values(y));
  }
  CHECK(calibrated.input == input.interval());
  CHECK(calibrated.outputs[0] == output.interval());
}

TEST_CASE("per channel: a second tensor can only widen", "[hand]") {
  PerChannelMinMaxObserver observer(1);
  const std::vector<std::size_t> shape = {2, 2};
  observer.observe(std::vector<float>{1, 2, 3, -4}, shape);
  observer.observe(std::vector<float>{2, 5, 0, 0}, shape);
  CHECK(observer.intervals() == std::vector<Interval>{{0, 3}, {-4, 5}});
  const std::vector<std::size_t> three = {1, 3};
  CHECK_THROWS_AS(observer.observe(std::vector<float>{1, 2, 3}, three), Error);
  const std::vector<std::size_t> one = {3, 1};
  CHECK_THROWS_AS(observer.observe(std::vector<float>{1, 2, 3}, one), Error);
}

TEST_CASE("calibrate observes at the named point", "[hand]") {
  // One input, two layers: y1 = 2x - 1, ReLU, y2 = -h + 0.5.
  const auto linear = [](float w, float b) {
    Linear layer;
    layer.weight = Matrix<float>{{w}};
    layer.bias = Vector<float>{b};
    return layer;
  };
  const Mlp mlp{{linear(2.0F, -1.0F), linear(-1.0F, 0.5F)}};
  TrainDigits digits;
  digits.pixels = Matrix<std::uint8_t>{{0}, {255}};  // -0.42421296 and 2.8214867 when normalized
  digits.labels = {0, 1};
  const CalibrationSet set(digits);
  const float low = 2.0F * set.batch(0, 1)(0, 0) - 1.0F, high = 2.0F * set.batch(1, 2)(0, 0) - 1.0F;
  for (std::size_t batch : {std::size_t{1}, std::size_t{2}, std::size_t{5}}) {
    const auto before = calibrate<MinMaxObserver>(mlp, set, OutputPoint::after_linear, batch);
    CHECK(before.input == Interval{set.batch(0, 1)(0, 0), set.batch(1, 2)(0, 0)});
    CHECK(before.outputs[0] == Interval{low, high});
    const auto after = calibrate<MinMaxObserver>(mlp, set, OutputPoint::after_relu, batch);
    CHECK(after.outputs[0] == Interval{0.0F, high});
    CHECK(after.outputs[1] == Interval{0.5F - high, 0.5F});  // the last layer has no ReLU
    CHECK(before.outputs[1] == after.outputs[1]);
  }
}

TEST_CASE("a calibration set is the first training digits, and nothing else", "[hand]") {
  STATIC_REQUIRE(!std::is_constructible_v<CalibrationSet, const TestDigits&>);
  STATIC_REQUIRE(!std::is_constructible_v<CalibrationSet, const TestDigits&, std::size_t>);
  const TrainDigits& train = pretrained().dataset.train;
  const CalibrationSet set(train);
  CHECK(set.size() == 1000);
  CHECK(CalibrationSet(train, 100000).size() == train.size());
  CHECK(set.batch(990, 2000).shape(0) == 10);  // never past the set
  CHECK(test::difference(set.batch(3, 5), normalized(train.pixels, 3, 5)) == "");
  CHECK_THROWS_AS(CalibrationSet(train, 0), Error);
  const TrainDigits none;
  CHECK_THROWS_AS(CalibrationSet(none), Error);
  // Digits that would be gone by the first batch.
  STATIC_REQUIRE(!std::is_constructible_v<CalibrationSet, TrainDigits>);
  STATIC_REQUIRE(!std::is_constructible_v<CalibrationSet, TrainDigits, std::size_t>);
}

TEST_CASE("degenerate input has a written policy", "[hand]") {
  CHECK_THROWS_AS(MinMaxObserver{}.interval(), Error);
  CHECK_THROWS_AS(MovingAverageMinMaxObserver{}.interval(), Error);
  CHECK_THROWS_AS(PerChannelMinMaxObserver{0}.intervals(), Error);
  CHECK_THROWS_AS(MovingAverageMinMaxObserver(0.0F), Error);
  CHECK_THROWS_AS(MovingAverageMinMaxObserver(1.5F), Error);
  MinMaxObserver observer;
  CHECK_THROWS_AS(observer.observe({}), Error);
  const std::vector<float> nan = {1.0F, std::numeric_limits<float>::quiet_NaN()};
  CHECK_THROWS_AS(observer.observe(nan), Error);
  CHECK_THROWS_AS(observer.interval(), Error);       // what was refused has left no trace
  observer.observe(std::vector<float>{0.0F, 0.0F});  // a dead layer: constant 0 is allowed
  CHECK(choose_qparams(0.0F, 0.0F, unsigned_range(8)) == QuantParams{kSmallestScale, 0});
  const CalibrationSet set(pretrained().dataset.train);
  CHECK_THROWS_AS(calibrate<MinMaxObserver>(pretrained().mlp, set, OutputPoint::after_relu, 0),
                  Error);
}

TEST_CASE("the program takes a net of one, two or four layers, and writes its curve", "[hand]") {
  const std::vector<std::vector<std::size_t>> nets = {
      {784, 10}, {784, 12, 10}, {784, 14, 13, 12, 10}};
  for (const std::vector<std::size_t>& widths : nets) {
    const test::Scratch scratch;
    Rng rng(widths.size());
    save_mlp(make_mlp(widths, rng), scratch.path("net"));
    const test::Outcome outcome =
        test::run_program(QFS_CH05_PROGRAM, "--quick --weights '" + scratch.path("net") +
                                                "' --csv '" + scratch.path("csv") + "'");
    const std::size_t layers = widths.size() - 1;
    INFO(layers << " layers\n" << outcome.out << outcome.err);
    CHECK(outcome.code == 0);
    std::string header = "digits,input";
    for (std::size_t i = 1; i <= layers; ++i) header += ",layer " + std::to_string(i);
    CHECK_THAT(scratch.text_of("csv/digits.csv"), QFS_CONTAINS(header + "\n1,0,"));
    CHECK_THAT(outcome.out, QFS_CONTAINS("layer " + std::to_string(layers)) &&
                                !QFS_CONTAINS("layer " + std::to_string(layers + 1)));
  }
}
