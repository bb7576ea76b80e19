// Section 3: files with one planted fault each, and the layer that the debugger blames.
#include <cstdio>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "16_debugging/lesson/files.hpp"
#include "16_debugging/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {
namespace {

std::string layer_name(std::size_t layer) {
  return layer == 0 ? "input" : "layer " + std::to_string(layer);
}

std::size_t right_of(const QuantizedNet& net, const Study& study) {
  return count_correct(classify_u8(pack(net), study.data.test.pixels), study.labels());
}

bool is_blamed(const std::vector<LayerDiff>& layers, std::size_t layer) {
  return first_fault(layers) == std::optional(layer);
}

// The files that this lesson gives away.
void shown_files(const Study& study, Lesson& lesson) {
  Table table({"file", "right", "blamed", "short by", "gain", "constant", "worst two", "at qmax",
               "zero", "real zero", "planted"});
  bool found = true;
  for (std::size_t i = 0; i < kShownFaults.size(); ++i) {
    const Fault planted = kShownFaults[i];
    const QuantizedNet net = load_model(faulty_file(i + 1));
    const auto layers = diff_layers(study.narrow.mlp, net, study.x);
    const auto blamed = first_fault(layers);
    found = found && blamed == planted.layer;
    const LayerDiff& layer = layers[blamed.value_or(planted.layer)];
    const Symptoms& signs = layer.symptoms;
    table.row({std::to_string(i + 1) + ".qfs", std::to_string(right_of(net, study)),
               blamed ? layer.name : "none", fixed(layer.short_by(), 1), fixed(signs.gain, 2),
               percent(signs.constant), percent(signs.worst_two), percent(layer.alone.at_qmax),
               percent(layer.alone.zero), percent(layer.alone.real_zero), name_of(planted.kind)});
  }
  table.print();
  lesson.claims.expect(found, "in each file the blamed layer is the one with the planted fault");
}

// Every fault of every layer, in files that are not kept. One that changes less than rounding does
// need not be found; one that is blamed must be in the right layer.
void every_fault(const Study& study, Lesson& lesson) {
  std::size_t found = 0, misplaced = 0;
  double worst_kl = 0.0;
  NetBuffers buffers;
  const Matrix<float> right = run(pack(study.narrow.net), study.x, buffers);
  const std::vector<Fault> all = all_faults(study.narrow.net);
  for (const Fault& fault : all) {
    const QuantizedNet net = plant(study.narrow.net, fault);
    const auto layers = diff_layers(study.narrow.mlp, net, study.x);
    const bool blamed = is_blamed(layers, fault.layer);
    found += blamed ? 1 : 0;
    misplaced += !blamed && first_fault(layers) ? 1 : 0;
    if (blamed) continue;
    const double kl = mean_kl(right, run(pack(net), study.x, buffers));
    worst_kl = std::max(worst_kl, kl);
    std::printf("  not found: %s in %s, %.1f dB short, KL %s\n", name_of(fault.kind),
                layer_name(fault.layer).c_str(), layers[fault.layer].short_by(),
                general(kl, 3).c_str());
  }
  std::printf("  of %zu faults that can be planted %zu are found\n", all.size(), found);
  lesson.report.figure("faults_found", static_cast<double>(found));
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(misplaced == 0, "none is blamed on a wrong layer");
  lesson.claims.expect(found + 1 >= all.size() && worst_kl < 0.001,
                       "what is not found changes next to nothing: KL below 0.001");
}

}  // namespace

void faulty_files(const Study& study, Lesson& lesson) {
  section(3, "Files with a planted fault: the narrow net, 784-16-16-16-10");
  if (!study.bundled) {
    std::printf("  left out: the files belong to the bundled digits and their net\n");
    return;
  }
  const QuantizedNet first = load_model(faulty_file(1));
  std::printf("  1.qfs: %zu of %zu right; the file without a fault: %zu\n", right_of(first, study),
              study.x.shape(0), right_of(study.narrow.net, study));
  print_diff(diff_layers(study.narrow.mlp, first, study.x));
  shown_files(study, lesson);
  every_fault(study, lesson);
}

// The two mistakes of section 8, counted over the same faults.
void mistakes(const Study& study, Lesson& lesson) {
  section(8, "What goes wrong: looking at accuracy, and at the lowest SQNR in turn");
  const std::vector<Fault> all = all_faults(study.narrow.net);
  const auto by_right = classify_u8(pack(study.narrow.net), study.data.test.pixels);
  std::size_t unseen = 0, misled = 0;
  Table table({"planted", "in", "lost, points", "p", "KL", "lowest in turn"});
  NetBuffers buffers;
  const Matrix<float> right_logits = run(pack(study.narrow.net), study.x, buffers);
  for (const Fault& fault : all) {
    const QuantizedNet net = plant(study.narrow.net, fault);
    const ReportCard card =
        report_card(right_logits, run(pack(net), study.x, buffers), study.labels());
    const auto layers = diff_layers(study.narrow.mlp, net, study.x);
    const auto lowest = std::ranges::min_element(
        layers, {}, [](const LayerDiff& layer) { return layer.in_turn.error.sqnr_db; });
    const Cost cost{card.pair, study.x.shape(0)};
    const bool hidden = is_by_chance(card.pair, study.x.shape(0));
    unseen += hidden ? 1 : 0;
    misled += lowest->name != layer_name(fault.layer) ? 1 : 0;
    table.row({name_of(fault.kind), layer_name(fault.layer), fixed(cost.points(), 2),
               p_text(card.pair.p), general(card.kl, 3), lowest->name});
  }
  table.print();
  std::printf("  of %zu faults %zu lose no more than chance (p > 0.05, at most 0.5 points)\n",
              all.size(), unseen);
  std::printf("  of %zu faults the lowest SQNR in turn blames a wrong layer for %zu\n", all.size(),
              misled);
  lesson.report.figure("faults_unseen_by_accuracy", static_cast<double>(unseen));
  lesson.report.figure("faults_misplaced_in_turn", static_cast<double>(misled));
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(unseen > 0, "some faults cannot be told from chance by accuracy");
  lesson.claims.expect(misled > 0, "and some are not in the layer with the lowest SQNR in turn");
}

}  // namespace qfs::ch16
