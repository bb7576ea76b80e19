#include "20_float_cnn/conv2d.hpp"

#include "04_mnist_mlp/layers.hpp"
#include "20_float_cnn/plumbing/group_patches.hpp"

namespace qfs {
namespace {

MatrixView<const float> as_const(MatrixView<float> view) {
  return {view.data, view.rows, view.columns};
}

// Adds every number of the patches to the pixel that it was copied from (eq. 20.4).
void add_patches(const ConvGroup& group, const float* patches, float* picture) {
  const Window& window = group.layer.window;
  const PictureShape& in = group.input;
  const std::size_t C = group.from.count;
  for (std::size_t row = 0; row < group.output.height; ++row)
    for (std::size_t column = 0; column < group.output.width; ++column, patches += group.patch()) {
      const auto [rows, columns] = seen(in, window, row, column);
      for (std::size_t y = rows.first; y < rows.end; ++y) {
        const std::size_t i = y + window.padding - row * window.stride;  // of the window
        const std::size_t j = columns.first + window.padding - column * window.stride;
        const float* from = patches + (i * window.width + j) * C;
        float* to = picture + (y * in.width + columns.first) * in.channels + group.from.first;
        std::size_t runs = columns.count(), length = C;
        if (C == in.channels) length *= std::exchange(runs, 1);
        for (; runs > 0; --runs, from += C, to += in.channels)
          for (std::size_t c = 0; c < length; ++c) to[c] += from[c];
      }
    }
}

void add_bias(const Conv2d& layer, Matrix<float>& y) {
  if (layer.bias.size() == 0) return;
  const std::span<float> all = values(y);
  const std::span<const float> bias = values(layer.bias);
  for (std::size_t i = 0; i < all.size(); i += bias.size())
    for (std::size_t n = 0; n < bias.size(); ++n) all[i + n] += bias[n];
}

}  // namespace

PictureShape output_shape(const Conv2d& layer, const PictureShape& input) {
  require(
      layer.groups > 0 && layer.outputs() % layer.groups == 0 &&
          layer.weight.shape(1) * layer.groups == layer.window.pixels() * input.channels,
      "the weight does not fit the picture's channels", shape_text(layer.weight),
      [&] { return "N x kh kw " + std::to_string(input.channels) + " / groups"; },
      "check channels and groups");
  require(layer.bias.size() == 0 || layer.bias.size() == layer.outputs(),
          "the bias does not fit the outputs", layer.bias.size(), layer.outputs(),
          "one bias an output, or none");
  return places_of(input, layer.window, layer.outputs());
}

namespace {

// y = patches W^T, the product being `multiply`, a group and some pictures at a time.
template <class Multiply>
void forward_by(const Conv2d& layer, const PictureShape& input, const Matrix<float>& x,
                Conv2dScratch& scratch, Matrix<float>& y, Multiply&& multiply) {
  require_row_of(x.shape(1), input);
  fit_shape(y, x.shape(0), output_shape(layer, input).size());
  each_group(layer, input, [&](const ConvGroup& group) {
    each_chunk(group, x, scratch.patches, [&](const PatchChunk& chunk) {
      const std::size_t M = chunk.patches.rows;
      float* to = y.data() + chunk.y_first;
      if (layer.groups > 1) {
        scratch.y.resize(M * group.to.count);
        multiply(as_const(chunk.patches), group.weight(),
                 MatrixView<float>{scratch.y.data(), M, group.to.count});
        put_channels(group, scratch.y, to);
      } else {
        multiply(as_const(chunk.patches), group.weight(), MatrixView<float>{to, M, group.to.count});
      }
    });
  });
  add_bias(layer, y);
}

// Eight channels at a time, whose sums stay in registers where the compiler knows that they are
// eight.
void sum_bias_gradient(Conv2d& layer, const Matrix<float>& y_gradient) {
  constexpr std::size_t kAtOnce = 8;
  const std::span<const float> dy = values(y_gradient);
  const std::size_t N = layer.bias_gradient.size();
  for (std::size_t n = 0; n < N; n += kAtOnce) {
    const auto sum = [&](auto count) {
      float sums[kAtOnce] = {};
      for (std::size_t i = n; i < dy.size(); i += N)
        for (std::size_t c = 0; c < count; ++c) sums[c] += dy[i + c];
      std::copy_n(sums, std::size_t{count}, layer.bias_gradient.data() + n);
    };
    if (N - n >= kAtOnce)
      sum(std::integral_constant<std::size_t, kAtOnce>{});
    else
      sum(N - n);
  }
}

}  // namespace

void conv2d_forward(const Conv2d& layer, const PictureShape& input, const Matrix<float>& x,
                    Conv2dScratch& scratch, Matrix<float>& y) {
  const auto multiply = [](MatrixView<const float> patches, MatrixView<const float> weight,
                           MatrixView<float> to) {
    matmul_blas(patches, Transpose::no, weight, Transpose::yes, to);
  };
  forward_by(layer, input, x, scratch, y, multiply);
}

// [conv2d_backward]
void conv2d_backward(Conv2d& layer, const PictureShape& input, const Matrix<float>& x,
                     const Matrix<float>& y_gradient, Conv2dScratch& scratch,
                     Matrix<float>* x_gradient) {
  require_row_of(x.shape(1), input);
  require_row_of(y_gradient.shape(1), output_shape(layer, input));
  require(y_gradient.shape(0) == x.shape(0), "conv2d_backward: one gradient a picture",
          y_gradient.shape(0), x.shape(0), "pass the gradient of this very batch");
  std::ranges::fill(values(layer.weight_gradient), 0.0F);
  sum_bias_gradient(layer, y_gradient);
  if (x_gradient != nullptr) {
    fit_shape(*x_gradient, x.shape(0), x.shape(1));
    std::ranges::fill(values(*x_gradient), 0.0F);
  }
  each_group(layer, input, [&](const ConvGroup& group) {
    const MatrixView<float> weight_gradient{
        layer.weight_gradient.data() + group.to.first * group.patch(), group.to.count,
        group.patch()};
    each_chunk(group, x, scratch.patches, [&](const PatchChunk& chunk) {
      const std::span<const float> all = values(y_gradient).subspan(chunk.y_first, chunk.y_count);
      if (layer.groups > 1) take_channels(group, all, scratch.gradient);
      const MatrixView<const float> dy{layer.groups > 1 ? scratch.gradient.data() : all.data(),
                                       chunk.patches.rows, group.to.count};
      matmul_blas(dy, Transpose::yes, as_const(chunk.patches), Transpose::no, weight_gradient,
                  1.0F);
      if (x_gradient == nullptr) return;
      matmul_blas(dy, Transpose::no, group.weight(), Transpose::no, chunk.patches);
      for (std::size_t i = 0; i < chunk.count; ++i)
        add_patches(group, chunk.patches.data + i * group.places() * group.patch(),
                    row(*x_gradient, chunk.first + i).data());
    });
  });
}
// [/conv2d_backward]

Matrix<float> conv2d_forward_ref(const Conv2d& layer, const PictureShape& input,
                                 const Matrix<float>& x) {
  Conv2dScratch scratch;
  Matrix<float> y;
  const auto multiply = [](MatrixView<const float> patches, MatrixView<const float> weight,
                           MatrixView<float> to) { matmul_f32(patches, weight, to); };
  forward_by(layer, input, x, scratch, y, multiply);
  return y;
}

}  // namespace qfs
