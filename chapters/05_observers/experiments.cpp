#include "05_observers/experiments.hpp"

namespace qfs {

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

double share_outside(const Matrix<float>& x, Interval interval) {
  std::size_t outside = 0;
  for (float value : values(x)) outside += value < interval.min || value > interval.max ? 1 : 0;
  return static_cast<double>(outside) / static_cast<double>(x.size());
}

std::vector<std::string> tensor_names(const Mlp& mlp) {
  std::vector<std::string> names = {"input"};
  for (std::size_t i = 1; i <= mlp.layers.size(); ++i)
    names.push_back("layer " + std::to_string(i));
  return names;
}

std::vector<Interval> in_order(const ActivationIntervals& intervals) {
  std::vector<Interval> all = {intervals.input};
  all.insert(all.end(), intervals.outputs.begin(), intervals.outputs.end());
  return all;
}

}  // namespace qfs
