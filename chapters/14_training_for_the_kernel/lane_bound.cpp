#include "14_training_for_the_kernel/lane_bound.hpp"

#include <numeric>

namespace qfs {

// [shrinkage]
// The largest come first: each that is at least its even share of what is too much shares it
// (eq. 14.2).
double shrinkage(std::span<double> numbers, double most) {
  if (std::accumulate(numbers.begin(), numbers.end(), 0.0) <= most) return 0.0;
  std::ranges::sort(numbers, std::greater());
  double sum = 0.0, tau = 0.0;
  for (std::size_t count = 0; count < numbers.size(); ++count) {
    sum += numbers[count];
    const double share = (sum - most) / static_cast<double>(count + 1);
    if (share > numbers[count]) break;
    tau = share;
  }
  return tau;
}
// [/shrinkage]

void project_lane(std::span<float> row, std::span<const std::size_t> lane, float scale,
                  double capacity, std::vector<double>& scratch) {
  for (float sign : {1.0F, -1.0F}) {
    scratch.resize(lane.size());
    std::size_t count = 0;  // of this sign; no branch, which nobody could foresee
    for (std::size_t k : lane) {
      scratch[count] = static_cast<double>(sign * row[k]);
      count += sign * row[k] > 0.0F ? 1 : 0;
    }
    const double tau =
        shrinkage(std::span(scratch).first(count), capacity * static_cast<double>(scale));
    if (tau == 0.0) continue;
    for (std::size_t k : lane) {
      const double shrunk = std::max(static_cast<double>(sign * row[k]) - tau, 0.0);
      row[k] = sign * row[k] > 0.0F ? sign * static_cast<float>(shrunk) : row[k];
    }
  }
}

namespace {

// Whether the sums of either sign of both lanes reach no further than `most`. `weights` are those
// of one or more steps.
bool both_fit(std::span<const float> weights, double most) {
  double positive[2] = {}, negative[2] = {};
  const auto add = [&](std::size_t k, std::size_t lane) {
    positive[lane] += std::max(0.0, static_cast<double>(weights[k]));
    negative[lane] += std::min(0.0, static_cast<double>(weights[k]));
  };
  const std::size_t whole = weights.size() - weights.size() % 4;
  for (std::size_t k = 0; k < whole; k += 4)
    for (std::size_t i = 0; i < 4; ++i) add(k + i, i / 2);
  for (std::size_t k = whole; k < weights.size(); ++k) add(k, (k - whole) / 2);
  return std::max(positive[0], positive[1]) <= most && std::max(-negative[0], -negative[1]) <= most;
}

}  // namespace

// Sums first: they are cheap, and a row that fits needs no more.
void project_row(std::span<float> row, float scale, const LaneBound& bound) {
  std::vector<double> scratch;
  const double capacity = lane_capacity(bound.x_max);
  const std::size_t inputs = 4 * std::min(bound.products / 2, (row.size() + 3) / 4);
  for (std::size_t begin = 0; begin < row.size(); begin += inputs) {
    const auto weights = row.subspan(begin, std::min(inputs, row.size() - begin));
    if (both_fit(weights, capacity * static_cast<double>(scale))) continue;
    for_each_lane(weights.size(), bound.products, [&](std::span<const std::size_t> lane) {
      project_lane(weights, lane, scale, capacity, scratch);
    });
  }
}

bool fits_lanes(std::span<const std::int8_t> row, const LaneBound& bound) {
  bool fits = true;
  for_each_lane(row.size(), bound.products, [&](std::span<const std::size_t> lane) {
    LaneSums sums;
    for (std::size_t k : lane) sums += sums_of(row[k], 0);
    fits = fits && fits_lane(sums, bound.x_max);
  });
  return fits;
}

namespace {

// One step towards 0 for the integer of this sign that had been rounded away from it most, or least
// towards it.
void take_one_back(std::span<const float> row, std::span<std::int32_t> q,
                   std::span<const std::size_t> lane, float scale, std::int32_t sign) {
  std::size_t worst = lane[0];
  float most = -std::numeric_limits<float>::infinity();
  for (std::size_t k : lane) {
    if (q[k] * sign <= 0) continue;
    const float added = static_cast<float>(sign) * (static_cast<float>(q[k]) - row[k] / scale);
    if (added > most) {
      most = added;
      worst = k;
    }
  }
  q[worst] -= sign;
}

}  // namespace

void fit_row(std::span<float> row, float scale, QuantRange range, const LaneBound& bound) {
  for (float w : row)
    require(std::isfinite(w), "a weight is not finite", w, "finite weights",
            "lower the learning rate, or look for NaN in the weights");
  std::vector<std::int32_t> q(row.size());
  for (std::size_t k = 0; k < row.size(); ++k) q[k] = quantize_value(row[k], {scale, 0}, range);
  for_each_lane(row.size(), bound.products, [&](std::span<const std::size_t> lane) {
    for (;;) {
      LaneSums sums;
      for (std::size_t k : lane) (q[k] > 0 ? sums.positive : sums.negative) += q[k];
      if (fits_lane(sums, bound.x_max)) return;
      const bool positive = bound.x_max * sums.positive > std::numeric_limits<std::int16_t>::max();
      take_one_back(row, q, lane, scale, positive ? 1 : -1);
    }
  });
  for (std::size_t k = 0; k < row.size(); ++k) row[k] = scale * static_cast<float>(q[k]);
}

}  // namespace qfs
