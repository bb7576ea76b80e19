// What the sections of this lesson share. One file a section, in the order of the text.
#pragma once

#include <string>

#include "common/cli.hpp"

namespace qfs::ch01 {

void on_paper(Lesson& lesson);               // section 1
void who_shares_a_scale(Lesson& lesson);     // 2
void fewer_bits(Lesson& lesson);             // 3
void conventions(Lesson& lesson);            // 4
void rounding_rules(Lesson& lesson);         // 5
void mistakes(Lesson& lesson);               // 6
void trace();                                // 7: every number between x and what comes back
void write_staircase(const Report& report);  // --csv: x, what comes back, and the error

// `./learn 1 --tensor my.npy`: everything of this chapter on a tensor of the reader's own.
struct TensorOptions {
  std::string tensor;       // --tensor: the .npy file; empty means the lesson
  std::string save_params;  // --save-params: where to write the parameters as JSON
  std::string load_params;  // --load-params: parameters to use instead of calibrating
  int bits = 8;
  int axis = -1;  // -1: per tensor
  int group = 0;  // 0: no groups
  bool is_signed = false, symmetric = false, narrow = false;
};
void add_tensor_options(Program& program, TensorOptions& options);
// Throws Error when the file or the options do not fit.
void run_on_your_tensor(const TensorOptions& options, Claims& claims);

}  // namespace qfs::ch01
