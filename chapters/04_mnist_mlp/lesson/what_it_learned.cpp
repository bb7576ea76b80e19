// Section 4: a net examined on the test digits.
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "04_mnist_mlp/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch04 {
namespace {

// "93.15 %" and "91.96..94.18".
std::pair<std::string, std::string> percent_texts(std::size_t correct, std::size_t total) {
  const WilsonInterval w = wilson_interval(correct, total);
  return {fixed(100.0 * w.share, 2) + " %",
          fixed(100.0 * w.low, 2) + ".." + fixed(100.0 * w.high, 2)};
}

// One row per class: what its digits were taken for, and the share that was right.
void print_confusion(const Matrix<std::size_t>& counts) {
  Table table({"class", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "right", "interval"});
  for (std::size_t c = 0; c < kClasses; ++c) {
    std::vector<std::string> cells = {std::to_string(c)};
    std::size_t total = 0;
    for (std::size_t taken : row(counts, c)) {
      cells.push_back(taken == 0 ? "." : std::to_string(taken));
      total += taken;
    }
    if (total == 0) continue;
    const auto [share, interval] = percent_texts(counts(c, c), total);
    cells.insert(cells.end(), {share, interval});
    table.row(cells);
  }
  table.print();
}

}  // namespace

std::size_t count_silent(const Linear& layer, const Matrix<std::uint8_t>& pixels) {
  constexpr std::size_t kAtOnce = 500;
  std::vector<bool> speaks(layer.outputs(), false);
  for (std::size_t begin = 0; begin < pixels.shape(0); begin += kAtOnce) {
    const std::size_t end = std::min(begin + kAtOnce, pixels.shape(0));
    const Matrix<float> y = linear_forward_ref(layer, normalized(pixels, begin, end));
    for (std::size_t m = 0; m < y.shape(0); ++m)
      for (std::size_t n = 0; n < y.shape(1); ++n)
        if (y(m, n) > 0.0F) speaks[n] = true;
  }
  return static_cast<std::size_t>(std::count(speaks.begin(), speaks.end(), false));
}

void what_it_learned(const Mlp& net, const std::vector<std::uint8_t>& predicted,
                     const TestDigits& digits, const std::string& name) {
  section(4, "What the net of " + name + " has learned");
  std::printf("  rows: the true class; columns: what its digits were taken for\n");
  print_confusion(confusion_matrix(predicted, digits.labels));
  const std::size_t correct = count_correct(predicted, digits.labels);
  const auto [share, interval] = percent_texts(correct, digits.size());
  std::printf("  all: %zu of %zu right, %s\n", correct, digits.size(), share.c_str());
  std::printf("  with 95 %% confidence the true share lies in the interval, %s %%\n",
              interval.c_str());
  std::string wrong;
  for (std::size_t i = 0, count = 0; i < digits.size() && count < 12; ++i) {
    if (predicted[i] == digits.labels[i]) continue;
    wrong += " " + std::to_string(digits.labels[i]) + ">" + std::to_string(predicted[i]);
    ++count;
  }
  std::printf("  the first wrong ones:%s\n", wrong.c_str());
  std::printf("  %zu of the %zu neurons of the first layer are 0 on every test digit\n",
              count_silent(net.layers[0], digits.pixels), net.layers[0].outputs());
}

}  // namespace qfs::ch04
