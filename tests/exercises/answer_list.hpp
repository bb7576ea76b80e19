// The answers of one program, in the order of their file.
#pragma once

#include <string>
#include <vector>

namespace qfs::test {

enum class Kind { unwritten, right, wrong };

struct AnswerEntry {
  Kind kind;
  std::string what;
};

inline std::vector<AnswerEntry> answers;

}  // namespace qfs::test
