#include "15_calibration_methods/signed_histogram.hpp"

#include <algorithm>
#include <cmath>

#include "15_calibration_methods/plumbing/torch_counts.hpp"

namespace qfs {

BinCounts SignedHistogram::count(std::span<const float> x, Interval between) const {
  if (ends_ == HistogramEnds::truncated_to_int)
    between = {std::trunc(between.min), std::trunc(between.max)};
  return histogram_of(x, between);
}
void SignedHistogram::observe(std::span<const float> x) {
  const Interval now = qfs::min_max(x);
  if (!seen_ || min_ == max_) {  // PyTorch forgets a first batch that was constant
    counts_ = count(x, now);
    min_ = now.min;
    max_ = now.max;
    seen_ = true;
    return;
  }
  const WiderSpan wider = wider_span({min_, max_}, now);
  BinCounts counts = count(x, wider.span);
  if (wider.span == Interval{min_, max_})
    for (std::size_t j = 0; j < kBins; ++j) counts[j] += counts_[j];
  else
    add_stretched(counts_, wider, counts);
  counts_ = counts;
  min_ = wider.span.min;
  max_ = wider.span.max;
}

namespace {

// The integral of x^2 from begin to end.
float integral(float begin, float end) { return (end * end * end - begin * begin * begin) / 3.0F; }

}  // namespace

// [tail_error]
double tail_error(const BinCounts& counts, double width, int first, int last) {
  constexpr int kLevels = SignedHistogram::kLevels;
  const double level = width * (last - first + 1) / kLevels;  // the width of one level
  const float w = static_cast<float>(width), step = static_cast<float>(level);
  const float half = static_cast<float>(level / 2);
  double sum = 0.0;
  for (int j = 0; j < static_cast<int>(counts.size()); ++j) {
    // Bin j goes from `begin` to `end`, measured from the start of bin `first`.
    const float begin = static_cast<float>(j - first) * w, end = begin + w;
    const float level_of_begin = std::clamp(floor_divide(begin, step), 0.0F, kLevels - 1.0F);
    const float level_of_end = std::clamp(floor_divide(end, step), 0.0F, kLevels - 1.0F);
    const float density = counts[static_cast<std::size_t>(j)] / w;
    // To the end of the first level, over the whole levels between, from the start of the last.
    float error = density * integral(begin - (level_of_begin + 0.5F) * step, half);
    error += (level_of_end - level_of_begin - 1.0F) * (density * integral(-half, half));
    error += density * integral(-half, end - (level_of_end * step + half));
    sum += error;
  }
  return sum;
}
// [/tail_error]

// [search]
Interval SignedHistogram::search() const {
  require(seen_, "a histogram was asked before it saw anything", "no batch", "at least one batch",
          "run calibration first, on at least one digit");
  if (min_ == max_) return {min_, max_};
  std::array<float, kBins> up_to{};  // counts up to and with each bin
  double running = 0.0;
  for (std::size_t j = 0; j < kBins; ++j)
    up_to[j] = static_cast<float>(running += static_cast<double>(counts_[j]));
  const double all = sum_as_torch(counts_), width = (static_cast<double>(max_) - min_) / kBins;
  const auto share_of = [&](double share) { return static_cast<float>(share * all); };
  double alpha = 0.0, beta = 1.0, least = HUGE_VAL;
  int first = 0, last = kBins - 1;
  while (alpha < beta) {
    // Where would each end be if a hundred-thousandth more of the values were beyond it?
    const double next_alpha = alpha + 1e-5, next_beta = beta - 1e-5;
    int left = first, right = last;
    while (left < last && up_to[static_cast<std::size_t>(left)] < share_of(next_alpha)) ++left;
    while (right > first && up_to[static_cast<std::size_t>(right)] > share_of(next_beta)) --right;
    // The end that saves more bins moves; at a tie the upper one.
    const bool move_left = left - first > last - right;
    (move_left ? alpha : beta) = move_left ? next_alpha : next_beta;
    const int next_first = move_left ? left : first, next_last = move_left ? last : right;
    if (next_first == first && next_last == last) continue;
    const double error = tail_error(counts_, width, next_first, next_last);
    if (error > least) break;
    least = error;
    first = next_first;
    last = next_last;
  }
  const float bin_width = (max_ - min_) / static_cast<float>(kBins);
  return {min_ + bin_width * static_cast<float>(first),
          min_ + bin_width * static_cast<float>(last + 1)};
}
// [/search]

}  // namespace qfs
