// Section 2: depth against accuracy. Every bound from the same float net, on the same batches.
#include <cmath>
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "04_mnist_mlp/mcnemar.hpp"
#include "04_mnist_mlp/mean_interval.hpp"
#include "06_static_ptq/operations.hpp"
#include "09_qat/convert.hpp"
#include "14_training_for_the_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch14 {
namespace {

// In points. 2 000 digits leave about 1 open, up or down, for the accuracy of one net (chapter 04).
// Half of it, by the lower end of an interval over five seeds.
constexpr double kLargestLoss = 0.5;

Trained train_one(const Study& study, std::size_t products, std::uint64_t seed, bool quick) {
  const LaneBound bound{products, kXMax};
  QatMlp net = make_bounded(study.mlp, study.intervals, bound);
  const TrainOptions training{.epochs = quick ? 1 : 5,
                              .adam = {.learning_rate = 3e-4},
                              .label = "training, products a lane: " + text_of(products)};
  Rng rng(seed);
  if (products == kProducts.front())
    train_qat(net, study.data.train, {}, training, rng);
  else
    train_bounded(net, study.data.train, bound, training, rng);
  Trained trained{.net = convert(net)};
  trained.classes = classify_u8(pack(trained.net), study.data.test.pixels);
  return trained;
}

// Lanes of `products` products, of all layers, that some input could drive out of 16 bits.
std::size_t lanes_over(const QuantizedNet& net, std::size_t products) {
  std::size_t over = 0;
  for (const Weights& weights : net.weights)
    for (std::size_t n = 0; n < weights.weight.outputs(); ++n) {
      const std::span<const std::int8_t> q = row(weights.weight.q, n);
      for_each_lane(q.size(), products, [&](std::span<const std::size_t> lane) {
        LaneSums sums;
        for (std::size_t k : lane) sums += sums_of(q[k], 0);
        over += fits_lane(sums, kXMax) ? 0 : 1;
      });
    }
  return over;
}

// "~94.39 ± ~0.09": either number follows from training.
std::string measured_interval(MeanInterval mean) {
  return measured(mean.mean, 2) + " ± " + measured(mean.half, 2);
}

struct Against {
  std::vector<double> right, gain;  // percent; points more than unbounded
  std::size_t only_bounded = 0, only_unbounded = 0;
};

Against against_unbounded(const Study& study, const std::vector<Trained>& trained) {
  const std::vector<std::uint8_t>& labels = study.data.test.labels;
  const double percent_of_one = 100.0 / static_cast<double>(labels.size());
  Against against;
  for (std::size_t seed = 0; seed < trained.size(); ++seed) {
    const auto& unbounded = study.trained.front()[seed].classes;
    const PairedResult pair = compare_classes(trained[seed].classes, unbounded, labels);
    const auto right = static_cast<double>(count_correct(trained[seed].classes, labels));
    against.right.push_back(right * percent_of_one);
    against.gain.push_back((static_cast<double>(pair.only_a) - static_cast<double>(pair.only_b)) *
                           percent_of_one);
    against.only_bounded += pair.only_a;
    against.only_unbounded += pair.only_b;
  }
  return against;
}

}  // namespace

void train_all(Study& study, Lesson& lesson) {
  section(2, "Depth against accuracy: five seeds, 7 bits, paired with training unbounded");
  const std::uint64_t seeds = lesson.options.quick ? 2 : kSeeds;
  Table table({"products a lane", "lanes over, unbounded", "bounded", "        right",
               "        gained", "only bounded", "only unbounded"});
  bool eight_fit = true, all_fit = true, none_lost = true;
  for (std::size_t i = 0; i < kProducts.size(); ++i) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed)
      study.trained[i].push_back(
          train_one(study, kProducts[i], lesson.options.seed + seed, lesson.options.quick));
    const std::size_t before = lanes_over(study.unbounded(), kProducts[i]);
    std::size_t after = 0;
    for (const Trained& one : study.trained[i]) after += lanes_over(one.net, kProducts[i]);
    const Against against = against_unbounded(study, study.trained[i]);
    const MeanInterval gain = mean_interval(against.gain);
    table.row({text_of(kProducts[i]), measured(std::to_string(before)),
               i == 0 ? measured(std::to_string(after)) : std::to_string(after),
               measured_interval(mean_interval(against.right)), measured_interval(gain),
               measured(std::to_string(against.only_bounded)),
               measured(std::to_string(against.only_unbounded))});
    lesson.report.figure("gained_" + text_of(kProducts[i]), gain.mean);
    (i == 0 ? eight_fit : all_fit) &= after == 0;
    none_lost = none_lost && gain.mean - gain.half >= -kLargestLoss;
  }
  table.print();
  lesson.claims.expect(all_fit, "every lane of every bounded net fits, for every input");
  if (lesson.options.is_default_run()) {
    lesson.claims.expect(eight_fit, "8 products fit without a bound");
    lesson.claims.expect(none_lost, "no bound costs 0.5 points of accuracy: the intervals say so");
  }
}

}  // namespace qfs::ch14
