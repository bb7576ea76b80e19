// The models of the table: from files, or made.
#include <filesystem>
#include <utility>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "22_model_comparison/lesson/study.hpp"
#include "common/signals.hpp"

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

constexpr const char* kAdvice =
    "git checkout -- datasets/cnn brings the committed files back; --train or --replicate makes "
    "others, which belong together";

std::vector<QuantParams> scales_of(const QuantizedWeight& weight) {
  std::vector<QuantParams> params;
  for (float scale : values(weight.scale)) params.push_back({scale, 0});
  return params;
}

Cnn empty_net(const std::string& name) {
  return name.starts_with("small") ? make_small_cnn(nullptr) : make_residual_net(nullptr);
}

}  // namespace

std::string first_difference(const QuantizedNet& a, const QuantizedNet& b) {
  if (a.operations.size() != b.operations.size()) return "the number of operations";
  for (std::size_t i = 0; i < a.operations.size(); ++i) {
    const OperationParts one = parts_of(a, a.operations[i]), other = parts_of(b, b.operations[i]);
    const std::string name = name_of(a, a.operations[i]);
    if (one.operation.kind != other.operation.kind ||
        one.operation.inputs != other.operation.inputs ||
        one.operation.output != other.operation.output ||
        one.operation.attributes != other.operation.attributes)
      return name;
    const TensorSpec &y = one.output, &z = other.output;
    if (y.shape != z.shape || y.type != z.type || y.params != z.params || y.range != z.range)
      return name + ": the grid of its output";
    if ((one.weights == nullptr) != (other.weights == nullptr)) return name;
    if (one.weights == nullptr) continue;
    if (one.weights->weight.q != other.weights->weight.q) return name + ": weights";
    if (one.weights->weight.scale != other.weights->weight.scale) return name + ": weight scales";
    if (one.weights->bias != other.weights->bias) return name + ": biases";
  }
  return "";
}

QatCnn restore_graph(const Cnn& weights, const QuantizedNet& integers, const std::string& files) {
  const auto require_equal = [&](const auto& got, const auto& expected) {
    require(got == expected, files + " are of different nets", got, expected, kAdvice);
  };
  QatCnn net = make_qat(weights, std::vector<Interval>(weights.tensors.size(), {-1, 1}), {});
  require_equal(integers.operations.size(), net.layers.size() + 2);  // quantize and dequantize
  net.input.params = {parts_of(integers, integers.operations[0]).output.params};
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const QatLayer& layer = net.layers[i];
    const OperationParts parts = parts_of(integers, integers.operations[i + 1]);
    require_equal(std::string_view(parts.operation.kind), name_of(layer.kind));
    if (layer.kind != LayerKind::max_pool)
      grid_of(net, layer.output).params = {parts.output.params};
    if (parts.weights == nullptr) continue;
    const bool conv = layer.kind == LayerKind::conv2d;
    const Matrix<float>& real =
        conv ? net.convs[layer.index].real.weight : net.linears[layer.index].real.weight;
    require_equal(shape_text(parts.weights->weight.q), shape_text(real));
    (conv ? net.convs[layer.index].weight : net.linears[layer.index].weight).params =
        scales_of(parts.weights->weight);
  }
  net.observing = false;
  net.statistics = NormStatistics::running;
  const std::string differs = first_difference(convert(net), integers);
  require(differs.empty(), files + " do not belong together", "a difference in " + differs,
          "float weights that become these integers", kAdvice);
  return net;
}

Models load_models(const std::string& folder, const std::string& name) {
  const auto path = [&](const char* end) { return folder + "/" + name + end + ".qfs"; };
  const auto named = [&](const char* end, auto&& load) {
    return with_advice("replace " + path(end) + ": " + kAdvice, [&] { return load(path(end)); });
  };
  const auto as_float = [&](const std::string& file) { return load_cnn(file, empty_net(name)); };
  const auto as_integers = [](const std::string& file) {
    return load_model(file, cnn_operations());
  };
  Models models{.name = name, .cnn = named("", as_float)};
  models.ptq = named("_ptq", as_integers);
  models.qat = named("_qat", as_integers);
  restore_graph(models.cnn, models.ptq, path("") + " and " + path("_ptq"));
  models.graph = restore_graph(named("_qat_float", as_float), models.qat,
                               path("_qat_float") + " and " + path("_qat"));
  return models;
}

void save_models(const Models& models, const std::string& folder) {
  const HeldSignals held;   // all four or none
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
  return make_models(name, load_committed_cnn(name, empty_net(name)), digits, Recipe{}, seed);
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

}  // namespace qfs::ch22
