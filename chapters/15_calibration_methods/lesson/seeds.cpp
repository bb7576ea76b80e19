// Section 10, with --full: method x digits x bits x outliers, several draws of the digits.
#include <cstdio>
#include <map>

#include "04_mnist_mlp/mcnemar.hpp"
#include "04_mnist_mlp/mean_interval.hpp"
#include "15_calibration_methods/lesson/study.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"
#include "common/progress.hpp"

namespace qfs::ch15 {
namespace {

constexpr std::size_t kMiddle = 3;  // of the counts of digits: the closer tables are of 512
constexpr int kBits[] = {8, 6, 4};
constexpr Condition kConditions[] = {Condition::clean, Condition::calibration_only,
                                     Condition::both};

// A method in one place of the grid: a value a seed, and the digits that one alone gets right.
struct Cell {
  std::vector<double> right, gain, logit_error;
  std::vector<std::vector<double>> sqnr;  // of each tensor
  std::size_t only_this = 0, only_min_max = 0;
};

// condition, digits, bits, method
using Place = std::array<std::size_t, 4>;
using Grid = std::map<Place, Cell>;

void add(Cell& cell, const Study& study, const Result& result, const Result& min_max) {
  const PairedResult pair =
      compare_classes(min_max.classes, result.classes, study.data.test.labels);
  cell.right.push_back(result.accuracy);
  cell.gain.push_back(result.accuracy - min_max.accuracy);
  cell.logit_error.push_back(result.logit_error);
  cell.only_this += pair.only_b;
  cell.only_min_max += pair.only_a;
}

void add_sqnr(Cell& cell, const Study& study, const std::vector<Interval>& intervals, int bits) {
  cell.sqnr.resize(intervals.size());
  for (std::size_t t = 0; t < intervals.size(); ++t)
    cell.sqnr[t].push_back(sqnr_of(study, t, intervals[t], bits));
}

// All methods by what one seed has watched. Both conditions with outliers watch the same.
void add_watched(Grid& grid, const Study& study, const std::vector<Watch>& watches, std::size_t n,
                 std::size_t b, bool clean_ones, std::uint64_t seed) {
  std::vector<std::vector<Interval>> intervals;
  for (const Method& method : methods())
    intervals.push_back(intervals_of(method, watches, kBits[b]));
  for (std::size_t c = 0; c < std::size(kConditions); ++c) {
    if ((kConditions[c] == Condition::clean) != clean_ones) continue;
    std::vector<Result> results;
    for (const auto& of_method : intervals)
      results.push_back(run_rounded(study, of_method, kBits[b], kConditions[c], seed));
    for (std::size_t m = 0; m < results.size(); ++m) {
      Cell& cell = grid[{c, n, b, m}];
      add(cell, study, results[m], results[kMinMax]);
      if (n == kMiddle) add_sqnr(cell, study, intervals[m], kBits[b]);
    }
  }
}

// The whole grid, or what the figure needs: outliers, 8 bits.
Grid measure(const Study& study, bool full) {
  Grid grid;
  Progress progress("draws", study.draws * study.digit_counts.size());
  for (std::uint64_t seed = 1; seed <= study.draws; ++seed) {
    const Tensors drawn = drawn_tensors(study, seed, study.digit_counts.back());
    for (std::size_t n = 0; n < study.digit_counts.size(); ++n) {
      for (bool clean_ones : {true, false}) {
        if (clean_ones && !full) continue;
        const Condition condition = clean_ones ? Condition::clean : Condition::calibration_only;
        const auto watches = watch(study, drawn, study.digit_counts[n], condition, seed);
        for (std::size_t b = 0; b < (full ? std::size(kBits) : 1); ++b)
          add_watched(grid, study, watches, n, b, clean_ones, seed);
      }
      progress.update((seed - 1) * study.digit_counts.size() + n + 1);
    }
  }
  return grid;
}

std::string text(const std::vector<double>& per_seed) { return text_of(mean_interval(per_seed)); }

// One condition: percent right against the number of digits.
Table accuracy_table(const Grid& grid, const Study& study, std::size_t c) {
  std::vector<std::string> header = {"bits", "method"};
  for (std::size_t digits : study.digit_counts) header.push_back(std::to_string(digits));
  Table table(header);
  for (std::size_t b = 0; b < std::size(kBits); ++b)
    for (std::size_t m = 0; m < methods().size(); ++m) {
      std::vector<std::string> row = {std::to_string(kBits[b]), methods()[m].name};
      for (std::size_t n = 0; n < study.digit_counts.size(); ++n)
        row.push_back(text(grid.at({c, n, b, m}).right));
      table.row(row);
    }
  return table;
}

// Every method against min-max, 512 digits.
Table gain_table(const Grid& grid, std::size_t c) {
  Table table({"bits", "method", "gain", "only this", "only min-max", "p"});
  for (std::size_t b = 0; b < std::size(kBits); ++b)
    for (std::size_t m = kMinMax + 1; m < methods().size(); ++m) {
      const Cell& cell = grid.at({c, kMiddle, b, m});
      table.row({std::to_string(kBits[b]), methods()[m].name, text(cell.gain),
                 std::to_string(cell.only_this), std::to_string(cell.only_min_max),
                 p_text(mcnemar_p(cell.only_this, cell.only_min_max))});
    }
  return table;
}

// SQNR of every tensor and the error of the logits, 512 digits.
Table tensor_table(const Grid& grid, std::size_t c) {
  std::vector<std::string> header = {"bits", "method"};
  for (std::size_t t = 0; t < grid.at({c, kMiddle, 0, kMinMax}).sqnr.size(); ++t)
    header.push_back(tensor_name(t) + ", dB");
  header.push_back("logit error, %");
  Table table(header);
  for (std::size_t b = 0; b < std::size(kBits); ++b)
    for (std::size_t m = 0; m < methods().size(); ++m) {
      const Cell& cell = grid.at({c, kMiddle, b, m});
      std::vector<std::string> row = {std::to_string(kBits[b]), methods()[m].name};
      for (const auto& per_seed : cell.sqnr) row.push_back(text(per_seed));
      row.push_back(text(cell.logit_error));
      table.row(row);
    }
  return table;
}

void write_csv(const Grid& grid, const Study& study, const Lesson& lesson) {
  std::vector<std::string> header = {"digits"};
  for (const Method& method : methods())
    for (const char* part : {"", " half"}) header.push_back(method.name + part);
  std::vector<std::vector<double>> rows;
  for (std::size_t n = 0; n < study.digit_counts.size(); ++n) {
    rows.push_back({static_cast<double>(study.digit_counts[n])});
    for (std::size_t m = 0; m < methods().size(); ++m) {
      const MeanInterval mean = mean_interval(grid.at({1, n, 0, m}).right);
      rows.back().insert(rows.back().end(), {mean.mean, mean.half});
    }
  }
  lesson.report.csv("samples", header, rows);
}

// What the text says of the tables, when they were made from the bundled digits.
void check(const Grid& grid, double by_float, Lesson& lesson) {
  bool recovered = true, loses = true;
  for (std::size_t c : {std::size_t{1}, std::size_t{2}}) {
    const Cell& min_max = grid.at({c, kMiddle, 0, kMinMax});
    const Cell& percentile = grid.at({c, kMiddle, 0, kPercentile99_9});
    for (std::size_t s = 0; s < min_max.right.size(); ++s) {
      loses = loses && min_max.right[s] < by_float - 10.0;
      recovered = recovered && percentile.gain[s] >= 0.9 * (by_float - min_max.right[s]);
    }
  }
  lesson.claims.expect(loses, "512 digits, 8 bits, outliers: min-max loses 10 points, every seed");
  lesson.claims.expect(recovered, "percentile 99.9 recovers 90 % of what it loses, every seed");
}

// And of those of --full: no outliers, 4 bits, 512 digits, draw by draw.
void check_clean(const Grid& grid, Lesson& lesson) {
  constexpr std::size_t kFourBits = 2;
  const Cell& mse = grid.at({0, kMiddle, kFourBits, kMse});
  const Cell& min_max = grid.at({0, kMiddle, kFourBits, kMinMax});
  bool highest = true, closer = true;
  for (std::size_t s = 0; s < mse.right.size(); ++s) {
    closer = closer && mse.logit_error[s] < min_max.logit_error[s];
    for (std::size_t m = 0; m < methods().size(); ++m)
      for (std::size_t t = 1; t < mse.sqnr.size(); ++t)
        highest = highest &&
                  (m == kMse || mse.sqnr[t][s] > grid.at({0, kMiddle, kFourBits, m}).sqnr[t][s]);
  }
  lesson.claims.expect(highest,
                       "4 bits: MSE has the highest SQNR in the hidden layers, every seed");
  lesson.claims.expect(closer,
                       "4 bits: MSE's logits are closer to float than min-max's, every seed");
}

}  // namespace

void all_seeds(const Study& study, const std::string& tables, bool full, Lesson& lesson) {
  section(10,
          std::to_string(study.draws) + " draws of the calibration digits: mean and 95 % interval");
  const Grid grid = measure(study, full);
  write_csv(grid, study, lesson);
  const double by_float = run_rounded(study, {}, 8, Condition::clean, 1).accuracy;
  if (lesson.options.is_default_run()) check(grid, by_float, lesson);
  if (lesson.options.is_default_run() && full) check_clean(grid, lesson);
  if (!full) return;
  const char* names[] = {"clean", "calibration_only", "both"};
  const std::string digits = ", " + std::to_string(study.digits) + " digits.",
                    seeds = "Seeds 1 to " + std::to_string(study.draws);
  for (std::size_t c = 0; c < std::size(kConditions); ++c) {
    const std::string name = names[c], what = name_of(kConditions[c]);
    std::printf("  %s\n", what.c_str());
    accuracy_table(grid, study, c).print();
    write_measured_table(tables, name, accuracy_table(grid, study, c),
                         "Percent of the test digits right, " + what +
                             "; columns: calibration digits. " + "Float, without outliers, " +
                             fixed(by_float, 2) + ".",
                         seeds);
    write_measured_table(tables, name + "_gains", gain_table(grid, c),
                         "Points gained over min-max at as many bits, " + what + digits +
                             " p: McNemar, the seeds' digits pooled (" +
                             std::to_string(study.data.test.size()) +
                             " digits, the same in every seed).",
                         seeds);
    write_measured_table(
        tables, name + "_tensors", tensor_table(grid, c),
        "SQNR of each tensor of the clean test digits, rounded alone, and the error of " +
            std::string("the logits, ") + what + digits,
        seeds);
  }
}

}  // namespace qfs::ch15
