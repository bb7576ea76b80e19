// How a QatCnn is put together: which of chapter 20's layers become one, which grid a tensor has.
#include <algorithm>

#include "22_model_comparison/qat_cnn.hpp"

namespace qfs {
namespace {

// Chapter 20's list, read from front to back: each step takes one layer, and those behind it that
// belong to the same operation.
class Fusion {
 public:
  Fusion(const Cnn& cnn, std::span<const Interval> intervals, const QatCnnOptions& options)
      : cnn_(cnn),
        intervals_(intervals),
        options_(options.quantizers),
        readers_(count_readers(cnn)) {}

  QatCnn run() {
    net_ = {.tensors = cnn_.tensors, .input = {.range = unsigned_range(8)}};
    net_.input.params = {choose_qparams(intervals_[0].min, intervals_[0].max, net_.input.range)};
    for (next_ = 0; next_ < cnn_.layers.size();) add(cnn_.layers[next_++]);
    return std::move(net_);
  }

 private:
  // The layer after `tensor`, taken, if it is of this kind and nobody else reads the tensor.
  const CnnLayer* take(LayerKind kind, std::size_t tensor) {
    if (next_ == cnn_.layers.size() || readers_[tensor] != 1) return nullptr;
    const CnnLayer& layer = cnn_.layers[next_];
    if (layer.kind != kind || layer.inputs[0] != tensor) return nullptr;
    ++next_;
    return &layer;
  }

  // The quantizer of a tensor; that of the logits has 8 bits whatever the others have.
  FakeQuantizer quantizer(std::size_t tensor) const {
    return output_quantizer(intervals_[tensor], cnn_.tensors[tensor].size(), readers_[tensor] > 0,
                            options_);
  }

  void add(const CnnLayer& layer) {
    QatLayer added{layer.kind, layer.inputs, layer.output, 0, layer.window};
    if (layer.kind == LayerKind::conv2d) {
      added.output = add_conv(cnn_.convs[layer.index], layer.output);
      added.index = net_.convs.size() - 1;
    } else if (layer.kind == LayerKind::add || layer.kind == LayerKind::average_pool) {
      const CnnLayer* relu = take(LayerKind::relu, layer.output);
      added.output = relu != nullptr ? relu->output : layer.output;
      net_.sums.push_back({quantizer(added.output), relu != nullptr});
      added.index = net_.sums.size() - 1;
    } else if (layer.kind == LayerKind::linear) {
      const Linear& linear = cnn_.linears[layer.index];
      const CnnLayer* relu = take(LayerKind::relu, layer.output);
      added.output = relu != nullptr ? relu->output : layer.output;
      net_.linears.push_back({linear, linear, weight_quantizer(linear.weight, options_),
                              quantizer(added.output), relu != nullptr});
      added.index = net_.linears.size() - 1;
    } else {
      require(layer.kind == LayerKind::max_pool,
              "a layer that cannot be part of an operation in integers", name_of(layer.kind),
              "batch norm right behind a convolution; ReLU behind that, a convolution, a sum, an "
              "average_pool or a Linear",
              "put the layers in that order");
    }
    net_.layers.push_back(added);
  }

  // Returns the tensor that the last of the fused layers writes.
  std::size_t add_conv(const Conv2d& conv, std::size_t output) {
    QatConv layer{.real = conv, .fake = conv};
    if (const CnnLayer* norm = take(LayerKind::batch_norm, output)) {
      layer.norm = cnn_.norms[norm->index];
      layer.fake.bias = layer.fake.bias_gradient = Vector<float>{};
      output = norm->output;
    }
    const CnnLayer* relu = take(LayerKind::relu, output);
    layer.relu = relu != nullptr;
    if (layer.relu) output = relu->output;
    layer.weight = weight_quantizer(folded_weight(layer), options_);
    layer.output = quantizer(output);
    net_.convs.push_back(std::move(layer));
    return output;
  }

  const Cnn& cnn_;
  std::span<const Interval> intervals_;
  const QatOptions& options_;
  std::vector<std::size_t> readers_;  // of every tensor
  std::size_t next_ = 0;
  QatCnn net_;
};

}  // namespace

QatCnn make_qat(const Cnn& cnn, std::span<const Interval> intervals, const QatCnnOptions& options) {
  require_bits(options.quantizers);
  require(!cnn.layers.empty() && intervals.size() == cnn.tensors.size(), "one interval per tensor",
          intervals.size(), cnn.tensors.size(), "calibrate this very net");
  require(options.quantizers.scales != ScaleSource::learned, "learned scales are chapter 09's",
          "learned", "frozen or observed", "choose one of these");
  return Fusion(cnn, intervals, options).run();
}

std::vector<ParamView> parameters(QatCnn& net) {
  std::vector<ParamView> params;
  for (std::size_t i = 0; i < net.convs.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    append_parameters(params, "conv" + number, net.convs[i].real);
    if (net.convs[i].norm) append_parameters(params, "norm" + number, *net.convs[i].norm);
  }
  for (std::size_t i = 0; i < net.linears.size(); ++i)
    append_parameters(params, "fc" + std::to_string(i + 1), net.linears[i].real);
  return params;
}

namespace {

template <class Net>
auto& find_grid(Net& net, std::size_t tensor) {
  if (tensor == 0) return net.input;
  const auto writer = std::ranges::find(net.layers, tensor, &QatLayer::output);
  require(writer != net.layers.end(), "no layer writes this tensor", tensor,
          "the output of a layer", "those within a fused layer have no grid");
  if (writer->kind == LayerKind::conv2d) return net.convs[writer->index].output;
  if (writer->kind == LayerKind::linear) return net.linears[writer->index].output;
  if (writer->kind == LayerKind::max_pool) return find_grid(net, writer->inputs[0]);
  return net.sums[writer->index].output;
}

}  // namespace

const FakeQuantizer& grid_of(const QatCnn& net, std::size_t tensor) {
  return find_grid(net, tensor);
}
FakeQuantizer& grid_of(QatCnn& net, std::size_t tensor) { return find_grid(net, tensor); }

}  // namespace qfs
