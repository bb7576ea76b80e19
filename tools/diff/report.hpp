// What qfs_diff prints: no line is longer than 80 characters, but for the name of a file.
#pragma once

#include "diff/integers.hpp"
#include "diff/rules.hpp"

namespace qfs::diff {

// Prints what the search found and returns the exit code: 0 explained, 1 not, or by too little.
int print_findings(const RuleSpace& space, const Findings& findings, const Integers& mine);

// "rounding: ties up; clamp: missing"; the space's no_deviation where nothing deviates.
std::string rule_text(const RuleSpace& space, const Rule& rule);

// Prints the text after `prefix`, broken at blanks; further lines are indented as far as the
// prefix.
void print_wrapped(const std::string& prefix, const std::string& text);

}  // namespace qfs::diff
