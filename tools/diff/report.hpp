// What qfs_diff prints.
#pragma once

#include "diff/rules.hpp"

namespace qfs::diff {

// Prints what the search found and returns the exit code: 0 explained, 1 not.
int print_findings(const RuleSpace& space, const Findings& findings, const Integers& mine);

// "rounding: ties up; clamp: missing"; "the course's rule" where nothing deviates.
std::string rule_text(const RuleSpace& space, const Rule& rule);

}  // namespace qfs::diff
