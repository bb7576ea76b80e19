// Section 9 of the lesson: the file on disk, and what finding the range at run time costs.
#include <algorithm>
#include <cstdio>

#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/model_file.hpp"
#include "08_dynamic_quantization/dynamic_file.hpp"
#include "08_dynamic_quantization/sections.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"
#include "common/temporary.hpp"

namespace qfs {
namespace {

// Microseconds for one batch: the whole forward pass, and its parts.
struct TimeSplit {
  double all = 0.0, range = 0.0, quantize = 0.0, product = 0.0, dequantize = 0.0;
};

TimeSplit time_of(const PackedDynamicMlp& net, Matrix<float> x, const DynamicOptions& options) {
  TimeSplit time;
  time.all = median_microseconds([&] { forward(net, x, options); });
  for (const PackedDynamicLinear& layer : net.layers) {
    const QuantRange range = layer.weight.input_range;
    const auto params = find_qparams(x, range, options);
    const auto q = quantize_rows(x, params, range, options.rule);
    const auto acc = raw_product(layer, q);
    time.range += median_microseconds([&] { find_qparams(x, range, options); });
    time.quantize += median_microseconds([&] { quantize_rows(x, params, range, options.rule); });
    time.product += median_microseconds([&] { raw_product(layer, q); });
    time.dequantize += median_microseconds([&] { dequantize_sums(layer, acc, params); });
    x = dequantize_sums(layer, acc, params);
    relu_forward(x);
  }
  return time;
}

std::size_t files(const Study& study, Lesson& lesson) {
  const TemporaryDirectory folder;
  const std::size_t bytes = save_dynamic(folder.path("dynamic.qfs"), study.net);
  const DynamicMlp loaded = load_dynamic(folder.path("dynamic.qfs"));
  const std::size_t fixed_bytes = save_model(folder.path("static.qfs"), study.fixed);
  const std::size_t float_bytes = mlp_bytes_on_disk(weights_directory(lesson.options, study.data));
  const double share = static_cast<double>(bytes) / static_cast<double>(float_bytes);
  std::printf("  files: float %zu bytes, static %zu, dynamic %zu = %.2f %% of float\n", float_bytes,
              fixed_bytes, bytes, 100.0 * share);
  lesson.report.figure("model_bytes_share", share);
  lesson.claims.expect(forward_in_batches(pack(loaded), study.x, study.options) ==
                           forward_in_batches(pack(study.net), study.x, study.options),
                       "read back, it gives every logit, bit for bit");
  if (study.by_default)
    lesson.claims.expect(share <= 0.26, "at most 26 % of the float weights' bytes");
  return bytes;
}

}  // namespace

void file_and_time(const Study& study, Lesson& lesson) {
  section(9, "The file on disk, and the time of one batch, one thread, microseconds");
  ModelRow result{
      .model = "dynamic", .images = study.labels().size(), .bytes = files(study, lesson)};
  const PackedDynamicMlp net = pack(study.net);
  const PackedMlp fixed = pack(study.fixed);
  result.accuracy =
      static_cast<double>(count_correct(classes_of(net, study.x, study.options), study.labels())) /
      static_cast<double>(result.images);
  std::printf(
      "  digits    float   static  dynamic = range + quantize + product + dequantize (+ ReLU)\n");
  double* const latency[] = {&result.latency_us_1, &result.latency_us_64, &result.latency_us_1000};
  const std::size_t sizes[] = {1, 64, 1000};
  for (std::size_t i = 0; i < 3; ++i) {
    const Matrix<float> x = batch_to_time(study.data.test, sizes[i]);
    MlpBuffers buffers;
    const double by_float = median_microseconds([&] { forward(study.mlp, x, buffers); });
    const double by_static = median_microseconds([&] { forward(fixed, x); });
    const TimeSplit time = time_of(net, x, study.options);
    *latency[i] = time.all;
    std::printf("  %6zu %8s %8s %8s", sizes[i], measured(by_float, 1).c_str(),
                measured(by_static, 1).c_str(), measured(time.all, 1).c_str());
    std::printf("   %7s %10s %9s %10s\n", measured(time.range, 1).c_str(),
                measured(time.quantize, 1).c_str(), measured(time.product, 1).c_str(),
                measured(time.dequantize, 1).c_str());
    lesson.report.figure("dynamic_over_static_batch_" + std::to_string(sizes[i]),
                         time.all / by_static);
  }
  lesson.report.model(result);
}

}  // namespace qfs
