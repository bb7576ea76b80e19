// A net in a format, numbers of a distribution: what the sections of this lesson share.
#include "19_number_formats/lesson/study.hpp"

#include "common/rng.hpp"

namespace qfs::ch19 {

StoredNet stored_net(const Mlp& mlp, const Format& format) {
  StoredNet net{.mlp = mlp};
  for (Linear& layer : net.mlp.layers) {
    const Stored stored = format.store(layer.weight);
    const std::span<float> w = values(layer.weight);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double x = w[i], error = x - static_cast<double>(stored.y[i]);
      net.signal += x * x;
      net.noise += error * error;
      w[i] = stored.y[i];
    }
    net.weights += w.size();
    net.bits += stored.bits;
  }
  return net;
}

const char* name_of(Shape shape) {
  if (shape == Shape::uniform) return "uniform";
  if (shape == Shape::normal) return "Gauss";
  return shape == Shape::laplace ? "Laplace" : "outliers";
}

Matrix<float> draw(Shape shape, std::uint64_t seed, std::size_t rows) {
  Rng rng(seed);
  Matrix<float> w = make_tensor<float>({rows, 1024});
  for (float& value : values(w)) {
    double x = 0.0;
    if (shape == Shape::uniform) x = rng.uniform(-1.0, 1.0);
    if (shape == Shape::normal || shape == Shape::outliers) x = rng.normal();
    if (shape == Shape::laplace) x = rng.laplace();
    if (shape == Shape::outliers && rng.below(100) == 0) x *= 10.0;
    value = static_cast<float>(x);
  }
  return w;
}

}  // namespace qfs::ch19
