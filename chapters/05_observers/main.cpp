// Chapter 05: where the scales of activations come from.

#include <cstdio>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "05_observers/calibrate.hpp"
#include "05_observers/experiments.hpp"
#include "05_observers/paper_example.hpp"
#include "common/cli.hpp"
#include "common/print.hpp"

namespace {

using qfs::Interval;
using qfs::QuantParams;

std::string text(Interval interval) {
  return "[" + qfs::fixed(interval.min, 2) + ", " + qfs::fixed(interval.max, 2) + "]";
}

void on_paper(qfs::Lesson& lesson) {
  qfs::section(1, "Two observers, three batches, as on paper");
  qfs::MinMaxObserver min_max;
  qfs::MovingAverageMinMaxObserver average(qfs::paper_observers::kConstant);
  qfs::Table table({"batch", "numbers", "min-max", "by hand", "average, c = 0.5", "by hand"});
  bool equal = true;
  for (std::size_t b = 0; b < qfs::paper_observers::kBatches.size(); ++b) {
    min_max.observe(qfs::paper_observers::kBatches[b]);
    average.observe(qfs::paper_observers::kBatches[b]);
    const Interval by_hand = qfs::paper_observers::kMinMax[b],
                   average_by_hand = qfs::paper_observers::kMovingAverage[b];
    equal = equal && min_max.interval() == by_hand && average.interval() == average_by_hand;
    table.row({std::to_string(b + 1), qfs::list_text<float>(qfs::paper_observers::kBatches[b]),
               text(min_max.interval()), text(by_hand), text(average.interval()),
               text(average_by_hand)});
  }
  table.print();
  const qfs::QuantRange range = qfs::reduced(qfs::unsigned_range(8));
  const QuantParams a = qfs::choose_qparams(min_max.interval().min, min_max.interval().max, range);
  const QuantParams b = qfs::choose_qparams(average.interval().min, average.interval().max, range);
  std::printf("  in 7 bits: min-max s = %.5f, z = %d; moving average s = %.5f, z = %d\n", a.scale,
              a.zero_point, b.scale, b.zero_point);
  lesson.claims.expect(equal, "by hand = this program = PyTorch, all six intervals");
  lesson.claims.expect(
      a == qfs::paper_observers::kMinMaxParams && b == qfs::paper_observers::kMovingAverageParams,
      "and both pairs of parameters");
}

struct Net {
  qfs::Mlp mlp;
  qfs::Dataset dataset;
  qfs::QuantRange range;  // of the activations
};

// Scale and zero point of every tensor, with both observers.
void where_scales_come_from(qfs::Lesson& lesson, const Net& net) {
  const qfs::CalibrationSet digits(net.dataset.train);
  qfs::section(2, "Every tensor that becomes integers needs an interval: " +
                      std::to_string(digits.size()) + " training digits");
  const auto names = qfs::tensor_names(net.mlp);
  for (qfs::OutputPoint point : {qfs::OutputPoint::after_linear, qfs::OutputPoint::after_relu}) {
    const bool linear = point == qfs::OutputPoint::after_linear;
    const auto min_max = in_order(qfs::calibrate<qfs::MinMaxObserver>(net.mlp, digits, point, 100));
    const auto average =
        in_order(qfs::calibrate<qfs::MovingAverageMinMaxObserver>(net.mlp, digits, point, 100));
    qfs::Table table({linear ? "before ReLU" : "after ReLU", "min-max", "scale", "zero point",
                      "moving average", "scale", "zero point"});
    for (std::size_t t = 0; t < names.size(); ++t) {
      std::vector<std::string> cells = {names[t]};
      for (Interval interval : {min_max[t], average[t]}) {
        const QuantParams p = qfs::choose_qparams(interval.min, interval.max, net.range);
        cells.insert(cells.end(),
                     {text(interval), qfs::fixed(p.scale, 6), std::to_string(p.zero_point)});
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

// The moving average depends on how the digits come; min-max does not.
void batches_and_order(qfs::Lesson& lesson, const Net& net) {
  const qfs::CalibrationSet digits(net.dataset.train);
  qfs::section(3, "The same " + std::to_string(digits.size()) +
                      " digits in other batches: layer 1 before ReLU");
  qfs::Table table({"batch size", "batches", "min-max", "moving average, c = 0.01", "width kept"});
  std::vector<Interval> min_max, average;
  for (std::size_t size : {std::size_t{1}, std::size_t{10}, std::size_t{100}, std::size_t{1000}}) {
    const auto point = qfs::OutputPoint::after_linear;
    min_max.push_back(qfs::calibrate<qfs::MinMaxObserver>(net.mlp, digits, point, size).outputs[0]);
    average.push_back(
        qfs::calibrate<qfs::MovingAverageMinMaxObserver>(net.mlp, digits, point, size).outputs[0]);
    const float kept =
        (average.back().max - average.back().min) / (min_max[0].max - min_max[0].min);
    table.row({std::to_string(size), std::to_string((digits.size() + size - 1) / size),
               text(min_max.back()), text(average.back()), qfs::fixed(100.0F * kept, 1) + " %"});
    lesson.report.figure("moving_average_width_batch_" + std::to_string(size), kept);
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  const bool same = std::ranges::all_of(min_max, [&](Interval i) { return i == min_max[0]; });
  lesson.claims.expect(same, "min-max: one interval, however the digits are cut into batches");
  lesson.claims.expect(average[0].max < average[2].max,
                       "moving average: single digits have smaller extremes than batches of 100");
}

// More digits, fewer surprises.
void how_many_digits(qfs::Lesson& lesson, const Net& net) {
  qfs::section(4, "How many digits? What " + std::to_string(net.dataset.test.size()) +
                      " unseen digits have outside, before ReLU");
  const auto names = qfs::tensor_names(net.mlp);
  const auto unseen =
      qfs::activations(net.mlp, net.dataset.test.pixels, qfs::OutputPoint::after_linear);
  std::vector<std::string> header = {"outside, per million"};
  header.insert(header.end(), names.begin(), names.end());
  qfs::Table table(header);
  std::vector<std::vector<double>> curve;
  for (std::size_t count : {1U, 3U, 10U, 30U, 100U, 300U, 1000U, 3000U, 8000U}) {
    if (count > net.dataset.train.size()) break;
    const qfs::CalibrationSet digits(net.dataset.train, count);
    const auto intervals = in_order(
        qfs::calibrate<qfs::MinMaxObserver>(net.mlp, digits, qfs::OutputPoint::after_linear, 500));
    std::vector<std::string> cells = {std::to_string(count) + (count == 1 ? " digit" : " digits")};
    curve.push_back({static_cast<double>(count)});
    for (std::size_t t = 0; t < names.size(); ++t) {
      curve.back().push_back(1e6 * qfs::share_outside(unseen[t], intervals[t]));
      cells.push_back(qfs::fixed(curve.back().back(), 0));
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

void weights_per_channel(qfs::Lesson& lesson, const Net& net) {
  qfs::section(5, "Weights need no calibration: one scale per output channel");
  qfs::Table table({"", "shape", "per tensor", "smallest channel", "largest channel", "ratio"});
  bool wider = true;
  for (std::size_t i = 0; i < net.mlp.layers.size(); ++i) {
    const qfs::Matrix<float>& weight = net.mlp.layers[i].weight;
    qfs::PerChannelMinMaxObserver channels(0);
    channels.observe(qfs::values(weight), qfs::shape_of(weight));
    float smallest = 1e30F, largest = 0.0F;
    for (Interval interval : channels.intervals()) {
      const float scale = qfs::choose_qparams(interval.min, interval.max, qfs::signed_range(8),
                                              qfs::Scheme::symmetric)
                              .scale;
      smallest = std::min(smallest, scale);
      largest = std::max(largest, scale);
    }
    const Interval all = qfs::min_max(qfs::values(weight));
    const float tensor =
        qfs::choose_qparams(all.min, all.max, qfs::signed_range(8), qfs::Scheme::symmetric).scale;
    wider = wider && tensor == largest;
    table.row({"layer " + std::to_string(i + 1), qfs::shape_text(weight), qfs::fixed(tensor, 6),
               qfs::fixed(smallest, 6), qfs::fixed(largest, 6), qfs::fixed(largest / smallest, 2)});
  }
  table.print();
  lesson.claims.expect(wider, "the scale of the tensor is that of its widest channel");
}

void what_goes_wrong(qfs::Lesson& lesson, const Net& net) {
  qfs::section(6, "What goes wrong: the scale by hand is not the one the library prints");
  const qfs::CalibrationSet digits(net.dataset.train);
  const Interval interval =
      qfs::calibrate<qfs::MinMaxObserver>(net.mlp, digits, qfs::OutputPoint::after_linear, 100)
          .outputs[0];
  const qfs::QuantRange full = qfs::unsigned_range(8);
  const QuantParams by_formula = qfs::choose_qparams(interval.min, interval.max, full);
  const QuantParams by_library =
      qfs::choose_qparams(interval.min, interval.max, qfs::reduced(full));
  std::printf("  layer 1, the interval %s\n", text(interval).c_str());
  std::printf("  width / 255 = %.6f, by hand;  width / 127 = %.6f, PyTorch on x86\n",
              by_formula.scale, by_library.scale);
  std::printf("  their ratio is %.4f = 255 / 127: reduce_range keeps 7 of the 8 bits\n",
              by_library.scale / by_formula.scale);
  // 255 / 127 = 2.00787; both scales are rounded once, so the ratio is off by at most 2 ulp, 5e-7.
  const float ratio = by_library.scale / by_formula.scale;
  if (by_formula.scale > qfs::kSmallestScale)  // a dead layer has the smallest scale in both
    lesson.claims.expect(std::fabs(ratio - 255.0F / 127.0F) < 1e-6F, "the ratio is 255 / 127");
}

void trace(const Net& net) {
  qfs::section(7, "Trace: layer 1, batch by batch of 100 digits");
  const qfs::CalibrationSet digits(net.dataset.train);
  qfs::MinMaxObserver min_max;
  qfs::MovingAverageMinMaxObserver average;
  qfs::Table table({"batch", "of the batch", "min-max (eq. 5.1)", "moving average (eq. 5.2)"});
  for (std::size_t begin = 0; begin < digits.size(); begin += 100) {
    const auto y = qfs::linear_forward_ref(net.mlp.layers[0], digits.batch(begin, begin + 100));
    min_max.observe(qfs::values(y));
    average.observe(qfs::values(y));
    table.row({std::to_string(begin / 100 + 1), text(qfs::min_max(qfs::values(y))),
               text(min_max.interval()), text(average.interval())});
  }
  table.print();
}

}  // namespace

int main(int argc, char** argv) {
  int activation_bits = 8;
  qfs::Program program("05 Observers", "Where the scales of activations come from.");
  program.option("--activation-bits", activation_bits, "8: integers 0..255; 7: 0..127", 7, 8);
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    on_paper(lesson);
    Net net{.mlp = {},
            .dataset = qfs::load_dataset(lesson.options.data_dir),
            .range = qfs::unsigned_range(activation_bits)};
    net.mlp = qfs::trained_or_pretrained(lesson.options, net.dataset);
    where_scales_come_from(lesson, net);
    batches_and_order(lesson, net);
    how_many_digits(lesson, net);
    weights_per_channel(lesson, net);
    what_goes_wrong(lesson, net);
    if (lesson.options.trace) trace(net);
  });
}
