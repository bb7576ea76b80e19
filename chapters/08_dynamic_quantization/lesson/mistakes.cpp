// Section 10: neighbours that decide a class, and a net of which a sliver was quantized.
#include <cstdio>
#include <optional>

#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "08_dynamic_quantization/lesson/study.hpp"
#include "common/temporary.hpp"

namespace qfs::ch08 {
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
