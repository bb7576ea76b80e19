// Judges exercise 11.2.
#include "2_best_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(23);

namespace {

using qfs::Group;
using qfs::Steps;
using Groups = std::vector<Group>;

// A step as something that can be sorted: k, and its weights.
using Key = std::array<std::int64_t, 5>;
Key key_of(const qfs::Step& step) { return {step.k, step.w[0], step.w[1], step.w[2], step.w[3]}; }

std::vector<Key> sorted_keys(const Steps& steps) {
  std::vector<Key> keys;
  for (const qfs::Step& step : steps) keys.push_back(key_of(step));
  std::ranges::sort(keys);
  return keys;
}

std::vector<Key> sorted_keys(const Groups& groups) {
  Steps steps;
  for (const Group& group : groups)
    steps.insert(steps.end(), group.steps.begin(), group.steps.end());
  return sorted_keys(steps);
}

std::string text_of(const Group& group) {
  std::string text = "the group of weights";
  for (const qfs::Step& step : group.steps)
    for (std::int8_t w : step.w) text += " " + std::to_string(w);
  return text;
}

// Empty, or what is wrong with a group. Its sums are the judge's own: positive and negative ones of
// lane 0, then of lane 1.
std::string fault_of(const Group& group, std::int64_t x_max, std::size_t longest) {
  std::array<std::int64_t, 4> sums{};
  for (const qfs::Step& step : group.steps)
    for (std::size_t i = 0; i < 4; ++i) sums[i / 2 * 2 + (step.w[i] < 0 ? 1 : 0)] += step.w[i];
  if (group.steps.empty()) return "a group is empty";
  if (group.steps.size() > longest) return text_of(group) + ": longer than it may be";
  for (std::size_t i = 0; i < 4; ++i)
    if (x_max * sums[i] > 32767 || x_max * sums[i] < -32768)
      return text_of(group) + ": lane " + std::to_string(i / 2) + " does not fit";
  for (std::size_t lane = 0; lane < 2; ++lane)
    if (group.lanes[lane].positive != sums[2 * lane] ||
        group.lanes[lane].negative != sums[2 * lane + 1])
      return text_of(group) + ": `lanes` is not their sum";
  return "";
}

std::string fault_of(const Steps& steps, const Groups& groups, std::int32_t x_max,
                     std::size_t longest) {
  for (const Group& group : groups)
    if (std::string fault = fault_of(group, x_max, longest); !fault.empty()) return fault;
  return sorted_keys(groups) == sorted_keys(steps) ? "" : "not every step is in one group, once";
}

// One output's steps, those that do not fit a lane split. Weights of a bell's shape about `middle`;
// the largest is 127.
Steps random_steps(qfs::Rng& rng, std::size_t K, double middle, std::int32_t x_max) {
  std::vector<double> real(K);
  double largest = 0.0;
  for (double& w : real) {
    w = rng.normal() + middle;
    largest = std::max(largest, std::abs(w));
  }
  Steps steps;
  for (std::size_t k = 0; k < K; k += 4) {
    qfs::Step step{static_cast<std::uint32_t>(k), {}};
    for (std::size_t i = 0; i < 4; ++i)
      step.w[i] = static_cast<std::int8_t>(std::lround(real[k + i] / largest * 127.0));
    const auto remainder = qfs::split_remainder(step, x_max);
    steps.push_back(step);
    if (remainder) steps.push_back(*remainder);
  }
  return steps;
}

// First fit, in the order in which the steps come: how many groups.
std::size_t first_fit_unsorted(const Steps& steps, std::int32_t x_max, std::size_t longest) {
  Groups groups;
  for (const qfs::Step& step : steps) {
    const qfs::Lanes lanes = qfs::lanes_of(step);
    auto group = std::ranges::find_if(groups, [&](const Group& g) {
      return g.steps.size() < longest && qfs::fit_together(g.lanes, lanes, x_max);
    });
    if (group == groups.end()) group = groups.insert(groups.end(), Group());
    group->steps.push_back(step);
    for (std::size_t lane = 0; lane < 2; ++lane) group->lanes[lane] += lanes[lane];
  }
  return groups.size();
}

struct Layer {
  std::size_t outputs, K;
  double middle;
  std::int32_t x_max;
  std::size_t longest;
  std::uint64_t seed;
};

constexpr std::array<Layer, 8> kLayers = {{{16, 256, 0.0, 127, 8, 1},
                                           {16, 256, 0.0, 255, 8, 2},
                                           {16, 784, 0.0, 127, 8, 3},
                                           {16, 784, 0.0, 255, 8, 4},
                                           {16, 256, 0.5, 127, 8, 5},
                                           {16, 784, 0.5, 255, 8, 6},
                                           {16, 784, 0.0, 100, 5, 7},
                                           {16, 100, 0.0, 200, 3, 8}}};

struct Counts {
  std::size_t yours = 0, unsorted = 0, sorted = 0;
};

// Adds what the outputs of a layer need. Empty, or what is wrong with a group.
std::string add_layer(Counts& counts, const Layer& layer) {
  qfs::Rng rng(layer.seed);
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    const Steps steps = random_steps(rng, layer.K, layer.middle, layer.x_max);
    const Groups groups = exercise::best_fit(steps, layer.x_max, layer.longest);
    const std::string fault = fault_of(steps, groups, layer.x_max, layer.longest);
    if (!fault.empty()) return "output " + std::to_string(n) + ": " + fault;
    counts.yours += groups.size();
    counts.unsorted += first_fit_unsorted(steps, layer.x_max, layer.longest);
    counts.sorted += qfs::first_fit(steps, layer.x_max, layer.longest).size();
  }
  return "";
}

// Steps whose first weight is given, the others 0.
Steps one_weight_each(const std::vector<int>& weights) {
  Steps steps;
  for (int w : weights)
    steps.push_back(
        {static_cast<std::uint32_t>(4 * steps.size()), {static_cast<std::int8_t>(w), 0, 0, 0}});
  return steps;
}

// "groups: 2", or what is wrong with one of them.
std::string judged(const Steps& steps, std::int32_t x_max, std::size_t longest) {
  const Groups groups = exercise::best_fit(steps, x_max, longest);
  const std::string fault = fault_of(steps, groups, x_max, longest);
  return fault.empty() ? "groups: " + std::to_string(groups.size()) : fault;
}

}  // namespace

TEST_CASE("11.2 on paper: no steps, and one") {
  CHECK(exercise::best_fit({}, 255, 8).empty());
  CHECK(judged(one_weight_each({-128}), 255, 8) == "groups: 1");
}

TEST_CASE("11.2 on paper: 60, 90, 30, 68 in two groups") {
  CHECK(judged(one_weight_each({60, 90, 30, 68}), 255, 8) == "groups: 2");
  CHECK(judged(one_weight_each({-60, -90, -30, -68}), 255, 8) == "groups: 2");
  CHECK(judged({{0, {0, 0, 60, 0}}, {4, {0, 0, 0, 90}}, {8, {0, 0, 30, 0}}, {12, {0, 0, 0, 68}}},
               255, 8) == "groups: 2");
}

TEST_CASE("11.2 on paper: 70, 65, 60, 54, 3, 2, 2 in two groups") {
  // 70 + 54 = 124 and 65 + 60 = 125. To fill 128 twice the 3 must go to the second of them.
  CHECK(judged(one_weight_each({70, 65, 60, 54, 3, 2, 2}), 255, 8) == "groups: 2");
  CHECK(judged(one_weight_each({-70, -65, -60, -54, -3, -2, -2}), 255, 8) == "groups: 2");
}

TEST_CASE("11.2 on paper: either sign and either lane has its own room") {
  CHECK(judged({{0, {127, 0, 127, 0}}, {4, {0, -127, 0, -127}}}, 255, 8) == "groups: 1");
  CHECK(judged({{0, {127, 0, 0, 0}}, {4, {0, 0, 127, 0}}}, 255, 8) == "groups: 1");
  CHECK(judged({{0, {64, 64, 64, 64}}, {4, {0, -64, -64, -64}}}, 255, 8) == "groups: 1");
}

TEST_CASE("11.2 on paper: the ends of 16 bits, and the longest group") {
  CHECK(judged(one_weight_each({64, 64, 64, 64}), 128, 8) == "groups: 2");  // 256 x 128 is 32 768
  CHECK(judged(one_weight_each({-64, -64, -64, -64}), 128, 8) ==
        "groups: 1");  // which fits below 0
  CHECK(judged(one_weight_each(std::vector<int>(17, 1)), 255, 8) == "groups: 3");
  CHECK(judged(one_weight_each(std::vector<int>(17, 1)), 255, 1) == "groups: 17");
}

TEST_CASE("11.2 the layers: valid groups, and few enough") {
  Counts counts;
  for (const Layer& layer : kLayers) {
    INFO("K = " << layer.K << ", x_max = " << layer.x_max << ", longest = " << layer.longest);
    CHECK(add_layer(counts, layer) == "");
  }
  INFO("groups: yours " << counts.yours << ", first fit as the steps come " << counts.unsorted
                        << ", first fit of the chapter " << counts.sorted);
  CHECK(100 * counts.yours <= 102 * counts.unsorted);
}
