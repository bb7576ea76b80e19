// Exercise 23.3: which Gemm of a QDQ graph may a runtime replace by one operator of integers?
//
// One whose reals are integers in disguise, on every side:
//   - each of its inputs (two, or three with a bias) is written by a DequantizeLinear;
//   - its output is read exactly once: by a QuantizeLinear, as its first input. It is no output
//     of the graph;
//   - where it has a bias, that is of 32-bit integers, and has the scale s_x s_w (eq. 23.3): a
//     product in float32 for each number of the scales of the weight, and as many as they are.
// The scale of a DequantizeLinear is its second input, here always an initializer; so are the
// integers of weight and bias, its first. Return the names of the outputs of these Gemms, in the
// order of the nodes.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "23_onnx_export/onnx_model.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::vector<std::string> fusible_gemms([[maybe_unused]] const qfs::OnnxModel& model) {
  // TODO: look at every Gemm. find_writer and find_initializer are in onnx_model.hpp.
  qfs::not_written_yet("23.3: fusible_gemms");
}

}  // namespace exercise
