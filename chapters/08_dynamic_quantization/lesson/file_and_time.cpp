// Section 9: the file on disk, and what finding the range at run time costs.
#include <cstdio>

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "04_mnist_mlp/pretrained.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "08_dynamic_quantization/lesson/study.hpp"
#include "common/temporary.hpp"

namespace qfs::ch08 {
namespace {

// Microseconds for one batch: the whole net; of its layers the range, the integers, and the product
// with what makes it reals again.
struct TimeSplit {
  double all = 0.0, range = 0.0, quantize = 0.0, product = 0.0;
};

// The median time of a call, measured for so many seconds at least.
template <class Work>
double time_for(double seconds, Work&& work) {
  return median_microseconds(work, 5, seconds);
}

double time_of_range(std::span<const float> reals, std::size_t rows, const DynamicInput& how,
                     double seconds) {
  const bool per_row = how.options.granularity == InputGranularity::per_row;
  const std::size_t part = reals.size() / (per_row ? rows : 1);
  return time_for(seconds, [&] {
    for (std::size_t at = 0; at < reals.size(); at += part)
      dynamic_qparams(ref_backend().min_max(reals.subspan(at, part)), how.range, how.options.rule);
  });
}

double time_of_product(const OperationParts& layer, const QuantizedInput& input, QuantRange range,
                       double seconds) {
  const Backend& ref = ref_backend();
  const ToF32 to_f32 = make_to_f32(*layer.weights);
  const PackedProduct product =
      ref.pack({.weight = &layer.weights->weight, .input_range = range, .to_f32 = &to_f32});
  const std::size_t rows = input.q.shape(0);
  auto y = make_tensor<float>({rows, layer.output.size()});
  const LeftSide q_x = matrix_left_side(values(input.q), rows);
  return time_for(seconds, [&] { ref.run_f32(product, q_x, input.params, values(y)); });
}

TimeSplit time_of(const Study& study, const PackedNet& net, const Matrix<float>& x,
                  double seconds) {
  TimeSplit time;
  NetBuffers tensors;
  time.all = time_for(seconds, [&] { run(net, x, tensors); });
  const DynamicInput& how = study.input;
  const std::vector<OperationParts> layers = layers_of(study.net);
  const std::vector<Matrix<float>> inputs = layer_inputs(net, x);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::span<const float> reals = values(inputs[i]);
    QuantizedInput input;
    const double find = time_of_range(reals, x.shape(0), how, seconds),
                 both = time_for(seconds, [&] {
                   quantize_input(reals, x.shape(0), how.range, how.options, ref_backend(), input);
                 });
    time.range += find;
    time.quantize += both - find;
    time.product += time_of_product(layers[i], input, how.range, seconds);
  }
  return time;
}

std::size_t files(const Study& study, Lesson& lesson) {
  const TemporaryDirectory folder;
  const std::size_t bytes = save_model(folder.path("net.qfs"), study.net, dynamic_operations());
  const QuantizedNet loaded = load_model(folder.path("net.qfs"), dynamic_operations());
  const std::size_t fixed_bytes = save_model(folder.path("net.qfs"), study.fixed);
  const std::size_t float_bytes = mlp_bytes_on_disk(weights_directory(lesson.options, study.data));
  const double share = static_cast<double>(bytes) / static_cast<double>(float_bytes);
  std::printf("  files: float %zu bytes, static %zu, dynamic %zu = %.2f %% of float\n", float_bytes,
              fixed_bytes, bytes, 100.0 * share);
  lesson.report.figure("model_bytes_share", share);
  lesson.claims.expect(run_in_batches(pack_dynamic(loaded), study.x) ==
                           run_in_batches(pack_dynamic(study.net), study.x),
                       "read back, it gives every logit, bit for bit");
  if (study.by_default)
    lesson.claims.expect(share <= 0.26, "at most 26 % of the float weights' bytes");
  return bytes;
}

}  // namespace

void file_and_time(const Study& study, Lesson& lesson) {
  section(9, "The file on disk, and the time of one batch, one thread, microseconds");
  ModelRow result =
      model_row("dynamic", study.mlp, lesson.options, argmax_rows(forward_ref(study.mlp, study.x)),
                classes_of(study.net, study.x), study.labels());
  result.bytes = files(study, lesson);
  const PackedNet net = pack_dynamic(study.net), fixed = pack(study.fixed);
  // As wide as the numbers of a slow machine: the same rule under the header everywhere.
  Table table(
      {"digits", "    float", "   static", "  dynamic", "    range", " quantize", "  product"});
  const double seconds = lesson.options.quick ? 0.0 : 0.2;
  for (std::size_t size : kBatchesToTime) {
    const Matrix<float> x = batch_to_time(study.data.test, size);
    MlpBuffers buffers;
    NetBuffers tensors;
    const double by_float = time_for(seconds, [&] { forward(study.mlp, x, buffers); });
    const double by_static = time_for(seconds, [&] { run(fixed, x, tensors); });
    const TimeSplit time = time_of(study, net, x, seconds);
    result.latency_us[size] = time.all;
    table.row({std::to_string(size), measured(by_float, 1), measured(by_static, 1),
               measured(time.all, 1), measured(time.range, 1), measured(time.quantize, 1),
               measured(time.product, 1)});
    lesson.report.figure("dynamic_over_static_batch_" + std::to_string(size), time.all / by_static);
  }
  table.print();
  lesson.report.model(result);
}

}  // namespace qfs::ch08
