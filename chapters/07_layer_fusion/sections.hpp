// The parts of the lesson that have a file of their own.
#pragma once

#include <vector>

#include "06_static_ptq/compare.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs {

// A net on all test digits.
struct TestRun {
  std::vector<Matrix<std::uint8_t>> outputs{};  // of every layer, after ReLU where there is one
  std::vector<std::uint8_t> classes{};
};

// What every section works on.
struct Study {
  Dataset data;
  Mlp mlp{};
  PtqOptions options{};
  ActivationIntervals before_relu{}, after_relu{};  // min-max on the first 1000 training digits
  QuantizedMlp unfused{}, fused{};
  TestRun unfused_run{}, fused_run{};
  std::vector<Matrix<float>> real{};  // the float net's outputs on all test digits, after ReLU
  std::size_t hidden() const { return mlp.layers.size() - 1; }
};

// on_paper.cpp, section 1.
void on_paper(Lesson& lesson);

// resolution.cpp, sections 4 and 5, and the curve of the figure.
void twice_the_resolution(const Study& study, Lesson& lesson);
void where_they_differ(const Study& study, Lesson& lesson);
void write_staircase(const Study& study, const Lesson& lesson);

// result.cpp, sections 6 to 8, and the row of the closing table.
void accuracy(const Study& study, Lesson& lesson);
void file_and_time(const Study& study, Lesson& lesson);
void what_goes_wrong(const Study& study, Lesson& lesson);

// trace.cpp, section 9: one output that the ReLU cuts and one that it keeps.
void trace(const Study& study);

TestRun run_on_test_digits(const QuantizedMlp& net, const TestDigits& digits);

// Of the integers as reals against the float net's outputs, in dB.
double sqnr_of(const Matrix<std::uint8_t>& q, QuantParams params, const Matrix<float>& real);

std::size_t count_different(const Matrix<std::uint8_t>& a, const Matrix<std::uint8_t>& b);

}  // namespace qfs
