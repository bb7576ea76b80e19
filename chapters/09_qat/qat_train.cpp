#include "09_qat/qat_train.hpp"

#include "07_layer_fusion/fuse.hpp"

namespace qfs {

// These swallow what they call, or the linker might take the copies of a program
// (cmake/QfsPrecompile.cmake).
[[gnu::flatten]] const Matrix<float>& forward(QatMlp& net, const Matrix<float>& x,
                                              QatPassBuffers& buffers);
[[gnu::flatten]] float forward_backward(QatMlp& net, const Matrix<float>& x,
                                        std::span<const std::uint8_t> labels,
                                        QatPassBuffers& buffers);
[[gnu::flatten]] void settle(QatMlp& net);

FakeQuantizer weight_quantizer(const Matrix<float>& weight, const QatOptions& options) {
  FakeQuantizer q{.range = signed_range(options.weight_bits), .source = options.scales};
  const bool per_channel = options.weights == WeightGranularity::per_channel;
  const std::size_t channels = per_channel ? weight.shape(0) : 1;
  q.clip_mask = options.clip_mask;
  q.params.resize(channels);
  q.source = ScaleSource::observed;  // whatever moves them later, they start from the weights
  update_weight_scales(q, values(weight), true);
  q.source = options.scales;
  if (q.source != ScaleSource::learned) return q;
  const std::size_t inner = weight.size() / channels;
  std::vector<float> initial;
  for (std::size_t c = 0; c < channels; ++c)
    initial.push_back(lsq_initial_scale(values(weight).subspan(c * inner, inner), q.range));
  q.learned.start(initial);
  q.gradient_factor = lsq_gradient_factor(inner, q.range);
  return q;
}

FakeQuantizer output_quantizer(Interval interval, std::size_t outputs, bool hidden,
                               const QatOptions& options) {
  FakeQuantizer q{.range = unsigned_range(hidden ? options.activation_bits : 8),
                  .source = options.scales};
  q.params = {choose_qparams(interval.min, interval.max, q.range)};
  q.clip_mask = options.clip_mask;
  // The logits have a zero point, which LSQ does not learn: they are observed instead.
  if (!hidden && q.source == ScaleSource::learned) q.source = ScaleSource::observed;
  if (q.source != ScaleSource::learned) return q;
  q.learned.start({q.params[0].scale});
  q.awaits_first_batch = true;
  q.gradient_factor = lsq_gradient_factor(outputs, q.range);
  return q;
}

void require_bits(const QatOptions& options) {
  for (int bits : {options.weight_bits, options.activation_bits})
    require(2 <= bits && bits <= 8, "quantization-aware training needs 2 to 8 bits", bits, "2..8",
            "choose a number of bits in that range");
}

namespace {

void require_options(const Mlp& mlp, const ActivationIntervals& intervals,
                     const QatOptions& options) {
  require_bits(options);
  require(!mlp.layers.empty() && intervals.outputs.size() == mlp.layers.size(),
          "one interval per layer", intervals.outputs.size(), mlp.layers.size(),
          "calibrate this very net");
  require_after_relu(intervals);
}

}  // namespace

QatMlp make_qat(const Mlp& mlp, const ActivationIntervals& intervals, const QatOptions& options) {
  require_options(mlp, intervals, options);
  QatMlp net{.input = {.range = unsigned_range(8)}, .layers = {}};
  net.input.params = {choose_qparams(intervals.input.min, intervals.input.max, net.input.range)};
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const Linear& layer = mlp.layers[i];
    const bool hidden = i + 1 < mlp.layers.size();
    net.layers.push_back(
        {.real = layer,
         .fake = layer,
         .weight = weight_quantizer(layer.weight, options),
         .output = output_quantizer(intervals.outputs[i], layer.outputs(), hidden, options),
         .relu = hidden});
  }
  return net;
}

std::vector<ParamView> parameters(QatMlp& net) {
  std::vector<ParamView> params;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    QatLinear& layer = net.layers[i];
    const std::string name = "fc" + std::to_string(i + 1);
    params.push_back({name + "_weight", shape_of(layer.real.weight), values(layer.real.weight),
                      values(layer.real.weight_gradient)});
    params.push_back({name + "_bias", shape_of(layer.real.bias), values(layer.real.bias),
                      values(layer.real.bias_gradient)});
    for (FakeQuantizer* q : {&layer.weight, &layer.output})
      if (q->source == ScaleSource::learned)
        params.push_back({name + (q == &layer.weight ? "_weight_scale" : "_output_scale"),
                          {q->learned.ratio.size()},
                          q->learned.ratio,
                          q->learned.ratio_gradient});
  }
  return params;
}

// [passes]
const Matrix<float>& forward(QatMlp& net, const Matrix<float>& x, QatPassBuffers& buffers) {
  buffers.layers.resize(net.layers.size());
  fit_shape(buffers.input, x.shape(0), x.shape(1));
  forward(net.input, values(x), values(buffers.input));
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const Matrix<float>& input = i == 0 ? buffers.input : buffers.layers[i - 1].after;
    qat_forward(net.layers[i], input, net.observing, buffers.layers[i]);
  }
  return buffers.layers.back().after;
}

float forward_backward(QatMlp& net, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       QatPassBuffers& buffers) {
  const Matrix<float>& logits = forward(net, x, buffers);
  const float loss = cross_entropy(logits, labels, buffers.layers.back().gradient);
  for (std::size_t i = net.layers.size(); i-- > 0;) {
    const Matrix<float>& input = i == 0 ? buffers.input : buffers.layers[i - 1].after;
    Matrix<float>* input_gradient = i == 0 ? nullptr : &buffers.layers[i - 1].gradient;
    qat_backward(net.layers[i], input, buffers.layers[i], input_gradient);
  }
  return loss;
}
// [/passes]

void settle(QatMlp& net) {
  for (QatLinear& layer : net.layers) {
    update_weight_scales(layer.weight, values(layer.real.weight), net.observing);
    FakeQuantizer& output = layer.output;
    if (output.source == ScaleSource::learned && !output.awaits_first_batch)
      output.params[0].scale = output.learned.scale(0);
  }
  net.observing = false;
}

std::vector<EpochResult> train_qat(QatMlp& net, const TrainDigits& digits,
                                   const QatOptions& options, TrainOptions training, Rng& rng) {
  QatPassBuffers buffers;
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    return forward_backward(net, x, labels, buffers);
  };
  const auto observes_after = [&](int epochs) {
    return !options.observe_epochs || epochs < *options.observe_epochs;
  };
  net.observing = observes_after(0);
  training.after_epoch = [&, then = training.after_epoch](const EpochResult& result) {
    net.observing = observes_after(result.epoch);
    if (then) then(result);
  };
  auto history = train(parameters(net), pass, digits, training, rng);
  settle(net);
  return history;
}

}  // namespace qfs
