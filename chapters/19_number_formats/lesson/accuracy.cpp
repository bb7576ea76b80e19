// Section 6: the net with its weights in each format, computed in float.
#include <algorithm>
#include <cstdio>

#include "19_number_formats/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch19 {

void accuracy(const Study& study, Lesson& lesson) {
  const std::vector<std::uint8_t>& labels = study.data.test.labels;
  section(6, "Percent of " + std::to_string(labels.size()) + " test digits right");
  std::printf("  flips: digits of another class than float's; p: McNemar\n");
  Table table({"weights", "right", "flips", "only float", "only it", "p", "p, int4 channel"});
  const double all = static_cast<double>(labels.size());
  const auto right = [&](const std::vector<std::uint8_t>& classes) {
    return fixed(100.0 * static_cast<double>(count_correct(classes, labels)) / all, 2) + " %";
  };
  table.row({"float32", right(study.by_float), "", "", "", "", ""});
  std::vector<std::vector<std::uint8_t>> classes;
  for (const Format& format : kFormats)
    classes.push_back(classify_ref(stored_net(study.mlp, format).mlp, study.data.test.pixels));
  double to_float = 1.0, to_channel = 1.0;  // the smallest p of each column
  for (std::size_t f = 0; f < kFormats.size(); ++f) {
    const PairedResult pair = compare_classes(study.by_float, classes[f], labels);
    const double p = compare_classes(classes[int4_channel], classes[f], labels).p;
    table.row({kFormats[f].name, right(classes[f]), std::to_string(pair.classes_differ),
               std::to_string(pair.only_a), std::to_string(pair.only_b), p_text(pair.p),
               f == int4_channel ? "" : p_text(p)});
    to_float = std::min(to_float, pair.p);
    to_channel = std::min(to_channel, p);  // that of int4_channel itself is 1
    lesson.report.figure(std::string("flips ") + kFormats[f].name,
                         static_cast<double>(pair.classes_differ));
  }
  table.print();
  std::printf("  the smallest p: %.4f against float, %.4f against int4 per channel;\n", to_float,
              to_channel);
  std::printf("  among all %zu one below 0.05 / %zu = %.4f counts\n", kComparisons, kComparisons,
              kCounts);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(to_float > kCounts, "no format differs from float by more than chance");
  const PairedResult two = compare_classes(classes[int4_channel], classes[int4_tensor], labels);
  lesson.claims.expect(two.p < kCounts && two.only_b > two.only_a,
                       "on this net int4 per tensor beats int4 per channel");
}

}  // namespace qfs::ch19
