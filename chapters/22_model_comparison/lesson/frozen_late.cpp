// Section 3: the net that training sees, and the net that will run.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "13_int8_engine/dispatch.hpp"
#include "22_model_comparison/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch22 {
namespace {

struct Distance {
  double squares = 0.0;
  std::size_t logits = 0, other_classes = 0, pictures = 0;
  double root_mean_square() const { return std::sqrt(squares / static_cast<double>(logits)); }
};

void add_distance(Distance& distance, const Matrix<float>& a, const Matrix<float>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(values(a)[i]) - static_cast<double>(values(b)[i]);
    distance.squares += d * d;
  }
  distance.logits += a.size();
  distance.pictures += a.shape(0);
  const auto of_a = argmax_rows(a), of_b = argmax_rows(b);
  for (std::size_t m = 0; m < of_a.size(); ++m)
    distance.other_classes += of_a[m] != of_b[m] ? 1 : 0;
}

// The logits of the graph in training against those of its integers, on 512 training pictures.
Distance distance_of(const Models& models, const PackedNet& integers, const TrainDigits& digits,
                     std::size_t size, NormStatistics statistics) {
  Distance distance;
  NetBuffers tensors;
  for (std::size_t begin = 0; begin + size <= 512; begin += size) {
    QatCnn net = models.graph;  // a batch moves its statistics
    net.statistics = statistics;
    QatCnnBuffers buffers;
    const Matrix<float> x = normalized(digits.pixels, begin, begin + size);
    add_distance(distance, forward(net, x, buffers), run(integers, x, tensors));
  }
  return distance;
}

}  // namespace

void frozen_late(const Study& study, Lesson& lesson) {
  section(3, "The net that training sees, and the net that will run");
  const Models& models = study.nets.back();
  const PackedNet integers = pack(models.qat, choose_backend(), cnn_operations());
  Table table({"batch norm divides by", "pictures in a batch", "logits off by (rms)",
               "other class, of 512"});
  std::vector<double> off;
  for (std::size_t size : {std::size_t{8}, std::size_t{32}, std::size_t{128}}) {
    const Distance distance =
        distance_of(models, integers, study.data.train, size, NormStatistics::batch);
    table.row({"the batch's", std::to_string(size), measured(distance.root_mean_square(), 3),
               measured(std::to_string(distance.other_classes))});
    off.push_back(distance.root_mean_square());
  }
  const Distance frozen =
      distance_of(models, integers, study.data.train, 128, NormStatistics::running);
  table.row({"the running ones", "any", measured(frozen.root_mean_square(), 3),
             measured(std::to_string(frozen.other_classes))});
  table.print();
  const float step = models.qat.tensors[models.qat.operations.back().inputs[0]].params.scale;
  std::printf("  A step of the logits is %s.\n", fixed(static_cast<double>(step), 3).c_str());
  if (!study.committed) return;
  const double bar = 3.0 * frozen.root_mean_square();
  lesson.claims.expect(std::ranges::all_of(off, [&](double one) { return one > bar; }),
                       "by the batch the logits are off by more than three times as much");
  lesson.claims.expect(frozen.root_mean_square() < static_cast<double>(step),
                       "by the running statistics they are off by less than a step");
}

}  // namespace qfs::ch22
