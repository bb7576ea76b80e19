// Chapter 14, the bound: which weights share a lane, the nearest weights that fit, the integers.
#include "14_training_for_the_kernel/lane_bound.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "10_kernel_ladder/saturation.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace qfs;

using Places = std::vector<std::size_t>;
constexpr std::size_t kProducts[] = {2, 4, 6, 8, 16, 32, 64, kThroughout};

std::vector<Places> lanes_of_row(std::size_t K, std::size_t products) {
  std::vector<Places> lanes;
  for_each_lane(K, products, [&](std::span<const std::size_t> lane) {
    lanes.emplace_back(lane.begin(), lane.end());
  });
  return lanes;
}

// The same by a formula for one weight: step k / 4, the half k / 2 % 2 of it, products / 2 steps.
std::vector<Places> lanes_by_formula(std::size_t K, std::size_t products) {
  std::vector<Places> lanes(2 * (K / 4 / (products / 2) + 1));
  for (std::size_t k = 0; k < K; ++k) lanes[2 * (k / 4 / (products / 2)) + k / 2 % 2].push_back(k);
  std::erase(lanes, Places());
  return lanes;
}

// The step by halving an interval that holds it: what is left of the numbers falls with the step.
double step_by_bisection(std::span<const double> numbers, double most) {
  const auto left = [&](double step) {
    double sum = 0.0;
    for (double number : numbers) sum += std::max(number - step, 0.0);
    return sum;
  };
  if (left(0.0) <= most) return 0.0;
  double low = 0.0, high = *std::ranges::max_element(numbers);
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2.0;
    (left(middle) > most ? low : high) = middle;
  }
  return high;
}

std::vector<float> normal_row(Rng& rng, std::size_t K, double deviation) {
  std::vector<float> row(K);
  for (float& w : row) w = static_cast<float>(deviation * rng.normal());
  return row;
}

std::vector<std::uint32_t> bits_of(std::span<const float> row) {
  std::vector<std::uint32_t> bits;
  for (float w : row) bits.push_back(std::bit_cast<std::uint32_t>(w));
  return bits;
}

// Of one sign of a lane: what they add up to.
double sum_of_sign(std::span<const float> row, const Places& lane, float sign) {
  double sum = 0.0;
  for (std::size_t k : lane) sum += static_cast<double>(std::max(sign * row[k], 0.0F));
  return sum;
}

// (eq. 14.2) as it is written: sorted, the sums of the first so many, the last step that leaves the
// last of them above 0 or at it. The same sums in the same order, so equal to the last bit.
double step_as_written(std::vector<double> numbers, double most) {
  if (std::accumulate(numbers.begin(), numbers.end(), 0.0) <= most) return 0.0;
  std::ranges::sort(numbers, std::greater());
  std::vector<double> sums(numbers.size());
  std::partial_sum(numbers.begin(), numbers.end(), sums.begin());
  double step = 0.0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double next = (sums[i] - most) / static_cast<double>(i + 1);
    if (next > numbers[i]) return step;
    step = next;
  }
  return step;
}

std::vector<float> projected_as_written(std::vector<float> row, float scale,
                                        const LaneBound& bound) {
  const double most = lane_capacity(bound.x_max) * static_cast<double>(scale);
  for (const Places& lane : lanes_by_formula(row.size(), bound.products))
    for (float sign : {1.0F, -1.0F}) {
      std::vector<double> numbers;
      for (std::size_t k : lane)
        if (sign * row[k] > 0.0F) numbers.push_back(static_cast<double>(sign * row[k]));
      const double step = step_as_written(numbers, most);
      for (std::size_t k : lane)
        if (step > 0.0 && sign * row[k] > 0.0F)
          row[k] =
              sign * static_cast<float>(std::max(static_cast<double>(sign * row[k]) - step, 0.0));
    }
  return row;
}

// "" where `after` is the nearest point to `before` of those whose sum of this sign is `most` at
// most. By the conditions of Karush, Kuhn and Tucker: all that stay above 0 have come down by one
// step, those at 0 were no larger than it, and where the step is not 0 the sum is `most`.
std::string why_not_nearest(std::span<const float> before, std::span<const float> after,
                            const Places& lane, float sign, double most) {
  const double sum = sum_of_sign(before, lane, sign), left = sum_of_sign(after, lane, sign);
  std::vector<double> numbers;
  for (std::size_t k : lane)
    numbers.push_back(static_cast<double>(std::max(sign * before[k], 0.0F)));
  const double step = step_by_bisection(numbers, most);
  // A weight is rounded to float32 once, by 2^-24 of itself; sums of 400 doubles, by 400 * 2^-53 of
  // the sum, are next to nothing beside it.
  const double slack = 0x1p-23;
  if (left > most * (1.0 + slack)) return "does not fit";
  if (sum > most && left < most * (1.0 - slack)) return "has come down too far";
  for (std::size_t k : lane) {
    const double v = static_cast<double>(sign * before[k]),
                 r = static_cast<double>(sign * after[k]);
    if (v <= 0.0) continue;
    if (!(r >= 0.0)) return "a sign has flipped";
    if (!(std::fabs(r - std::max(v - step, 0.0)) <= slack * v + 0x1p-40 * sum))
      return "not by the common step";
  }
  return "";
}

std::int32_t rounded(float w, float scale) {
  return quantize_value(w, {scale, 0}, signed_range(8));
}

std::vector<std::int8_t> integers(std::span<const float> row, float scale) {
  std::vector<std::int8_t> q;
  for (float w : row) q.push_back(static_cast<std::int8_t>(rounded(w, scale)));
  return q;
}

// Whether no lane leaves 16 bits, whatever the inputs: all 2^K inputs of 0 and x_max.
bool holds_all_extremes(std::span<const std::int8_t> row, const LaneBound& bound) {
  const auto x_max = static_cast<std::uint8_t>(bound.x_max);
  for (std::size_t choice = 0; choice < std::size_t{1} << row.size(); ++choice)
    for (const Places& lane : lanes_by_formula(row.size(), bound.products)) {
      std::int32_t sum = 0;
      for (std::size_t k : lane) sum += (choice >> k & 1U) != 0 ? x_max * row[k] : 0;
      if (sum > 32767 || sum < -32768) return false;
    }
  return true;
}

// Of all ways to bring a lane's integers of one sign `excess` steps towards 0, the smallest squared
// error to t, in steps: weight after weight, for every number of steps taken so far.
double least_error(const std::vector<std::int32_t>& q, const std::vector<double>& t,
                   std::size_t excess) {
  std::vector<double> least(excess + 1, std::numeric_limits<double>::infinity());
  least[0] = 0.0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    std::vector<double> next(excess + 1, std::numeric_limits<double>::infinity());
    for (std::size_t taken = 0; taken <= excess; ++taken)
      for (std::size_t more = 0;
           more <= std::min<std::size_t>(excess - taken, static_cast<std::size_t>(q[i])); ++more) {
        const double error = q[i] - static_cast<double>(more) - t[i];
        next[taken + more] = std::min(next[taken + more], least[taken] + error * error);
      }
    least = next;
  }
  return least[excess];
}

// What fit_row has made of one sign of a lane: "" or what is wrong. Reals and scale are such
// that all of this is exact.
std::string why_not_fitted(std::span<const float> before, std::span<const float> after,
                           const Places& lane, std::int32_t sign, float scale,
                           std::int32_t capacity) {
  std::vector<std::int32_t> q;
  std::vector<double> t;
  std::int32_t sum = 0, left = 0;
  double error = 0.0;
  for (std::size_t k : lane) {
    const std::int32_t plain = rounded(before[k], scale) * sign,
                       now = rounded(after[k], scale) * sign;
    if (after[k] != scale * static_cast<float>(now * sign)) return "not on the grid";
    if (plain <= 0) {
      if (now > 0) return "a sign has flipped";
      continue;
    }
    if (now < 0 || now > plain) return "not towards 0";
    q.push_back(plain);
    t.push_back(static_cast<double>(before[k] / scale) * sign);
    sum += plain;
    left += now;
    error += (now - t.back()) * (now - t.back());
  }
  const std::int32_t excess = std::max(sum - capacity, 0);
  if (left != sum - excess) return "not as few steps as needed";
  if (error != least_error(q, t, static_cast<std::size_t>(excess))) return "not the least error";
  return "";
}

}  // namespace

TEST_CASE("which weights share a lane, by hand", "[hand]") {
  // Ten weights, four products a lane: two steps, then what is left.
  CHECK(lanes_of_row(10, 4) == std::vector<Places>{{0, 1, 4, 5}, {2, 3, 6, 7}, {8, 9}});
  CHECK(lanes_of_row(11, 4) == std::vector<Places>{{0, 1, 4, 5}, {2, 3, 6, 7}, {8, 9}, {10}});
  CHECK(lanes_of_row(8, 2) == std::vector<Places>{{0, 1}, {2, 3}, {4, 5}, {6, 7}});
  CHECK(lanes_of_row(9, kThroughout) == std::vector<Places>{{0, 1, 4, 5, 8}, {2, 3, 6, 7}});
  CHECK(lanes_of_row(1, 16) == std::vector<Places>{{0}});
  CHECK(lanes_of_row(0, 16).empty());
  CHECK(lanes_of_row(0, kThroughout).empty());
  // As chapter 11 has it: the two lanes of a step.
  const Lanes step = lanes_of({0, {1, 2, 4, 8}});
  CHECK((step[0].positive == 1 + 2 && step[1].positive == 4 + 8));
}

TEST_CASE("every weight is in one lane, for every depth", "[prop]") {
  for (std::size_t products : kProducts)
    for (std::size_t K = 1; K <= 70; ++K) {
      const auto lanes = lanes_of_row(K, products);
      INFO("K = " << K << ", products = " << products);
      CHECK(lanes == lanes_by_formula(K, products));
      Places all;
      for (const Places& lane : lanes) {
        CHECK(lane.size() <= products);
        all.insert(all.end(), lane.begin(), lane.end());
      }
      std::ranges::sort(all);
      Places expected(K);
      std::iota(expected.begin(), expected.end(), std::size_t{0});
      CHECK(all == expected);
    }
}

TEST_CASE("what a lane takes", "[hand]") {
  CHECK(lane_capacity(127) == 258);  // 258 * 127 = 32766
  CHECK(lane_capacity(255) == 128);  // 128 * 255 = 32640
  CHECK(lane_capacity(1) == 32767);
  for (std::int32_t x_max = 1; x_max <= 255; ++x_max) {
    CHECK(fits_lane({lane_capacity(x_max), -lane_capacity(x_max)}, x_max));
    CHECK_FALSE(fits_lane({lane_capacity(x_max) + 1, 0}, x_max));
  }
}

TEST_CASE("how far numbers come down, by hand", "[hand]") {
  const auto step = [](std::vector<double> numbers, double most) {
    return shrinkage(numbers, most);
  };
  CHECK(step({5, 3, 1}, 9) == 0.0);   // they fit
  CHECK(step({5, 3, 1}, 6) == 1.0);   // 4 + 2 + 0
  CHECK(step({1, 3, 5}, 6) == 1.0);   // in any order
  CHECK(step({5, 3, 1}, 4) == 2.0);   // 3 + 1, and the 1 is gone
  CHECK(step({10, 1, 1}, 5) == 5.0);  // 5
  CHECK(step({2, 2, 2, 2}, 4) == 1.0);
  CHECK(step({0.5}, 0.125) == 0.375);
  CHECK(step({5, 3}, 0) == 5.0);  // nothing may be left
  CHECK(step({3, 3}, 0) == 3.0);
  CHECK(step({0, 0, 4}, 1) == 3.0);
  CHECK(step({}, 0) == 0.0);
  CHECK(step({}, 1) == 0.0);
}

TEST_CASE("how far numbers come down, as bisection finds it", "[prop]") {
  Rng rng(1401);
  for (int i = 0; i < 2000; ++i) {
    std::vector<double> numbers(1 + rng.below(40));
    for (double& number : numbers) number = std::fabs(rng.normal()) * (rng.below(5) == 0 ? 10 : 1);
    const double sum = std::accumulate(numbers.begin(), numbers.end(), 0.0);
    const double most = sum * rng.uniform(0.0, 1.2);
    const double expected = step_by_bisection(numbers, most);
    const double got = shrinkage(numbers, most);
    // Both add at most 40 numbers, each addition within 2^-53 of the sum, and what is left falls by
    // 1 or more for 1 of the step.
    CHECK(std::fabs(got - expected) <= 4.0 * 42.0 * 0x1p-53 * sum);
    CHECK((got > 0.0) == (sum > most));
  }
}

TEST_CASE("a lane comes down to its nearest point, by hand", "[hand]") {
  // C s = 2 * 0.5 = 1. Places 0, 1, 4, 5: the positive 1 and 0.5 come down by 0.25, -2 to -1.
  std::vector<float> row = {1.0F, 0.5F, 9.0F, 9.0F, -2.0F, -0.0F, 9.0F};
  std::vector<double> scratch;
  project_lane(row, Places{0, 1, 4, 5}, 0.5F, 2.0, scratch);
  CHECK(bits_of(row) == bits_of(std::vector<float>{0.75F, 0.25F, 9.0F, 9.0F, -1.0F, -0.0F, 9.0F}));
  // Full to the brim is not over.
  row = {0.75F, 0.25F, -1.0F, 0.0F};
  project_lane(row, Places{0, 1, 2, 3}, 0.5F, 2.0, scratch);
  CHECK(row == std::vector<float>{0.75F, 0.25F, -1.0F, 0.0F});
  // The smallest goes to 0, and not below.
  row = {2.0F, 0.25F, -2.0F, -0.25F};
  project_lane(row, Places{0, 1, 2, 3}, 0.5F, 2.0, scratch);
  CHECK(row == std::vector<float>{1.0F, 0.0F, -1.0F, 0.0F});
}

TEST_CASE("a row comes down to its nearest point", "[prop]") {
  Rng rng(1402);
  for (std::size_t products : kProducts)
    for (std::int32_t x_max : {127, 255})
      for (std::size_t K : {1U, 3U, 8U, 33U, 70U, 256U, 402U}) {
        const LaneBound bound{products, x_max};
        const float scale = 0.01F;
        // So large that an average lane is about full.
        const double full = 2.0 * lane_capacity(x_max) / static_cast<double>(std::min(products, K));
        const std::vector<float> before = normal_row(rng, K, 0.01 * full);
        std::vector<float> after = before;
        project_row(after, scale, bound);
        INFO("K = " << K << ", products = " << products << ", x_max = " << x_max);
        for (const Places& lane : lanes_by_formula(K, products))
          for (float sign : {1.0F, -1.0F})
            CHECK(why_not_nearest(before, after, lane, sign,
                                  lane_capacity(x_max) * static_cast<double>(scale)) == "");
        CHECK(bits_of(after) == bits_of(projected_as_written(before, scale, bound)));
      }
}

TEST_CASE("lanes that fit keep every bit, and those that do not are met", "[prop]") {
  Rng rng(1403);
  std::size_t kept = 0, shrunk = 0;
  for (int i = 0; i < 300; ++i) {
    const LaneBound bound{16, 127};
    std::vector<float> before = normal_row(rng, 1 + rng.below(200), 0.3);
    before[rng.below(before.size())] = -0.0F;
    std::vector<float> after = before;
    project_row(after, 0.008F, bound);
    const double most = 258 * static_cast<double>(0.008F);
    for (const Places& lane : lanes_by_formula(before.size(), 16))
      for (float sign : {1.0F, -1.0F}) {
        const bool fits = sum_of_sign(before, lane, sign) <= most;
        (fits ? kept : shrunk) += 1;
        for (std::size_t k : lane)
          if (fits && sign * before[k] >= 0.0F)
            CHECK(std::bit_cast<std::uint32_t>(before[k]) ==
                  std::bit_cast<std::uint32_t>(after[k]));
      }
  }
  CHECK((kept > 1000 && shrunk > 1000));
}

TEST_CASE("one lane of a row over its bound, each place in turn", "[prop]") {
  // 258 * 0.5 = 129 fits, in any place; 130 does not, and comes down to 129.
  for (std::size_t products : {std::size_t{4}, kThroughout})
    for (std::size_t K : {5U, 8U, 11U, 14U})
      for (std::size_t k = 0; k < K; ++k)
        for (float sign : {1.0F, -1.0F}) {
          std::vector<float> row(K, 0.0F), expected(K, 0.0F);
          row[k] = expected[k] = sign * 129.0F;
          project_row(row, 0.5F, {products, 127});
          CHECK(row == expected);
          row[k] = sign * 130.0F;
          project_row(row, 0.5F, {products, 127});
          CHECK(row == expected);
        }
}

TEST_CASE("projected twice is projected once, to a rounding", "[prop]") {
  Rng rng(1404);
  std::vector<float> row = normal_row(rng, 400, 0.2);
  project_row(row, 0.002F, {16, 127});
  const std::vector<float> once = row;
  project_row(row, 0.002F, {16, 127});
  // Rounded to float32, a sum may be 2^-24 of itself above the bound.
  for (std::size_t k = 0; k < row.size(); ++k)
    CHECK(std::fabs(row[k] - once[k]) <= 0x1p-23F * 258.0F * 0.002F);
}

TEST_CASE("integers that fit their lanes, as all extreme inputs say", "[prop]") {
  Rng rng(1405);
  std::size_t fit = 0, wrong = 0, all = 0;
  for (std::size_t products : {std::size_t{2}, std::size_t{4}, std::size_t{8}, kThroughout})
    for (std::int32_t x_max : {127, 255})
      for (int i = 0; i < 60; ++i) {
        const std::uint64_t largest = 20 + rng.below(108);
        std::vector<std::int8_t> row(1 + rng.below(9));
        for (std::int8_t& w : row)
          w = static_cast<std::int8_t>(static_cast<int>(rng.below(2 * largest + 1)) -
                                       static_cast<int>(largest));
        const bool fits = fits_lanes(row, {products, x_max});
        fit += fits ? 1 : 0;
        wrong += fits != holds_all_extremes(row, {products, x_max}) ? 1 : 0;
        ++all;
      }
  CHECK(wrong == 0);
  CHECK((fit > all / 4 && fit < all * 9 / 10));
}

TEST_CASE("one lane that does not fit is enough", "[hand]") {
  std::vector<std::int8_t> row(32, 0);
  CHECK(fits_lanes(row, {4, 255}));
  CHECK(fits_lanes({}, {4, 255}));
  for (std::size_t k = 0; k < 32; k += 2)
    for (std::int8_t w : {std::int8_t{65}, std::int8_t{-65}}) {
      row[k] = row[k + 1] = w;  // 130 of 128
      CHECK_FALSE(fits_lanes(row, {4, 255}));
      CHECK(fits_lanes(row, {4, 127}));
      row[k + 1] = static_cast<std::int8_t>(-w);
      CHECK(fits_lanes(row, {4, 255}));
      row[k] = row[k + 1] = 0;
    }
}

TEST_CASE("what rounding was too much is taken back where it had added most", "[hand]") {
  const auto fitted = [](std::vector<float> row) {
    fit_row(row, 1.0F, signed_range(8), {4, 255});  // 128 fit
    return row;
  };
  using Row = std::vector<float>;
  CHECK(fitted({64.25F, 63.75F}) == Row{64, 64});
  CHECK(fitted({64.75F, 63.5F}) == Row{65, 63});     // 65 + 64; 0.25 and 0.5 were added
  CHECK(fitted({64.625F, 64.375F}) == Row{64, 64});  // 65 + 64
  CHECK(fitted({64.75F, 64.75F}) == Row{64, 64});    // two steps: one each
  CHECK(fitted({-64.75F, -63.5F}) == Row{-65, -63});
  CHECK(fitted({65, 65}) == Row{64, 64});  // of equals the first, then the other
  CHECK(fitted({65, 64}) == Row{64, 64});
  CHECK(fitted({200, 0.75F}) == Row{127, 1});  // clamped: 73 less than it was
  CHECK(fitted({127, 1.5F}) == Row{127, 1});   // 127 + 2
  CHECK(fitted({0.75F, 127.75F}) == Row{1, 127});
  CHECK(fitted({64.75F, 63.5F, 0, 0, -64.75F, -63.5F}) == Row{65, 63, 0, 0, -65, -63});
  CHECK(fitted({64.75F, 0, 63.5F, 0}) == Row{65, 0, 64, 0});  // two lanes
  CHECK(fitted({}).empty());
}

TEST_CASE("rows made to fit do, and lose as little as can be", "[prop]") {
  Rng rng(1406);
  std::size_t over = 0;
  for (std::size_t products : {std::size_t{2}, std::size_t{4}, std::size_t{8}, std::size_t{16}})
    for (std::int32_t x_max : {127, 255})
      for (int i = 0; i < 60; ++i) {
        const LaneBound bound{products, x_max};
        const std::int32_t capacity = lane_capacity(x_max);
        std::vector<float> before(1 + rng.below(40));
        // Eighths of a step, and steps of 1/4: no rounding anywhere below.
        const auto largest = static_cast<std::uint64_t>(32 * capacity) / products;
        for (float& w : before)
          w = (static_cast<float>(rng.below(2 * largest + 1)) - static_cast<float>(largest)) /
              32.0F;
        std::vector<float> after = before;
        fit_row(after, 0.25F, signed_range(8), bound);
        INFO("products = " << products << ", x_max = " << x_max << ", K = " << before.size());
        for (const Places& lane : lanes_by_formula(before.size(), products))
          for (std::int32_t sign : {1, -1})
            CHECK(why_not_fitted(before, after, lane, sign, 0.25F, capacity) == "");
        CHECK(fits_lanes(integers(after, 0.25F), bound));
        over += fits_lanes(integers(before, 0.25F), bound) ? 0 : 1;
      }
  CHECK(over > 100);
}

TEST_CASE("projected and made to fit, rows of any scale fit, and stay where they are", "[prop]") {
  Rng rng(1407);
  for (std::size_t products : kProducts)
    for (std::int32_t x_max : {127, 255})
      for (int i = 0; i < 20; ++i) {
        const LaneBound bound{products, x_max};
        const float scale = static_cast<float>(rng.uniform(0.001, 0.1));
        const std::size_t K = 1 + rng.below(300);
        const double full = 2.0 * lane_capacity(x_max) / static_cast<double>(std::min(products, K));
        std::vector<float> row = normal_row(rng, K, static_cast<double>(scale) * full);
        project_row(row, scale, bound);
        const std::vector<float> reals = row;
        fit_row(row, scale, signed_range(8), bound);
        const std::vector<std::int8_t> q = integers(row, scale);
        CHECK(fits_lanes(q, bound));
        for (std::size_t k = 0; k < K; ++k)
          if (row[k] != scale * static_cast<float>(q[k])) FAIL("not on the grid");
        std::vector<float> again = row;
        fit_row(again, scale, signed_range(8), bound);
        CHECK(bits_of(again) == bits_of(row));
        project_row(again, scale, bound);
        CHECK(integers(again, scale) == q);
        // Lanes that plain rounding left within the bound are as it left them.
        const std::vector<std::int8_t> plain = integers(reals, scale);
        for (const Places& lane : lanes_by_formula(K, products)) {
          LaneSums sums;
          for (std::size_t k : lane) sums += sums_of(plain[k], 0);
          for (std::size_t k : lane)
            if (fits_lane(sums, x_max) && q[k] != plain[k]) FAIL("changed without need");
        }
      }
}

TEST_CASE("a range of fewer bits is kept", "[hand]") {
  std::vector<float> row = {9.0F, -9.0F, 3.0F, -20.0F};
  fit_row(row, 1.0F, signed_range(4), {2, 127});
  CHECK(row == std::vector<float>{7, -8, 3, -8});
}

TEST_CASE("weights that are not finite are refused", "[hand]") {
  for (float bad : {NAN, INFINITY, -INFINITY}) {
    std::vector<float> row = {1.0F, bad};
    CHECK_THROWS_AS(fit_row(row, 1.0F, signed_range(8), {16, 127}), Error);
  }
  // Projected, they stay what they are, or become NaN: the loss shows them.
  std::vector<float> nan = {NAN, 1.0F, 500.0F, 0.0F}, infinite = {INFINITY, 1.0F};
  project_row(nan, 1.0F, {16, 127});
  CHECK((std::isnan(nan[0]) && nan[1] == 1.0F && nan[2] == 258.0F));
  project_row(infinite, 1.0F, {16, 127});
  CHECK_FALSE(std::isfinite(infinite[0]));
}
