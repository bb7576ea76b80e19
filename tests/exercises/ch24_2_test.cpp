// Judges exercise 24.2.
#include "2_reading_order.hpp"

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(17);

using exercise::Node;

namespace {
using Names = std::vector<std::string>;
using Nodes = std::vector<Node>;
using Order = std::vector<std::size_t>;
const Names kKnown = {"x", "w"};
}  // namespace

TEST_CASE("24.2 nodes in order stay in order") {
  CHECK(exercise::reading_order(Nodes{{{"x", "w"}, {"a"}}, {{"a"}, {"b"}}, {{"b", "a"}, {"c"}}},
                                kKnown) == Order{0, 1, 2});
  CHECK(exercise::reading_order(Nodes{{{"x"}, {"a"}}, {{"x"}, {"b"}}, {{"w"}, {"c"}}}, kKnown) ==
        Order{0, 1, 2});
}

TEST_CASE("24.2 from the last to the first") {
  CHECK(exercise::reading_order(
            Nodes{{{"c"}, {"d"}}, {{"b"}, {"c"}}, {{"a"}, {"b"}}, {{"x"}, {"a"}}}, kKnown) ==
        Order{3, 2, 1, 0});
}

TEST_CASE("24.2 of those that could come next, the first of the file") {
  // 2 frees 0, which stands before 1 and 3.
  CHECK(exercise::reading_order(
            Nodes{{{"a"}, {"b"}}, {{"b"}, {"c"}}, {{"x"}, {"a"}}, {{"x"}, {"d"}}}, kKnown) ==
        Order{2, 0, 1, 3});
  CHECK(exercise::reading_order(
            Nodes{{{"d"}, {"e"}}, {{"x"}, {"a"}}, {{"a"}, {"b"}}, {{"x"}, {"d"}}}, kKnown) ==
        Order{1, 2, 3, 0});
}

TEST_CASE("24.2 a node waits for all it reads") {
  CHECK(exercise::reading_order(Nodes{{{"a", "b"}, {"sum"}}, {{"x"}, {"a"}}, {{"w"}, {"b"}}},
                                kKnown) == Order{1, 2, 0});
}

TEST_CASE("24.2 several outputs") {
  CHECK(exercise::reading_order(Nodes{{{"q", "z"}, {"y"}}, {{"x"}, {"q", "s", "z"}}}, kKnown) ==
        Order{1, 0});
}

TEST_CASE("24.2 an input left out is not waited for") {
  CHECK(exercise::reading_order(Nodes{{{"x", "", "w"}, {"a"}}, {{""}, {"b"}}}, kKnown) ==
        Order{0, 1});
  CHECK(exercise::reading_order(Nodes{{{}, {"constant"}}}, Names{}) == Order{0});
}

TEST_CASE("24.2 a circle has no order") {
  CHECK(exercise::reading_order(Nodes{{{"a"}, {"a"}}}, kKnown) == std::nullopt);
  CHECK(exercise::reading_order(Nodes{{{"b"}, {"a"}}, {{"a"}, {"b"}}}, kKnown) == std::nullopt);
  CHECK(exercise::reading_order(
            Nodes{{{"x"}, {"a"}}, {{"a", "d"}, {"b"}}, {{"b"}, {"c"}}, {{"c"}, {"d"}}}, kKnown) ==
        std::nullopt);
}

TEST_CASE("24.2 what nobody writes has none either") {
  CHECK(exercise::reading_order(Nodes{{{"missing"}, {"a"}}}, kKnown) == std::nullopt);
  CHECK(exercise::reading_order(Nodes{{{"x"}, {"a"}}, {{"w"}, {"b"}}}, Names{"x"}) == std::nullopt);
}

TEST_CASE("24.2 no nodes are in order") {
  CHECK(exercise::reading_order(Nodes{}, kKnown) == Order{});
}

TEST_CASE("24.2 a long file, the wrong way round") {
  Nodes nodes;
  Order expected;
  for (std::size_t i = 0; i < 400; ++i) {
    nodes.push_back({{i == 399 ? "x" : "v" + std::to_string(i + 1)}, {"v" + std::to_string(i)}});
    expected.push_back(399 - i);
  }
  CHECK(exercise::reading_order(nodes, kKnown) == expected);
  nodes[200].inputs[0] = "v100";
  CHECK(exercise::reading_order(nodes, kKnown) == std::nullopt);
}
