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
  double smallest = 1.0;
  for (std::size_t f = 0; f < kFormats.size(); ++f) {
    const PairedResult pair = compare_classes(study.by_float, classes[f], labels);
    const double p = compare_classes(classes[int4_channel], classes[f], labels).p;
    table.row({kFormats[f].name, right(classes[f]), std::to_string(pair.classes_differ),
               std::to_string(pair.only_a), std::to_string(pair.only_b), p_text(pair.p),
               f == int4_channel ? "" : p_text(p)});
    smallest = std::min(smallest, pair.p);
    lesson.report.figure(std::string("flips ") + kFormats[f].name,
                         static_cast<double>(pair.classes_differ));
  }
  table.print();
  const double counts = 0.05 / static_cast<double>(kFormats.size());
  std::printf("  smallest of the %zu p against float: %s; among so many, below %.4f would count\n",
              kFormats.size(), p_text(smallest).c_str(), counts);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(smallest > counts, "no format differs from float by more than chance");
}

}  // namespace qfs::ch19
