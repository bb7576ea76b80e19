// Exercise 23.1: which operators does a file have? With no library at all.
//
// An ONNX file is a protocol buffer: fields, one after the other. A field begins with a key, a
// varint that is its number times 8 plus how its value is written:
//   0  a varint: 7 bits a byte, lowest first; the top bit says that another byte follows
//   1  8 bytes             5  4 bytes
//   2  a varint, the length, and so many bytes: a text, or another message, which has fields itself
// Fields may come in any order, and those that nobody asks for are skipped. A model has its graph
// in field 7, a graph its nodes in fields 1 (as many as there are nodes), a node its operator's
// name in field 4. Return the names in the order of the nodes; a node without a name gives "".
// Throw Error (qfs::fail or qfs::require) where a value reaches past the end of its message, a
// varint is longer than 10 bytes, or a value is written in another way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/check.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline std::vector<std::string> op_types([[maybe_unused]] std::span<const std::uint8_t> file) {
  // TODO: find field 7, in it the fields 1, in each of them field 4.
  qfs::not_written_yet("23.1: op_types");
}

}  // namespace exercise
