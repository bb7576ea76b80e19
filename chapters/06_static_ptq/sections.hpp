// The parts of the lesson that have a file of their own.
#pragma once

#include <string>
#include <vector>

#include "06_static_ptq/compare.hpp"
#include "06_static_ptq/quantized_mlp.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs {

// What every section works on.
struct Study {
  Dataset data;
  Mlp mlp;
  ActivationIntervals intervals;  // before ReLU, min-max on the first 1000 training digits
  PtqOptions options;
  QuantizedMlp net;
  bool as_pytorch =
      false;  // the bundled digits and net in 8 bits per tensor: PyTorch's numbers apply
};

// on_paper.cpp, section 1.
void on_paper(Lesson& lesson);

// explicit_layer.cpp, section 3: layer 1 of the first test digit by formulas alone.
void layer_one_by_formulas(const Study& study, Lesson& lesson);

// experiments.cpp, sections 4 to 6 and 9.
void all_digits(const Study& study, Lesson& lesson);
void both_rules(const Study& study, Lesson& lesson);
void float_simulation(const Study& study, Lesson& lesson);
void what_goes_wrong(const Study& study, Lesson& lesson);
void write_output_histograms(const Study& study, const Lesson& lesson);

// time_split.cpp, section 8, and the row of the closing table.
void honest_time(const Study& study, std::size_t bytes, Lesson& lesson);

// export.cpp: net.qfs, digits.idx and labels.idx, all that toy.cpp needs.
void export_for_toy(const Study& study, const std::string& directory);

// trace.cpp, section 10: one output of layer 1 end to end.
void trace(const Study& study, std::size_t neuron);

// The outputs of every Linear for all test digits.
std::vector<Matrix<std::uint8_t>> all_outputs(const PackedMlp& net, const TestDigits& digits);

}  // namespace qfs
