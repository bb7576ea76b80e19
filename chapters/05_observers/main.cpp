// Chapter 05: where the scales of activations come from.

#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "05_observers/experiments.hpp"
#include "05_observers/paper_example.hpp"
#include "common/cli.hpp"
#include "common/print.hpp"

namespace {

using qfs::Interval;
using qfs::QuantParams;

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
               qfs::text(min_max.interval()), qfs::text(by_hand), qfs::text(average.interval()),
               qfs::text(average_by_hand)});
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

void what_goes_wrong(qfs::Lesson& lesson, const qfs::ObservedNet& net) {
  qfs::section(6, "What goes wrong: the scale by hand is not the one the library prints");
  const qfs::CalibrationSet digits(net.dataset.train);
  const Interval interval =
      qfs::calibrate<qfs::MinMaxObserver>(net.mlp, digits, qfs::OutputPoint::after_linear, 100)
          .outputs[0];
  const qfs::QuantRange full = qfs::unsigned_range(8);
  const QuantParams by_formula = qfs::choose_qparams(interval.min, interval.max, full);
  const QuantParams by_library =
      qfs::choose_qparams(interval.min, interval.max, qfs::reduced(full));
  std::printf("  layer 1, the interval %s\n", qfs::text(interval).c_str());
  std::printf("  width / 255 = %.6f, by hand;  width / 127 = %.6f, PyTorch on x86\n",
              by_formula.scale, by_library.scale);
  std::printf("  their ratio is %.4f = 255 / 127: reduce_range keeps 7 of the 8 bits\n",
              by_library.scale / by_formula.scale);
  // 255 / 127 = 2.00787; both scales are rounded once, so the ratio is off by at most 2 ulp, 5e-7.
  const float ratio = by_library.scale / by_formula.scale;
  if (by_formula.scale > qfs::kSmallestScale)  // a dead layer has the smallest scale in both
    lesson.claims.expect(std::fabs(ratio - 255.0F / 127.0F) < 1e-6F, "the ratio is 255 / 127");
}

void trace(const qfs::ObservedNet& net) {
  qfs::section(7, "Trace: layer 1, batch by batch of 100 digits");
  const qfs::CalibrationSet digits(net.dataset.train);
  qfs::MinMaxObserver min_max;
  qfs::MovingAverageMinMaxObserver average;
  qfs::Table table({"batch", "of the batch", "min-max (eq. 5.1)", "moving average (eq. 5.2)"});
  for (std::size_t begin = 0; begin < digits.size(); begin += 100) {
    const auto y = qfs::linear_forward_ref(net.mlp.layers[0], digits.batch(begin, begin + 100));
    min_max.observe(qfs::values(y));
    average.observe(qfs::values(y));
    table.row({std::to_string(begin / 100 + 1), qfs::text(qfs::min_max(qfs::values(y))),
               qfs::text(min_max.interval()), qfs::text(average.interval())});
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
    qfs::ObservedNet net{.mlp = {},
                         .dataset = qfs::load_dataset(lesson.options.data_dir),
                         .range = qfs::unsigned_range(activation_bits)};
    net.mlp = qfs::trained_or_pretrained(lesson.options, net.dataset);
    qfs::where_scales_come_from(lesson, net);
    qfs::how_many_digits(lesson, net);
    qfs::weights_per_channel(lesson, net);
    qfs::batches_and_order(lesson, net);
    what_goes_wrong(lesson, net);
    if (lesson.options.trace) trace(net);
  });
}
