// The outputs of PyTorch, NumPy and ONNX that the [ref] tests compare with. Those under
// tests/reference are committed; its MANIFEST names the versions, the seed and the sums, and
// generate_reference.py makes them all. `./learn test --live` makes others, of a fresh seed, and
// names their folder in QFS_REFERENCE. A test that holds for the committed ones alone, because it
// names a number of theirs, has the tag [committed] too.
#pragma once

#include <cstdlib>
#include <string>

#include "common/dataset.hpp"
#include "common/npy.hpp"

namespace qfs::test {

inline std::string reference_dir() {
  const char* live = std::getenv("QFS_REFERENCE");
  return live != nullptr ? live : QFS_REFERENCE_DIR;
}

// The folder of the net whose activations chapters 05 and later compare.
inline std::string reference_weights() {
  const char* live = std::getenv("QFS_REFERENCE");
  return live != nullptr ? std::string(live) + "/weights" : datasets_dir() + "/pretrained";
}

// load_reference<float, 2>("ch01/weights") reads ch01/weights.npy there.
template <class T, std::size_t N>
Tensor<T, N> load_reference(const std::string& name) {
  return load_npy<T, N>(reference_dir() + "/" + name + ".npy");
}

}  // namespace qfs::test
