// Section 4: what the integers are worth on all test digits.
#include <algorithm>
#include <cstdio>

#include "04_mnist_mlp/mcnemar.hpp"
#include "06_static_ptq/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch06 {

QuantizedNet quantized(const Study& study, WeightGranularity weights) {
  return quantize_mlp(study.mlp, study.intervals, {study.options.activations, weights});
}

const char* text_of(WeightGranularity granularity) {
  return granularity == WeightGranularity::per_tensor ? "per tensor" : "per channel";
}

NetBuffers run_on_test_digits(const PackedNet& net, const TestDigits& digits) {
  NetBuffers buffers;
  run(net, normalized(digits.pixels, 0, digits.size()), buffers);
  return buffers;
}

namespace {

void print_share_below_zero_point(const Study& study) {
  const NetBuffers tensors = run_on_test_digits(pack(study.net), study.data.test);
  const std::vector<OperationParts> layers = layers_of(study.net);
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    const Matrix<std::uint8_t>& q = tensors.u8[layers[i].operation.output];
    const auto below = std::ranges::count_if(
        values(q), [&](std::uint8_t value) { return value < layers[i].output.params.zero_point; });
    std::printf("  layer %zu: %.1f %% of the outputs lie below the zero point, where ReLU cuts\n",
                i + 1, 100.0 * static_cast<double>(below) / static_cast<double>(q.size()));
  }
}

}  // namespace

void all_digits(const Study& study, Lesson& lesson) {
  section(4, "The whole net on all test digits: float against integers");
  const auto& labels = study.data.test.labels;
  const auto by_float = classify_ref(study.mlp, study.data.test.pixels);
  Table table({"net", "right", "accuracy", "95 % interval", "only float", "only this", "p"});
  add_compared(table, "float", by_float, nullptr, labels);
  bool by_chance = true;
  for (auto granularity : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
    const auto classes = classify_u8(pack(quantized(study, granularity)), study.data.test.pixels);
    const PairedResult pair = add_compared(table, text_of(granularity), classes, &by_float, labels);
    const bool channel = granularity == WeightGranularity::per_channel;
    lesson.report.figure(channel ? "mcnemar_p_per_channel" : "mcnemar_p_per_tensor", pair.p);
    by_chance = by_chance && is_by_chance(pair, labels.size());
  }
  table.print();
  print_share_below_zero_point(study);
  if (lesson.options.is_default_run())
    lesson.claims.expect(by_chance, "no more than chance (p > 0.05), and at most 0.5 points lost");
}

// csv: q, and the share of each layer's outputs that are q.
void write_output_histograms(const Study& study, const Lesson& lesson) {
  if (!lesson.report.wants_csv()) return;
  const NetBuffers tensors = run_on_test_digits(pack(study.net), study.data.test);
  std::vector<std::string> header = {"q"};
  std::vector<std::vector<double>> rows(256);
  for (std::size_t q = 0; q < rows.size(); ++q) rows[q] = {static_cast<double>(q)};
  for (const OperationParts& layer : layers_of(study.net)) {
    header.push_back("layer" + std::to_string(header.size()));
    const Matrix<std::uint8_t>& outputs = tensors.u8[layer.operation.output];
    std::vector<std::size_t> counts(256);
    for (std::uint8_t q : values(outputs)) ++counts[q];
    for (std::size_t q = 0; q < rows.size(); ++q)
      rows[q].push_back(100.0 * static_cast<double>(counts[q]) /
                        static_cast<double>(outputs.size()));
  }
  lesson.report.csv("outputs", header, rows);
}

}  // namespace qfs::ch06
