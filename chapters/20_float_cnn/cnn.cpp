#include "20_float_cnn/cnn.hpp"

namespace qfs {
void add_values(const Matrix<float>& a, const Matrix<float>& b, Matrix<float>& y) {
  fit_shape(y, a.shape(0), a.shape(1));
  const float *from_a = a.data(), *from_b = b.data();
  float* to = y.data();
  for (std::size_t i = 0; i < y.size(); ++i) to[i] = from_a[i] + from_b[i];
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

// A tensor that was read twice gets the sum of both gradients: of a residual, (eq. 20.12).
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
