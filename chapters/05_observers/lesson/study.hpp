// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "05_observers/calibrate.hpp"
#include "common/cli.hpp"

namespace qfs::ch05 {

struct Study {
  Mlp mlp;
  Dataset dataset;
  QuantRange range;  // of the activations
};

void on_paper(Lesson& lesson);                                    // section 1
void where_scales_come_from(const Study& study, Lesson& lesson);  // 2
void how_many_digits(const Study& study, Lesson& lesson);         // 3
void weights_per_channel(const Study& study, Lesson& lesson);     // 4
void batches_and_order(const Study& study, Lesson& lesson);       // 5
void mistakes(const Study& study, Lesson& lesson);                // 6
void trace(const Study& study);                                   // 7

// "[-1.00, 2.50]"
std::string text(Interval interval);
// "input", "layer 1", ...
std::vector<std::string> tensor_names(const Mlp& mlp);
// The interval of the input, then those of the outputs, as one list.
std::vector<Interval> in_order(const ActivationIntervals& intervals);

}  // namespace qfs::ch05
