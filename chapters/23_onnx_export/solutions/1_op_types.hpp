// Exercise 23.1, solved.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/check.hpp"

namespace exercise {

// [solution]
using Bytes = std::span<const std::uint8_t>;

inline Bytes take(Bytes& from, std::uint64_t count) {
  qfs::require(count <= from.size(), "a field reaches past the end", from.size(), count,
               "look for a file that was cut off");
  const Bytes run = from.first(static_cast<std::size_t>(count));
  from = from.subspan(run.size());
  return run;
}

inline std::uint64_t take_varint(Bytes& from) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const std::uint8_t byte = take(from, 1)[0];
    value |= static_cast<std::uint64_t>(byte & 127) << shift;
    if (byte < 128) return value;
  }
  qfs::fail("a varint without an end", "more than 10 bytes", "10 at most", "look at the file");
}

// Calls use(bytes) for every field `wanted` of kind 2.
template <class Use>
void each_field(Bytes message, std::uint64_t wanted, const Use& use) {
  while (!message.empty()) {
    const std::uint64_t key = take_varint(message);
    switch (key & 7) {
      case 0:
        take_varint(message);
        break;
      case 1:
        take(message, 8);
        break;
      case 5:
        take(message, 4);
        break;
      case 2: {
        const Bytes value = take(message, take_varint(message));
        if (key >> 3 == wanted) use(value);
        break;
      }
      default:
        qfs::fail("no such kind of value", std::to_string(key & 7), "0, 1, 2 or 5",
                  "look for a file that is no protocol buffer");
    }
  }
}

inline std::vector<std::string> op_types(Bytes file) {
  std::vector<std::string> names;
  each_field(file, 7, [&](Bytes graph) {
    each_field(graph, 1, [&](Bytes node) {
      names.emplace_back();
      each_field(node, 4, [&](Bytes name) { names.back().assign(name.begin(), name.end()); });
    });
  });
  return names;
}
// [/solution]

}  // namespace exercise
