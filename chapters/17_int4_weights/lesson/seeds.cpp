// Section 9, with --full: few bits on five nets of five seeds.
#include <cstdio>

#include "04_mnist_mlp/mean_interval.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "common/measured_table.hpp"
#include "common/print.hpp"

namespace qfs::ch17 {
namespace {

constexpr std::uint64_t kSeeds = 5;

// A value per seed.
struct Cell {
  std::vector<double> right{}, error{};  // percent
  std::vector<double> gain{}, ratio{};   // points, and logit errors, against the coarser share
  std::vector<double> of_output{};       // logit errors against one scale an output
  std::size_t only_this = 0, only_coarser = 0;
};

struct Cells {
  std::vector<double> as_float{};
  std::array<std::array<Cell, kShares.size()>, kBits.size()> of{};
};

double percent_right(const Start& start, std::span<const std::uint8_t> classes) {
  return 100.0 * static_cast<double>(count_correct(classes, *start.labels)) /
         static_cast<double>(start.labels->size());
}

void add_to(Cells& cells, const Start& start) {
  cells.as_float.push_back(percent_right(start, start.classes));
  for (std::size_t b = 0; b < kBits.size(); ++b) {
    Outcome coarser;
    double of_output = 1.0;  // the logit error with one scale an output
    for (std::size_t i = 0; i < kShares.size(); ++i) {
      Outcome outcome = outcome_of(start, {kBits[b], kShares[i].granularity, ScaleFormat::float16});
      Cell& cell = cells.of[b][i];
      cell.right.push_back(percent_right(start, outcome.classes));
      cell.error.push_back(100.0 * outcome.logit_error);
      if (i > 0) {
        const PairedResult pair = compare_classes(coarser.classes, outcome.classes, *start.labels);
        cell.only_this += pair.only_b;
        cell.only_coarser += pair.only_a;
        cell.gain.push_back(cell.right.back() - percent_right(start, coarser.classes));
        cell.ratio.push_back(outcome.logit_error / coarser.logit_error);
      }
      if (i == 1) of_output = outcome.logit_error;
      cell.of_output.push_back(outcome.logit_error / of_output);
      coarser = std::move(outcome);
    }
  }
}

Table table_of(const Cells& cells) {
  Table table({"bits", "scale for", "accuracy", "gain on the coarser", "p", "logit error, %",
               "of the coarser's", "of one scale an output"});
  for (std::size_t b = 0; b < kBits.size(); ++b)
    for (std::size_t i = 0; i < kShares.size(); ++i) {
      const Cell& cell = cells.of[b][i];
      std::vector<std::string> row = {std::to_string(kBits[b]), kShares[i].name,
                                      text_of(mean_interval(cell.right))};
      if (i == 0)
        row.insert(row.end(), {"-", "-", text_of(mean_interval(cell.error)), "-", "-"});
      else
        row.insert(row.end(),
                   {text_of(mean_interval(cell.gain)),
                    p_text(mcnemar_p(cell.only_coarser, cell.only_this)),
                    text_of(mean_interval(cell.error)), text_of(mean_interval(cell.ratio)),
                    i == 1 ? "-" : text_of(mean_interval(cell.of_output))});
      table.row(row);
    }
  return table;
}

}  // namespace

void all_seeds(const Study& study, const std::string& tables, Lesson& lesson) {
  section(9, "Five seeds: mean and 95 % interval");
  Cells cells;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Rng rng(seed);
    Mlp mlp = make_recipe_net(study.data.train, rng);
    train_mlp(mlp, study.data.train, {.label = "training a float net"}, rng);
    add_to(cells, make_start(study.data, std::move(mlp)));
  }
  const Table table = table_of(cells);
  table.print();
  const std::string note =
      "Float " + text_of(mean_interval(cells.as_float)) +
      ". Five float nets of seeds 1 to 5, activations in 8 bits, scales in "
      "float16. p: McNemar, the seeds' digits pooled (2000 digits, the same in "
      "every seed). Layers 2 and 3 have 100 inputs: there a group of 128 is "
      "the output.";
  std::printf("  %s\n", note.c_str());
  write_measured_table(tables, "bits", table, note);
  if (!lesson.options.data_dir.empty()) return;
  const auto below_1 = [](const std::vector<double>& ratios) {
    const MeanInterval ratio = mean_interval(ratios);
    return ratio.mean + ratio.half < 1.0;
  };
  bool outputs = true, groups = true, last = true;
  for (std::size_t b = 0; b < kBits.size(); ++b) {
    const auto& shares = cells.of[b];
    outputs = outputs && below_1(shares[1].ratio);
    groups = groups && (kBits[b] == 4 || below_1(shares[4].of_output));
    last = last && !below_1(shares[4].ratio);
  }
  lesson.claims.expect(outputs, "a scale an output: a smaller logit error than one for the matrix");
  lesson.claims.expect(groups, "3 and 2 bits: groups of 32 have a smaller one still");
  lesson.claims.expect(last, "groups of 32 against 64: nothing that five seeds could tell");
}

}  // namespace qfs::ch17
