// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "06_static_ptq/operations.hpp"
#include "common/cli.hpp"
#include "common/dataset.hpp"

namespace qfs::ch06 {

struct Study {
  Dataset data;
  Mlp mlp;
  ActivationIntervals intervals;  // before ReLU, min-max on the first 1000 training digits
  PtqOptions options;
  QuantizedNet net;
  bool as_pytorch =
      false;  // the bundled digits and net in 8 bits per tensor: PyTorch's numbers apply
};

void on_paper(Lesson& lesson);                                            // section 1
void offline(const Study& study, Lesson& lesson);                         // 2
void layer_by_formulas(const Study& study, Lesson& lesson);               // 3
void all_digits(const Study& study, Lesson& lesson);                      // 4
void two_rules(const Study& study, Lesson& lesson);                       // 5
void simulation(const Study& study, Lesson& lesson);                      // 6
std::size_t model_on_disk(const Study& study, Lesson& lesson);            // 7: its bytes
void honest_time(const Study& study, std::size_t bytes, Lesson& lesson);  // 8
void mistakes(const Study& study, Lesson& lesson);                        // 9
void trace(const Study& study, std::size_t neuron);                       // 10

// --export: net.qfs, digits.idx and labels.idx, all that toy.cpp needs.
void export_for_toy(const Study& study, const std::string& directory);
// --csv: the share of each layer's outputs that are q, for the figure.
void write_output_histograms(const Study& study, const Lesson& lesson);

// Every tensor of the net on all test digits.
NetBuffers run_on_test_digits(const PackedNet& net, const TestDigits& digits);

// The same net with weights of another granularity.
QuantizedNet quantized(const Study& study, WeightGranularity weights);
const char* text_of(WeightGranularity granularity);

}  // namespace qfs::ch06
