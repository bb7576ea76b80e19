// Sections 3 and 4: the methods compared on the test digits, without and with outliers.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "04_mnist_mlp/mcnemar.hpp"
#include "15_calibration_methods/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch15 {
namespace {

// Of every method, the test digits at each of `bits`.
std::vector<std::vector<Result>> results_of(const Study& study, const std::vector<Watch>& watches,
                                            Condition condition, std::uint64_t seed,
                                            std::span<const int> bits) {
  std::vector<std::vector<Result>> results;  // method x bits
  for (const Method& method : methods()) {
    results.emplace_back();
    for (int b : bits)
      results.back().push_back(
          run_rounded(study, intervals_of(method, watches, b), b, condition, seed));
  }
  return results;
}

std::string p_against(const Study& study, const Result& min_max, const Result& result) {
  return p_text(compare_classes(min_max.classes, result.classes, study.data.test.labels).p);
}

}  // namespace

void clean(const Study& study, Lesson& lesson) {
  section(3, "No outliers: percent of the test digits right; p: McNemar, against min-max");
  const std::uint64_t seed = lesson.options.seed;
  constexpr int kBits[] = {8, 6, 4};
  const Tensors drawn = drawn_tensors(study, seed, study.digits);
  const auto watches = watch(study, drawn, study.digits, Condition::clean, seed);
  const auto results = results_of(study, watches, Condition::clean, seed, kBits);
  Table table({"", "8 bits", "p", "6 bits", "p", "4 bits", "p", "logit error, 4 bits"});
  bool by_chance = true;
  for (std::size_t m = 0; m < results.size(); ++m) {
    std::vector<std::string> cells = {methods()[m].name};
    for (std::size_t b = 0; b < 3; ++b)
      cells.insert(cells.end(),
                   {fixed(results[m][b].accuracy, 2),
                    m == kMinMax ? "-" : p_against(study, results[kMinMax][b], results[m][b])});
    cells.push_back(fixed(results[m][2].logit_error, 2) + " %");
    table.row(cells);
    const bool entropy = methods()[m].name == "entropy";
    for (std::size_t b = 0; b < 3 && !entropy; ++b)
      by_chance = by_chance && compare_classes(results[kMinMax][b].classes, results[m][b].classes,
                                               study.data.test.labels)
                                       .p > 0.05;
    lesson.report.figure("clean_accuracy_8_" + methods()[m].name, results[m][0].accuracy);
  }
  table.print();
  std::printf("  float %.2f\n", run_rounded(study, {}, 8, Condition::clean, seed).accuracy);
  if (lesson.options.is_default_run())
    lesson.claims.expect(
        by_chance,
        "all but entropy: no difference to min-max that chance does not explain, p > 0.05");
}
void outliers(const Study& study, Lesson& lesson) {
  const double one_in = study.hits.share > 0.0 ? 1.0 / study.hits.share : HUGE_VAL;
  section(4, "One value in " + general(one_in, 6) + " is " + general(study.hits.size, 6) +
                 " times the largest: 8 bits, " + std::to_string(study.digits) + " digits");
  const std::uint64_t seed = lesson.options.seed;
  constexpr int kBits[] = {8};
  const Tensors drawn = drawn_tensors(study, seed, study.digits);
  const double by_float = run_rounded(study, {}, 8, Condition::clean, seed).accuracy;
  for (Condition condition : {Condition::calibration_only, Condition::both}) {
    const auto watches = watch(study, drawn, study.digits, condition, seed);
    const auto results = results_of(study, watches, condition, seed, kBits);
    const double hit_float = run_rounded(study, {}, 8, condition, seed).accuracy;
    std::printf("  %s: float %.2f\n", name_of(condition).c_str(), hit_float);
    Table table({"", "right", "p", "recovered", "logit error"});
    double best = 0.0, best_p = 1.0;
    const double lost = by_float - results[kMinMax][0].accuracy;
    for (std::size_t m = 0; m < results.size(); ++m) {
      const Result& result = results[m][0];
      const double recovered = (result.accuracy - results[kMinMax][0].accuracy) / lost;
      table.row({methods()[m].name, fixed(result.accuracy, 2),
                 m == kMinMax ? "-" : p_against(study, results[kMinMax][0], result),
                 m == kMinMax || lost <= 0.0 ? "-" : fixed(100.0 * recovered, 1) + " %",
                 fixed(result.logit_error, 1) + " %"});
      if (recovered > best)
        best_p =
            compare_classes(results[kMinMax][0].classes, result.classes, study.data.test.labels).p;
      best = std::max(best, recovered);
    }
    table.print();
    if (!lesson.options.is_default_run()) continue;
    lesson.claims.expect(lost > 10.0, "min-max loses more than 10 points");
    lesson.claims.expect(best >= 0.9 && best_p < 0.001,
                         "the best method recovers at least 90 % of them, p < 0.001");
    if (condition == Condition::both)
      lesson.claims.expect(results[kPercentile99_9][0].accuracy > hit_float + 5.0,
                           "and percentile 99.9 is better than the float net, which clips nothing");
  }
}

}  // namespace qfs::ch15
