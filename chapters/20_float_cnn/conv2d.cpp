#include "20_float_cnn/conv2d.hpp"

#include "04_mnist_mlp/layers.hpp"

namespace qfs {
namespace {

// One group of a layer on pictures of one shape.
struct Group {
  const Conv2d& layer;
  PictureShape input, output;
  Channels from, to;  // of the input, of the output
  std::size_t places() const { return output.pixels(); }
  std::size_t patch() const { return layer.weight.shape(1); }  // K
  MatrixView<const float> weight() const {
    return {layer.weight.data() + to.first * patch(), to.count, patch()};
  }
};

MatrixView<const float> as_const(MatrixView<float> view) {
  return {view.data, view.rows, view.columns};
}

template <class Use>
void each_group(const Conv2d& layer, const PictureShape& input, Use&& use) {
  const PictureShape output = output_shape(layer, input);
  const std::size_t C = input.channels / layer.groups, N = layer.outputs() / layer.groups;
  for (std::size_t g = 0; g < layer.groups; ++g)
    use(Group{layer, input, output, {g * C, C}, {g * N, N}});
}

// Number j of every patch of a row of places, whose channel has the picture's row `line`.
void copy_column(const Group& group, const float* line, std::size_t j, float* to) {
  const Window& window = group.layer.window;
  const std::size_t K = group.patch(), places = group.output.width, stride = window.stride;
  const std::size_t C = group.input.channels, border = window.padding;
  std::size_t first = j < border ? (border - j + stride - 1) / stride : 0;
  first = std::min(first, places);
  const std::size_t reach = group.input.width + border, beyond = reach > j ? reach - j : 0;
  const std::size_t end = std::max(first, std::min(places, (beyond + stride - 1) / stride));
  for (std::size_t p = 0; p < first; ++p) to[p * K] = 0.0F;
  for (std::size_t p = first; p < end; ++p) to[p * K] = line[(p * stride + j - border) * C];
  for (std::size_t p = end; p < places; ++p) to[p * K] = 0.0F;
}

// The patches of one picture whose group is a single channel, P x K: number by number of the patch,
// each for a row of places at once. Where a patch is so small, what copy_patch asks at every place
// would cost more than the copying.
void copy_patches_of_one(const Group& group, const float* picture, float* to) {
  const Window& window = group.layer.window;
  const PictureShape& in = group.input;
  const std::size_t K = group.patch(), places = group.output.width;
  for (std::size_t row = 0; row < group.output.height; ++row, to += places * K) {
    const Inside rows = inside(in.height, window.padding, window.height, window.stride, row);
    if (rows.end - rows.first < window.height) std::fill_n(to, places * K, 0.0F);
    for (std::size_t i = rows.first; i < rows.end; ++i) {
      const std::size_t y = row * window.stride + i - window.padding;
      const float* line = picture + y * in.width * in.channels + group.from.first;
      for (std::size_t j = 0; j < window.width; ++j)
        copy_column(group, line, j, to + i * window.width + j);
    }
  }
}

// The patches of one picture, P x K.
void copy_patches(const Group& group, const float* picture, float* to) {
  if (group.from.count == 1) return copy_patches_of_one(group, picture, to);
  for (std::size_t row = 0; row < group.output.height; ++row)
    for (std::size_t column = 0; column < group.output.width; ++column, to += group.patch())
      copy_patch(picture, group.input, group.layer.window, group.from, row, column, 0.0F, to);
}

// The other way round: adds every number of the patches to the pixel that it came from.
void add_patches(const Group& group, const float* patches, float* picture) {
  const Window& window = group.layer.window;
  const PictureShape& in = group.input;
  const std::size_t C = group.from.count;
  for (std::size_t row = 0; row < group.output.height; ++row)
    for (std::size_t column = 0; column < group.output.width; ++column, patches += group.patch()) {
      const Inside rows = inside(in.height, window.padding, window.height, window.stride, row);
      const Inside columns = inside(in.width, window.padding, window.width, window.stride, column);
      for (std::size_t i = rows.first; i < rows.end; ++i) {
        const std::size_t y = row * window.stride + i - window.padding;
        const std::size_t x = column * window.stride + columns.first - window.padding;
        const float* from = patches + (i * window.width + columns.first) * C;
        float* to = picture + (y * in.width + x) * in.channels + group.from.first;
        std::size_t runs = columns.end - columns.first, length = C;
        if (C == in.channels) length *= std::exchange(runs, 1);
        for (; runs > 0; --runs, from += C, to += in.channels)
          for (std::size_t c = 0; c < length; ++c) to[c] += from[c];
      }
    }
}

// The group's channels of all outputs, M pixels x (N / G), out of M x N and into it.
void take_channels(const Group& group, std::span<const float> all, std::vector<float>& part) {
  const std::size_t N = group.output.channels;
  part.resize(all.size() / N * group.to.count);
  for (std::size_t m = 0; m < all.size() / N; ++m)
    std::copy_n(all.data() + m * N + group.to.first, group.to.count,
                part.data() + m * group.to.count);
}
void put_channels(const Group& group, std::span<const float> part, float* all) {
  for (std::size_t m = 0; m < part.size() / group.to.count; ++m)
    std::copy_n(part.data() + m * group.to.count, group.to.count,
                all + m * group.output.channels + group.to.first);
}

// How many pictures share one product: as many as have their patches in half a megabyte, which
// stays in the cache of a core.
std::size_t pictures_at_once(const Group& group) {
  constexpr std::size_t kNumbers = std::size_t{1} << 17;
  return std::max<std::size_t>(1, kNumbers / (group.places() * group.patch()));
}

// Some pictures of a batch: their patches, and where their outputs stand.
struct Chunk {
  std::size_t first, count;      // pictures
  MatrixView<float> patches;     // count P x K
  std::size_t y_first, y_count;  // numbers of y
};

// Calls use(chunk) for the batch, some pictures at a time.
template <class Use>
void each_chunk(const Group& group, const Matrix<float>& x, std::vector<float>& patches,
                Use&& use) {
  const std::size_t at_once = std::min(pictures_at_once(group), x.shape(0));
  const std::size_t size = group.places() * group.patch();
  patches.resize(at_once * size);
  for (std::size_t b = 0; b < x.shape(0); b += at_once) {
    const std::size_t count = std::min(at_once, x.shape(0) - b);
    for (std::size_t i = 0; i < count; ++i)
      copy_patches(group, row(x, b + i).data(), patches.data() + i * size);
    use(Chunk{b,
              count,
              {patches.data(), count * group.places(), group.patch()},
              b * group.output.size(),
              count * group.output.size()});
  }
}

void add_bias(const Conv2d& layer, Matrix<float>& y) {
  if (layer.bias.size() == 0) return;
  const std::span<float> all = values(y);
  const std::span<const float> bias = values(layer.bias);
  for (std::size_t i = 0; i < all.size(); i += bias.size())
    for (std::size_t n = 0; n < bias.size(); ++n) all[i + n] += bias[n];
}

void require_batch_of(const Matrix<float>& x, const PictureShape& shape) {
  require(
      x.shape(1) == shape.size(), "the batch does not fit the layer", x.shape(1),
      [&] { return shape_text(shape); }, "pass one row for every picture");
}

}  // namespace

PictureShape output_shape(const Conv2d& layer, const PictureShape& input) {
  require(
      layer.groups > 0 && layer.outputs() % layer.groups == 0 &&
          layer.weight.shape(1) * layer.groups == layer.window.pixels() * input.channels,
      "the weight does not fit the picture's channels", shape_text(layer.weight),
      [&] { return "N x kh kw " + std::to_string(input.channels) + " / groups"; },
      "check channels and groups");
  return places_of(input, layer.window, layer.outputs());
}

namespace {

// y = patches W^T, the product being `multiply`, a group and some pictures at a time.
template <class Multiply>
void forward_by(const Conv2d& layer, const PictureShape& input, const Matrix<float>& x,
                Conv2dScratch& scratch, Matrix<float>& y, Multiply&& multiply) {
  require_batch_of(x, input);
  fit_shape(y, x.shape(0), output_shape(layer, input).size());
  each_group(layer, input, [&](const Group& group) {
    each_chunk(group, x, scratch.patches, [&](const Chunk& chunk) {
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

void sum_bias_gradient(Conv2d& layer, const Matrix<float>& y_gradient) {
  const std::span<float> sums = values(layer.bias_gradient);
  const std::span<const float> dy = values(y_gradient);
  std::ranges::fill(sums, 0.0F);
  for (std::size_t i = 0; i < dy.size() && !sums.empty(); i += sums.size())
    for (std::size_t n = 0; n < sums.size(); ++n) sums[n] += dy[i + n];
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
  require_batch_of(x, input);
  require_batch_of(y_gradient, output_shape(layer, input));
  std::ranges::fill(values(layer.weight_gradient), 0.0F);
  sum_bias_gradient(layer, y_gradient);
  if (x_gradient != nullptr) {
    fit_shape(*x_gradient, x.shape(0), x.shape(1));
    std::ranges::fill(values(*x_gradient), 0.0F);
  }
  each_group(layer, input, [&](const Group& group) {
    const MatrixView<float> weight_gradient{
        layer.weight_gradient.data() + group.to.first * group.patch(), group.to.count,
        group.patch()};
    each_chunk(group, x, scratch.patches, [&](const Chunk& chunk) {
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
