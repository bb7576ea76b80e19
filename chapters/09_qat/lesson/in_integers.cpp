// Section 5: the trained nets in integers, beside the float graphs that were trained.
#include <algorithm>

#include "09_qat/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch09 {
namespace {

// One net, one way to see its biases: whether every difference is a tie, how far from one the
// farthest lies, and whether the float graph on its own gives every digit the integers' class.
struct Verdict {
  bool explained = true, same_classes = true;
  double farthest = 0.0;
};
Verdict add_agreement(Table& table, const char* name, const Study& study, const Trained& trained,
                      BiasRounding bias) {
  const TestDigits& digits = study.data.test;
  const Matrix<float> x = normalized(digits.pixels, 0, digits.size());
  Agreement all;
  for (const Agreement& layer : compare_graphs(trained.net, trained.integers, x, bias)) {
    all.outputs += layer.outputs;
    all.differ += layer.differ;
    all.explained += layer.explained;
    all.farthest = std::max(all.farthest, layer.farthest);
  }
  const auto alone = classify_fake(trained.net, trained.integers, digits.pixels, bias);
  const PairedResult pair = compare_classes(alone, trained.classes, digits.labels);
  const std::string classes = std::to_string(pair.classes_differ);
  const bool as_trained = bias == BiasRounding::none;
  table.row({name, as_trained ? "as trained" : "rounded", std::to_string(all.outputs),
             measured(std::to_string(all.differ)), measured(all.farthest, 6),
             as_trained ? measured(classes) : classes});
  return {all.explained == all.differ, pair.classes_differ == 0, all.farthest};
}

}  // namespace

void in_integers(const Study& study, Lesson& lesson) {
  section(5, "Converted: the float graph against the integers, layer by layer");
  Table table({"net", "biases", "outputs", " differ", "at most from a tie", "classes differ"});
  Verdict all, rounded;
  for (BiasRounding bias : {BiasRounding::as_integers, BiasRounding::none})
    for (const Trained* trained : {&study.eight, &study.two}) {
      const char* name = trained == &study.eight ? "8 bits" : "2 bits";
      const Verdict verdict = add_agreement(table, name, study, *trained, bias);
      all.explained = all.explained && verdict.explained;
      if (bias == BiasRounding::none) continue;
      rounded.same_classes = rounded.same_classes && verdict.same_classes;
      rounded.farthest = std::max(rounded.farthest, verdict.farthest);
    }
  table.print();
  lesson.claims.expect(all.explained, "no difference reaches further than (9.8)");
  if (!lesson.options.is_default_run()) return;
  // (9.8) without its bias: (784 + 4) 2^-24 of the products, which stay below 200 steps of the
  // output, and 8 roundings of at most 255 steps: 0.0094 + 0.0002.
  lesson.claims.expect(rounded.farthest <= 0.01,
                       "with rounded biases none lies further than 0.01 from a tie");
  lesson.claims.expect(rounded.same_classes,
                       "on its own, with rounded biases, the float graph finds the same classes");
}

}  // namespace qfs::ch09
