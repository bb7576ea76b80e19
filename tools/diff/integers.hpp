// Tensors of integers as a file holds them, and where their elements stand.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "01_affine_math/affine.hpp"

namespace qfs::diff {

// A tensor of integers from an .npy file, and the range of the type it is stored in.
struct Integers {
  std::string name, dtype;
  std::vector<std::size_t> shape;
  std::vector<std::int64_t> values;
  QuantRange storage;  // of 8- and 16-bit types; the range of int32 for wider ones
};
// Throws Error where the file does not hold integers, or one beyond +-2^53: no double holds all of
// those, and differences of them need more than 64 bits.
Integers load_integers(const std::string& path);

// One number for the whole tensor, or one for every index along an axis.
struct PerChannel {
  std::vector<double> values;
  double of(std::size_t channel) const { return values[values.size() == 1 ? 0 : channel]; }
};
// The index along `axis` of an element of a row-major tensor.
std::size_t channel_of(std::span<const std::size_t> shape, std::size_t axis, std::size_t element);

// The bits that the integers of a range need.
int bits_of(QuantRange range);
// Whether a type of 8 or 16 bits has this range.
bool is_narrow_type(QuantRange storage);
// What is left of an integer in a type of this range: its low bits.
std::int64_t wrapped(std::int64_t value, QuantRange storage);
// The integer whose bytes stand in the other order.
std::int64_t bytes_swapped(std::int64_t value, QuantRange storage);
// The range of the same bits with, or without, a sign: 0..127 and -64..63.
QuantRange other_signedness(QuantRange range);

}  // namespace qfs::diff
