#include "05_observers/experiments.hpp"

#include <algorithm>
#include <vector>

#include "common/print.hpp"

namespace qfs {
namespace {

// The tensors of a net in the order in which they need a scale: the input, and the output of every
// layer at `point`, for all digits of `pixels`. Added in fixed order.
std::vector<Matrix<float>> activations(const Mlp& mlp, const Matrix<std::uint8_t>& pixels,
                                       OutputPoint point) {
  std::vector<Matrix<float>> tensors = {normalized(pixels, 0, pixels.shape(0))};
  Matrix<float> x = tensors.front();
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    Matrix<float> y = linear_forward_ref(mlp.layers[i], x);
    x = y;
    if (i + 1 < mlp.layers.size()) relu_forward(x);
    tensors.push_back(point == OutputPoint::after_linear ? y : x);
  }
  return tensors;
}

// The share of the elements of x outside the interval: what will be clamped.
double share_outside(const Matrix<float>& x, Interval interval) {
  std::size_t outside = 0;
  for (float value : values(x)) outside += value < interval.min || value > interval.max ? 1 : 0;
  return static_cast<double>(outside) / static_cast<double>(x.size());
}

// "input", "layer 1", ...
std::vector<std::string> tensor_names(const Mlp& mlp) {
  std::vector<std::string> names = {"input"};
  for (std::size_t i = 1; i <= mlp.layers.size(); ++i)
    names.push_back("layer " + std::to_string(i));
  return names;
}

// The interval of the input, then those of the outputs, as one list in the order of activations().
std::vector<Interval> in_order(const ActivationIntervals& intervals) {
  std::vector<Interval> all = {intervals.input};
  all.insert(all.end(), intervals.outputs.begin(), intervals.outputs.end());
  return all;
}

}  // namespace

std::string text(Interval interval) {
  return "[" + fixed(interval.min, 2) + ", " + fixed(interval.max, 2) + "]";
}

void where_scales_come_from(Lesson& lesson, const ObservedNet& net) {
  const CalibrationSet digits(net.dataset.train);
  section(2, "Every tensor that becomes integers needs an interval: " +
                 std::to_string(digits.size()) + " training digits");
  const auto names = tensor_names(net.mlp);
  for (OutputPoint point : {OutputPoint::after_linear, OutputPoint::after_relu}) {
    const bool linear = point == OutputPoint::after_linear;
    const auto min_max = in_order(calibrate<MinMaxObserver>(net.mlp, digits, point, 100));
    const auto average =
        in_order(calibrate<MovingAverageMinMaxObserver>(net.mlp, digits, point, 100));
    Table table({linear ? "before ReLU" : "after ReLU", "min-max", "scale", "zero point",
                 "moving average", "scale", "zero point"});
    for (std::size_t t = 0; t < names.size(); ++t) {
      std::vector<std::string> cells = {names[t]};
      for (Interval interval : {min_max[t], average[t]}) {
        const QuantParams p = choose_qparams(interval.min, interval.max, net.range);
        cells.insert(cells.end(),
                     {text(interval), fixed(p.scale, 6), std::to_string(p.zero_point)});
      }
      table.row(cells);
    }
    table.print();
    bool none_below = true;  // the input and the last layer have no ReLU
    for (std::size_t t = 1; t + 1 < names.size(); ++t)
      none_below = none_below && min_max[t].min >= 0.0F;
    if (!linear && names.size() > 2)
      lesson.claims.expect(none_below, "hidden layers after ReLU: nothing is below 0");
  }
}

void how_many_digits(Lesson& lesson, const ObservedNet& net) {
  section(3, "How many digits? What " + std::to_string(net.dataset.test.size()) +
                 " unseen digits have outside, before ReLU");
  const auto names = tensor_names(net.mlp);
  const auto unseen = activations(net.mlp, net.dataset.test.pixels, OutputPoint::after_linear);
  std::vector<std::string> header = {"outside, per million"};
  header.insert(header.end(), names.begin(), names.end());
  Table table(header);
  std::vector<std::vector<double>> curve;
  for (std::size_t count : {1U, 3U, 10U, 30U, 100U, 300U, 1000U, 3000U, 8000U}) {
    if (count > net.dataset.train.size()) break;
    const CalibrationSet digits(net.dataset.train, count);
    const auto intervals =
        in_order(calibrate<MinMaxObserver>(net.mlp, digits, OutputPoint::after_linear, 500));
    std::vector<std::string> cells = {std::to_string(count) + (count == 1 ? " digit" : " digits")};
    curve.push_back({static_cast<double>(count)});
    for (std::size_t t = 0; t < names.size(); ++t) {
      curve.back().push_back(1e6 * share_outside(unseen[t], intervals[t]));
      cells.push_back(fixed(curve.back().back(), 0));
    }
    table.row(cells);
  }
  table.print();
  header.front() = "digits";
  lesson.report.csv("digits", header, curve);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(
      curve.front()[2] > 100.0 * curve[6][2],
      "layer 1: 1000 digits leave less than a hundredth of what a single one leaves");
}

void weights_per_channel(Lesson& lesson, const ObservedNet& net) {
  section(4, "Weights need no calibration: one scale per output channel");
  Table table({"", "shape", "per tensor", "smallest channel", "largest channel", "ratio"});
  bool wider = true;
  for (std::size_t i = 0; i < net.mlp.layers.size(); ++i) {
    const Matrix<float>& weight = net.mlp.layers[i].weight;
    PerChannelMinMaxObserver channels(0);
    channels.observe(values(weight), shape_of(weight));
    float smallest = 1e30F, largest = 0.0F;
    for (Interval interval : channels.intervals()) {
      const float scale =
          choose_qparams(interval.min, interval.max, signed_range(8), Scheme::symmetric).scale;
      smallest = std::min(smallest, scale);
      largest = std::max(largest, scale);
    }
    const Interval all = min_max(values(weight));
    const float tensor = choose_qparams(all.min, all.max, signed_range(8), Scheme::symmetric).scale;
    wider = wider && tensor == largest;
    table.row({"layer " + std::to_string(i + 1), shape_text(weight), fixed(tensor, 6),
               fixed(smallest, 6), fixed(largest, 6), fixed(largest / smallest, 2)});
  }
  table.print();
  lesson.claims.expect(wider, "the scale of the tensor is that of its widest channel");
}

void batches_and_order(Lesson& lesson, const ObservedNet& net) {
  const CalibrationSet digits(net.dataset.train);
  section(5, "The same " + std::to_string(digits.size()) +
                 " digits in other batches: layer 1 before ReLU");
  Table table({"batch size", "batches", "min-max", "moving average, c = 0.01", "width kept"});
  std::vector<Interval> min_max, average;
  for (std::size_t size : {std::size_t{1}, std::size_t{10}, std::size_t{100}, std::size_t{1000}}) {
    const auto point = OutputPoint::after_linear;
    min_max.push_back(calibrate<MinMaxObserver>(net.mlp, digits, point, size).outputs[0]);
    average.push_back(
        calibrate<MovingAverageMinMaxObserver>(net.mlp, digits, point, size).outputs[0]);
    const float kept =
        (average.back().max - average.back().min) / (min_max[0].max - min_max[0].min);
    table.row({std::to_string(size), std::to_string((digits.size() + size - 1) / size),
               text(min_max.back()), text(average.back()), fixed(100.0F * kept, 1) + " %"});
    lesson.report.figure("moving_average_width_batch_" + std::to_string(size), kept);
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  const bool same = std::ranges::all_of(min_max, [&](Interval i) { return i == min_max[0]; });
  lesson.claims.expect(same, "min-max: one interval, however the digits are cut into batches");
  lesson.claims.expect(average[0].max < average[2].max,
                       "moving average: single digits have smaller extremes than batches of 100");
}

}  // namespace qfs
