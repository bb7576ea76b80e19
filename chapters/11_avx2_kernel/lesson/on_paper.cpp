// Section 1: four steps of one output, which of them may share a lane, and the sum that comes out.
#include <algorithm>
#include <cstdio>

#include "11_avx2_kernel/lesson/paper_example.hpp"
#include "11_avx2_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch11 {
namespace {

std::string sums_text(LaneSums sums) {
  return std::to_string(sums.positive) + ", " + std::to_string(sums.negative);
}

std::string steps_text(const Group& group) {
  std::string text;
  for (const Step& step : group.steps)
    text += (text.empty() ? "k = " : ", ") + std::to_string(step.k);
  return text;
}

// What a lane of the group holds in the end, for the inputs of the example.
std::int32_t lane_sum(const Group& group, std::size_t lane) {
  std::int32_t sum = 0;
  for (const Step& step : group.steps)
    for (std::size_t i = 2 * lane; i < 2 * lane + 2; ++i) sum += paper::kX[step.k + i] * step.w[i];
  return sum;
}

bool lanes_as_by_hand() {
  for (std::size_t s = 0; s < paper::kSteps.size(); ++s) {
    const auto [a, b] = lanes_of(paper::kSteps[s]);
    if (paper::kLanes[s] != std::array{a.positive, a.negative, b.positive, b.negative})
      return false;
  }
  return true;
}

bool groups_as_by_hand(const std::vector<Group>& groups) {
  if (groups.size() != paper::kGroups.size()) return false;
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (!std::ranges::equal(groups[g].steps, paper::kGroups[g], {}, &Step::k) ||
        lane_sum(groups[g], 0) != paper::kLaneSums[g][0] ||
        lane_sum(groups[g], 1) != paper::kLaneSums[g][1])
      return false;
  return true;
}

// The same sixteen weights as a layer of one output.
std::int32_t by_kernel() {
  auto w = make_tensor<std::int8_t>({1, 16});
  auto x = make_tensor<std::uint8_t>({1, 16});
  for (const Step& step : paper::kSteps)
    std::ranges::copy(step.w, w.begin() + static_cast<std::ptrdiff_t>(step.k));
  std::ranges::copy(paper::kX, x.begin());
  return product_of(pack_panels(w, paper::kXMax), x)(0, 0);
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "Four steps of one output on paper, inputs to 127");
  Table table({"step", "weights", "lane 0: +, -", "lane 1: +, -"});
  for (const Step& step : paper::kSteps) {
    const Lanes lanes = lanes_of(step);
    table.row({"k = " + std::to_string(step.k), list_text(std::span<const std::int8_t>(step.w)),
               sums_text(lanes[0]), sums_text(lanes[1])});
  }
  table.print();
  std::printf("  a lane holds weights of 32767 / 127 = 258 and -32768 / 127 = -258\n\n");
  const std::vector<Group> groups =
      first_fit(Steps(paper::kSteps.begin(), paper::kSteps.end()), paper::kXMax);
  Table packed({"group", "lane 0: +, -", "lane 1: +, -", "lane 0", "lane 1"});
  std::int32_t sum = 0;
  for (const Group& group : groups) {
    packed.row({steps_text(group), sums_text(group.lanes[0]), sums_text(group.lanes[1]),
                std::to_string(lane_sum(group, 0)), std::to_string(lane_sum(group, 1))});
    sum += lane_sum(group, 0) + lane_sum(group, 1);
  }
  packed.print();
  std::printf("  sum %d\n", sum);
  lesson.claims.expect(lanes_as_by_hand() && groups_as_by_hand(groups) && sum == paper::kSum,
                       "by hand = this program");
  lesson.claims.expect(by_kernel() == paper::kSum, "= the kernel");
}

}  // namespace qfs::ch11
