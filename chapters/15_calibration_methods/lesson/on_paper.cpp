// Section 1: eight bins on paper, three ways to a threshold.
#include <cmath>
#include <cstdio>

#include "15_calibration_methods/lesson/paper_example.hpp"
#include "15_calibration_methods/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch15 {
namespace {

std::string number(double value) { return std::isinf(value) ? "infinite" : fixed(value, 4); }

bool close(double a, double b) { return a == b || std::fabs(a - b) < 5.1e-5; }  // four decimals

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "Eight bins of width 1, as on paper");
  const Histogram& h = paper::kHistogram;
  std::printf("  counts %s, together 29\n", list_text<std::uint64_t>(h.counts).c_str());
  const double percentile = percentile_threshold(h, paper::kPercent);
  std::printf("  percentile 90: T = %.0f;  by hand %.0f\n", percentile, paper::kPercentile);
  std::vector<std::uint64_t> counts = h.counts;
  counts[0] = counts[1];
  Table clips({"entropy, 2 levels: i", "inside", "divergence", "by hand"});
  bool equal = percentile == paper::kPercentile;
  for (const paper::Clip& clip : paper::kClips) {
    const double found = clip_divergence(counts, clip.i, paper::kLevels);
    equal = equal && close(found, clip.divergence);
    clips.row({std::to_string(clip.i), fixed(clip.inside, 0) + " of 28", number(found),
               number(clip.divergence)});
  }
  clips.print();
  Table rounded({"MSE, 3 steps: T", "sum of squares", "by hand"});
  for (const paper::Rounded& row : paper::kRounded) {
    const double sum = 29.0 * clip_error(h, row.threshold, paper::kSteps + 1);
    equal = equal && close(sum, row.sum);
    rounded.row({fixed(row.threshold, 1), number(sum), number(row.sum)});
  }
  rounded.print();
  std::printf("  min-max T = 8, percentile T = 4, entropy T = %zu, MSE T = %.1f\n",
              paper::kBestClip, paper::kBestThreshold);
  lesson.claims.expect(equal, "by hand = this program = NumPy, to the fourth decimal");
}

}  // namespace qfs::ch15
