// How far a reconstruction is from the original, in the measures the field uses.
#pragma once

#include <cmath>
#include <span>

#include "common/check.hpp"

namespace qfs {

// A ratio of powers, such as mean squares, in decibels: 20 for 100.
inline double decibels(double power_ratio) { return 10.0 * std::log10(power_ratio); }

struct ErrorMeasures {
  double max_abs = 0.0;  // largest |x - y|
  double mae = 0.0;      // mean |x - y|
  double mse = 0.0;      // mean (x - y)^2
  double sqnr_db = 0.0;  // 10 log10(sum x^2 / sum (x - y)^2); infinite when equal
  double psnr_db = 0.0;  // 10 log10((max x - min x)^2 / mse): the peak is the interval of x
  double cosine = 0.0;   // x.y / (|x| |y|); 1 when both are all zero, 0 when one is
};

// x the original, y its reconstruction, of one length >= 1.
inline ErrorMeasures measure_error(std::span<const float> x, std::span<const float> y) {
  require(x.size() == y.size() && !x.empty(), "measure_error needs two tensors of one size",
          y.size(), x.size(), "compare a tensor with its own reconstruction");
  double max_abs = 0, sum_abs = 0, sum_sq = 0, xx = 0, yy = 0, xy = 0, low = x[0], high = x[0];
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double xi = x[i], yi = y[i], error = xi - yi;
    max_abs = std::fmax(max_abs, std::fabs(error));
    sum_abs += std::fabs(error);
    sum_sq += error * error;
    xx += xi * xi;
    yy += yi * yi;
    xy += xi * yi;
    low = std::fmin(low, xi);
    high = std::fmax(high, xi);
  }
  const double n = static_cast<double>(x.size());
  ErrorMeasures e;
  e.max_abs = std::isnan(sum_abs) ? sum_abs : max_abs;  // fmax passes over a NaN
  e.mae = sum_abs / n;
  e.mse = sum_sq / n;
  e.sqnr_db = sum_sq == 0.0 ? HUGE_VAL : decibels(xx / sum_sq);
  e.psnr_db = sum_sq == 0.0 ? HUGE_VAL : decibels((high - low) * (high - low) / e.mse);
  e.cosine = xx == 0.0 || yy == 0.0 ? (xx == yy ? 1.0 : 0.0) : xy / std::sqrt(xx * yy);
  return e;
}

}  // namespace qfs
