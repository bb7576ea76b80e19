// Sections 4, 5, 6 and 9 of the lesson: what the integers are worth on all test digits.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "06_static_ptq/sections.hpp"
#include "common/matmul_f32.hpp"
#include "common/print.hpp"

namespace qfs {
namespace {

constexpr WeightGranularity kGranularities[] = {WeightGranularity::per_tensor,
                                                WeightGranularity::per_channel};

const char* text_of(WeightGranularity granularity) {
  return granularity == WeightGranularity::per_tensor ? "per tensor" : "per channel";
}

QuantizedMlp quantized(const Study& study, WeightGranularity weights) {
  return quantize_mlp(study.mlp, study.intervals, {study.options.activations, weights});
}

std::string percent(double share) { return fixed(100.0 * share, 2) + " %"; }

std::size_t count_different(const Matrix<std::uint8_t>& a, const Matrix<std::uint8_t>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += values(a)[i] != values(b)[i] ? 1 : 0;
  return count;
}

}  // namespace

std::vector<Matrix<std::uint8_t>> all_outputs(const PackedMlp& net, const TestDigits& digits) {
  std::vector<Matrix<std::uint8_t>> kept;
  forward_u8(net, quantize_input(net, normalized(digits.pixels, 0, digits.size())), &kept);
  return kept;
}

void all_digits(const Study& study, Lesson& lesson) {
  section(4, "The whole net on all test digits: float against integers");
  const auto& labels = study.data.test.labels;
  const auto by_float = classify_ref(study.mlp, study.data.test.pixels);
  Table table({"net", "right", "accuracy", "95 % interval", "only float right",
               "only integers right", "McNemar p"});
  add_compared(table, "float", by_float, nullptr, labels);
  bool by_chance = true;
  for (WeightGranularity granularity : kGranularities) {
    const auto classes = classify_u8(pack(quantized(study, granularity)), study.data.test.pixels);
    const PairedResult pair = add_compared(table, text_of(granularity), classes, &by_float, labels);
    const double lost = (static_cast<double>(pair.only_a) - static_cast<double>(pair.only_b)) /
                        static_cast<double>(labels.size());
    const bool channel = granularity == WeightGranularity::per_channel;
    lesson.report.figure(channel ? "mcnemar_p_per_channel" : "mcnemar_p_per_tensor", pair.p);
    by_chance = by_chance && pair.p > 0.05 && lost <= 0.005;
  }
  table.print();
  const auto outputs = all_outputs(pack(study.net), study.data.test);
  for (std::size_t i = 0; i + 1 < outputs.size(); ++i) {
    const auto below = std::ranges::count_if(values(outputs[i]), [&](std::uint8_t q) {
      return q < study.net.layers[i].output.zero_point;
    });
    std::printf("  layer %zu: %.1f %% of the outputs lie below the zero point, where ReLU cuts\n",
                i + 1, 100.0 * static_cast<double>(below) / static_cast<double>(outputs[i].size()));
  }
  if (lesson.options.is_default_run())
    lesson.claims.expect(by_chance, "no more than chance (p > 0.05), and at most 0.5 points lost");
}

void both_rules(const Study& study, Lesson& lesson) {
  section(5, "The float32 rule and the fixed-point rule: outputs that differ");
  Table table({"weights", "layer 1", "layer 2", "layer 3", "of", "classes that differ"});
  bool by_one = true;
  for (WeightGranularity granularity : kGranularities) {
    const QuantizedMlp net = quantized(study, granularity);
    const PackedMlp a = pack(net), b = pack(net, ref_backend(RequantizeRule::fixed_point));
    const auto outputs_a = all_outputs(a, study.data.test),
               outputs_b = all_outputs(b, study.data.test);
    std::size_t all = 0;
    std::vector<std::string> cells = {text_of(granularity)};
    for (std::size_t i = 0; i < outputs_a.size(); ++i) {
      all += outputs_a[i].size();
      if (i < 3) cells.push_back(std::to_string(count_different(outputs_a[i], outputs_b[i])));
      for (std::size_t k = 0; k < outputs_a[i].size(); ++k)
        by_one = by_one && std::abs(values(outputs_a[i])[k] - values(outputs_b[i])[k]) <= 1;
    }
    cells.resize(4, "-");
    const PairedResult pair =
        compare_classes(classify_u8(a, study.data.test.pixels),
                        classify_u8(b, study.data.test.pixels), study.data.test.labels);
    cells.insert(cells.end(), {std::to_string(all), std::to_string(pair.classes_differ)});
    table.row(cells);
  }
  table.print();
  lesson.claims.expect(by_one, "where they differ it is by 1");
}

namespace {

// The layer as fake quantization simulates it: integers to reals, a float product, reals to
// integers. Bias as the integers have it, or as it was.
struct Simulation {
  Matrix<float> x, w, y;  // y without bias
  std::vector<float> rounded_bias;
};

Simulation simulate(const QuantizedLinear& layer, const Matrix<std::uint8_t>& q_x) {
  Simulation sim;
  sim.x = make_tensor<float>({q_x.shape(0), q_x.shape(1)});
  dequantize(values(q_x), layer.input, values(sim.x));
  sim.w = make_tensor<float>({layer.outputs(), layer.inputs()});
  for (std::size_t n = 0; n < layer.outputs(); ++n) {
    const float s_w = of_channel(values(layer.weight_scale), n);
    dequantize(row(layer.weight, n), {s_w, 0}, row(sim.w, n));
    sim.rounded_bias.push_back(layer.input.scale * s_w * static_cast<float>(layer.bias(n)));
  }
  sim.y = matmul_f32(sim.x, sim.w);
  return sim;
}

// How many outputs of the simulation are not the integer's, and whether every one of them stands so
// near to a tie that float rounding can have moved it across.
struct Ties {
  std::size_t differ = 0, explained = 0;
  double farthest = 0.0;  // from a tie, in output steps
};

// The exact output in steps, from integers: acc s_x s_w / s_y.
struct Exact {
  double steps = 0.0, sum_step = 0.0;  // sum_step: s_x s_w / s_y
};
Exact exact_output(const QuantizedLinear& layer, const Matrix<std::uint8_t>& q_x, std::size_t m,
                   std::size_t n) {
  std::int64_t acc = layer.bias(n);
  for (std::size_t k = 0; k < layer.inputs(); ++k)
    acc += (q_x(m, k) - layer.input.zero_point) * layer.weight(n, k);
  const double sum_step = static_cast<double>(layer.input.scale) *
                          static_cast<double>(of_channel(values(layer.weight_scale), n)) /
                          static_cast<double>(layer.output.scale);
  return {static_cast<double>(acc) * sum_step, sum_step};
}

// A sum of K float32 products errs by at most (K + 4) 2^-24 of the sum of their magnitudes, the
// rest of either path by less than 8 roundings of the result; an unrounded bias by half a step of
// the sum.
double error_bound(const Simulation& sim, const QuantizedLinear& layer, std::size_t m,
                   std::size_t n, float bias, const Exact& exact, bool bias_was_rounded) {
  double magnitude = std::fabs(static_cast<double>(bias));
  for (std::size_t k = 0; k < layer.inputs(); ++k)
    magnitude += std::fabs(static_cast<double>(sim.x(m, k)) * static_cast<double>(sim.w(n, k)));
  const double sum = static_cast<double>(layer.inputs() + 4) * 0x1p-24 * magnitude /
                     static_cast<double>(layer.output.scale);
  return sum + 8 * 0x1p-24 * std::fabs(exact.steps) + (bias_was_rounded ? 0.0 : exact.sum_step / 2);
}

Ties compare_with(const Simulation& sim, const QuantizedLinear& layer,
                  const Matrix<std::uint8_t>& q_x, const Matrix<std::uint8_t>& q_y,
                  std::span<const float> bias, bool bias_was_rounded) {
  Ties ties;
  for (std::size_t m = 0; m < q_y.shape(0); ++m)
    for (std::size_t n = 0; n < q_y.shape(1); ++n) {
      const int q = quantize_value(sim.y(m, n) + bias[n], layer.output, layer.output_range);
      if (q == q_y(m, n)) continue;
      ++ties.differ;
      const Exact exact = exact_output(layer, q_x, m, n);
      const double from_tie = std::fabs(exact.steps - std::floor(exact.steps) - 0.5);
      ties.farthest = std::max(ties.farthest, from_tie);
      const double bound = error_bound(sim, layer, m, n, bias[n], exact, bias_was_rounded);
      ties.explained += std::abs(q - q_y(m, n)) == 1 && from_tie <= bound ? 1 : 0;
    }
  return ties;
}

// The simulation on its own, layer after layer: the classes it gives.
std::vector<std::uint8_t> simulated_classes(const Study& study) {
  const PackedMlp packed = pack(study.net);
  const TestDigits& digits = study.data.test;
  Matrix<std::uint8_t> q = quantize_input(packed, normalized(digits.pixels, 0, digits.size()));
  for (std::size_t i = 0; i < study.net.layers.size(); ++i) {
    const QuantizedLinear& layer = study.net.layers[i];
    const Simulation sim = simulate(layer, q);
    q = make_tensor<std::uint8_t>({q.shape(0), layer.outputs()});
    for (std::size_t m = 0; m < q.shape(0); ++m)
      for (std::size_t n = 0; n < q.shape(1); ++n)
        q(m, n) = static_cast<std::uint8_t>(
            quantize_value(sim.y(m, n) + sim.rounded_bias[n], layer.output, layer.output_range));
    if (i + 1 < study.net.layers.size()) relu_u8(values(q), layer.output.zero_point);
  }
  return argmax_rows(dequantize_logits(packed, q));
}

}  // namespace

void float_simulation(const Study& study, Lesson& lesson) {
  section(6, "Fake quantization in float against real integers, layer by layer");
  const PackedMlp packed = pack(study.net);
  const auto outputs = all_outputs(packed, study.data.test);
  Matrix<std::uint8_t> q_x =
      quantize_input(packed, normalized(study.data.test.pixels, 0, study.data.test.size()));
  Table table({"", "outputs", "differ", "at most from a tie", "differ: bias in float",
               "at most from a tie"});
  bool explained = true;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const QuantizedLinear& layer = study.net.layers[i];
    const Simulation sim = simulate(layer, q_x);
    const Ties rounded = compare_with(sim, layer, q_x, outputs[i], sim.rounded_bias, true);
    const Ties plain =
        compare_with(sim, layer, q_x, outputs[i], values(study.mlp.layers[i].bias), false);
    explained = explained && rounded.explained == rounded.differ && plain.explained == plain.differ;
    table.row({"layer " + std::to_string(i + 1), std::to_string(outputs[i].size()),
               std::to_string(rounded.differ), fixed(rounded.farthest, 6),
               std::to_string(plain.differ), fixed(plain.farthest, 6)});
    q_x = outputs[i];
    relu_u8(values(q_x), layer.output.zero_point);
  }
  table.print();
  lesson.claims.expect(
      explained, "every difference is by 1, and at a tie: nearer to it than float32 can tell");
  const auto classes = classify_u8(packed, study.data.test.pixels);
  const bool same = simulated_classes(study) == classes;
  if (lesson.options.is_default_run())
    lesson.claims.expect(same, "run on its own, the simulation gives every digit the same class");
}

namespace {

// The zero points' share of the bias (eq. 6.5) is left out.
PackedMlp without_folding(const QuantizedMlp& net) {
  PackedMlp packed = pack(net);
  for (std::size_t i = 0; i < net.layers.size(); ++i)
    packed.layers[i].linear.bias = net.layers[i].bias;
  return packed;
}

PackedMlp with_bias_of_output_scale(QuantizedMlp net, const Mlp& mlp) {
  for (std::size_t i = 0; i < net.layers.size(); ++i)
    for (std::size_t n = 0; n < net.layers[i].outputs(); ++n)
      net.layers[i].bias(n) = static_cast<std::int32_t>(
          std::nearbyint(mlp.layers[i].bias(n) / net.layers[i].output.scale));
  return pack(net);
}

}  // namespace

void what_goes_wrong(const Study& study, Lesson& lesson) {
  section(9, "What goes wrong: integers that run, and are wrong");
  const auto& labels = study.data.test.labels;
  const PackedMlp right = pack(study.net);
  PackedMlp relu_at_0 = right;
  relu_at_0.fused = true;  // max(q, 0) changes no u8: the same as no ReLU at all
  const std::pair<const char*, PackedMlp> nets[] = {
      {"as it should be", right},
      {"ReLU as max(q, 0)", relu_at_0},
      {"bias of scale s_y", with_bias_of_output_scale(study.net, study.mlp)},
      {"zero point of x not folded", without_folding(study.net)}};
  Table table({"", "right", "accuracy", "layer 1 outputs that change", "logits that change"});
  const auto expected = all_outputs(right, study.data.test);
  std::vector<std::size_t> correct;
  for (const auto& [name, net] : nets) {
    const auto outputs = all_outputs(net, study.data.test);
    correct.push_back(count_correct(argmax_rows(dequantize_logits(net, outputs.back())), labels));
    table.row({name, std::to_string(correct.back()),
               percent(static_cast<double>(correct.back()) / static_cast<double>(labels.size())),
               std::to_string(count_different(outputs[0], expected[0])),
               std::to_string(count_different(outputs.back(), expected.back()))});
  }
  table.print();
  if (lesson.options.is_default_run())
    lesson.claims.expect(correct[1] < correct[0] - 100 && correct[3] < correct[0] - 100 &&
                             correct[2] + 10 > correct[0],
                         "two mistakes show in the accuracy, the bias only in the integers");
}

// csv: q, and the share of each layer's outputs that are q.
void write_output_histograms(const Study& study, const Lesson& lesson) {
  if (!lesson.report.wants_csv()) return;
  const auto outputs = all_outputs(pack(study.net), study.data.test);
  std::vector<std::string> header = {"q"};
  std::vector<std::vector<double>> rows(256);
  for (std::size_t q = 0; q < rows.size(); ++q) rows[q] = {static_cast<double>(q)};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    header.push_back("layer" + std::to_string(i + 1));
    std::vector<std::size_t> counts(256);
    for (std::uint8_t q : values(outputs[i])) ++counts[q];
    for (std::size_t q = 0; q < rows.size(); ++q)
      rows[q].push_back(100.0 * static_cast<double>(counts[q]) /
                        static_cast<double>(outputs[i].size()));
  }
  lesson.report.csv("outputs", header, rows);
}

}  // namespace qfs
