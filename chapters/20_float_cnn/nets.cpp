#include "20_float_cnn/nets.hpp"

namespace qfs {
namespace {

constexpr Window k3x3 = {3, 3, 1, 1};

}  // namespace

std::size_t add_conv_norm(Cnn& cnn, std::size_t input, std::size_t channels, const Window& window,
                          Rng* rng) {
  return add_batch_norm(
      cnn, add_conv2d(cnn, input, {.channels = channels, .window = window, .bias = false}, rng));
}

// [residual_block]
// relu(norm(conv(relu(norm(conv(x))))) + x) (eq. 20.12); where the shape changes, x goes through a
// convolution of 1 x 1 first.
std::size_t add_residual_block(Cnn& cnn, std::size_t input, std::size_t channels,
                               std::size_t stride, Rng* rng) {
  std::size_t x = add_relu(cnn, add_conv_norm(cnn, input, channels, {3, 3, stride, 1}, rng));
  x = add_conv_norm(cnn, x, channels, k3x3, rng);
  const bool same = cnn.tensors[input] == cnn.tensors[x];
  const std::size_t shortcut =
      same ? input : add_conv_norm(cnn, input, channels, {1, 1, stride, 0}, rng);
  return add_relu(cnn, add_sum(cnn, x, shortcut));
}
// [/residual_block]

Cnn make_small_cnn(Rng* rng, const PictureShape& picture, std::size_t classes) {
  constexpr Window kHalve = {2, 2, 2, 0};
  Cnn cnn{.tensors = {picture}};
  std::size_t x = 0;
  for (const std::size_t channels : {8U, 16U}) {
    x = add_relu(cnn, add_conv2d(cnn, x, {.channels = channels, .window = k3x3}, rng));
    x = add_max_pool(cnn, x, kHalve);
  }
  add_linear(cnn, x, classes, rng);
  return cnn;
}

Cnn make_residual_net(Rng* rng, const PictureShape& picture, std::size_t classes) {
  Cnn cnn{.tensors = {picture}};
  std::size_t x = add_relu(cnn, add_conv_norm(cnn, 0, 16, k3x3, rng));
  x = add_residual_block(cnn, x, 16, 1, rng);
  x = add_residual_block(cnn, x, 32, 2, rng);
  x = add_residual_block(cnn, x, 64, 2, rng);
  const PictureShape& last = cnn.tensors[x];
  x = add_average_pool(cnn, x, {last.height, last.width, 1, 0});
  add_linear(cnn, x, classes, rng);
  return cnn;
}

}  // namespace qfs
