// What an optimiser needs of a model: named values and their gradients, by reference.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace qfs {

// values.size() == gradients.size(); both belong to the model and live as long as it does.
struct ParamView {
  std::string name;
  std::vector<std::size_t> shape;  // row-major; as many elements as values has
  std::span<float> values;
  std::span<float> gradients;
};

}  // namespace qfs
