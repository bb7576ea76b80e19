// Section 2: the debugger on a net without a fault. And --model, on a file of the reader's.
#include <cstdio>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "16_debugging/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {

void print_diff(std::span<const LayerDiff> layers) {
  Table table({"tensor", "in turn", "alone", "promised", "short by", "max error", "at qmin",
               "at qmax", "zero", "real zero"});
  for (const LayerDiff& layer : layers) {
    const TensorDiff& own = layer.alone;
    table.row({layer.name, db_text(layer.in_turn.error.sqnr_db), db_text(own.error.sqnr_db),
               db_text(layer.promised_db), db_text(layer.short_by()), fixed(own.error.max_abs, 3),
               percent(own.at_qmin), percent(own.at_qmax), percent(own.zero),
               percent(own.real_zero)});
  }
  table.print();
  std::printf("  SQNR alone, a # for 2 dB\n");
  for (const LayerDiff& layer : layers)
    std::printf("  %-8s |%s|%s\n", layer.name.c_str(),
                bar(std::clamp(layer.alone.error.sqnr_db / 60.0, 0.0, 1.0), 30).c_str(),
                layer.short_by() > kMostShort ? "  <-- falls short" : "");
}

void right_net(const Study& study, Lesson& lesson) {
  section(2, "A net without a fault, tensor by tensor: fused, 8 bits, test digits (dB)");
  const auto layers = diff_layers(study.wide.mlp, study.wide.net, study.x);
  print_diff(layers);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(!first_fault(layers), "no layer falls more than 6 dB short of its promise");
  lesson.claims.expect(!first_fault(diff_layers(study.narrow.mlp, study.narrow.net, study.x)),
                       "nor does any of the narrow net, 784-16-16-16-10");
}

namespace {

// The float net that the file was made from, as far as widths can tell.
const Subject& owner(const Study& study, const QuantizedNet& net) {
  const std::vector<ChainLayer> layers = chain_of(net);
  const Mlp& narrow = study.narrow.mlp;
  bool fits = layers.size() == narrow.layers.size();
  for (std::size_t i = 0; fits && i < layers.size(); ++i)
    fits = layers[i].linear.input.size() == narrow.layers[i].inputs();
  return fits ? study.narrow : study.wide;
}

}  // namespace

void your_model(const Study& study, const std::string& file, Lesson& lesson) {
  section(1, "The debugger on a file: " + file);
  const QuantizedNet net = load_model(file);
  const Subject& subject = owner(study, net);
  const auto layers = diff_layers(subject.mlp, net, study.x);
  std::printf("  beside the float net %s, on %zu test digits\n", widths_text(subject.mlp).c_str(),
              study.x.shape(0));
  print_diff(layers);
  const auto fault = first_fault(layers);
  lesson.report.figure("fault", fault ? layers[*fault].name : "none");
  if (!fault) {
    std::printf("  no layer falls more than 6 dB short of what its scales promise\n");
    return;
  }
  const auto& [gain, constant, worst_two] = layers[*fault].symptoms;
  std::printf("  look at %s: gain %.2f, constant share %.0f %%, two worst outputs %.0f %%\n",
              layers[*fault].name.c_str(), gain, 100.0 * constant, 100.0 * worst_two);
}

}  // namespace qfs::ch16
