// The trained float net from which later chapters start.
#pragma once

#include <string>

#include "04_mnist_mlp/mlp.hpp"
#include "04_mnist_mlp/train.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs {

// The recipe of this chapter: pixels-100-100-10, batches of 32, Adam at 1e-3, 10 epochs. The
// weights are drawn first, then the order of every epoch, all from one generator.
Mlp make_recipe_net(const TrainDigits& digits, Rng& rng);

// train() on an MLP: its parameters, forward_backward, and buffers that last as long as training.
std::vector<EpochResult> train_mlp(Mlp& mlp, const TrainDigits& digits, const TrainOptions& options,
                                   Rng& rng);

// --weights DIR: those. No --data: datasets/pretrained. Otherwise the recipe on the training digits
// of --data, kept in work/cache beside datasets/, so that it runs once for every data set, seed and
// version of the recipe; where that cannot be written it says so on stderr and keeps the net until
// the program ends. Throws Error where the weights do not fit `dataset`: the size of its
// pictures, or its ten classes.
Mlp trained_or_pretrained(const Options& options, const Dataset& dataset);

// The directory whose .npy files trained_or_pretrained reads (or would write).
std::string weights_directory(const Options& options, const Dataset& dataset);

// Keeps a net that was trained by the recipe on the training digits of --data, for
// trained_or_pretrained. Does nothing when one is kept already, or without --data.
void keep_trained(const Mlp& mlp, const Options& options, const Dataset& dataset);

// Throws Error unless `mlp` takes rows * cols pixels and gives ten classes.
void require_fits(const Mlp& mlp, std::size_t rows, std::size_t cols);

}  // namespace qfs
