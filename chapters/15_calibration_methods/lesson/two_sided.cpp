#include "15_calibration_methods/lesson/two_sided.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/rng.hpp"

namespace qfs::ch15 {
namespace {

using Counts = std::vector<double>;

// Zeros become 0.0001, which the others pay for. Empty where there are too many of them.
Counts smoothed(Counts counts) {
  double zeros = 0.0;
  for (double count : counts) zeros += count == 0.0 ? 1.0 : 0.0;
  const double others = static_cast<double>(counts.size()) - zeros;
  const double taken = others > 0.0 ? 1e-4 * zeros / others : 1.0;
  if (taken >= 1.0) return {};
  for (double& count : counts) count = count == 0.0 ? 1e-4 : count - taken;
  return counts;
}

double sum_of(std::span<const double> counts) {
  double sum = 0.0;
  for (double count : counts) sum += count;
  return sum;
}

double kullback_leibler(const Counts& p, const Counts& q) {
  if (p.empty() || q.empty()) return HUGE_VAL;
  const double ratio = sum_of(q) / sum_of(p);
  double sum = 0.0;
  for (std::size_t j = 0; j < p.size(); ++j)
    if (p[j] > 0.0) sum += q[j] > 0.0 ? p[j] * portable_log(p[j] / q[j] * ratio) : HUGE_VAL;
  return sum / sum_of(p);
}

// Of the bins begin to end (not included).
double divergence(std::span<const double> counts, std::size_t begin, std::size_t end,
                  std::size_t quantized) {
  const std::span<const double> kept = counts.subspan(begin, end - begin);
  Counts p(kept.begin(), kept.end()), q(kept.size(), 0.0);
  p.front() += sum_of(counts.first(begin));
  p.back() += sum_of(counts.subspan(end));
  const std::size_t merged = kept.size() / quantized;
  for (std::size_t k = 0; k < quantized; ++k) {
    const std::size_t first = k * merged, last = first + merged;
    double level = sum_of(kept.subspan(first, merged)), used = 0.0;
    if (k + 1 == quantized) level += sum_of(kept.subspan(last));
    for (std::size_t j = first; j < last; ++j) used += p[j] != 0.0 ? 1.0 : 0.0;
    for (std::size_t j = first; j < last && used > 0.0; ++j) q[j] = std::floor(level / used);
  }
  return kullback_leibler(smoothed(std::move(p)), smoothed(std::move(q)));
}

}  // namespace

TwoSided two_sided_search(std::span<const float> x, std::size_t bins, std::size_t quantized) {
  const Interval seen = min_max(x);
  const double th = std::max(-seen.min, seen.max), width = 2.0 * th / static_cast<double>(bins);
  Counts counts(bins, 0.0);
  for (float value : x)
    counts[std::min(static_cast<std::size_t>((value + th) / width), bins - 1)] += 1.0;
  const std::size_t middle = bins / 2;
  double least = HUGE_VAL;
  TwoSided found{.interval = seen};
  for (std::size_t i = quantized / 2; i <= middle; ++i) {
    const std::size_t begin = middle - i, end = std::min(middle + i + 1, bins);
    const double loss = divergence(counts, begin, end, quantized);
    ++found.candidates;
    if (loss >= least && found.candidates > 1) continue;
    least = loss;
    const auto edge = [&](std::size_t j) {
      return static_cast<float>(static_cast<double>(j) * width - th);
    };
    found.interval = {std::max(edge(begin), seen.min), std::min(edge(end), seen.max)};
  }
  return found;
}

}  // namespace qfs::ch15
