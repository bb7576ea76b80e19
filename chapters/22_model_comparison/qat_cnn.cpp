#include "22_model_comparison/qat_cnn.hpp"

#include <algorithm>

namespace qfs {

// These swallow what they call, or the linker might take the copies of a program
// (cmake/QfsPrecompile.cmake).
[[gnu::flatten]] const Matrix<float>& forward(QatCnn& net, const Matrix<float>& x,
                                              QatCnnBuffers& buffers);
[[gnu::flatten]] float forward_backward(QatCnn& net, const Matrix<float>& x,
                                        std::span<const std::uint8_t> labels,
                                        QatCnnBuffers& buffers);
[[gnu::flatten]] void settle(QatCnn& net);
namespace {

FakeQuantizer weight_quantizer(const Matrix<float>& weight, const QatOptions& options) {
  const bool per_channel = options.weights == WeightGranularity::per_channel;
  FakeQuantizer q{.range = signed_range(options.weight_bits),
                  .source = ScaleSource::observed,
                  .params = std::vector<QuantParams>(per_channel ? weight.shape(0) : 1),
                  .clip_mask = options.clip_mask};
  update_weight_scales(q, values(weight), true);
  q.source = options.scales;
  return q;
}

FakeQuantizer output_quantizer(Interval interval, bool hidden, const QatOptions& options) {
  FakeQuantizer q{.range = unsigned_range(hidden ? options.activation_bits : 8),
                  .source = options.scales,
                  .clip_mask = options.clip_mask};
  q.params = {choose_qparams(interval.min, interval.max, q.range)};
  return q;
}

// Chapter 20's list, read from front to back: each step takes one layer, and those behind it that
// belong to the same operation.
class Fusion {
 public:
  Fusion(const Cnn& cnn, std::span<const Interval> intervals, const QatCnnOptions& options)
      : cnn_(cnn),
        intervals_(intervals),
        options_(options.quantizers),
        readers_(cnn.tensors.size()) {
    for (const CnnLayer& layer : cnn.layers)
      for (std::size_t t : layer.inputs) ++readers_[t];
  }

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
    return output_quantizer(intervals_[tensor], readers_[tensor] > 0, options_);
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
              "batch norm behind a convolution alone, ReLU behind that, a sum or a Linear",
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
  std::vector<int> readers_;  // of every tensor
  std::size_t next_ = 0;
  QatCnn net_;
};

}  // namespace

QatCnn make_qat(const Cnn& cnn, std::span<const Interval> intervals, const QatCnnOptions& options) {
  const QatOptions& q = options.quantizers;
  for (int bits : {q.weight_bits, q.activation_bits})
    require(2 <= bits && bits <= 8, "quantization-aware training needs 2 to 8 bits", bits, "2..8",
            "choose a number of bits in that range");
  require(!cnn.layers.empty() && intervals.size() == cnn.tensors.size(), "one interval per tensor",
          intervals.size(), cnn.tensors.size(), "calibrate this very net");
  require(q.scales != ScaleSource::learned, "learned scales are chapter 09's", "learned",
          "frozen or observed", "choose one of these");
  return Fusion(cnn, intervals, options).run();
}

std::vector<ParamView> parameters(QatCnn& net) {
  std::vector<ParamView> params;
  const auto view = [&](const std::string& name, auto& tensor, auto& gradient) {
    if (tensor.size() > 0)
      params.push_back({name, shape_of(tensor), values(tensor), values(gradient)});
  };
  for (std::size_t i = 0; i < net.convs.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    Conv2d& conv = net.convs[i].real;
    view("conv" + number + "_weight", conv.weight, conv.weight_gradient);
    view("conv" + number + "_bias", conv.bias, conv.bias_gradient);
    if (!net.convs[i].norm) continue;
    BatchNorm& norm = *net.convs[i].norm;
    view("norm" + number + "_gamma", norm.gamma, norm.gamma_gradient);
    view("norm" + number + "_beta", norm.beta, norm.beta_gradient);
  }
  for (std::size_t i = 0; i < net.linears.size(); ++i) {
    const std::string name = "fc" + std::to_string(i + 1);
    Linear& linear = net.linears[i].real;
    view(name + "_weight", linear.weight, linear.weight_gradient);
    view(name + "_bias", linear.bias, linear.bias_gradient);
  }
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

namespace {

// One layer's share of a pass: where its tensors and their gradients are.
struct Step {
  QatCnn& net;
  const QatLayer& layer;
  std::size_t number;
  QatCnnBuffers& buffers;
  const Matrix<float>& x() const { return buffers.activations[layer.inputs[0]]; }
  const PictureShape& picture() const { return net.tensors[layer.inputs[0]]; }
};

void sum_forward(const Step& step) {
  QatSum& sum = step.net.sums[step.layer.index];
  const Matrix<float>& x = step.x();
  Matrix<float>&before = step.buffers.before[step.layer.index],
  &y = step.buffers.activations[step.layer.output];
  if (step.layer.kind == LayerKind::average_pool) {
    average_pool_forward(step.layer.window, step.picture(), x, before);
  } else {
    const Matrix<float>& other = step.buffers.activations[step.layer.inputs[1]];
    fit_shape(before, x.shape(0), x.shape(1));
    for (std::size_t i = 0; i < x.size(); ++i) before.data()[i] = x.data()[i] + other.data()[i];
  }
  if (sum.relu) relu_forward(before);
  update_activation_scale(sum.output, values(std::as_const(before)), step.net.observing);
  fit_shape(y, before.shape(0), before.shape(1));
  forward(sum.output, values(std::as_const(before)), values(y));
}

// dL/d(input): the same for both inputs of a sum.
void sum_backward(const Step& step, const Matrix<float>& dy, Matrix<float>& scratch,
                  Matrix<float>& to) {
  QatSum& sum = step.net.sums[step.layer.index];
  const Matrix<float>& before = step.buffers.before[step.layer.index];
  const bool pool = step.layer.kind == LayerKind::average_pool;
  Matrix<float>& inside = pool ? scratch : to;
  fit_shape(inside, dy.shape(0), dy.shape(1));
  backward(sum.output, values(before), values(dy), values(inside));
  if (sum.relu) relu_backward(before, inside);
  if (pool) average_pool_backward(step.layer.window, step.picture(), inside, to);
}

void forward(const Step& step) {
  QatCnn& net = step.net;
  Matrix<float>& y = step.buffers.activations[step.layer.output];
  switch (step.layer.kind) {
    case LayerKind::conv2d: {
      QatConvBuffers& own = step.buffers.convs[step.layer.index];
      qat_forward(net.convs[step.layer.index], step.picture(), step.x(), net.observing,
                  net.statistics, own);
      return std::swap(y, own.after);
    }
    case LayerKind::linear: {
      QatBuffers& own = step.buffers.linears[step.layer.index];
      qat_forward(net.linears[step.layer.index], step.x(), net.observing, own);
      return std::swap(y, own.after);
    }
    case LayerKind::max_pool:  // one of its inputs, which are on the grid
      return max_pool_forward(step.layer.window, step.picture(), step.x(),
                              step.buffers.winners[step.number], y);
    default:
      return sum_forward(step);
  }
}

// dL/d(input) into *to, which is null for the pixels, from dL/d(output).
void backward(const Step& step, Matrix<float>* to) {
  QatCnn& net = step.net;
  Matrix<float>& dy = step.buffers.gradients[step.layer.output];
  if (step.layer.kind == LayerKind::conv2d) {
    QatConvBuffers& own = step.buffers.convs[step.layer.index];
    std::swap(own.gradient, dy);
    return qat_backward(net.convs[step.layer.index], step.picture(), step.x(), net.statistics, own,
                        to);
  }
  if (step.layer.kind == LayerKind::linear) {
    QatBuffers& own = step.buffers.linears[step.layer.index];
    std::swap(own.gradient, dy);
    return qat_backward(net.linears[step.layer.index], step.x(), own, to);
  }
  if (to == nullptr) return;
  if (step.layer.kind == LayerKind::max_pool)
    return max_pool_backward(step.picture(), dy, step.buffers.winners[step.number], *to);
  sum_backward(step, dy, step.buffers.pooled_gradient, *to);
}

}  // namespace

const Matrix<float>& forward(QatCnn& net, const Matrix<float>& x, QatCnnBuffers& buffers) {
  require(x.shape(1) == net.tensors[0].size(), "the batch does not fit the net", x.shape(1),
          net.tensors[0].size(), "pass one row of pixels for every picture");
  buffers.activations.resize(net.tensors.size());
  buffers.gradients.resize(net.tensors.size());
  buffers.convs.resize(net.convs.size());
  buffers.linears.resize(net.linears.size());
  buffers.before.resize(net.sums.size());
  buffers.winners.resize(net.layers.size());
  fit_shape(buffers.activations[0], x.shape(0), x.shape(1));
  forward(net.input, values(x), values(buffers.activations[0]));
  for (std::size_t i = 0; i < net.layers.size(); ++i) forward(Step{net, net.layers[i], i, buffers});
  return buffers.activations[net.layers.back().output];
}

float forward_backward(QatCnn& net, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       QatCnnBuffers& buffers) {
  const Matrix<float>& logits = forward(net, x, buffers);
  const float loss = cross_entropy(logits, labels, buffers.gradients[net.layers.back().output]);
  std::vector<bool> reached(net.tensors.size(), false);
  for (std::size_t i = net.layers.size(); i-- > 0;)
    for (std::size_t t : net.layers[i].inputs) {
      Matrix<float>& to = reached[t] ? buffers.layer_gradient : buffers.gradients[t];
      backward(Step{net, net.layers[i], i, buffers}, t == 0 ? nullptr : &to);
      if (t != 0 && reached[t])
        for (std::size_t k = 0; k < to.size(); ++k) buffers.gradients[t].data()[k] += to.data()[k];
      reached[t] = true;
    }
  return loss;
}

void settle(QatCnn& net) {
  for (QatConv& layer : net.convs)
    update_weight_scales(layer.weight, values(folded_weight(layer)), net.observing);
  for (QatLinear& layer : net.linears)
    update_weight_scales(layer.weight, values(std::as_const(layer.real.weight)), net.observing);
  net.observing = false;
  net.statistics = NormStatistics::running;
}

// [train_qat]
std::vector<EpochResult> train_qat(QatCnn& net, const TrainDigits& digits,
                                   const QatCnnOptions& options, TrainOptions training, Rng& rng) {
  QatCnnBuffers buffers;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    return forward_backward(net, x, labels, buffers);
  };
  const auto after = [&](int epochs) {
    const auto lasts = [&](std::optional<int> until) { return !until || epochs < *until; };
    net.observing = lasts(options.quantizers.observe_epochs);
    net.statistics = lasts(options.norm_epochs) ? NormStatistics::batch : NormStatistics::running;
  };
  after(0);
  training.after_epoch = [&, then = training.after_epoch](const EpochResult& result) {
    after(result.epoch);
    if (then) then(result);
  };
  auto history = train(parameters(net), pass, digits, training, rng);
  settle(net);
  return history;
}
// [/train_qat]

}  // namespace qfs
