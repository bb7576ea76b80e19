#include "15_calibration_methods/calibrators.hpp"

#include <bit>
#include <string>

#include "common/rng.hpp"

namespace qfs {

std::size_t magnitude_levels(int bits, bool is_signed) {
  require(bits >= 2 && bits <= 8, "calibration for so many bits", bits, "2 to 8", "use 8, 6 or 4");
  return std::size_t{1} << (is_signed ? bits - 1 : bits);
}

namespace {

void require_histogram(const Histogram& h) {
  require(!h.counts.empty() || h.width == 0.0, "a histogram without bins", h.counts.size(),
          "at least one bin", "collect a batch first");
}

void require_levels(std::size_t levels) {
  require(std::has_single_bit(levels) && levels >= 2, "a search for so many levels", levels,
          "a power of two, at least 2", "use magnitude_levels(bits, is_signed)");
}

std::uint64_t total(const std::vector<std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (std::uint64_t count : counts) sum += count;
  return sum;
}

// c log c, and 0 for 0.
double count_log(double count) { return count > 0.0 ? count * portable_log(count) : 0.0; }

}  // namespace

// [percentile_threshold]
double percentile_threshold(const Histogram& histogram, double percent) {
  require(percent > 0.0 && percent <= 100.0, "a percentile outside (0, 100]", percent,
          "above 0 and at most 100", "99.99 is usual");
  require_histogram(histogram);
  const double wanted = percent * static_cast<double>(total(histogram.counts));
  std::uint64_t up_to_here = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    up_to_here += histogram.counts[i];
    if (100.0 * static_cast<double>(up_to_here) >= wanted) return histogram.edge(i);
  }
  return 0.0;  // no bins: nothing but 0 was seen
}
// [/percentile_threshold]

namespace {

// Sums over the bins before each bin, so that a sum over neighbours is one subtraction.
struct RunningSums {
  std::vector<double> counts, used, count_logs;  // of c, of (c > 0), of c log c; n + 1 each
};

RunningSums running_sums(const std::vector<std::uint64_t>& counts) {
  RunningSums sums;
  for (auto* list : {&sums.counts, &sums.used, &sums.count_logs}) list->assign(1, 0.0);
  for (std::uint64_t count : counts) {
    const double c = static_cast<double>(count);
    sums.counts.push_back(sums.counts.back() + c);
    sums.used.push_back(sums.used.back() + (count > 0 ? 1.0 : 0.0));
    sums.count_logs.push_back(sums.count_logs.back() + count_log(c));
  }
  return sums;
}

// [divergence]
// The divergence of P from Q, clipped at bin i (eq. 15.7). Q is one number within a level
// (eq. 15.6), so its logarithm is taken once a level, not once a bin. The outliers are in P's last
// bin alone (eq. 15.4).
double divergence(const RunningSums& sums, std::size_t i, std::size_t levels) {
  const double all = sums.counts.back(), inside = sums.counts[i], outliers = all - inside;
  const double last = inside - sums.counts[i - 1];
  if (inside == 0.0 || (last == 0.0 && outliers > 0.0)) return HUGE_VAL;
  double sum = sums.count_logs[i - 1] + count_log(last + outliers);  // of P log P
  for (std::size_t k = 0, begin = 0; k < levels; ++k) {
    // Level k: the bins j with floor(j * levels / i) = k (eq. 15.5). Fewer bins than levels: some
    // have none.
    const std::size_t end = ((k + 1) * i + levels - 1) / levels;
    const double count = sums.counts[end] - sums.counts[begin];
    const double used = sums.used[end] - sums.used[begin];
    begin = end;
    if (count == 0.0) continue;
    const double of_p = end == i ? count + outliers : count;
    sum -= of_p * portable_log(count / used);  // of P log Q
  }
  return sum / all + portable_log(inside / all);
}
// [/divergence]

}  // namespace

double clip_divergence(const std::vector<std::uint64_t>& counts, std::size_t i,
                       std::size_t levels) {
  require_levels(levels);
  require(i > 0 && i <= counts.size(), "a histogram is clipped at one of its bins", i,
          "1 to " + std::to_string(counts.size()), "use a smaller one");
  return divergence(running_sums(counts), i, levels);
}

// [divergences]
std::vector<double> divergences(const Histogram& histogram, std::size_t levels) {
  require_histogram(histogram);
  require_levels(levels);
  std::vector<std::uint64_t> counts = histogram.counts;
  if (counts.size() > 1) counts[0] = counts[1];  // what a ReLU makes 0 says nothing about T
  const RunningSums sums = running_sums(counts);
  std::vector<double> all;
  for (std::size_t i = kStartBin; i <= counts.size(); ++i)
    all.push_back(divergence(sums, i, levels));
  return all;
}

Search entropy_search(const Histogram& histogram, std::size_t levels) {
  const std::vector<double> losses = divergences(histogram, levels);
  Search search{.candidates = losses.size()};
  search.loss = HUGE_VAL;
  for (std::size_t k = 0; k < losses.size(); ++k) {
    search.finite += losses[k] < HUGE_VAL ? 1 : 0;
    if (losses[k] > search.loss) continue;  // equal ones: the last
    search.loss = losses[k];
    search.bin = kStartBin + k;
  }
  search.threshold = histogram.edge(search.bin);
  return search;
}
// [/divergences]

namespace {

// A bin that holds something: where its values are taken to lie, and how many there are.
struct UsedBin {
  double center = 0.0, count = 0.0;
};

// To the nearest integer, ties to even, for 0 <= t < 2^51: beyond 2^52 doubles are whole numbers.
// It is chapter 03's round_fast in double.
double round_fast(double t) {
  constexpr double kMagic = 6755399441055744.0;  // 1.5 * 2^52
  return (t + kMagic) - kMagic;
}

// [squared_error]
// The sum of squared errors when `steps` integers are spread over [0, threshold] (eq. 15.8). The
// bins come largest first: what is clamped costs most, and a sum that has passed `enough` is given
// up, unfinished.
double squared_error(const std::vector<UsedBin>& bins, double threshold, double steps,
                     double enough) {
  const double scale = steps / threshold;  // integers per unit, as the toolkit keeps it
  double sum = 0.0;
  for (const UsedBin& bin : bins) {
    const double q = round_fast(std::min(bin.center * scale, steps));
    const double error = q / scale - bin.center;
    sum += error * error * bin.count;
    if (sum > enough) break;
  }
  return sum;
}
// [/squared_error]

// Largest first.
std::vector<UsedBin> used_bins(const Histogram& histogram) {
  std::vector<UsedBin> bins;
  for (std::size_t i = histogram.counts.size(); i-- > 0;)
    if (histogram.counts[i] > 0)
      bins.push_back({histogram.center(i), static_cast<double>(histogram.counts[i])});
  return bins;
}

}  // namespace

double clip_error(const Histogram& histogram, double threshold, std::size_t levels) {
  require_levels(levels);
  require(threshold > 0.0 && std::isfinite(threshold), "a clip threshold must be positive",
          threshold, "a number above 0", "check that the tensor is not all zero");
  const double values = static_cast<double>(total(histogram.counts));
  require(values > 0.0, "the mean error of no values", values, "at least one", "collect a batch");
  return squared_error(used_bins(histogram), threshold, static_cast<double>(levels - 1), HUGE_VAL) /
         values;
}
Search mse_search(const Histogram& histogram, std::size_t levels) {
  require_histogram(histogram);
  require_levels(levels);
  const double steps = static_cast<double>(levels - 1);  // 127 of [-127, 127], 255 of [0, 255]
  const std::vector<UsedBin> bins = used_bins(histogram);
  Search search{.loss = HUGE_VAL};
  for (std::size_t i = kStartBin; i < histogram.counts.size(); ++i) {
    const double loss = squared_error(bins, histogram.center(i), steps, search.loss);
    ++search.candidates;
    if (loss >= search.loss) continue;  // equal ones: the first
    search.loss = loss;
    search.bin = i;
  }
  search.finite = search.candidates;
  search.threshold = search.candidates > 0 ? histogram.center(search.bin) : 0.0;
  search.loss /= std::max(1.0, static_cast<double>(total(histogram.counts)));
  return search;
}

}  // namespace qfs
