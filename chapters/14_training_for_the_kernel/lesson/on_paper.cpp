// Section 1: lanes that hold too much, and what is done about them.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "14_training_for_the_kernel/lesson/paper_example.hpp"
#include "14_training_for_the_kernel/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch14 {
namespace {

// Four weights of one lane: the first two of two steps.
std::array<float, 4> projected(const std::array<float, 4>& lane) {
  std::array<float, 8> row = {lane[0], lane[1], 0, 0, lane[2], lane[3], 0, 0};
  project_row(row, 1.0F, {4, kXMax});
  return {row[0], row[1], row[4], row[5]};
}

std::array<std::int32_t, 3> made_to_fit(const std::array<float, 3>& lane) {
  std::array<float, 8> row = {lane[0], lane[1], 0, 0, lane[2], 0, 0, 0};
  fit_row(row, 1.0F, signed_range(8), {4, kXMax});
  return {static_cast<std::int32_t>(row[0]), static_cast<std::int32_t>(row[1]),
          static_cast<std::int32_t>(row[4])};
}

template <std::size_t N>
bool near(const std::array<float, N>& a, const std::array<double, N>& b) {
  for (std::size_t i = 0; i < N; ++i)
    if (!(std::fabs(static_cast<double>(a[i]) - b[i]) <= 1e-5)) return false;
  return true;
}

template <class T, std::size_t N>
std::string text(const std::array<T, N>& numbers, int digits = 7) {
  return list_text(std::span<const T>(numbers), digits);
}

double positive_sum(std::span<const float> lane) {
  double sum = 0.0;
  for (float w : lane) sum += std::max(static_cast<double>(w), 0.0);
  return sum;
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "Lanes that hold too much, in steps of the scale; inputs to 127, so 258 fit");
  Table table({"weights of a lane", "positive sum", "brought back", "positive sum"});
  for (const auto& lane : {paper::kOver, paper::kVanishes}) {
    const std::array<float, 4> back = projected(lane);
    table.row(
        {text(lane), general(positive_sum(lane), 6), text(back), general(positive_sum(back), 6)});
  }
  table.print();
  const std::array<std::int32_t, 3> q = made_to_fit(paper::kFits);
  std::printf("\n  %s add up to 258; rounded %s to 259; one taken back %s\n",
              text(paper::kFits).c_str(), text(paper::kRounded).c_str(), text(q).c_str());
  lesson.claims.expect(near(projected(paper::kOver), paper::kProjected) &&
                           near(projected(paper::kVanishes), paper::kWithoutOne) &&
                           q == paper::kTakenBack,
                       "by hand = this program");
}

}  // namespace qfs::ch14
