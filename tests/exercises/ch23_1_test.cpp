// Judges exercise 23.1.
#include "1_op_types.hpp"

#include "23_onnx_export/onnx_write.hpp"
#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(38);

namespace {

using Names = std::vector<std::string>;

Names op_types_of(const std::string& file) {
  const std::vector<std::uint8_t> bytes(file.begin(), file.end());
  return exercise::op_types(bytes);
}

// Of a file with nothing wrong: an Error shows as a name that no operator has.
Names names_of(const std::string& file) {
  try {
    return op_types_of(file);
  } catch (const qfs::Error& error) {
    return {std::string("Error: ") + error.what()};
  }
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}
std::string number(std::uint64_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
std::string bytes(std::uint64_t field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}
std::string node(const std::string& op) { return bytes(1, bytes(4, op)); }

}  // namespace

TEST_CASE("23.1 a file by hand") {
  // 3a: field 7, bytes; 0a: field 1; 22: field 4. One node, "Relu".
  const std::string file = {0x3a, 0x08, 0x0a, 0x06, 0x22, 0x04, 'R', 'e', 'l', 'u'};
  CHECK(names_of(file) == Names{"Relu"});
  CHECK(names_of("") == Names{});
  CHECK(names_of({0x3a, 0x00}) == Names{});
}

TEST_CASE("23.1 the files of this chapter") {
  qfs::Rng rng(1);
  const std::vector<std::size_t> widths = {5, 4, 3};
  const qfs::Mlp mlp = qfs::make_mlp(widths, rng);
  CHECK(names_of(qfs::onnx_bytes(qfs::to_onnx(mlp))) == Names{"Gemm", "Relu", "Gemm"});
  // 300 weights a row: lengths of more than one byte.
  const std::vector<std::size_t> wide = {300, 70, 2};
  const qfs::OnnxModel model = qfs::to_onnx(qfs::quantize_dynamic(
      qfs::make_mlp(wide, rng), qfs::WeightGranularity::per_tensor,
      {.options = {qfs::InputGranularity::per_tensor, qfs::RangeRule::onnx}}));
  Names expected;
  for (const qfs::OnnxNode& one : model.nodes) expected.push_back(one.op);
  CHECK(names_of(qfs::onnx_bytes(model)) == expected);
}

TEST_CASE("23.1 fields of every kind are skipped, wherever they stand") {
  const std::string eight = varint(9 << 3 | 1) + std::string(8, '\x22'),
                    four = varint(9 << 3 | 5) + std::string(4, '\x22');
  const std::string graph =
      eight + node("A") + number(3, 1234567) + bytes(2, "B") + node("C") + four;
  CHECK(names_of(number(1, 7) + eight + bytes(7, graph) + four + bytes(2, "D")) == Names{"A", "C"});
  // In a node too: inputs (1), the outputs (2), a name (3) and attributes (5) around the operator.
  const std::string full = bytes(1, "x") + bytes(2, "y") + bytes(3, "n") + bytes(4, "Op") +
                           bytes(5, bytes(1, "a") + number(3, 4));
  CHECK(names_of(bytes(7, bytes(1, full))) == Names{"Op"});
}

TEST_CASE("23.1 only field 4 of fields 1 of field 7") {
  CHECK(names_of(bytes(8, node("A")) + bytes(7, bytes(5, bytes(4, "B")) + node("C"))) ==
        Names{"C"});
  CHECK(names_of(node("A")) == Names{});
  // Fields 23 and 71 end in the same bits as 7 does.
  CHECK(names_of(bytes(23, node("A")) + bytes(71, node("B"))) == Names{});
  CHECK(names_of(bytes(7, bytes(17, bytes(4, "A")) + bytes(1, bytes(20, "B") + bytes(4, "C")))) ==
        Names{"C"});
  // Number 4 written as a varint is not a name.
  CHECK(names_of(bytes(7, bytes(1, number(4, 65)))) == Names{""});
}

TEST_CASE("23.1 a node without a name") {
  CHECK(names_of(bytes(7, node("A") + bytes(1, bytes(1, "x")) + node("B"))) == Names{"A", "", "B"});
}

TEST_CASE("23.1 long lengths and long names") {
  const std::string longest(40000, 'q');
  CHECK(names_of(bytes(7, node(longest) + node("B"))) == Names{longest, "B"});
  // A length may be written with more bytes than it needs.
  const std::string padded = {0x3a, '\x83', 0x00, 0x0a, 0x01, 0x00};
  CHECK_THROWS_AS(op_types_of(padded),
                  qfs::Error);  // the node's single byte is a key without a value
  const std::string empty = {0x3a, '\x82', 0x00, 0x0a, 0x00};
  CHECK(names_of(empty) == Names{""});
}

TEST_CASE("23.1 what reaches past its message is an Error") {
  const std::string file = bytes(7, node("Relu"));
  for (std::size_t size = 1; size < file.size(); ++size) {
    INFO("cut after " << size << " bytes");
    CHECK_THROWS_AS(op_types_of(file.substr(0, size)), qfs::Error);
  }
  // A node that is longer than its graph, although the file goes on.
  const std::string graph = {0x0a, 0x05, 0x22, 0x02, 'A', 'B'};
  CHECK_THROWS_AS(op_types_of(bytes(7, graph) + bytes(2, "xx")), qfs::Error);
  // Lengths of 2^63 and 2^64 - 1.
  for (const std::uint64_t length : {std::uint64_t{1} << 63, ~std::uint64_t{0}})
    CHECK_THROWS_AS(op_types_of(varint(7 << 3 | 2) + varint(length) + node("A")), qfs::Error);
  CHECK_THROWS_AS(op_types_of(varint(9 << 3 | 1) + "1234567"), qfs::Error);
  CHECK_THROWS_AS(op_types_of(varint(9 << 3 | 5) + "123"), qfs::Error);
}

TEST_CASE("23.1 what is no varint, and what is no kind, are Errors") {
  CHECK_THROWS_AS(op_types_of(std::string(12, '\x80') + "\x01"), qfs::Error);
  CHECK_THROWS_AS(op_types_of({0x08, '\x80'}), qfs::Error);
  CHECK_THROWS_AS(op_types_of(varint(9 << 3) + std::string(10, '\x80') + '\0'), qfs::Error);
  for (const int kind : {3, 4, 6, 7})
    CHECK_THROWS_AS(op_types_of({static_cast<char>(9 << 3 | kind), 0, 0, 0, 0}), qfs::Error);
  CHECK(names_of(number(1, ~std::uint64_t{0}) + bytes(7, node("A"))) == Names{"A"});  // 10 bytes
}
