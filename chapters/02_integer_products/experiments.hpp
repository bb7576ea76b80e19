// The sections of the lesson that are not about the paper example.
#pragma once

#include "common/cli.hpp"

namespace qfs {

void show_accumulator_bound(Lesson& lesson);
void show_disagreements(Lesson& lesson);
void show_onnx_vectors(Lesson& lesson);
// --csv: shares of differing outputs by octave of the multiplier, for the figure.
void write_disagreement_curve(const Lesson& lesson);

}  // namespace qfs
