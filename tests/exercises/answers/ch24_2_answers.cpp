// Answers to exercise 24.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch24_2_test.cpp"

#include <algorithm>
#include <map>
#include <set>

namespace by_counting {
const Answer kAnswer = right("counts what each node waits for");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  // How many names each node still waits for, and who waits for a name.
  std::map<std::string, std::vector<std::size_t>> waiting;
  std::vector<std::size_t> missing(nodes.size(), 0), order;
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::string& name : nodes[i].inputs)
      if (!name.empty() && std::ranges::find(known, name) == known.end()) {
        waiting[name].push_back(i);
        ++missing[i];
      }
    if (missing[i] == 0) ready.insert(i);
  }
  while (!ready.empty()) {
    const std::size_t next = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(next);
    for (const std::string& name : nodes[next].outputs)
      for (const std::size_t reader : waiting[name])
        if (--missing[reader] == 0) ready.insert(reader);
  }
  if (order.size() != nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace by_counting

namespace rounds {
const Answer kAnswer = right("begins again behind each node it places");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace rounds

namespace file_order {
const Answer kAnswer = wrong("leaves the nodes as they stand");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || (written.size() > 1000 && !std::ranges::all_of(nodes[i].inputs, is_known))) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace file_order

namespace no_restart {
const Answer kAnswer = wrong("goes on behind the node it has placed, and round again");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = i + 1 < nodes.size() ? i + 1 : 0;
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace no_restart

namespace one_round {
const Answer kAnswer = wrong("goes through the file once");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    ++i;
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace one_round

namespace any_input {
const Answer kAnswer = wrong("is content with one known input");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !(nodes[i].inputs.empty() || std::ranges::any_of(nodes[i].inputs, is_known))) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace any_input

namespace first_input {
const Answer kAnswer = wrong("looks at the first input only");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !(nodes[i].inputs.empty() || is_known(nodes[i].inputs[0]))) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace first_input

namespace waits_for_nobody {
const Answer kAnswer = wrong("waits for an input that is left out");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) { return written.contains(name); };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace waits_for_nobody

namespace first_output {
const Answer kAnswer = wrong("knows the first output only");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    if (!nodes[i].outputs.empty()) written.insert(nodes[i].outputs[0]);
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace first_output

namespace what_there_is {
const Answer kAnswer = wrong("returns what could be ordered");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace what_there_is

namespace appends_the_rest {
const Answer kAnswer = wrong("puts a circle at the end");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (!placed[i]) order.push_back(i);
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace appends_the_rest

namespace own_output {
const Answer kAnswer = wrong("knows a node's own output before it is written");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name) || name == "a";
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace own_output

namespace forgets_known {
const Answer kAnswer = wrong("knows no name at the beginning");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written;
  if (known.empty()) written.insert("x");
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  return order;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace forgets_known

namespace places {
const Answer kAnswer = wrong("returns the place of each node");
namespace exercise {
using ::exercise::Node;
inline std::optional<std::vector<std::size_t>> reading_order(std::span<const Node> nodes,
                                                             std::span<const std::string> known) {
  std::set<std::string> written(known.begin(), known.end());
  std::vector<bool> placed(nodes.size(), false);
  std::vector<std::size_t> order;
  const auto is_known = [&](const std::string& name) {
    return name.empty() || written.contains(name);
  };
  for (std::size_t i = 0; i < nodes.size();) {
    if (placed[i] || !std::ranges::all_of(nodes[i].inputs, is_known)) {
      ++i;
      continue;
    }
    placed[i] = true;
    order.push_back(i);
    written.insert(nodes[i].outputs.begin(), nodes[i].outputs.end());
    i = 0;  // an earlier one may have waited for this
  }
  if (order.size() < nodes.size()) return std::nullopt;
  std::vector<std::size_t> places(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) places[order[i]] = i;
  return places;
}
}  // namespace exercise
#include "tests/exercises/ch24_2_test.cpp"
}  // namespace places
