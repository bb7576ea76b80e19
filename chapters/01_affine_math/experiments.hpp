// Sections 2 to 5 of the program: what scales, bits and rules change.
#pragma once

#include "common/cli.hpp"

namespace qfs {

void who_shares_a_scale(Lesson& lesson);
void fewer_bits(Lesson& lesson);
void conventions(Lesson& lesson);
void rounding_rules(Lesson& lesson);

}  // namespace qfs
