// Sections 5 and 10: what its neighbours in a batch do to a row, and two ways to be
// disappointed.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/model_file.hpp"
#include "08_dynamic_quantization/lesson/study.hpp"
#include "common/print.hpp"
#include "common/temporary.hpp"

namespace qfs::ch08 {
namespace {

// The rows `order` of x.
Matrix<float> picked(const Matrix<float>& x, std::span<const std::size_t> order) {
  auto some = make_tensor<float>({order.size(), x.shape(1)});
  for (std::size_t m = 0; m < order.size(); ++m)
    std::ranges::copy(row(x, order[m]), row(some, m).begin());
  return some;
}

// Digit 0 as the first row of some batch.
struct Guest {
  std::vector<QuantizedInput> inputs;
  Matrix<float> logits;
};

Guest run_guest(const Study& study, std::span<const std::size_t> order,
                const DynamicOptions& options) {
  const PackedNet net = pack_dynamic(study.with(options));
  const Matrix<float> x = picked(study.x, order);
  Guest guest;
  for (const Matrix<float>& input : layer_inputs(net, x))
    guest.inputs.push_back(quantize_input(input, study.input.range, options));
  guest.logits = run_in_batches(net, x);
  return guest;
}

std::size_t count_different_in_row_0(const Matrix<std::uint8_t>& a, const Matrix<std::uint8_t>& b) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < a.shape(1); ++k) count += a(0, k) != b(0, k) ? 1 : 0;
  return count;
}

// Adds how far digit 0 in this batch is from digit 0 alone; whether anything differs.
bool add_guest(Table& table, const std::string& name, const Guest& guest, const Guest& alone) {
  std::vector<std::string> cells = {name};
  std::size_t all = 0;
  for (std::size_t i = 0; i < alone.inputs.size() && i < 3; ++i) {
    const std::size_t differ =
        count_different_in_row_0(guest.inputs[i].q, alone.inputs[i].q);
    cells.push_back(fixed(static_cast<double>(guest.inputs[i].params[0].scale), 5));
    cells.push_back(std::to_string(differ));
    all += differ;
  }
  cells.resize(7, "-");
  double most = 0.0;
  for (std::size_t n = 0; n < alone.logits.shape(1); ++n)
    most = std::max(most, std::fabs(static_cast<double>(guest.logits(0, n)) -
                                    static_cast<double>(alone.logits(0, n))));
  cells.push_back(fixed(most, 4));
  table.row(cells);
  return all > 0 || most > 0.0;
}

}  // namespace

void batch_mates(const Study& study, Lesson& lesson) {
  section(5, "Digit 0 alone and with 99 others: its integers and logits that change");
  const std::size_t some = std::min(kDynamicBatch, study.x.shape(0));
  std::vector<std::size_t> first = {0}, last = {0};
  for (std::size_t m = 1; m < some; ++m) {
    first.push_back(m);
    last.push_back(study.x.shape(0) - m);
  }
  Table table(
      {"", "layer 1: s_x", "differ", "layer 2: s_x", "differ", "layer 3: s_x", "differ", "logits"});
  bool neighbours_show = false, rows_differ = false;
  for (const DynamicOptions& options : {kPerTensor, kPerRow}) {
    const std::string name =
        options.granularity == InputGranularity::per_row ? "per row, " : "per tensor, ";
    const Guest alone = run_guest(study, std::span(first).first(1), options);
    add_guest(table, name + "alone", alone, alone);
    const bool a = add_guest(table, name + "first 99", run_guest(study, first, options),
                             alone),
               b = add_guest(table, name + "last 99", run_guest(study, last, options),
                             alone);
    (options.granularity == InputGranularity::per_row ? rows_differ : neighbours_show) = a || b;
  }
  table.print();
  if (study.by_default)
    lesson.claims.expect(neighbours_show,
                         "per tensor the neighbours change the integers of this digit");
  lesson.claims.expect(!rows_differ, "per row they change nothing, not one bit of a logit");
}

namespace {

std::string logits_text(std::span<const float> z, std::uint8_t a, std::uint8_t b) {
  return "logit " + std::to_string(a) + " is " + fixed(static_cast<double>(z[a]), 4) + ", logit " +
         std::to_string(b) + " is " + fixed(static_cast<double>(z[b]), 4);
}

// Digits whose class alone is not their class among the hundred they come with.
void neighbours_decide(const Study& study, Lesson& lesson) {
  const Matrix<float> alone = run_in_batches(pack_dynamic(study.with(kPerRow)), study.x),
                      together = run_in_batches(pack_dynamic(study.with(kPerTensor)), study.x);
  const auto classes_alone = argmax_rows(alone), classes_together = argmax_rows(together);
  std::size_t count = 0;
  std::optional<std::size_t> first;
  for (std::size_t m = 0; m < classes_alone.size(); ++m) {
    if (classes_alone[m] == classes_together[m]) continue;
    ++count;
    if (!first) first = m;
  }
  std::printf("  %zu of %zu digits have one class alone and another in their batch of %zu\n", count,
              classes_alone.size(), kDynamicBatch);
  lesson.report.figure("classes_changed_by_neighbours", static_cast<double>(count));
  if (first) {
    const std::size_t m = *first;
    const std::uint8_t a = classes_alone[m], b = classes_together[m];
    std::printf(
        "  the first is test digit %zu, a %d:\n    alone    %s: class %d\n    together %s: "
        "class %d\n",
        m, study.labels()[m], logits_text(row(alone, m), a, b).c_str(), a,
        logits_text(row(together, m), a, b).c_str(), b);
  }
  if (study.by_default)
    lesson.claims.expect(first.has_value(), "the neighbours decide the class of a digit");
}

std::size_t bytes_on_disk(const Mlp& front, const QuantizedNet& last) {
  const TemporaryDirectory folder;
  return save_mlp(front, folder.path()) +
         save_model(folder.path("last.qfs"), last, dynamic_operations());
}

// Only the last Linear is quantized; the layers before it stay float.
void sliver(const Study& study, Lesson& lesson) {
  Mlp front = study.mlp, back;
  back.layers.push_back(front.layers.back());
  front.layers.pop_back();
  const QuantizedNet last = quantize_dynamic(back, study.weights, study.input);
  const std::size_t bytes = bytes_on_disk(front, last);
  Matrix<float> x = forward_ref(front, study.x);
  relu_forward(x);
  const auto classes = classes_of(last, x);
  std::size_t all = 0;
  for (const Linear& layer : study.mlp.layers) all += layer.weight.size();
  const std::size_t float_bytes = mlp_bytes_on_disk(weights_directory(lesson.options, study.data));
  const std::size_t weights = back.layers[0].weight.size();
  std::printf("  only the last Linear quantized: %zu of %zu weights, %.2f %%\n", weights, all,
              100.0 * static_cast<double>(weights) / static_cast<double>(all));
  std::printf("  files %zu bytes, float %zu: %.2f %%; right %zu\n", bytes, float_bytes,
              100.0 * static_cast<double>(bytes) / static_cast<double>(float_bytes),
              count_correct(classes, study.labels()));
  const PairedResult pair =
      compare_classes(classify_ref(study.mlp, study.data.test.pixels), classes, study.labels());
  std::printf("  classes that differ from the float net's: %zu\n", pair.classes_differ);
  if (study.by_default)
    lesson.claims.expect(100 * bytes > 99 * float_bytes,
                         "\"dynamically quantized\", and 99 % of the bytes are still there");
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(10, "What goes wrong: neighbours that decide, and a sliver of a net");
  neighbours_decide(study, lesson);
  if (study.mlp.layers.size() > 1)
    sliver(study, lesson);
  else
    std::printf("  this net has one layer: it is quantized whole or not at all\n");
}

}  // namespace qfs::ch08
