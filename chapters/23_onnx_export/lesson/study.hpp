// What the sections of this lesson share. One file a section or two, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "20_float_cnn/cnn.hpp"
#include "23_onnx_export/onnx_write.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch23 {

struct Study {
  Dataset data{};
  Mlp mlp{};
  Cnn small{};                   // of chapter 20
  Matrix<float> x{};             // the test digits, normalized
  QuantizedNet as_calibrated{};  // the fused MLP, per channel (chapter 07)
  QuantizedNet fused{};          // the same with portable scales
  QuantizedNet seven_bits{};     // the same with 7 bits
  QuantizedNet dynamic{};        // by ONNX's rule (chapter 08)
  QuantizedNet pictures{};       // the small CNN, fused (chapter 21), with portable scales
  bool by_default = false;       // no option changed what the claims about digits are about
};

// One net in one form.
struct Form {
  std::string name;
  OnnxModel model;
};
std::vector<Form> forms_of_mlp(const Study& study);
std::vector<Form> forms_of_pictures(const Study& study);

void on_paper(Lesson& lesson);                               // section 1
void five_forms(const Study& study, Lesson& lesson);         // 2
void our_scales(const Study& study, Lesson& lesson);         // 3
void narrow_ranges(const Study& study, Lesson& lesson);      // 4
void as_it_stands(const Study& study, Lesson& lesson);       // 5
void one_multiplier(const Study& study, Lesson& lesson);     // 6
void order_of_pictures(const Study& study, Lesson& lesson);  // 7
void bytes_on_disk(const Study& study, Lesson& lesson);      // 8
void mistakes(const Study& study, Lesson& lesson);           // 9
void trace(const Study& study, std::size_t neuron);          // 10

// --export: every form as a file.
void export_all(const Study& study, const std::string& directory);

// A fused MLP as its QDQ graph says it, node by node, in float32 of fixed order: what a runtime
// does that does not know the pattern. The reals may be others than the net's.
struct RealLayers {
  std::vector<Matrix<float>> weights{};
  std::vector<Vector<float>> biases{};
};
RealLayers dequantized_layers(const QuantizedNet& net);  // (eq. 23.1)

// The integers that every layer leaves; of the last, the logits.
std::vector<Matrix<std::uint8_t>> run_as_written(const QuantizedNet& net, const RealLayers& reals,
                                                 const Matrix<float>& x);

// The same by chapter 06's integers.
std::vector<Matrix<std::uint8_t>> run_in_integers(const QuantizedNet& net, const Matrix<float>& x);

// Of equal logits the first counts.
std::vector<std::uint8_t> classes_of(const Matrix<std::uint8_t>& logits);

// Whether check_by_onnx passes it.
bool checker_takes(const OnnxModel& model);

// "Gemm x, w1, b1 -> t1"
std::string line_of(const OnnxNode& node);

}  // namespace qfs::ch23
