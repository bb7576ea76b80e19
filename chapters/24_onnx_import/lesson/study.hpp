// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "23_onnx_export/onnx_model.hpp"
#include "24_onnx_import/onnx_read.hpp"
#include "24_onnx_import/onnx_rows.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch24 {

// A committed file, what we have made of it, and what ONNX Runtime gave for every test digit.
struct Committed {
  std::string name;  // "mlp_qdq"
  std::size_t bytes = 0;
  OnnxModel model{};
  QuantizedNet net{};
  Matrix<std::int32_t> by_onnx_runtime{};  // digits x (class, hash of the logits' bits)
};

struct Study {
  Dataset data;
  std::vector<Committed> files{};
};

// The folder of the committed files.
std::string onnx_dir();
inline constexpr const char* kFiles[] = {"mlp_qdq", "mlp_dynamic", "small_cnn_qoperator",
                                         "residual_qdq"};
Committed load_committed(const std::string& name);

// Logits of some pictures, whose pixels are normalized, by the fastest backend; 100 a call, which
// in a dynamic net share a range.
Matrix<float> logits_of(const QuantizedNet& net, const Matrix<std::uint8_t>& pixels);

// (class, hash) of each row: h = h * 0x01000193 + byte over its float32 bits, modulo 2^32.
Matrix<std::int32_t> classes_and_hashes(const Matrix<float>& logits);

// "linear_onnx 1 -> 2"
std::string line_of(const Operation& operation);
// "QuantizeLinear(x) -> q": constants left out.
std::string line_of(const OnnxModel& model, const OnnxNode& node);

void on_paper(Lesson& lesson);                                     // section 1
void node_by_node(const Study& study, Lesson& lesson);             // 2
void all_digits(const Study& study, Lesson& lesson);               // 3
void whose_multiplier(const Study& study, Lesson& lesson);         // 4
void mistakes(const Study& study, Lesson& lesson);                 // 5
void trace(const Study& study);                                    // 6, --trace
void your_model(const std::string& path, Lesson& lesson);          // --model
void write_files(const std::string& folder, const Dataset& data);  // --write

}  // namespace qfs::ch24
