// The paper example in detail: what --trace prints, and the curve of the figure.
#pragma once

#include "common/report.hpp"

namespace qfs {

// Every number between x and its reconstruction, for all six reals and a seventh outside.
void trace_paper_example();

// staircase.csv: x, its reconstruction, and the error.
void write_staircase(const Report& report);

}  // namespace qfs
