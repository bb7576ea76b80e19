// Training a net of convolutions by chapter 04's loop: what is new is that every picture is
// moved at random each time, and that the learning rate falls.
#pragma once

#include <vector>

#include "04_mnist_mlp/train.hpp"
#include "20_float_cnn/cnn.hpp"

namespace qfs {

// [augment]
// A cross drawn two pixels to the left is a cross. So every picture of a batch is moved by up to
// `shift` pixels each way, and with `mirror` turned left to right or not, by the toss of a coin.
struct Augment {
  std::size_t shift = 2;
  bool mirror = false;
};

// y = the pictures of x, moved and turned; `paper` where they have come from outside.
void augment(const Augment& options, const PictureShape& shape, const Matrix<float>& x, float paper,
             Rng& rng, Matrix<float>& y);
// [/augment]

// The normalized value of a pixel of 0.
float paper_value();

struct CnnRecipe {
  int epochs = 10;
  double learning_rate = 0.002;  // of step 1; falls to 0 along half a cosine (eq. 20.13)
  std::size_t batch_size = 64;
  Augment augment{};
  std::function<void(const EpochResult&)> after_epoch = nullptr;
  std::string label = "training";  // of the progress bar
};

// Weights, augmentation and the order of the pictures follow from `rng`'s state and `seed`. Throws
// Error where the pictures do not fit the net, or when training diverges.
std::vector<EpochResult> train_cnn(Cnn& cnn, const TrainDigits& pictures, const CnnRecipe& recipe,
                                   std::uint64_t seed, Rng& rng);

// learning_rate (1 + cos(pi (step - 1) / steps)) / 2 at step 1, 2, ..., steps (eq. 20.13).
double cosine_rate(double learning_rate, std::size_t step, std::size_t steps);

}  // namespace qfs
