// The committed outputs of PyTorch, NumPy and ONNX under tests/reference; its MANIFEST names the
// versions, the seed and the sums, and generate_reference.py makes them all.
#pragma once

#include <string>

#include "common/npy.hpp"

namespace qfs::test {

inline std::string reference_path(const std::string& name) {
  return std::string(QFS_REFERENCE_DIR) + "/" + name + ".npy";
}

// load_reference<float, 2>("ch01/weights") reads tests/reference/ch01/weights.npy.
template <class T, std::size_t N>
Tensor<T, N> load_reference(const std::string& name) {
  return load_npy<T, N>(reference_path(name));
}

}  // namespace qfs::test
