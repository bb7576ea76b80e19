// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch07 {

// A net on all test digits.
struct TestRun {
  std::vector<Matrix<std::uint8_t>> outputs{};  // of every layer, after ReLU where there is one
  std::vector<std::uint8_t> classes{};
};
TestRun run_on_test_digits(const QuantizedNet& net, const TestDigits& digits);

struct Study {
  Dataset data;
  Mlp mlp{};
  PtqOptions options{};
  ActivationIntervals before_relu{}, after_relu{};  // min-max on the first 1000 training digits
  QuantizedNet unfused{}, fused{};
  TestRun unfused_run{}, fused_run{};
  std::vector<Matrix<float>> real{};  // the float net's outputs on all test digits, after ReLU
  std::size_t hidden() const { return mlp.layers.size() - 1; }
};

void on_paper(Lesson& lesson);                               // section 1
void no_relu_left(const Study& study, Lesson& lesson);       // 2
void same_parameters(const Study& study, Lesson& lesson);    // 3
void finer_steps(const Study& study, Lesson& lesson);        // 4
void where_they_differ(const Study& study, Lesson& lesson);  // 5
void accuracy(const Study& study, Lesson& lesson);           // 6
void file_and_time(const Study& study, Lesson& lesson);      // 7
void mistakes(const Study& study, Lesson& lesson);           // 8
void trace(const Study& study);                              // 9

// --csv: a real sum of layer 1, and what each net makes of it, for the figure.
void write_staircase(const Study& study, const Lesson& lesson);

// Of integers as reals against the float net's outputs, in dB.
double sqnr_of(const Matrix<std::uint8_t>& q, QuantParams params, const Matrix<float>& real);

inline std::string layer_name(std::size_t i) { return "layer " + std::to_string(i + 1); }

// The tensor that layer i leaves for the next one: after its ReLU, where there is one.
std::size_t tensor_after(const std::vector<OperationParts>& layers, std::size_t i);

}  // namespace qfs::ch07
