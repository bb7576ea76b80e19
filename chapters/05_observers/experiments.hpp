// Sections 2 to 5 of the program: observers on the activations and weights of the trained net.
#pragma once

#include <string>

#include "05_observers/calibrate.hpp"
#include "common/cli.hpp"

namespace qfs {

struct ObservedNet {
  Mlp mlp;
  Dataset dataset;
  QuantRange range;  // of the activations
};

// "[-1.00, 2.50]"
std::string text(Interval interval);

// Scale and zero point of every tensor, with both observers.
void where_scales_come_from(Lesson& lesson, const ObservedNet& net);
// More digits, fewer surprises.
void how_many_digits(Lesson& lesson, const ObservedNet& net);
void weights_per_channel(Lesson& lesson, const ObservedNet& net);
// The moving average depends on how the digits come; min-max does not.
void batches_and_order(Lesson& lesson, const ObservedNet& net);

}  // namespace qfs
