// A trained net as one file.
//
// Records of common/container_file.hpp:
//   layers              u8        describe(net): what net the numbers are for
//   conv1_weight, ...   f32       every parameter by its name and shape, as parameters() has them
//   norm1_mean          f32 {C}   the running statistics of batch norm 1, and so on
//   norm1_variance      f32 {C}
#pragma once

#include <string>

#include "20_float_cnn/cnn.hpp"

namespace qfs {

// The net's layers, one a line: "3 = max_pool(2) 2 x 2 stride 2 padding 0: 14 x 14 x 8".
std::string describe(const Cnn& cnn);

// Writes atomically; returns the file's size in bytes.
std::size_t save_cnn(const Cnn& cnn, const std::string& path);

// `cnn` with the numbers of the file: load_cnn(path, make_small_cnn(nullptr)). Throws Error where
// the file is missing or damaged in any bit, is of another net, or holds a number that is not
// finite or a variance below 0.
Cnn load_cnn(const std::string& path, Cnn cnn);

// The same from DIR/conv1_weight.npy and so on, one file for every name of the list above, in these
// shapes; float32 or float64, as a script of PyTorch writes them.
Cnn load_cnn_npy(const std::string& directory, Cnn cnn);

// The trained nets of part V: datasets/cnn/NAME.qfs. An Error says how it comes back.
std::string cnn_path(const std::string& name);
Cnn load_committed_cnn(const std::string& name, Cnn cnn);

}  // namespace qfs
