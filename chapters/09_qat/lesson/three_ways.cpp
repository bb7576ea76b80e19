// Section 4: where the scales come from.
#include <cstdio>

#include "09_qat/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch09 {

void three_ways(const Study& study, Lesson& lesson) {
  section(4, "Three ways to a scale: 2 bits, per tensor");
  const Start& start = study.start;
  std::vector<double> right;
  for (auto scales : {ScaleSource::frozen, ScaleSource::observed, ScaleSource::learned}) {
    const bool have = scales == study.recipe.scales;
    const Trained now = have ? Trained{} : train_from(start, in_bits(2, scales), study.recipe);
    const Trained& trained = have ? study.two : now;
    const QatLinear& layer = trained.net.layers[0];
    const auto scale_text = [&](float scale, int decimals) {
      const std::string text = fixed(static_cast<double>(scale), decimals);
      return scales == ScaleSource::frozen ? text : measured(text);
    };
    std::printf("  %-16s right %s %%; layer 1: s_w %s, s_h %s\n", name_of(scales),
                measured(percent_right(start, trained.classes), 2).c_str(),
                scale_text(layer.weight.params[0].scale, 4).c_str(),
                scale_text(layer.output.params[0].scale, 3).c_str());
    right.push_back(percent_right(start, trained.classes));
  }
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(right[2] > right[0] && right[2] > right[1],
                       "with 2 bits the learned scales are the best");
}

}  // namespace qfs::ch09
