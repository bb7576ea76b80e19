// Sections 2 to 4: what fewer bits cost, what training with them gives back, and
// where the scales come from.
#include <cstdio>
#include <set>

#include "01_affine_math/errors.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "09_qat/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch09 {

Start make_start(const TrainDigits& train, const Matrix<std::uint8_t>& pixels,
                 const std::vector<std::uint8_t>& labels, Mlp mlp, std::uint64_t seed) {
  Start start{
      .train = &train, .pixels = &pixels, .labels = &labels, .mlp = std::move(mlp), .seed = seed};
  start.intervals =
      calibrate<MinMaxObserver>(start.mlp, CalibrationSet(train), OutputPoint::after_relu, 100);
  start.by_float = classify_ref(start.mlp, pixels);
  return start;
}

// [train_from]
Trained train_from(const Start& start, const QatOptions& options, const Recipe& recipe) {
  Rng rng(start.seed);
  Trained trained{.net = make_qat(start.mlp, start.intervals, options)};
  const TrainOptions training = {.epochs = recipe.epochs,
                                 .adam = {.learning_rate = recipe.learning_rate},
                                 .label = "training with quantization"};
  trained.history = train_qat(trained.net, *start.train, options, training, rng);
  trained.integers = convert(trained.net);
  trained.classes = classify_u8(pack(trained.integers), *start.pixels);
  return trained;
}
// [/train_from]

Start train_control(const Start& start, const Recipe& recipe, std::vector<EpochResult>* history) {
  Rng rng(start.seed);
  Mlp mlp = start.mlp;
  const TrainOptions training = {.epochs = recipe.epochs,
                                 .adam = {.learning_rate = recipe.learning_rate},
                                 .label = "training the float control"};
  const auto epochs = train_mlp(mlp, *start.train, training, rng);
  if (history != nullptr) *history = epochs;
  return make_start(*start.train, *start.pixels, *start.labels, std::move(mlp), start.seed);
}

std::vector<std::uint8_t> classes_by_ptq(const Start& start, const QatOptions& options) {
  return classify_u8(pack(convert(make_qat(start.mlp, start.intervals, options))), *start.pixels);
}

QatOptions in_bits(int bits, ScaleSource scales, WeightGranularity weights) {
  return {.weight_bits = bits, .activation_bits = bits, .weights = weights, .scales = scales};
}

const char* name_of(ScaleSource source) {
  if (source == ScaleSource::frozen) return "frozen from PTQ";
  return source == ScaleSource::observed ? "moving average" : "learned (LSQ)";
}

double percent_right(const Start& start, std::span<const std::uint8_t> classes) {
  return 100.0 * static_cast<double>(count_correct(classes, *start.labels)) /
         static_cast<double>(start.labels->size());
}

void without_training(const Study& study, Lesson& lesson) {
  section(2, "Fewer bits without training: weights and hidden activations in b bits");
  const Start& start = study.start;
  Table table({"bits", "layer 1: weights used", "SQNR", "per tensor: right", "p", "SQNR",
               "per channel: right", "p"});
  table.row({"float", "", "", fixed(percent_right(start, start.by_float), 2) + " %", "", "",
             fixed(percent_right(start, start.by_float), 2) + " %", ""});
  for (int bits : {8, 6, 4, 3, 2}) {
    std::vector<std::string> cells = {std::to_string(bits)};
    for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const QatOptions options = in_bits(bits, ScaleSource::frozen, weights);
      const QatMlp net = make_qat(start.mlp, start.intervals, options);
      const std::span<const float> w = values(net.layers[0].real.weight);
      std::vector<float> fake(w.size());
      forward(net.layers[0].weight, w, fake);
      const auto classes = classes_by_ptq(start, options);
      const PairedResult pair = compare_classes(start.by_float, classes, *start.labels);
      if (weights == WeightGranularity::per_tensor)
        cells.push_back(std::to_string(std::set<float>(fake.begin(), fake.end()).size()));
      cells.insert(cells.end(), {fixed(measure_error(w, fake).sqnr_db, 1) + " dB",
                                 fixed(percent_right(start, classes), 2) + " %", p_text(pair.p)});
    }
    table.row(cells);
  }
  table.print();
  std::printf("  p: McNemar, against the float net\n");
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
  std::printf("  %d epochs, Adam at %g, scales %s, weights per tensor; p: McNemar, against QAT\n",
              study.recipe.epochs, study.recipe.learning_rate, name_of(study.recipe.scales));
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
  std::printf("  float %.2f; float, trained as long %s; against it QAT in 8 bits has p = %s\n",
              percent_right(start, start.by_float),
              measured(percent_right(start, by_control), 2).c_str(), measured(eight.p, 4).c_str());
  lesson.report.figure("mcnemar_p_qat_8", eight.p);
  if (!lesson.options.is_default_run() || study.recipe != Recipe{}) return;
  const double lost = percent_right(start, by_control) - percent_right(start, study.eight.classes);
  lesson.claims.expect(eight.p > 0.05 && lost <= 0.5,
                       "8 bits and float, trained as long: chance (p > 0.05), at most 0.5 points");
  lesson.claims.expect(p[2] < 0.01 && p[3] < 0.01, "3 and 2 bits: QAT beats PTQ, p < 0.01 each");
  lesson.claims.expect(percent_right(start, study.two.classes) > 90.0,
                       "with 2 bits, four integers for a weight, more than 90 % right");
}

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
