// Section 3: why rows stand in the lanes. If outputs did, several of them would have to agree on
// what shares a lane.
#include <algorithm>
#include <cstdio>

#include "11_avx2_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch11 {
namespace {

// The steps at one k of several outputs: all of their lanes must fit at once.
struct WideStep {
  std::vector<LaneSums> lanes{};
  std::size_t steps = 0;
};

bool fit(const WideStep& group, const WideStep& step, std::int32_t x_max) {
  for (std::size_t lane = 0; lane < step.lanes.size(); ++lane)
    if (LaneSums both = group.lanes[lane]; !fits_lane(both += step.lanes[lane], x_max))
      return false;
  return true;
}

// Output by output the steps, brought together by their place; a remainder gets a place of its own.
std::vector<WideStep> wide_steps(const Matrix<std::int8_t>& w, std::size_t n, std::size_t outputs,
                                 std::int32_t x_max) {
  const std::size_t places = (w.shape(1) + panel::kStepInputs - 1) / panel::kStepInputs;
  std::vector<WideStep> at(2 * places, WideStep{std::vector<LaneSums>(2 * outputs), 0});
  for (std::size_t o = 0; o < outputs && n + o < w.shape(0); ++o) {
    std::vector<bool> seen(places);
    for (const Step& step : steps_of(w, n + o, 0, w.shape(1), x_max)) {
      const std::size_t place = step.k / panel::kStepInputs;
      WideStep& wide = at[2 * place + (seen[place] ? 1 : 0)];
      seen[place] = true;
      wide.steps = 1;
      std::ranges::copy(lanes_of(step), wide.lanes.begin() + static_cast<std::ptrdiff_t>(2 * o));
    }
  }
  std::erase_if(at, [](const WideStep& step) { return step.steps == 0; });
  return at;
}

std::int32_t fullest_lane(const WideStep& step) {
  std::int32_t most = 0;
  for (const LaneSums& lane : step.lanes) most = std::max({most, lane.positive, -lane.negative});
  return most;
}

// Of 100 steps of the weights: how many are run (vpmaddubsw), how many groups are widened
// (vpmaddwd). Chapter 10's tiles need 100 of each.
struct Cost {
  double steps = 0.0, groups = 0.0;
};

Cost cost_of(const Matrix<std::int8_t>& w, std::size_t outputs, std::int32_t x_max) {
  std::size_t given = 0, run = 0, widened = 0;
  for (std::size_t n = 0; n < w.shape(0); n += outputs) {
    std::vector<WideStep> steps = wide_steps(w, n, outputs, x_max);
    std::ranges::stable_sort(steps, std::greater(), fullest_lane);
    std::vector<WideStep> groups;
    for (const WideStep& step : steps) {
      auto group = std::ranges::find_if(groups, [&](const WideStep& g) {
        return g.steps < panel::kLongest && fit(g, step, x_max);
      });
      if (group == groups.end())
        group = groups.insert(groups.end(), WideStep{std::vector<LaneSums>(2 * outputs), 0});
      ++group->steps;
      for (std::size_t lane = 0; lane < step.lanes.size(); ++lane)
        group->lanes[lane] += step.lanes[lane];
    }
    given += (w.shape(1) + panel::kStepInputs - 1) / panel::kStepInputs;
    run += steps.size();
    widened += groups.size();
  }
  const auto of_100 = [&](std::size_t count) {
    return 100.0 * static_cast<double>(count) / static_cast<double>(given);
  };
  return {of_100(run), of_100(widened)};
}

}  // namespace

void who_shares(const Study& study, Lesson& lesson) {
  section(3, "Who must agree: of 100 steps of layer 1, per channel, how many run, how many groups");
  Table table({"outputs in the lanes", "0..127: run", "groups", "0..255: run", "groups"});
  std::vector<std::vector<double>> csv;
  bool alone_is_best = true;
  for (std::size_t outputs = 1; outputs <= 16; outputs *= 2) {
    std::vector<std::string> cells = {std::to_string(outputs)};
    std::vector<double> line = {static_cast<double>(outputs)};
    for (int bits : {7, 8}) {
      const QuantizedNet net = quantized(study, bits, WeightGranularity::per_channel);
      const Cost cost = cost_of(net.weights[0].weight.q, outputs, bits == 7 ? 127 : 255);
      cells.insert(cells.end(), {fixed(cost.steps, 0), fixed(cost.groups, 0)});
      line.insert(line.end(), {cost.steps, cost.groups});
    }
    table.row(cells);
    csv.push_back(line);
    for (std::size_t i = 1; i < line.size(); ++i)
      alone_is_best = alone_is_best && line[i] >= csv.front()[i];
  }
  table.print();
  lesson.claims.expect(alone_is_best, "an output alone needs the fewest of both");
  lesson.report.csv("who_shares", {"outputs", "run_7", "groups_7", "run_8", "groups_8"}, csv);
}

}  // namespace qfs::ch11
