// The passes of a QatCnn: its list of layers forward, and back.
#include "22_model_comparison/qat_cnn.hpp"

namespace qfs {

// These swallow what they call, or the linker might take the copies of a program
// (cmake/QfsPrecompile.cmake).
[[gnu::flatten]] const Matrix<float>& forward(QatCnn& net, const Matrix<float>& x,
                                              QatCnnBuffers& buffers);
[[gnu::flatten]] float forward_backward(QatCnn& net, const Matrix<float>& x,
                                        std::span<const std::uint8_t> labels,
                                        QatCnnBuffers& buffers);
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
    add_values(x, other, before);
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
      if (t != 0 && reached[t]) add_values(buffers.gradients[t], to, buffers.gradients[t]);
      reached[t] = true;
    }
  return loss;
}

}  // namespace qfs
