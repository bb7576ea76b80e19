#include "20_float_cnn/train_cnn.hpp"

#include <cmath>

namespace qfs {
namespace {

// dy, dx in -shift..shift.
struct Move {
  long rows = 0, columns = 0;
  bool mirrored = false;
};

Move draw_move(const Augment& options, Rng& rng) {
  const long shift = static_cast<long>(options.shift);
  const auto draw = [&] { return static_cast<long>(rng.below(2 * options.shift + 1)) - shift; };
  Move move;
  move.rows = draw();
  move.columns = draw();
  move.mirrored = options.mirror && rng.below(2) == 1;
  return move;
}

void copy_moved(const Move& move, const PictureShape& shape, std::span<const float> from,
                float paper, std::span<float> to) {
  const long height = static_cast<long>(shape.height), width = static_cast<long>(shape.width);
  const long C = static_cast<long>(shape.channels);
  std::ranges::fill(to, paper);
  const long first = std::max(0L, move.mirrored ? move.columns : -move.columns);
  const long end = std::min(width, width + (move.mirrored ? move.columns : -move.columns));
  for (long row = std::max(0L, -move.rows); row < std::min(height, height - move.rows); ++row)
    for (long column = first; column < end; ++column) {
      const long x = (move.mirrored ? width - 1 - column : column) + move.columns;
      const float* pixel = from.data() + ((row + move.rows) * width + x) * C;
      copy_run(pixel, shape.channels, to.data() + (row * width + column) * C);
    }
}

}  // namespace

void augment(const Augment& options, const PictureShape& shape, const Matrix<float>& x, float paper,
             Rng& rng, Matrix<float>& y) {
  require(x.shape(1) == shape.size(), "the pictures to augment have another size", x.shape(1),
          shape.size(), "pass one row of pixels for every picture");
  fit_shape(y, x.shape(0), x.shape(1));
  for (std::size_t b = 0; b < x.shape(0); ++b)
    copy_moved(draw_move(options, rng), shape, row(x, b), paper, row(y, b));
}

float paper_value() { return (0.0F - kPixelMean) / kPixelStd; }

double cosine_rate(double learning_rate, std::size_t step, std::size_t steps) {
  constexpr double kPi = 3.14159265;  // with these nine digits the committed nets were trained
  const double done = static_cast<double>(step - 1) / static_cast<double>(steps);
  return learning_rate * 0.5 * (1.0 + std::cos(kPi * done));
}

std::vector<EpochResult> train_cnn(Cnn& cnn, const TrainDigits& pictures, const CnnRecipe& recipe,
                                   std::uint64_t seed, Rng& rng) {
  require(pictures.pixels.shape(1) == cnn.input().size(), "the pictures do not fit the net",
          pictures.pixels.shape(1), cnn.input().size(), "make the net for pictures of this size");
  CnnBuffers buffers;
  Matrix<float> moved;
  Rng moves(seed + 1);
  const auto pass = [&](const Matrix<float>& x, std::span<const std::uint8_t> labels) {
    augment(recipe.augment, cnn.input(), x, paper_value(), moves, moved);
    return forward_backward(cnn, moved, labels, buffers);
  };
  const TrainOptions options{.epochs = recipe.epochs,
                             .batch_size = recipe.batch_size,
                             .learning_rate =
                                 [&](std::size_t step, std::size_t steps) {
                                   return cosine_rate(recipe.learning_rate, step, steps);
                                 },
                             .label = recipe.label,
                             .after_epoch = recipe.after_epoch};
  return train(parameters(cnn), pass, pictures, options, rng);
}

}  // namespace qfs
