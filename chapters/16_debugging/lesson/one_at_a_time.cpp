// Sections 5 and 6: which layer suffers from few bits, and which to leave in float.
#include <cstdio>

#include "16_debugging/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch16 {
namespace {

constexpr std::size_t kChoiceDigits = 2000;

ChoiceDigits choice_digits(const Study& study) {
  return {study.narrow.mlp, study.data.train, kChoiceDigits};
}

std::string cost_text(const Cost& cost) {
  return fixed(cost.points(), 2) + " (p " + p_text(cost.pair.p) + ")";
}

// The share of the weights that stay in float.
double float_share(const Mlp& mlp, const InFloat& in_float) {
  std::size_t all = 0, kept = 0;
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    all += mlp.layers[i].weight.size();
    kept += in_float[i] ? mlp.layers[i].weight.size() : 0;
  }
  return static_cast<double>(kept) / static_cast<double>(all);
}

// Is the order of the ranking more than chance? The first against the second and the last, in
// `bits`.
void order_of(const Subject& net, int bits, const ChoiceDigits& digits) {
  const std::vector<Sensitivity> ranking = rank_layers(net.mlp, net.intervals, bits, digits);
  const auto only = [&](std::size_t layer) {
    InFloat in_float(net.mlp.layers.size(), true);
    in_float[layer] = false;
    return quantize_partly(net.mlp, net.intervals, bits, in_float);
  };
  const auto p = [&](const Sensitivity& other) {
    return p_text(digits.compare(only(ranking[0].layer), only(other.layer)).p);
  };
  std::printf(
      "  %d bits: layer %zu alone against layer %zu alone p = %s, against layer %zu p = %s\n", bits,
      ranking[0].layer + 1, ranking[1].layer + 1, p(ranking[1]).c_str(), ranking.back().layer + 1,
      p(ranking.back()).c_str());
}

}  // namespace

void one_at_a_time(const Study& study, Lesson& lesson) {
  const Subject& net = study.narrow;
  section(5, "One layer at a time in few bits, the others in float: " + widths_text(net.mlp));
  const ChoiceDigits digits = choice_digits(study);
  std::printf("  points of accuracy lost on %zu training digits (p: McNemar, against float)\n",
              digits.size());
  std::vector<std::string> header = {"bits"};
  for (std::size_t i = 0; i < net.mlp.layers.size(); ++i)
    header.push_back("layer " + std::to_string(i + 1));
  header.push_back("all");
  Table table(header);
  std::vector<double> worst;
  for (int bits : {8, 4, 3, 2}) {
    const std::vector<Sensitivity> ranking = rank_layers(net.mlp, net.intervals, bits, digits);
    std::vector<std::string> row(header.size());
    row[0] = std::to_string(bits);
    for (const Sensitivity& one : ranking) row[one.layer + 1] = cost_text(one.cost);
    const InFloat none(net.mlp.layers.size(), false);
    row.back() = cost_text(digits.cost(quantize_partly(net.mlp, net.intervals, bits, none)));
    table.row(row);
    worst.push_back(ranking.front().cost.pair.p);
  }
  table.print();
  if (net.mlp.layers.size() > 1) order_of(net, 4, digits);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(worst[0] > 0.05, "8 bits: no layer costs more than chance (p > 0.05)");
  lesson.claims.expect(worst[1] < 0.001, "4 bits: the costliest layer costs more, p < 0.001");
}

void until_within(const Study& study, const Choice& choice, Lesson& lesson) {
  const Subject& net = study.narrow;
  section(6, "Leave the worst in float: " + std::to_string(choice.bits) + " bits, at most " +
                 fixed(choice.target, 2) + " points lost");
  const ChoiceDigits digits = choice_digits(study);
  std::vector<Step> steps;
  try {
    steps = leave_in_float(net.mlp, net.intervals, choice.bits, choice.target, digits);
  } catch (const Error&) {
    if (choice.asked || study.bundled) throw;
    std::printf("  this net cannot meet the target: try --target and --bits\n");
    return;
  }
  const Matrix<float> by_float = forward_ref(net.mlp, study.x);
  Table table({"in float", "weights in float", "lost, training digits", "test digits", "flips"});
  ReportCard last;
  for (const Step& step : steps) {
    const PartlyQuantized mixed =
        quantize_partly(net.mlp, net.intervals, choice.bits, step.in_float);
    last = report_card(by_float, forward_ref(mixed, study.x), study.labels());
    table.row({float_layers_text(step.in_float), percent(float_share(net.mlp, step.in_float)),
               cost_text(step.cost), cost_text({last.pair, study.x.shape(0)}),
               std::to_string(last.flips.all())});
  }
  table.print();
  std::printf("  chosen on the training digits: layers in float: %s\n",
              float_layers_text(steps.back().in_float).c_str());
  lesson.report.figure("layers_in_float", float_layers_text(steps.back().in_float));
  lesson.claims.expect(steps.back().cost.points() <= choice.target,
                       "on the digits of the choice the target is met");
}

}  // namespace qfs::ch16
