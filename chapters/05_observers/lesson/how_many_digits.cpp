// Section 3: more digits, fewer surprises.
#include <string>
#include <vector>

#include "05_observers/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch05 {
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

}  // namespace

void how_many_digits(const Study& study, Lesson& lesson) {
  section(3, "How many digits? What " + std::to_string(study.dataset.test.size()) +
                 " unseen digits have outside, before ReLU");
  const auto names = tensor_names(study.mlp);
  const auto unseen = activations(study.mlp, study.dataset.test.pixels, OutputPoint::after_linear);
  std::vector<std::string> header = {"outside, per million"};
  header.insert(header.end(), names.begin(), names.end());
  Table table(header);
  std::vector<std::vector<double>> curve;
  for (std::size_t count : {1U, 3U, 10U, 30U, 100U, 300U, 1000U, 3000U, 8000U}) {
    if (count > study.dataset.train.size()) break;
    const CalibrationSet digits(study.dataset.train, count);
    const auto intervals =
        in_order(calibrate<MinMaxObserver>(study.mlp, digits, OutputPoint::after_linear, 500));
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
  lesson.claims.expect(curve.front()[2] > 100.0 * curve[6][2],
                       "layer 1: 1000 digits leave less than a hundredth of what one leaves");
}

}  // namespace qfs::ch05
