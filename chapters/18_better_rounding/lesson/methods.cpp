// Sections 3 and 4: five ways to round, in four, three and two bits; and on five draws of digits.
#include <cstdio>

#include "04_mnist_mlp/mean_interval.hpp"
#include "18_better_rounding/lesson/study.hpp"

namespace qfs::ch18 {

void methods(const Study& study, Lesson& lesson) {
  section(3, "Five ways to round: weights per channel, activations in float");
  const Start& start = study.start;
  std::printf("  float %.2f %%; calibrated on the first %zu training digits\n",
              percent_right(start, start.classes), start.calibration.size());
  std::printf("  logit error: |z^ - z| / |z| over all logits; p: McNemar, against nearest\n");
  Table table({"", "bits", "logit error", "right", "flips", "p"});
  bool halved = true;
  std::string shrunk;
  for (int bits : bits_of(lesson.options)) {
    Outcome nearest;
    for (const Way& way : ways()) {
      const Outcome outcome = outcome_of(start, quickened(way, lesson.options), bits);
      const bool first = &way == &ways().front();
      if (first) nearest = outcome;
      const PairedResult pair =
          compare_classes(nearest.classes, outcome.classes, start.test->labels);
      table.row({way.name, std::to_string(bits), fixed(outcome.logit_error, 2) + " %",
                 fixed(outcome.right, 2) + " %", std::to_string(outcome.flips),
                 first ? "" : p_text(pair.p)});
      if (way.options.method != RoundingMethod::nearest)
        halved = halved && 2.0 * outcome.logit_error < nearest.logit_error;
      if (bits == 2)
        shrunk += (first ? "" : "; ") + way.name + " " + fixed(outcome.size, 2) + ", " +
                  fixed(outcome.cosine, 3);
      lesson.report.figure(way.name + "_" + std::to_string(bits), outcome.logit_error);
    }
  }
  table.print();
  if (!shrunk.empty())
    std::printf("  in two bits, |z^| / |z| and the cosine of their angle:\n  %s\n", shrunk.c_str());
  if (lesson.options.is_default_run())
    lesson.claims.expect(halved, "GPTQ and AdaRound: less than half of nearest's logit error");
}

void draws(const Study& study, Lesson& lesson) {
  section(4, "Three bits, five draws of 1000 calibration digits: logit error in percent");
  const Way compared[] = {ways()[kBiasCorrection], quickened(ways()[kAdaRound], lesson.options),
                          ways()[kGptq]};
  const std::uint64_t count = lesson.options.quick ? 2 : 5;
  const double nearest = outcome_of(study.start, ways()[kNearest], 3).logit_error;
  std::vector<std::vector<double>> gains(std::size(compared));
  Table table({"draw", "nearest", compared[0].name, compared[1].name, compared[2].name});
  bool every = true;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    Start start = study.start;
    start.calibration = drawn_digits(study.data.train, seed);
    std::vector<std::string> cells = {std::to_string(seed), fixed(nearest, 2)};
    for (std::size_t w = 0; w < std::size(compared); ++w) {
      const double error = outcome_of(start, compared[w], 3).logit_error;
      gains[w].push_back(nearest - error);
      every = every && error < nearest;
      cells.push_back(fixed(error, 2));
    }
    table.row(cells);
  }
  table.row({"gain", "", text_of(mean_interval(gains[0])), text_of(mean_interval(gains[1])),
             text_of(mean_interval(gains[2]))});
  table.print();
  if (lesson.options.is_default_run())
    lesson.claims.expect(every, "all three beat nearest on every draw");
}

}  // namespace qfs::ch18
