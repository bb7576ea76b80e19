// What values and numbers of a file are called in messages.
#pragma once

#include "24_onnx_import/net_reader.hpp"

namespace qfs {

// "scale 0.25, zero point -28 (s8)": as they stand in the file, whatever our net makes of them; the
// scale with all the digits that tell it from its neighbours.
std::string text_of(const OnnxParams& params);
// "'w' s8 [2, 2]"
std::string text_of(const Record& tensor);
// What a value stands for: "integers without DequantizeLinear".
std::string text_of(const ReadValue& value);
// Every input of a node: "'q': integers without DequantizeLinear; 'w': a tensor of the file".
std::string text_of_inputs(const NetReader& reader, const NodeReader& node);

}  // namespace qfs
