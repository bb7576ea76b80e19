// Exercise 24.2, solved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace exercise {

struct Node {
  std::vector<std::string> inputs, outputs;
};

// [solution]
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
// [/solution]

}  // namespace exercise
