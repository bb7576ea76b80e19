// Sections 2 and 3: what fewer bits cost, and what training with them gives back.
#include <cstdio>
#include <set>

#include "01_affine_math/errors.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch09 {

namespace {

// The weights of layer 1 in b bits: how many values they take, and what is lost.
struct Rounded {
  std::size_t values = 0;
  double sqnr_db = 0.0;
};
Rounded round_weights(const QatMlp& net) {
  const std::span<const float> w = values(net.layers[0].real.weight);
  std::vector<float> fake(w.size());
  forward(net.layers[0].weight, w, fake);
  return {std::set<float>(fake.begin(), fake.end()).size(), measure_error(w, fake).sqnr_db};
}

}  // namespace

void without_training(const Study& study, Lesson& lesson) {
  section(2, "Fewer bits without training: weights and hidden activations in b bits");
  const Start& start = study.start;
  std::printf("  used: values that the weights of layer 1 take; SQNR: of these weights\n");
  std::printf("  p: McNemar, against the float net\n");
  Table table({"bits", "used", "SQNR", "per tensor", "p", "SQNR", "per channel", "p"});
  const std::string as_float = fixed(percent_right(start, start.by_float), 2) + " %";
  table.row({"float", "", "", as_float, "", "", as_float, ""});
  for (int bits : {8, 6, 4, 3, 2}) {
    std::vector<std::string> cells = {std::to_string(bits)};
    for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const QatOptions options = in_bits(bits, ScaleSource::frozen, weights);
      const Rounded rounded = round_weights(make_qat(start.mlp, start.intervals, options));
      const auto classes = classes_by_ptq(start, options);
      const PairedResult pair = compare_classes(start.by_float, classes, *start.labels);
      if (weights == WeightGranularity::per_tensor) cells.push_back(std::to_string(rounded.values));
      cells.insert(cells.end(), {fixed(rounded.sqnr_db, 1) + " dB",
                                 fixed(percent_right(start, classes), 2) + " %", p_text(pair.p)});
    }
    table.row(cells);
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  const double eight = percent_right(start, classes_by_ptq(start, in_bits(8, ScaleSource::frozen)));
  const double two = percent_right(start, classes_by_ptq(start, in_bits(2, ScaleSource::frozen)));
  lesson.claims.expect(eight > 93.0 && two < 60.0,
                       "eight bits cost nothing; with two, min-max leaves half of the digits");
}

void with_training(Study& study, Lesson& lesson) {
  section(3, "Training in b bits: percent of the test digits right, all nets in integers");
  const Start& start = study.start;
  study.control = train_control(start, study.recipe, &study.control_history);
  const std::vector<std::uint8_t>& by_control = study.control.by_float;
  std::printf("  %d epochs, Adam at %g, scales %s, weights per tensor\n", study.recipe.epochs,
              study.recipe.learning_rate, name_of(study.recipe.scales));
  std::printf("  p: McNemar, against QAT\n");
  std::printf("  bits     PTQ        p   PTQ, trained as long        p      QAT\n");
  std::vector<double> p;
  for (int bits : {8, 4, 3, 2}) {
    const QatOptions options = in_bits(bits, study.recipe.scales);
    Trained trained = train_from(start, options, study.recipe);
    const auto ptq = classes_by_ptq(start, options),
               as_long = classes_by_ptq(study.control, options);
    p.push_back(compare_classes(ptq, trained.classes, *start.labels).p);
    const double p_as_long = compare_classes(as_long, trained.classes, *start.labels).p;
    std::printf("  %d    %7.2f  %7s                %7s  %7s %8s\n", bits, percent_right(start, ptq),
                measured(p_text(p.back())).c_str(),
                measured(percent_right(start, as_long), 2).c_str(),
                measured(p_text(p_as_long)).c_str(),
                measured(percent_right(start, trained.classes), 2).c_str());
    lesson.report.figure("qat_right_" + std::to_string(bits),
                         percent_right(start, trained.classes));
    if (bits == 8) study.eight = std::move(trained);
    if (bits == 2) study.two = std::move(trained);
  }
  const PairedResult eight = compare_classes(by_control, study.eight.classes, *start.labels);
  std::printf(
      "  float %.2f; float, trained as long %s\n"
      "  QAT in 8 bits against float, trained as long: p = %s\n",
      percent_right(start, start.by_float), measured(percent_right(start, by_control), 2).c_str(),
      measured(eight.p, 4).c_str());
  lesson.report.figure("mcnemar_p_qat_8", eight.p);
  if (!lesson.options.is_default_run() || study.recipe != Recipe{}) return;
  const double lost = percent_right(start, by_control) - percent_right(start, study.eight.classes);
  lesson.claims.expect(eight.p > 0.05 && lost <= 0.5,
                       "8 bits and float, trained as long: chance (p > 0.05), at most 0.5 points");
  lesson.claims.expect(p[2] < 0.01 && p[3] < 0.01, "3 and 2 bits: QAT beats PTQ, p < 0.01 each");
  lesson.claims.expect(percent_right(start, study.two.classes) > 90.0,
                       "with 2 bits, four integers for a weight, more than 90 % right");
}

}  // namespace qfs::ch09
