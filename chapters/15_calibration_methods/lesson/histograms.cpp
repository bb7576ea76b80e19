// Section 2: the real histograms, and every method's interval on them.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "15_calibration_methods/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch15 {
namespace {

std::string interval_cell(Interval interval) {
  return "[" + fixed(interval.min, 2) + ", " + fixed(interval.max, 2) + "]";
}

// Of the largest bin, as a share of all values.
struct Spike {
  std::size_t bin = 0;
  double share = 0.0;
};
Spike largest_bin(const Histogram& h) {
  const auto largest = std::ranges::max_element(h.counts);
  double all = 0.0;
  for (std::uint64_t count : h.counts) all += static_cast<double>(count);
  return {static_cast<std::size_t>(largest - h.counts.begin()),
          static_cast<double>(*largest) / all};
}

// The figure: layer 1 in 128 bars, and each method's threshold for 8 bits.
void write_figure(const Lesson& lesson, const Histogram& h, const std::vector<Interval>& found) {
  std::vector<std::vector<double>> bars, thresholds;
  const std::size_t per_bar = 16;
  for (std::size_t i = 0; i < h.counts.size(); i += per_bar) {
    double count = 0.0;
    for (std::size_t j = i; j < std::min(i + per_bar, h.counts.size()); ++j)
      count += static_cast<double>(h.counts[j]);
    bars.push_back({h.edge(i + per_bar / 2), count});
  }
  for (std::size_t m = 0; m < found.size(); ++m)
    thresholds.push_back({static_cast<double>(m), static_cast<double>(found[m].max)});
  lesson.report.csv("histogram", {"magnitude", "count"}, bars);
  lesson.report.csv("thresholds", {"method", "threshold"}, thresholds);
}

}  // namespace

void histograms(const Study& study, Lesson& lesson) {
  section(2, "Where the methods cut: " + std::to_string(study.digits) + " training digits, 8 bits");
  const std::uint64_t seed = lesson.options.seed;
  const Tensors drawn = drawn_tensors(study, seed, study.digits);
  const std::vector<Watch> watches = watch(study, drawn, study.digits, Condition::clean, seed);
  Table bins({"", "bins", "width", "largest bin", "holds"});
  for (std::size_t t = 0; t < watches.size(); ++t) {
    const Histogram& h = watches[t].magnitudes.histogram();
    const Spike spike = largest_bin(h);
    bins.row({tensor_name(t), std::to_string(h.counts.size()), fixed(h.width, 6),
              std::to_string(spike.bin), fixed(100.0 * spike.share, 1) + " %"});
  }
  bins.print();
  std::vector<std::string> header = {""};
  for (std::size_t t = 0; t < watches.size(); ++t)
    header.insert(header.end(), {tensor_name(t), "SQNR"});
  Table table(header);
  std::vector<Interval> shown;
  std::vector<double> input_sqnr;
  for (const Method& method : methods()) {
    std::vector<std::string> cells = {method.name};
    const std::vector<Interval> found = intervals_of(method, watches, 8);
    for (std::size_t t = 0; t < found.size(); ++t) {
      const double sqnr = sqnr_of(study, t, found[t], 8);
      if (t == 0) input_sqnr.push_back(sqnr);
      cells.insert(cells.end(), {interval_cell(found[t]), fixed(sqnr, 1)});
    }
    shown.push_back(found[shown_tensor(study)]);
    table.row(cells);
  }
  table.print();
  write_figure(lesson, watches[shown_tensor(study)].magnitudes.histogram(), shown);
  if (!lesson.options.is_default_run()) return;
  const Spike background = largest_bin(watches[0].magnitudes.histogram());
  lesson.claims.expect(background.share > 0.75,
                       "one bin of the input, the background, holds over 75 %");
  lesson.claims.expect(input_sqnr[kEntropy] < 10.0 && input_sqnr[kMinMax] > 40.0,
                       "entropy cuts the input next to it: under 10 dB, min-max over 40");
}

}  // namespace qfs::ch15
