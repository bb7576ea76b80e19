#include "20_float_cnn/cnn.hpp"

#include <cmath>

namespace qfs {

std::string_view name_of(LayerKind kind) {
  switch (kind) {
    case LayerKind::conv2d:
      return "conv2d";
    case LayerKind::batch_norm:
      return "batch_norm";
    case LayerKind::relu:
      return "relu";
    case LayerKind::max_pool:
      return "max_pool";
    case LayerKind::average_pool:
      return "average_pool";
    case LayerKind::add:
      return "add";
    case LayerKind::linear:
      return "linear";
  }
  return "?";
}

namespace {

std::size_t add(Cnn& cnn, CnnLayer layer, const PictureShape& output) {
  cnn.tensors.push_back(output);
  layer.output = cnn.tensors.size() - 1;
  cnn.layers.push_back(std::move(layer));
  return cnn.layers.back().output;
}

void draw(Rng* rng, std::size_t inputs, std::span<float> numbers) {
  if (rng == nullptr) return;
  const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
  for (float& number : numbers) number = static_cast<float>(rng->uniform(-bound, bound));
}

}  // namespace

std::size_t add_conv2d(Cnn& cnn, std::size_t input, const ConvOptions& options, Rng* rng) {
  const PictureShape picture = cnn.tensors.at(input);
  require(options.groups > 0 && picture.channels % options.groups == 0, "groups do not divide",
          options.groups, "a divisor of the channels", "check groups");
  const std::size_t K = options.window.pixels() * picture.channels / options.groups;
  Conv2d layer{.window = options.window,
               .groups = options.groups,
               .weight = make_tensor<float>({options.channels, K}),
               .weight_gradient = make_tensor<float>({options.channels, K})};
  draw(rng, K, values(layer.weight));
  if (options.bias) {
    layer.bias = make_tensor<float>({options.channels});
    layer.bias_gradient = make_tensor<float>({options.channels});
    draw(rng, K, values(layer.bias));
  }
  const PictureShape output = output_shape(layer, picture);
  cnn.convs.push_back(std::move(layer));
  return add(cnn, {LayerKind::conv2d, {input}, 0, cnn.convs.size() - 1}, output);
}

std::size_t add_batch_norm(Cnn& cnn, std::size_t input) {
  const PictureShape picture = cnn.tensors.at(input);
  cnn.norms.push_back(make_batch_norm(picture.channels));
  return add(cnn, {LayerKind::batch_norm, {input}, 0, cnn.norms.size() - 1}, picture);
}

std::size_t add_relu(Cnn& cnn, std::size_t input) {
  const PictureShape picture = cnn.tensors.at(input);
  return add(cnn, {LayerKind::relu, {input}, 0}, picture);
}

std::size_t add_max_pool(Cnn& cnn, std::size_t input, const Window& window) {
  const PictureShape picture = cnn.tensors.at(input);
  return add(cnn, {LayerKind::max_pool, {input}, 0, 0, window},
             places_of(picture, window, picture.channels));
}

std::size_t add_average_pool(Cnn& cnn, std::size_t input, const Window& window) {
  const PictureShape picture = cnn.tensors.at(input);
  return add(cnn, {LayerKind::average_pool, {input}, 0, 0, window},
             places_of(picture, window, picture.channels));
}

std::size_t add_sum(Cnn& cnn, std::size_t input, std::size_t other) {
  const PictureShape picture = cnn.tensors.at(input);
  require(picture == cnn.tensors.at(other), "add: the pictures differ in shape",
          shape_text(cnn.tensors.at(other)), shape_text(picture), "add tensors of one shape");
  return add(cnn, {LayerKind::add, {input, other}, 0}, picture);
}

std::size_t add_linear(Cnn& cnn, std::size_t input, std::size_t outputs, Rng* rng) {
  const std::size_t K = cnn.tensors.at(input).size();
  Linear layer{make_tensor<float>({outputs, K}), make_tensor<float>({outputs}),
               make_tensor<float>({outputs, K}), make_tensor<float>({outputs})};
  draw(rng, K, values(layer.weight));
  draw(rng, K, values(layer.bias));
  cnn.linears.push_back(std::move(layer));
  return add(cnn, {LayerKind::linear, {input}, 0, cnn.linears.size() - 1}, {1, 1, outputs});
}

std::vector<ParamView> parameters(Cnn& cnn) {
  std::vector<ParamView> params;
  const auto view = [&](const std::string& name, auto& tensor, auto& gradient) {
    if (tensor.size() > 0)
      params.push_back({name, shape_of(tensor), values(tensor), values(gradient)});
  };
  for (std::size_t i = 0; i < cnn.convs.size(); ++i) {
    const std::string name = "conv" + std::to_string(i + 1);
    view(name + "_weight", cnn.convs[i].weight, cnn.convs[i].weight_gradient);
    view(name + "_bias", cnn.convs[i].bias, cnn.convs[i].bias_gradient);
  }
  for (std::size_t i = 0; i < cnn.norms.size(); ++i) {
    const std::string name = "norm" + std::to_string(i + 1);
    view(name + "_gamma", cnn.norms[i].gamma, cnn.norms[i].gamma_gradient);
    view(name + "_beta", cnn.norms[i].beta, cnn.norms[i].beta_gradient);
  }
  for (std::size_t i = 0; i < cnn.linears.size(); ++i) {
    const std::string name = "fc" + std::to_string(i + 1);
    view(name + "_weight", cnn.linears[i].weight, cnn.linears[i].weight_gradient);
    view(name + "_bias", cnn.linears[i].bias, cnn.linears[i].bias_gradient);
  }
  return params;
}

namespace {

// Chapter 04's ReLU and its slope (eq. 4.2, 4.7) from one matrix into another, with one pass less.
void positive_part(const Matrix<float>& x, Matrix<float>& y) {
  fit_shape(y, x.shape(0), x.shape(1));
  const float* in = x.data();
  float* out = y.data();
  for (std::size_t i = 0; i < y.size(); ++i) out[i] = in[i] < 0.0F ? 0.0F : in[i];
}
void positive_slope(const Matrix<float>& y, const Matrix<float>& dy, Matrix<float>& dx) {
  fit_shape(dx, dy.shape(0), dy.shape(1));
  const float *out = y.data(), *from = dy.data();
  float* to = dx.data();
  for (std::size_t i = 0; i < dx.size(); ++i) {
    const float gradient = from[i];  // read in any case, so that the loop vectorizes
    to[i] = out[i] > 0.0F ? gradient : 0.0F;
  }
}

void add_values(const Matrix<float>& a, const Matrix<float>& b, Matrix<float>& y) {
  fit_shape(y, a.shape(0), a.shape(1));
  const float *from_a = a.data(), *from_b = b.data();
  float* to = y.data();
  for (std::size_t i = 0; i < y.size(); ++i) to[i] = from_a[i] + from_b[i];
}

// What a layer does that forward and forward_training do alike.
void run_layer(const Cnn& cnn, const CnnLayer& layer, const Matrix<float>& x,
               const Matrix<float>* other, CnnBuffers& buffers, std::size_t number) {
  Matrix<float>& y = buffers.activations[layer.output];
  const PictureShape& input = cnn.tensors[layer.inputs[0]];
  switch (layer.kind) {
    case LayerKind::conv2d:
      return conv2d_forward(cnn.convs[layer.index], input, x, buffers.scratch, y);
    case LayerKind::batch_norm:
      return batch_norm_running(cnn.norms[layer.index], x, y);
    case LayerKind::relu:
      return positive_part(x, y);
    case LayerKind::max_pool:
      return max_pool_forward(layer.window, input, x, buffers.winners[number], y);
    case LayerKind::average_pool:
      return average_pool_forward(layer.window, input, x, y);
    case LayerKind::add:
      return add_values(x, *other, y);
    case LayerKind::linear:
      return linear_forward(cnn.linears[layer.index], x, y);
  }
}

void fit_buffers(const Cnn& cnn, CnnBuffers& buffers) {
  buffers.activations.resize(cnn.tensors.size());
  buffers.gradients.resize(cnn.tensors.size());
  buffers.norms.resize(cnn.norms.size());
  buffers.winners.resize(cnn.layers.size());
}

// Calls run(layer, number, x, other) for each layer.
template <class Run>
const Matrix<float>& each_layer(const Cnn& cnn, const Matrix<float>& x, CnnBuffers& buffers,
                                Run&& run) {
  require(x.shape(1) == cnn.input().size(), "the batch does not fit the net", x.shape(1),
          cnn.input().size(), "pass one row of pixels for every picture");
  fit_buffers(cnn, buffers);
  const auto tensor = [&](std::size_t t) -> const Matrix<float>& {
    return t == 0 ? x : buffers.activations[t];
  };
  for (std::size_t i = 0; i < cnn.layers.size(); ++i) {
    const CnnLayer& layer = cnn.layers[i];
    run(layer, i, tensor(layer.inputs[0]),
        layer.inputs.size() > 1 ? &tensor(layer.inputs[1]) : nullptr);
  }
  return buffers.activations[cnn.layers.back().output];
}

}  // namespace

const Matrix<float>& forward(const Cnn& cnn, const Matrix<float>& x, CnnBuffers& buffers) {
  return each_layer(
      cnn, x, buffers,
      [&](const CnnLayer& layer, std::size_t number, const Matrix<float>& in,
          const Matrix<float>* other) { run_layer(cnn, layer, in, other, buffers, number); });
}

const Matrix<float>& forward_training(Cnn& cnn, const Matrix<float>& x, CnnBuffers& buffers) {
  return each_layer(cnn, x, buffers,
                    [&](const CnnLayer& layer, std::size_t number, const Matrix<float>& in,
                        const Matrix<float>* other) {
                      if (layer.kind == LayerKind::batch_norm)
                        batch_norm_forward(cnn.norms[layer.index], in, buffers.norms[layer.index],
                                           buffers.activations[layer.output]);
                      else
                        run_layer(cnn, layer, in, other, buffers, number);
                    });
}

namespace {

// dL/d(input) of one layer, from dL/d(its output).
void run_backward(Cnn& cnn, const CnnLayer& layer, std::size_t number, const Matrix<float>& x,
                  CnnBuffers& buffers, Matrix<float>* x_gradient) {
  Matrix<float>& dy = buffers.gradients[layer.output];
  const PictureShape& input = cnn.tensors[layer.inputs[0]];
  switch (layer.kind) {
    case LayerKind::conv2d:
      return conv2d_backward(cnn.convs[layer.index], input, x, dy, buffers.scratch, x_gradient);
    case LayerKind::linear:
      return linear_backward(cnn.linears[layer.index], x, dy, x_gradient);
    case LayerKind::batch_norm:
      return batch_norm_backward(cnn.norms[layer.index], dy, buffers.norms[layer.index],
                                 x_gradient == nullptr ? dy : *x_gradient);
    default:
      break;
  }
  if (x_gradient == nullptr) return;
  switch (layer.kind) {
    case LayerKind::relu:
      return positive_slope(buffers.activations[layer.output], dy, *x_gradient);
    case LayerKind::max_pool:
      return max_pool_backward(input, dy, buffers.winners[number], *x_gradient);
    case LayerKind::average_pool:
      return average_pool_backward(layer.window, input, dy, *x_gradient);
    default:
      *x_gradient = dy;  // add: to each of its inputs
  }
}

}  // namespace

void backward(Cnn& cnn, const Matrix<float>& x, CnnBuffers& buffers) {
  std::vector<bool> reached(cnn.tensors.size(), false);
  for (std::size_t i = cnn.layers.size(); i-- > 0;) {
    const CnnLayer& layer = cnn.layers[i];
    for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
      const std::size_t t = layer.inputs[k];
      const Matrix<float>& in = t == 0 ? x : buffers.activations[t];
      Matrix<float>& to = reached[t] ? buffers.layer_gradient : buffers.gradients[t];
      run_backward(cnn, layer, i, in, buffers, t == 0 ? nullptr : &to);
      if (t != 0 && reached[t]) add_values(buffers.gradients[t], to, buffers.gradients[t]);
      reached[t] = true;
    }
  }
}

float forward_backward(Cnn& cnn, const Matrix<float>& x, std::span<const std::uint8_t> labels,
                       CnnBuffers& buffers) {
  const Matrix<float>& logits = forward_training(cnn, x, buffers);
  const float loss = cross_entropy(logits, labels, buffers.gradients[cnn.layers.back().output]);
  backward(cnn, x, buffers);
  return loss;
}

Matrix<float> forward_ref(const Cnn& cnn, const Matrix<float>& x, const TensorTap& tap) {
  CnnBuffers buffers;
  if (tap) tap(0, values(x));
  return each_layer(cnn, x, buffers,
                    [&](const CnnLayer& layer, std::size_t number, const Matrix<float>& in,
                        const Matrix<float>* other) {
                      Matrix<float>& y = buffers.activations[layer.output];
                      if (layer.kind == LayerKind::conv2d)
                        y = conv2d_forward_ref(cnn.convs[layer.index], cnn.tensors[layer.inputs[0]],
                                               in);
                      else if (layer.kind == LayerKind::linear)
                        y = linear_forward_ref(cnn.linears[layer.index], in);
                      else
                        run_layer(cnn, layer, in, other, buffers, number);
                      if (tap) tap(layer.output, values(std::as_const(y)));
                    });
}

}  // namespace qfs
