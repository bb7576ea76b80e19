// Chapter 11, the proof: what fits a lane, what is taken from it, which steps may form a group.
#include "11_avx2_kernel/lane_depth.hpp"

#include <map>
#include <numeric>

#include "10_kernel_ladder/saturation.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace qfs;

constexpr std::int32_t kLowest = -32768, kHighest = 32767;

std::int8_t weight(int w) { return static_cast<std::int8_t>(w); }
std::int8_t any_weight(Rng& rng) { return weight(static_cast<int>(rng.below(256)) - 128); }

LaneSums sums_of_all(std::span<const std::int8_t> weights) {
  LaneSums sums;
  for (std::int8_t w : weights) sums += sums_of(w, 0);
  return sums;
}

// Whether a lane holds the sum of the weights, two at a time, for every choice of inputs that are 0
// or x_max: no pair saturates, no sum of the first so many pairs wraps.
bool holds_all_extremes(std::span<const std::int8_t> weights, std::uint8_t x_max) {
  for (std::uint32_t choice = 0; choice < 1U << weights.size(); ++choice) {
    const auto x = [&](std::size_t i) { return (choice >> i & 1U) != 0 ? x_max : std::uint8_t{0}; };
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < weights.size(); i += 2) {
      const std::int32_t pair = x(i) * weights[i] + x(i + 1) * weights[i + 1];
      sum += pair;
      if (pair != add_pair(x(i), weights[i], x(i + 1), weights[i + 1]) || sum < kLowest ||
          sum > kHighest)
        return false;
    }
  }
  return true;
}

bool same(const Step& a, const Step& b) { return a.k == b.k && std::ranges::equal(a.w, b.w); }
bool same(const std::vector<Group>& a, const std::vector<Group>& b) {
  return std::ranges::equal(a, b, [](const Group& g, const Group& h) {
    return std::ranges::equal(g.steps, h.steps,
                              [](const Step& s, const Step& t) { return same(s, t); });
  });
}

std::vector<std::vector<std::uint32_t>> places(const std::vector<Group>& groups) {
  std::vector<std::vector<std::uint32_t>> all;
  for (const Group& group : groups) {
    all.emplace_back();
    for (const Step& step : group.steps) all.back().push_back(step.k);
  }
  return all;
}

// Steps of weights as large as `largest` that fit alone; k tells them apart.
Steps random_steps(Rng& rng, std::size_t count, int largest, std::int32_t x_max) {
  Steps steps;
  while (steps.size() < count) {
    Step step{static_cast<std::uint32_t>(steps.size()), {}};
    for (std::int8_t& w : step.w)
      w = weight(static_cast<int>(rng.below(2 * static_cast<std::uint64_t>(largest))) - largest);
    split_remainder(step, x_max);
    steps.push_back(step);
  }
  return steps;
}

// "" where the groups are a proof for these steps.
std::string what_is_wrong(const std::vector<Group>& groups, const Steps& steps, std::int32_t x_max,
                          std::size_t longest) {
  std::map<std::uint32_t, Step> left;
  for (const Step& step : steps) left[step.k] = step;
  for (const Group& group : groups) {
    Lanes lanes{};
    for (const Step& step : group.steps) {
      const auto found = left.find(step.k);
      if (found == left.end()) return "a step twice, or one that was not given";
      if (!same(found->second, step)) return "a step has changed";
      left.erase(found);
      lanes[0] += sums_of(step.w[0], step.w[1]);
      lanes[1] += sums_of(step.w[2], step.w[3]);
    }
    if (group.steps.empty() || group.steps.size() > longest) return "a group of a wrong length";
    for (std::size_t i = 0; i < 2; ++i) {
      if (!fits_lane(lanes[i], x_max)) return "a group that does not fit";
      if (lanes[i].positive != group.lanes[i].positive ||
          lanes[i].negative != group.lanes[i].negative)
        return "lanes that are not the group's";
    }
  }
  return left.empty() ? "" : "a step is missing";
}

}  // namespace

TEST_CASE("what fits a lane, at its borders", "[hand]") {
  struct Border {
    std::int32_t x_max, positive, negative;  // the largest sums that fit
  };
  // 32767 / x_max and 32768 / x_max, rounded down. At 128 they differ: 256 * 128 = 32768.
  constexpr Border borders[] = {{1, 32767, 32768}, {127, 258, 258}, {128, 255, 256},
                                {129, 254, 254},   {130, 252, 252}, {254, 129, 129},
                                {255, 128, 128}};
  for (const auto& [x_max, positive, negative] : borders) {
    INFO("x_max = " << x_max);
    CHECK(fits_lane({}, x_max));
    CHECK(fits_lane({positive, 0}, x_max));
    CHECK(fits_lane({0, -negative}, x_max));
    CHECK(fits_lane({positive, -negative}, x_max));
    CHECK_FALSE(fits_lane({positive + 1, 0}, x_max));
    CHECK_FALSE(fits_lane({positive + 1, -negative}, x_max));
    CHECK_FALSE(fits_lane({0, -negative - 1}, x_max));
    CHECK_FALSE(fits_lane({positive, -negative - 1}, x_max));
  }
}

TEST_CASE("weights of one sign in a lane: the positive and the negative sum", "[hand]") {
  const auto is = [](LaneSums sums, std::int32_t positive, std::int32_t negative) {
    return sums.positive == positive && sums.negative == negative;
  };
  CHECK(is(sums_of(3, -5), 3, -5));
  CHECK(is(sums_of(-5, 3), 3, -5));
  CHECK(is(sums_of(127, 127), 254, 0));
  CHECK(is(sums_of(-128, -128), 0, -256));
  CHECK(is(LaneSums{1, -2} += {10, -20}, 11, -22));
  // Inputs 0 and 1 of a step share a lane, and 2 and 3 the other.
  const Lanes lanes = lanes_of({0, {1, 2, -4, -8}});
  CHECK((is(lanes[0], 3, 0) && is(lanes[1], 0, -12)));
  CHECK(fullness({0, {1, 2, -4, -8}}) == 12);
  CHECK(fullness({0, {1, -2, 3, 4}}) == 7);
  CHECK(fullness({0, {-9, -2, 3, 4}}) == 11);
  CHECK(fullness({0, {9, 3, 3, 4}}) == 12);
  CHECK(fullness({0, {}}) == 0);
  // Each lane for itself.
  CHECK(fit_together(lanes_of({0, {100, 0, 0, -100}}), lanes_of({0, {28, 0, 0, -28}}), 255));
  CHECK_FALSE(fit_together(lanes_of({0, {100, 0, 0, 0}}), lanes_of({0, {29, 0, 0, 0}}), 255));
  CHECK_FALSE(fit_together(lanes_of({0, {0, 0, 0, -100}}), lanes_of({0, {0, 0, 0, -29}}), 255));
}

TEST_CASE("what fits by its sums fits for all extreme inputs, and only that", "[prop]") {
  Rng rng(1101);
  for (std::int32_t x_max : {127, 128, 129, 130, 200, 254, 255}) {
    std::size_t fit = 0, wrong = 0;
    for (int i = 0; i < 400; ++i) {
      std::vector<std::int8_t> weights(2 * (1 + rng.below(4)));
      for (std::int8_t& w : weights) w = any_weight(rng);
      const bool fits = fits_lane(sums_of_all(weights), x_max);
      fit += fits ? 1 : 0;
      wrong += fits != holds_all_extremes(weights, static_cast<std::uint8_t>(x_max)) ? 1 : 0;
    }
    INFO("x_max = " << x_max);
    CHECK(wrong == 0);
    CHECK((fit >= 40 && fit <= 360));  // or one of the two is hardly met
  }
}

TEST_CASE("what a lane is too full by is taken from the smaller weight", "[hand]") {
  struct Taken {
    std::array<int, 2> w, x_left, moved;
    std::int32_t x_max;
  };
  // At 255 a lane holds 128 and -128; at 200 it holds 163 and -163.
  constexpr Taken cases[] = {
      {{100, 28}, {100, 28}, {0, 0}, 255},         // 128 fits
      {{100, 29}, {100, 28}, {0, 1}, 255},         // 129
      {{29, 100}, {28, 100}, {1, 0}, 255},         // the smaller one is the first
      {{100, 100}, {100, 28}, {0, 72}, 255},       // of two alike it is the second
      {{127, 127}, {127, 1}, {0, 126}, 255},       //
      {{-128, -128}, {-128, 0}, {0, -128}, 255},   // all of it
      {{-1, -128}, {0, -128}, {-1, 0}, 255},       //
      {{127, -128}, {127, -128}, {0, 0}, 255},     // of two signs they always fit
      {{127, 127}, {127, 36}, {0, 91}, 200},       // 254 - 163 = 91
      {{-128, -120}, {-128, -35}, {0, -85}, 200},  // -248 + 163 = -85
      {{-128, -128}, {-128, -128}, {0, 0}, 127},   // 127 * 256 = 32512
  };
  for (const Taken& c : cases) {
    std::int8_t w0 = weight(c.w[0]), w1 = weight(c.w[1]);
    const auto moved = take_excess(w0, w1, c.x_max);
    INFO(c.w[0] << ", " << c.w[1] << " at " << c.x_max);
    CHECK((w0 == c.x_left[0] && w1 == c.x_left[1]));
    CHECK((moved[0] == c.moved[0] && moved[1] == c.moved[1]));
  }
}

TEST_CASE("of every pair of weights no more is taken than must be", "[prop]") {
  struct Count {
    std::int32_t x_max;
    std::size_t moved;
  };
  // At 255: a + b >= 129 with a, b up to 127 (0 + 1 + ... + 126 = 8001) or up to 128 (8256).
  // At 200: a + b >= 164, 1 + ... + 91 = 4186, and 1 + ... + 93 = 4371.
  for (const auto& [x_max, expected] : {Count{127, 0}, Count{200, 8557}, Count{255, 16257}}) {
    std::size_t wrong = 0, count = 0;
    for (int a = -128; a <= 127; ++a)
      for (int b = -128; b <= 127; ++b) {
        std::int8_t w0 = weight(a), w1 = weight(b);
        const auto [m0, m1] = take_excess(w0, w1, x_max);
        const LaneSums before = sums_of(weight(a), weight(b)), left = sums_of(w0, w1),
                       moved = sums_of(m0, m1);
        const bool split = m0 != 0 || m1 != 0;
        count += split ? 1 : 0;
        const bool right = w0 + m0 == a && w1 + m1 == b && fits_lane(left, x_max) &&
                           fits_lane(moved, x_max) && (m0 == 0 || m1 == 0) &&
                           split == !fits_lane(before, x_max);
        // One unit less would be too little; and it is the smaller one's.
        const bool least = !fits_lane({left.positive + (moved.positive > 0 ? 1 : 0),
                                       left.negative - (moved.negative < 0 ? 1 : 0)},
                                      x_max);
        const bool smaller = m0 != 0 ? std::abs(a) < std::abs(b) : std::abs(b) <= std::abs(a);
        if (!right || (split && !(least && smaller))) ++wrong;
      }
    INFO("x_max = " << x_max);
    CHECK(wrong == 0);
    CHECK(count == expected);
  }
}

TEST_CASE("a step that does not fit becomes two", "[hand]") {
  // Lanes 127 + 100 = 227, 99 too much, and -128 - 1 = -129, 1 too much.
  Step step{8, {127, 100, -128, -1}};
  const std::optional<Step> remainder = split_remainder(step, 255);
  CHECK(same(step, {8, {127, 1, -128, 0}}));
  REQUIRE(remainder.has_value());
  CHECK(same(*remainder, {8, {0, 99, 0, -1}}));
  // Each place of the four by itself.
  constexpr std::int8_t full[4][4] = {
      {5, 127, 0, 0}, {127, 5, 0, 0}, {0, 0, 5, 127}, {0, 0, 127, 5}};
  for (std::size_t place = 0; place < 4; ++place) {
    Step one{4, {full[place][0], full[place][1], full[place][2], full[place][3]}};
    const std::optional<Step> rest = split_remainder(one, 255);
    Step expected{4, {}};
    expected.w[place] = 4;  // 132 - 128
    INFO("place " << place);
    REQUIRE(rest.has_value());
    CHECK(same(*rest, expected));
    CHECK(one.w[place] == 1);
  }
  Step fits{8, {127, 100, -128, -1}};
  CHECK_FALSE(split_remainder(fits, 127).has_value());
  CHECK(same(fits, {8, {127, 100, -128, -1}}));
}

TEST_CASE("first fit decreasing, on paper", "[hand]") {
  // One lane of each, at 255: 128 fit. 100; 68 in a second; 60 with 68; 60 in a third; 28 with 100.
  const Steps steps = {{0, {60, 0, 0, 0}},
                       {1, {100, 0, 0, 0}},
                       {2, {60, 0, 0, 0}},
                       {3, {28, 0, 0, 0}},
                       {4, {0, 68, 0, 0}}};
  using Places = std::vector<std::vector<std::uint32_t>>;
  CHECK(places(first_fit(steps, 255)) == Places{{1, 3}, {4, 0}, {2}});
  // At 127 there is room for 258: 100, 68, 60; the second 60 in another, 28 in the first.
  CHECK(places(first_fit(steps, 127)) == Places{{1, 4, 0, 3}, {2}});
  CHECK(places(first_fit(steps, 127, 3)) == Places{{1, 4, 0}, {2, 3}});
  CHECK(places(first_fit(steps, 127, 1)) == Places{{1}, {4}, {0}, {2}, {3}});
  CHECK(first_fit({}, 255).empty());
  // Signs, and lanes, do not meet.
  const Steps apart = {{0, {128 - 1, 0, 0, 0}},
                       {1, {0, -128, 0, 0}},
                       {2, {0, 0, 127, 0}},
                       {3, {0, 0, 0, -128}},
                       {4, {2, 0, 0, 0}}};
  CHECK(places(first_fit(apart, 255)) == Places{{1, 3, 0, 2}, {4}});
  // No more than eight, however small.
  CHECK(places(first_fit(Steps(9, Step{7, {1, 0, 0, 0}}), 255)) ==
        Places{{7, 7, 7, 7, 7, 7, 7, 7}, {7}});
}

TEST_CASE("of steps equally full the first comes first", "[hand]") {
  Steps steps;
  for (std::uint32_t k = 0; k < 100; ++k)
    steps.push_back({k, {weight(k % 2 == 0 ? 1 : 2), 0, 0, 0}});
  std::vector<std::uint32_t> order;
  for (const auto& group : places(first_fit(steps, 255, 1))) order.push_back(group[0]);
  std::vector<std::uint32_t> expected;  // the twos, 1, 3, ..., 99, then the ones
  for (std::uint32_t i = 0; i < 100; ++i) expected.push_back(i < 50 ? 2 * i + 1 : 2 * i - 100);
  CHECK(order == expected);
}

TEST_CASE("first fit: every step once, every group fits, none is too long", "[prop]") {
  Rng rng(1102);
  for (std::int32_t x_max : {1, 127, 128, 200, 255})
    for (int largest : {3, 30, 128})
      for (std::size_t longest = 1; longest <= panel::kLongest; ++longest) {
        const Steps steps = random_steps(rng, rng.below(120), largest, x_max);
        const std::vector<Group> groups = first_fit(steps, x_max, longest);
        INFO("x_max = " << x_max << ", weights to " << largest << ", longest " << longest << ", "
                        << steps.size() << " steps");
        CHECK(what_is_wrong(groups, steps, x_max, longest) == "");
        CHECK(same(groups, first_fit(steps, x_max, longest)));
        // No step of a later group would have fitted an earlier one when it came: none is alone
        // that fits another one alone.
        std::size_t alone_and_fit = 0;
        for (std::size_t i = 0; i < groups.size(); ++i)
          for (std::size_t j = i + 1; j < groups.size(); ++j)
            if (longest > 1 && groups[i].steps.size() == 1 && groups[j].steps.size() == 1 &&
                fit_together(groups[i].lanes, groups[j].lanes, x_max))
              ++alone_and_fit;
        CHECK(alone_and_fit == 0);
      }
}
