// The list of a net's layers: how it grows, who reads what, what there is to learn.
#include <cmath>

#include "20_float_cnn/cnn.hpp"

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

std::vector<std::size_t> count_readers(const Cnn& cnn) {
  std::vector<std::size_t> readers(cnn.tensors.size(), 0);
  for (const CnnLayer& layer : cnn.layers)
    for (const std::size_t t : layer.inputs) ++readers[t];
  return readers;
}

namespace {

template <class Numbers>
void append(std::vector<ParamView>& params, const std::string& name, Numbers& tensor,
            Numbers& gradient) {
  if (tensor.size() > 0)
    params.push_back({name, shape_of(tensor), values(tensor), values(gradient)});
}

template <class Layer>
void append_all(std::vector<ParamView>& params, const std::string& name,
                std::vector<Layer>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i)
    append_parameters(params, name + std::to_string(i + 1), layers[i]);
}

}  // namespace

void append_parameters(std::vector<ParamView>& params, const std::string& name, Conv2d& layer) {
  append(params, name + "_weight", layer.weight, layer.weight_gradient);
  append(params, name + "_bias", layer.bias, layer.bias_gradient);
}

void append_parameters(std::vector<ParamView>& params, const std::string& name, BatchNorm& layer) {
  append(params, name + "_gamma", layer.gamma, layer.gamma_gradient);
  append(params, name + "_beta", layer.beta, layer.beta_gradient);
}

void append_parameters(std::vector<ParamView>& params, const std::string& name, Linear& layer) {
  append(params, name + "_weight", layer.weight, layer.weight_gradient);
  append(params, name + "_bias", layer.bias, layer.bias_gradient);
}

std::vector<ParamView> parameters(Cnn& cnn) {
  std::vector<ParamView> params;
  append_all(params, "conv", cnn.convs);
  append_all(params, "norm", cnn.norms);
  append_all(params, "fc", cnn.linears);
  return params;
}

}  // namespace qfs
