// ONNX files. This is the door to protocol buffers: the only place that knows them is
// onnx_file.cpp.
#pragma once

#include <span>
#include <string>

#include "23_onnx_export/onnx_model.hpp"

namespace qfs {

// The bytes of the file. Equal models give equal bytes.
std::string onnx_bytes(const OnnxModel& model);

// Writes them atomically; returns their number.
std::size_t save_onnx(const std::string& path, const OnnxModel& model);

// The model in some bytes; `name` is for messages. Throws Error where they are no ONNX model, are
// cut off, hold a type that OnnxModel has not, or a tensor whose bytes do not fit its extents or
// lie in another file. Whether the graph makes sense is not looked at.
OnnxModel parse_onnx(std::span<const std::byte> file, const std::string& name);
OnnxModel load_onnx(const std::string& path);

// ONNX's own checker (check_model: names, attributes, versions of operators), then its strict
// inference (InferShapes): a node whose inputs are of another type than its operator takes, or a
// type or shape that contradicts the declared one. Throws Error with what either says. Neither
// knows operators of com.microsoft: what such a node reads and writes is taken as it is.
void check_by_onnx(const std::string& bytes, const std::string& name);

}  // namespace qfs
