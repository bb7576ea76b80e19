// Calibrators: a threshold T from a histogram of magnitudes. Beyond T everything will be clamped.
//
// Public versions of each rule differ in ways that change T; what is chosen here is written at each
// choice, and the table in the text names the others. All sums are double, in one order, and the
// logarithm is our own: T is the same bin on every CPU.
#pragma once

#include <cstdint>
#include <vector>

#include "15_calibration_methods/histogram.hpp"

namespace qfs {

// No search starts below this bin (slides, pytorch-quantization): T is at least 128 w.
inline constexpr std::size_t kStartBin = 128;

// How many integers there are for magnitudes: 2^b of an unsigned range, half as many of a signed
// one. Throws Error unless 2 <= bits <= 8.
std::size_t magnitude_levels(int bits, bool is_signed);
// The left edge of the first bin up to which at least `percent` % of all values lie (eq. 15.3).
// Counts are compared, not shares: no sum of shares ends at 0.9999. Throws Error unless
// 0 < percent <= 100. The result is 0 where so many values lie in bin 0.
double percentile_threshold(const Histogram& histogram, double percent);

// What a search has found, and what it has seen on the way.
struct Search {
  double threshold = 0.0;
  std::size_t bin = 0;  // the best candidate i: T is i w (entropy), the centre of bin i (MSE)
  double loss = 0.0;    // the divergence in nats, or the mean squared error, of the best
  std::size_t candidates = 0;  // how many thresholds were tried
  std::size_t finite = 0;      // and of how many the loss is a number
};

// How far the levels are from the values when everything beyond bin i - 1 is clamped: the
// divergence of P from Q (eq. 15.7), in nats; infinite where Q is 0 and P is not. `levels` is a
// power of two.
double clip_divergence(const std::vector<std::uint64_t>& counts, std::size_t i, std::size_t levels);

// The same of every candidate i = 128 ... n, bin 0 first given the count of bin 1: what a ReLU has
// made 0 would outweigh everything.
std::vector<double> divergences(const Histogram& histogram, std::size_t levels);

// Entropy: the LAST candidate with the smallest divergence; T is its edge, i w. Of a histogram of
// zeros T is 0.
Search entropy_search(const Histogram& histogram, std::size_t levels);

// The mean squared error of magnitudes rounded to `levels` integers over [0, threshold], every
// value taken for the centre of its bin (eq. 15.8).
double clip_error(const Histogram& histogram, double threshold, std::size_t levels);

// MSE: the FIRST candidate i = 128 ... n - 1 whose centre, as threshold, leaves the smallest error.
Search mse_search(const Histogram& histogram, std::size_t levels);

}  // namespace qfs
