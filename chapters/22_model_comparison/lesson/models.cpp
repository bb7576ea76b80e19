// The models of the table: from files, or made.
#include <filesystem>
#include <utility>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "22_model_comparison/lesson/study.hpp"

namespace qfs::ch22 {

QatCnnOptions options_of(const Recipe& recipe) {
  QatCnnOptions options;
  options.quantizers.observe_epochs = options.norm_epochs = recipe.moving_epochs;
  return options;
}

Cnn float_net(const QatCnn& net, Cnn like) {
  std::size_t norms = 0;
  for (std::size_t i = 0; i < net.convs.size(); ++i) {
    like.convs.at(i) = net.convs[i].real;
    if (net.convs[i].norm) like.norms.at(norms++) = *net.convs[i].norm;
  }
  for (std::size_t i = 0; i < net.linears.size(); ++i) like.linears.at(i) = net.linears[i].real;
  return like;
}

namespace {

std::vector<QuantParams> scales_of(const QuantizedWeight& weight) {
  std::vector<QuantParams> params;
  for (float scale : values(weight.scale)) params.push_back({scale, 0});
  return params;
}

Cnn empty_net(const std::string& name) {
  return name.starts_with("small") ? make_small_cnn(nullptr) : make_residual_net(nullptr);
}

}  // namespace

QatCnn restore_graph(const Cnn& weights, const QuantizedNet& integers) {
  const std::vector<Interval> unknown(weights.tensors.size(), {-1, 1});
  QatCnn net = make_qat(weights, unknown, {});
  require(integers.operations.size() == net.layers.size() + 2, "the files are of different nets",
          integers.operations.size(), net.layers.size() + 2, "make them together");
  net.input.params = {integers.tensors[integers.operations.at(0).output].params};
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const QatLayer& layer = net.layers[i];
    const OperationParts parts = parts_of(integers, integers.operations.at(i + 1));
    require(parts.operation.kind == name_of(layer.kind), "the files are of different nets",
            parts.operation.kind, name_of(layer.kind), "make them together");
    if (layer.kind == LayerKind::conv2d) {
      QatConv& conv = net.convs[layer.index];
      require_same_shape(parts.weights->weight.q, conv.real.weight, "the files of two nets");
      conv.weight.params = scales_of(parts.weights->weight);
    }
    if (layer.kind == LayerKind::linear) {
      QatLinear& linear = net.linears[layer.index];
      require_same_shape(parts.weights->weight.q, linear.real.weight, "the files of two nets");
      linear.weight.params = scales_of(parts.weights->weight);
    }
    if (layer.kind != LayerKind::max_pool)
      grid_of(net, layer.output).params = {parts.output.params};
  }
  net.observing = false;
  net.statistics = NormStatistics::running;
  return net;
}

Models load_models(const std::string& name) {
  Models models{.name = name, .cnn = load_cnn(cnn_path(name), empty_net(name))};
  models.ptq = load_model(cnn_path(name + "_ptq"), cnn_operations());
  models.qat = load_model(cnn_path(name + "_qat"), cnn_operations());
  models.graph =
      restore_graph(load_cnn(cnn_path(name + "_qat_float"), empty_net(name)), models.qat);
  restore_graph(models.cnn, models.ptq);  // throws where it is another net's
  return models;
}

void save_models(const Models& models, const std::string& folder) {
  std::error_code ignored;  // the first file says what is wrong
  std::filesystem::create_directories(folder, ignored);
  const auto path = [&](const char* end) { return folder + "/" + models.name + end + ".qfs"; };
  save_cnn(models.cnn, path(""));
  save_model(path("_ptq"), models.ptq, cnn_operations());
  save_model(path("_qat"), models.qat, cnn_operations());
  save_cnn(float_net(models.graph, models.cnn), path("_qat_float"));
}

TensorIntervals calibrate(const Cnn& cnn, const TrainDigits& digits, std::size_t count) {
  return qfs::calibrate<MinMaxObserver>(cnn, CalibrationSet(digits, count), 100);
}

QuantizedNet post_training(const Cnn& cnn, const TensorIntervals& intervals) {
  QatCnn net = make_qat(cnn, intervals, {});
  settle(net);
  return convert(net);
}

Models make_models(const std::string& name, const Cnn& cnn, const TrainDigits& digits,
                   const Recipe& recipe, std::uint64_t seed) {
  Models models{.name = name, .cnn = cnn};
  const TensorIntervals intervals = calibrate(cnn, digits);
  models.ptq = post_training(cnn, intervals);
  models.graph = make_qat(cnn, intervals, options_of(recipe));
  Rng rng(seed);
  train_qat(models.graph, digits, options_of(recipe),
            {.epochs = recipe.epochs,
             .batch_size = recipe.batch_size,
             .adam = {.learning_rate = recipe.learning_rate},
             .label = "training with quantization"},
            rng);
  models.qat = convert(models.graph);
  return models;
}

Models retrain_models(const std::string& name, const TrainDigits& digits, std::uint64_t seed) {
  return make_models(name, load_cnn(cnn_path(name), empty_net(name)), digits, Recipe{}, seed);
}

std::vector<std::uint8_t> classes_of(const Cnn& cnn, const Matrix<std::uint8_t>& pixels,
                                     bool by_reference) {
  CnnBuffers buffers;
  return classify(pixels, [&](const Matrix<float>& x) {
    return by_reference ? forward_ref(cnn, x) : Matrix<float>(forward(cnn, x, buffers));
  });
}

std::vector<std::uint8_t> classes_of(const DynamicCnn& net, const Matrix<std::uint8_t>& pixels,
                                     bool by_reference) {
  CnnBuffers buffers;
  const PackedNet packed = pack(net.head, ref_backend(), dynamic_operations());
  return classify(pixels, [&](const Matrix<float>& x) {
    return run_in_batches(
        packed, by_reference ? forward_ref(net.features, x) : forward(net.features, x, buffers));
  });
}

std::vector<std::uint8_t> classes_of(const QuantizedNet& net, const Matrix<std::uint8_t>& pixels) {
  Engine engine(net, choose_backend(), cnn_operations());
  return classify(pixels, [&](const Matrix<float>& x) {
    auto logits = make_tensor<float>({x.shape(0), engine.outputs()});
    engine.run(values(x), x.shape(0), values(logits));
    return logits;
  });
}

Matrix<std::uint8_t> first_rows(const Matrix<std::uint8_t>& pixels, std::size_t count) {
  auto some = make_tensor<std::uint8_t>({std::min(count, pixels.shape(0)), pixels.shape(1)});
  std::copy_n(pixels.data(), some.size(), some.data());
  return some;
}

}  // namespace qfs::ch22
