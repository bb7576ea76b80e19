// Answers to exercise 23.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch23_1_test.cpp"

// The solution with room for a mistake in each of its parts.
struct Parts {
  std::uint64_t graph = 7, node = 1, name = 4;
  std::uint64_t mask = ~std::uint64_t{0};  // of a field's number
  int longest = 10;                        // bytes of a varint
  std::size_t eight = 8, four = 4;
  bool sum_for_length = false, nameless = true, refuse_kinds = true, clamp = false;
};

struct Message {
  const std::uint8_t *at, *end;
};

inline std::uint64_t varint_of(Message& m, const Parts& parts) {
  std::uint64_t value = 0;
  for (int i = 0; i < parts.longest; ++i) {
    qfs::require(m.at != m.end, "cut off", 0, 1, "?");
    const std::uint8_t byte = *m.at++;
    if (i < 10) value |= static_cast<std::uint64_t>(byte & 127) << (7 * i);
    if (byte < 128) return value;
  }
  qfs::fail("a varint too long", "", "", "?");
}

inline Message run_of(Message& m, std::uint64_t length, const Parts& parts) {
  const auto left = static_cast<std::uint64_t>(m.end - m.at);
  if (parts.clamp) length = std::min(length, left);
  const bool fits = parts.sum_for_length ? length + 16 <= left + 16 : length <= left;
  qfs::require(fits, "cut off", length, left, "?");
  // Where a mistake has let a length through, what is read ends with the message all the same.
  const Message run = {m.at, m.at + std::min(length, left)};
  m.at = run.end;
  return run;
}

template <class Use>
void each(Message m, std::uint64_t wanted, const Parts& parts, const Use& use) {
  while (m.at != m.end) {
    const std::uint64_t key = varint_of(m, parts), kind = key & 7;
    if (kind == 0)
      varint_of(m, parts);
    else if (kind == 1)
      run_of(m, parts.eight, parts);
    else if (kind == 5)
      run_of(m, parts.four, parts);
    else if (kind == 2) {
      const Message value = run_of(m, varint_of(m, parts), parts);
      if ((key >> 3 & parts.mask) == wanted) use(value);
    } else if (parts.refuse_kinds)
      qfs::fail("no such kind", "", "", "?");
  }
}

inline std::vector<std::string> assemble(const Parts& parts, std::span<const std::uint8_t> file) {
  std::vector<std::string> names;
  each({file.data(), file.data() + file.size()}, parts.graph, parts, [&](Message graph) {
    each(graph, parts.node, parts, [&](Message node) {
      std::string name;
      bool found = parts.nameless;
      each(node, parts.name, parts, [&](Message text) {
        name.assign(text.at, text.end);
        found = true;
      });
      if (found) names.push_back(name);
    });
  });
  return names;
}

namespace by_pointers {
const Answer kAnswer = right("walks with two pointers");
namespace exercise {
inline std::vector<std::string> op_types(std::span<const std::uint8_t> file) {
  return assemble({}, file);
}
}  // namespace exercise
#include "tests/exercises/ch23_1_test.cpp"
}  // namespace by_pointers

namespace recursive {
const Answer kAnswer = right("one function for all three levels, which calls itself");
namespace exercise {
inline std::uint64_t number_at(std::span<const std::uint8_t> file, std::size_t& at,
                               std::size_t end) {
  std::uint64_t value = 0;
  const std::size_t first = at;
  do {
    if (at >= end || at - first == 10) qfs::fail("no number", "", "", "look at the file");
    value |= std::uint64_t{file[at] & 127U} << (7 * (at - first));
  } while (file[at++] >= 128);
  return value;
}
inline void walk(std::span<const std::uint8_t> file, std::size_t at, std::size_t end, int level,
                 std::vector<std::string>& names) {
  constexpr std::uint64_t kWanted[] = {7, 1, 4};
  while (at < end) {
    const std::uint64_t key = number_at(file, at, end);
    std::uint64_t size = 0;
    if ((key & 7) == 0)
      number_at(file, at, end);
    else if ((key & 7) == 1)
      size = 8;
    else if ((key & 7) == 5)
      size = 4;
    else if ((key & 7) == 2)
      size = number_at(file, at, end);
    else
      qfs::fail("no such kind", "", "", "look at the file");
    if (size > end - at) qfs::fail("past the end", "", "", "look at the file");
    const std::size_t next = at + static_cast<std::size_t>(size);
    if (key == (kWanted[level] << 3 | 2)) {
      if (level == 1) names.emplace_back();
      if (level == 2)
        names.back() = std::string(file.begin() + static_cast<std::ptrdiff_t>(at),
                                   file.begin() + static_cast<std::ptrdiff_t>(next));
      else
        walk(file, at, next, level + 1, names);
    }
    at = next;
  }
}
inline std::vector<std::string> op_types(std::span<const std::uint8_t> file) {
  std::vector<std::string> names;
  walk(file, 0, file.size(), 0, names);
  return names;
}
}  // namespace exercise
#include "tests/exercises/ch23_1_test.cpp"
}  // namespace recursive

#define QFS_WRONG_23_1(space, mistake, ...)                                      \
  namespace space {                                                              \
  const Answer kAnswer = wrong(mistake);                                         \
  namespace exercise {                                                           \
  inline std::vector<std::string> op_types(std::span<const std::uint8_t> file) { \
    return assemble(__VA_ARGS__, file);                                          \
  }                                                                              \
  }

QFS_WRONG_23_1(other_graph, "takes the functions, field 25, for the graph", {.graph = 25})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(names_of_nodes, "takes the node's name, field 3", {.name = 3})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(initializers, "takes the initializers, field 5, for nodes", {.node = 5})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(four_bits, "keeps four bits of a field's number", {.mask = 15})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(short_varints, "reads varints of two bytes at most", {.longest = 2})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(endless_varints, "reads varints of any length", {.longest = 1000})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(swapped_widths, "takes kind 1 for 4 bytes and kind 5 for 8", {.eight = 4, .four = 8})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(wrapping, "compares a sum that wraps around", {.sum_for_length = true})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(nameless_left_out, "leaves out a node without a name", {.nameless = false})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(any_kind, "skips kinds that there are not", {.refuse_kinds = false})
#include "tests/exercises/ch23_1_test.cpp"
}
QFS_WRONG_23_1(shortened, "shortens what reaches past the end", {.clamp = true})
#include "tests/exercises/ch23_1_test.cpp"
}
