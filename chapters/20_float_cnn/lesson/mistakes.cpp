// Section 7: batch norm left in training.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {
namespace {

// How many of the pictures are right when batch norm takes its statistics from batches of `size`
// pictures that stand together in `order`. The net is a copy: its running statistics move.
std::size_t right_by_batches(Cnn cnn, const TestDigits& test, std::span<const std::size_t> order,
                             std::size_t size) {
  CnnBuffers buffers;
  std::size_t right = 0;
  for (std::size_t begin = 0; begin < order.size(); begin += size) {
    const auto some = order.subspan(begin, std::min(size, order.size() - begin));
    Matrix<float> x = make_tensor<float>({some.size(), test.pixels.shape(1)});
    std::vector<std::uint8_t> labels;
    for (std::size_t i = 0; i < some.size(); ++i) {
      const Matrix<float> one = normalized(test.pixels, some[i], some[i] + 1);
      std::ranges::copy(row(one, 0), row(x, i).begin());
      labels.push_back(test.labels[some[i]]);
    }
    right += count_correct(argmax_rows(forward_training(cnn, x, buffers)), labels);
  }
  return right;
}

// Whether every batch of `size` pictures that stand together holds one class alone.
bool of_one_class_each(const TestDigits& test, std::span<const std::size_t> order,
                       std::size_t size) {
  for (std::size_t i = 0; i < order.size(); ++i)
    if (test.labels[order[i]] != test.labels[order[i - i % size]]) return false;
  return true;
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  const NamedNet& net = study.nets.back();
  if (net.cnn.norms.empty()) return;
  section(7, "What goes wrong: batch norm still in training");
  const TestDigits& test = study.data.test;
  const std::size_t count = std::min<std::size_t>(500, study.tested);
  std::vector<std::size_t> mixed(count);
  std::iota(mixed.begin(), mixed.end(), std::size_t{0});
  std::vector<std::size_t> sorted = mixed;
  std::ranges::stable_sort(sorted, {}, [&](std::size_t i) { return test.labels[i]; });
  const std::size_t good =
      count_correct(classify_ref(net.cnn, test, count), std::span(test.labels).first(count));
  std::printf("  %s, the first %zu test pictures; by the running statistics %zu are right\n",
              net.name.c_str(), count, good);
  Table table({"statistics of batches of", "classes mixed", "sorted by class"});
  std::vector<std::vector<double>> curve;
  std::size_t alone = 0, of_one_class = 0, large = 0;
  for (const std::size_t size : {1U, 2U, 5U, 10U, 25U, 50U, 250U}) {
    const std::size_t a = right_by_batches(net.cnn, test, mixed, size);
    const std::size_t b = right_by_batches(net.cnn, test, sorted, size);
    table.row({std::to_string(size), measured(std::to_string(a)), measured(std::to_string(b))});
    curve.push_back({static_cast<double>(size),
                     100.0 * static_cast<double>(a) / static_cast<double>(count),
                     100.0 * static_cast<double>(b) / static_cast<double>(count),
                     100.0 * static_cast<double>(good) / static_cast<double>(count)});
    if (size == 1) alone = a;
    if (size == 50) of_one_class = b;
    if (size == 250) large = a;
  }
  table.print();
  lesson.report.csv("batches", {"size", "mixed", "sorted", "running"}, curve);
  if (!study.may_claim(lesson.options)) return;
  lesson.claims.expect(alone * 2 < good, "a picture alone: less than half as many are right");
  lesson.claims.expect(of_one_class_each(test, sorted, 50) && of_one_class < alone,
                       "batches of 50, each of one class: fewer still");
  lesson.claims.expect(large + 10 >= good,
                       "250 mixed: at most ten fewer are right, and the mistake is hidden");
}

}  // namespace qfs::ch20
