// Section 1: the example of the text, forward and backward, beside what was worked out by hand.
#include <cmath>
#include <cstdio>

#include "20_float_cnn/lesson/paper_example.hpp"
#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {
namespace {

// Rows of a table: a name, numbers by hand, the program's.
class Comparison {
 public:
  template <class ByHand>
  void row(const std::string& name, std::span<const float> got, const ByHand& by_hand,
           int decimals) {
    std::string hand, program;
    std::size_t i = 0;
    for (const auto expected : by_hand) {
      const double number = static_cast<double>(got[i++]);
      // less than twenty roundings of numbers up to 4: 20 * 2^-24 * 4 = 5e-6
      equal_ = equal_ && std::fabs(number - static_cast<double>(expected)) <= 5e-6;
      hand += " " + fixed(static_cast<double>(expected), decimals);
      program += " " + fixed(std::fabs(number) < 5e-7 ? 0.0 : number, decimals);
    }
    table_.row({name, hand, program});
  }
  void print() const { table_.print(); }
  bool equal() const { return equal_; }

 private:
  Table table_{{"", "by hand", "this program"}};
  bool equal_ = true;
};

std::span<const float> part(const Matrix<float>& matrix, std::size_t row, std::size_t width) {
  return values(matrix).subspan(row * width, width);
}

// `rows` rows of a matrix, each with its row of numbers by hand.
template <std::size_t N>
void matrix_rows(Comparison& table, const std::string& name, const Matrix<float>& got,
                 const std::array<double, N>& by_hand, std::size_t width) {
  for (std::size_t r = 0; r * width < N; ++r)
    table.row(name + ", row " + std::to_string(r + 1), part(got, r, width),
              std::span(by_hand).subspan(r * width, width), 3);
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "A 4 x 4 picture, one kernel of 3 x 3, as on paper");
  constexpr Window kAll = {2, 2, 1, 0};
  const PictureShape picture{4, 4, 1}, small{2, 2, 1};
  Conv2d conv{.window = {3, 3, 1, 0},
              .weight = make_tensor<float>({1, 9}),
              .weight_gradient = make_tensor<float>({1, 9})};
  std::ranges::copy(paper::kKernel, conv.weight.begin());
  BatchNorm norm = make_batch_norm(1);
  norm.epsilon = 0.0F;
  norm.gamma(0) = paper::kGamma;
  norm.beta(0) = paper::kBeta;
  Matrix<float> x = make_tensor<float>({1, 16}), y, normed, average, largest;
  std::ranges::copy(paper::kPicture, x.begin());
  Conv2dScratch scratch;
  BatchNormBuffers buffers;
  std::vector<std::uint32_t> winner;
  conv2d_forward(conv, picture, x, scratch, y);
  batch_norm_forward(norm, y, buffers, normed);
  Matrix<float> active = normed;
  relu_forward(active);
  average_pool_forward(kAll, small, active, average);
  max_pool_forward(kAll, small, active, winner, largest);
  Comparison table;
  table.row("convolution y", values(y), paper::kY, 0);
  table.row("x^ of batch norm", values(buffers.normalized), paper::kUnit, 1);
  table.row("batch norm", values(normed), paper::kNormed, 1);
  table.row("ReLU", values(active), paper::kActive, 1);
  table.row("average pooling L", values(average), std::array{paper::kAverage}, 2);
  table.row("max pooling", values(largest), std::array{paper::kMaximum}, 1);
  table.row("running mean", values(norm.running_mean), std::array{paper::kRunningMean}, 4);
  table.row("running variance", values(norm.running_variance), std::array{paper::kRunningVariance},
            4);
  Matrix<float> gradient, y_gradient, x_gradient;
  average_pool_backward(kAll, small, {{1.0F}}, gradient);
  relu_backward(active, gradient);
  batch_norm_backward(norm, gradient, buffers, y_gradient);
  conv2d_backward(conv, picture, x, y_gradient, scratch, &x_gradient);
  table.row("dL/d(batch norm)", values(gradient), paper::kNormedGradient, 2);
  table.row("dL/dgamma", values(norm.gamma_gradient), std::array{paper::kGammaGradient}, 2);
  table.row("dL/dbeta", values(norm.beta_gradient), std::array{paper::kBetaGradient}, 2);
  table.row("dL/dy", values(y_gradient), paper::kYGradient, 3);
  matrix_rows(table, "dL/dkernel", conv.weight_gradient, paper::kKernelGradient, 3);
  matrix_rows(table, "dL/dpicture", x_gradient, paper::kPictureGradient, 4);
  table.print();
  lesson.claims.expect(table.equal(), "by hand = this program = PyTorch, to 5e-6");
}

}  // namespace qfs::ch20
