// Section 2: what few bits cost the MLP, by who shares a scale.
#include <cstdio>

#include "04_mnist_mlp/evaluate.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch17 {
namespace {

using OutcomesOfShares = std::array<Outcome, kShares.size()>;

void add_line(Table& table, const Start& start, const GroupOptions& options, const char* share,
              const Outcome& outcome) {
  const GroupMlp net = quantize_groups(start.mlp, start.intervals, options);
  const PairedResult pair = compare_classes(start.classes, outcome.classes, *start.labels);
  table.row({std::to_string(options.bits), share, fixed(bits_per_weight(net), 2),
             fixed(100.0 * outcome.logit_error, 1) + " %",
             percent(count_correct(outcome.classes, *start.labels), start.labels->size()),
             std::to_string(pair.only_a), std::to_string(pair.only_b), p_text(pair.p)});
}

// Each share against the coarser one before it.
void add_pairs(Table& table, const Start& start, int bits, const OutcomesOfShares& outcomes) {
  for (std::size_t i = 1; i < kShares.size(); ++i) {
    const Nearer nearer = compare_errors(outcomes[i - 1], outcomes[i]);
    const PairedResult pair =
        compare_classes(outcomes[i - 1].classes, outcomes[i].classes, *start.labels);
    table.row({std::to_string(bits), kShares[i].name, kShares[i - 1].name, std::to_string(nearer.b),
               std::to_string(nearer.a), p_text(nearer.p), std::to_string(pair.only_b),
               std::to_string(pair.only_a), p_text(pair.p)});
  }
}

// What the text says, of the bundled digits.
void check(const std::array<OutcomesOfShares, kBits.size()>& all, Lesson& lesson) {
  bool each = true, ends = true;
  for (std::size_t b = 0; b < kBits.size(); ++b) {
    for (std::size_t i = 1; i < kShares.size() && kBits[b] > 2; ++i) {
      const Nearer nearer = compare_errors(all[b][i - 1], all[b][i]);
      each = each && nearer.b > nearer.a && nearer.p < 0.001;
    }
    const Nearer nearer = compare_errors(all[b].front(), all[b].back());
    ends = ends && nearer.b > nearer.a && nearer.p < 0.001;
  }
  lesson.claims.expect(each, "4 and 3 bits: each finer scale is nearer to float, p < 0.001");
  lesson.claims.expect(ends, "4, 3 and 2 bits: groups of 32 are nearer than one scale, p < 0.001");
  lesson.claims.expect(compare_errors(all.back()[3], all.back()[4]).p > 0.05,
                       "2 bits: groups of 32 and of 64 differ by chance");
}

}  // namespace

void error(const Study& study, Lesson& lesson) {
  section(2, "Weights in few bits, activations in 8: all test digits");
  const Start& start = study.start;
  Table table({"bits", "scale for", "bits/weight", "logit error", "accuracy", "only float",
               "only this", "p"});
  Table pairs(
      {"bits", "scale for", "against", "nearer", "farther", "p", "only this", "only that", "p"});
  const GroupOptions eight{8, kShares[1].granularity, ScaleFormat::float16};
  add_line(table, start, eight, kShares[1].name, outcome_of(start, eight));
  std::array<OutcomesOfShares, kBits.size()> all;
  std::vector<std::vector<double>> csv;
  for (std::size_t b = 0; b < kBits.size(); ++b) {
    for (std::size_t i = 0; i < kShares.size(); ++i) {
      const GroupOptions options{kBits[b], kShares[i].granularity, ScaleFormat::float16};
      all[b][i] = outcome_of(start, options);
      add_line(table, start, options, kShares[i].name, all[b][i]);
      csv.push_back({static_cast<double>(kBits[b]), static_cast<double>(i),
                     bits_per_weight(quantize_groups(start.mlp, start.intervals, options)),
                     100.0 * all[b][i].logit_error});
    }
    add_pairs(pairs, start, kBits[b], all[b]);
  }
  table.print();
  std::printf("  float: %s; p: McNemar, against float\n\n",
              percent(count_correct(start.classes, *start.labels), start.labels->size()).c_str());
  pairs.print();
  std::printf("  nearer: digits whose logits are nearer to float's than the coarser scales' are\n");
  lesson.report.csv("error", {"bits", "share", "bits_per_weight", "logit_error"}, csv);
  if (lesson.options.is_default_run()) check(all, lesson);
}

}  // namespace qfs::ch17
