// --replicate: every number of the table from scratch.
#pragma once

#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/train_cnn.hpp"
#include "22_model_comparison/lesson/study.hpp"

namespace qfs::ch22 {

// Chapter 04's loop on a Cnn, from the weights that it has: nothing moved, mirrored or slowed down,
// as train_qat does it.
std::vector<EpochResult> train_on(Cnn& cnn, const TrainDigits& digits, const TrainOptions& options,
                                  Rng& rng);

// Says on stderr how long it will take, which it finds out by some steps of its own; then trains,
// calibrates, quantizes and trains with quantization. With `quick` one epoch of each, on the first
// 640 digits.
std::vector<Models> replicate(const Dataset& data, const Options& options);

}  // namespace qfs::ch22
