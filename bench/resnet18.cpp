#include "bench/resnet18.hpp"

#include <array>
#include <cmath>

#include "20_float_cnn/nets.hpp"

namespace qfs::bench {
namespace {

// He's: the variance of what a layer gives is about that of what it gets.
void draw_gaussian(Matrix<float>& weight, Rng& rng) {
  const double deviation = std::sqrt(2.0 / static_cast<double>(weight.shape(1)));
  for (float& w : values(weight)) w = static_cast<float>(deviation * rng.normal());
}

}  // namespace

Cnn make_resnet18(const PictureShape& picture, std::size_t classes) {
  Cnn cnn{.tensors = {picture}};
  std::size_t x = add_relu(cnn, add_conv_norm(cnn, 0, 64, {7, 7, 2, 3}, nullptr));
  x = add_max_pool(cnn, x, {3, 3, 2, 1});
  for (const std::size_t channels : std::array<std::size_t, 4>{64, 128, 256, 512}) {
    x = add_residual_block(cnn, x, channels, channels == 64 ? 1 : 2, nullptr);
    x = add_residual_block(cnn, x, channels, 1, nullptr);
  }
  const PictureShape last = cnn.tensors[x];
  x = add_average_pool(cnn, x, {last.height, last.width, 1, 0});
  add_linear(cnn, x, classes, nullptr);
  return cnn;
}

void draw_numbers(Cnn& cnn, const Matrix<float>& pictures, Rng& rng) {
  for (Conv2d& conv : cnn.convs) draw_gaussian(conv.weight, rng);
  for (Linear& linear : cnn.linears) draw_gaussian(linear.weight, rng);
  std::vector<float> momentum;
  for (BatchNorm& norm : cnn.norms) {
    for (float& gamma : values(norm.gamma)) gamma = static_cast<float>(rng.uniform(0.5, 1.5));
    for (float& beta : values(norm.beta)) beta = static_cast<float>(rng.uniform(-0.5, 0.5));
    momentum.push_back(std::exchange(norm.momentum, 1.0F));
  }
  CnnBuffers buffers;
  forward_training(cnn, pictures, buffers);
  for (std::size_t i = 0; i < momentum.size(); ++i) cnn.norms[i].momentum = momentum[i];
}

}  // namespace qfs::bench
