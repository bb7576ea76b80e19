// The options of ./learn diff, and what they make of a question.
#pragma once

#include <string>

#include "diff/questions.hpp"

namespace qfs::diff {

// Every option as it was typed; empty where it was not.
struct Arguments {
  std::string mine, theirs;
  std::string scale, zero_point, axis;
  std::string bits, qmin, qmax;
  bool is_signed = false, is_unsigned = false;
  std::string acc, input, weight, input_zero_point, weight_zero_point;
  std::string multiplier, input_scale, weight_scale, output_scale, bias;
};

// Throws Error where the options are not understood. True where only --help was asked for, which is
// then printed.
bool parse(int argc, char** argv, Arguments& arguments);

// What the question is about, and its rules. Throws Error where an option is missing, not a number,
// or has no meaning beside the others.
struct Comparison {
  Integers mine;
  std::string with;  // "the floats of x.npy; range 0..255"
  RuleSpace rules;
};
Comparison comparison(const Arguments& arguments);

}  // namespace qfs::diff
