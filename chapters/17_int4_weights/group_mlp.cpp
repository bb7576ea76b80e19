#include "17_int4_weights/group_mlp.hpp"

#include <algorithm>

#include "07_layer_fusion/fuse.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "17_int4_weights/group_linear.hpp"

namespace qfs {

GroupMlp quantize_groups(const Mlp& mlp, const ActivationIntervals& after_relu,
                         const GroupOptions& options) {
  require_after_relu(after_relu);
  require(after_relu.outputs.size() == mlp.layers.size(), "one interval per layer",
          after_relu.outputs.size(), mlp.layers.size(), "calibrate this very net");
  GroupMlp net;
  Interval interval = after_relu.input;
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    net.layers.push_back(
        {quantize_groups(mlp.layers[i].weight, options.bits, options.granularity, options.scales),
         mlp.layers[i].bias, choose_qparams(interval.min, interval.max, unsigned_range(8))});
    interval = after_relu.outputs[i];
  }
  return net;
}

Matrix<float> forward_ref(const GroupMlp& net, const Matrix<float>& x) {
  Matrix<float> y = x;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const GroupLayer& layer = net.layers[i];
    if (i > 0) relu_forward(y);
    auto bytes = make_tensor<std::uint8_t>({y.shape(0), y.shape(1)});
    quantize(values(std::as_const(y)), layer.input, unsigned_range(8), values(bytes));
    y = group_linear_ref(bytes, layer.input, layer.weight, values(layer.bias));
  }
  return y;
}

PackedGroupMlp::PackedGroupMlp(const GroupMlp& net, u8s4::Multiply* multiply)
    : multiply_(multiply), edges_(&choose_backend()) {
  require(!net.layers.empty(), "a net needs layers", 0, "at least 1", "quantize a trained net");
  for (const GroupLayer& layer : net.layers) {
    const std::span<const float> bias = values(layer.bias);
    layers_.push_back({pack_int4(layer.weight), {bias.begin(), bias.end()}, layer.input});
  }
}

void PackedGroupMlp::run(std::span<const float> x, std::size_t rows, std::span<float> y) {
  const std::size_t K = layers_.front().weight.K, N = outputs();
  require(x.size() == rows * K && y.size() == rows * N,
          "a batch has another size than the net asks", x.size(), rows * K,
          "pass rows x inputs and rows x outputs");
  for (std::size_t m = 0; m < rows; m += kRowsTogether) {
    const std::size_t some = std::min(kRowsTogether, rows - m);
    run_rows(x.subspan(m * K, some * K), some, y.subspan(m * N, some * N));
  }
}

// The clamp to the zero point, which is 0 after a ReLU, is the ReLU.
void PackedGroupMlp::run_rows(std::span<const float> x, std::size_t rows, std::span<float> y) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    bytes_.resize(rows * layer.weight.K);
    edges_->quantize(x, layer.input, unsigned_range(8), Rounding::half_even, bytes_);
    const bool last = i + 1 == layers_.size();
    if (!last) hidden_.resize(rows * layer.weight.N);
    group_linear(multiply_, layer.weight, bytes_, layer.input, layer.bias, chunks_,
                 last ? y : std::span(hidden_));
    x = hidden_;
  }
}

}  // namespace qfs
