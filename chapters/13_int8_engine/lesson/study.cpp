#include "13_int8_engine/lesson/study.hpp"

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "09_qat/convert.hpp"

namespace qfs::ch13 {
namespace {

// Chapter 09's recipe.
QuantizedNet trained_with_quantization(const Study& study, const ActivationIntervals& intervals,
                                       const Options& options) {
  const QatOptions qat = {.scales = ScaleSource::learned};
  QatMlp net = make_qat(study.mlp, intervals, qat);
  Rng rng(options.seed);
  train_qat(net, study.data.train, qat,
            {.epochs = options.quick ? 1 : 5, .adam = {.learning_rate = 1e-4}}, rng);
  return convert(net);
}

}  // namespace

std::vector<NamedNet> make_nets(const Study& study, const Options& options) {
  const auto intervals = [&](OutputPoint point) {
    return calibrate<MinMaxObserver>(study.mlp, CalibrationSet(study.data.train), point, 100);
  };
  const ActivationIntervals after_relu = intervals(OutputPoint::after_relu);
  const std::size_t all = study.data.test.size();
  return {
      {"static_ptq", quantize_mlp(study.mlp, intervals(OutputPoint::after_linear), {}),
       static_operations(), all},
      {"fused_ptq", quantize_fused_mlp(study.mlp, after_relu, {}), static_operations(), all},
      {"dynamic", quantize_dynamic(study.mlp), dynamic_operations(), kDynamicBatch},
      {"qat", trained_with_quantization(study, after_relu, options), static_operations(), all},
  };
}

std::string set_of(const Backend& backend) {
  return backend.name == "ref" ? "" : "[" + std::string(backend.name) + "]";
}

Matrix<std::uint8_t> layer_1_inputs(const Study& study, std::size_t rows) {
  const TensorSpec& input = layers_of(study.fused())[0].input;
  auto q = make_tensor<std::uint8_t>({rows, input.size()});
  quantize(values(batch_to_time(study.data.test, rows)), input.params, input.range, values(q));
  return q;
}

Matrix<float> logits_of(Engine& engine, const Matrix<float>& x, std::size_t batch) {
  auto y = make_tensor<float>({x.shape(0), engine.outputs()});
  for (std::size_t m = 0; m < x.shape(0); m += batch) {
    const std::size_t rows = std::min(batch, x.shape(0) - m);
    engine.run(values(x).subspan(m * engine.inputs(), rows * engine.inputs()), rows,
               values(y).subspan(m * engine.outputs(), rows * engine.outputs()));
  }
  return y;
}

}  // namespace qfs::ch13
