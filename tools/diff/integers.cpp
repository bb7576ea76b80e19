#include "diff/integers.hpp"

#include <cstring>
#include <limits>

#include "common/npy.hpp"

namespace qfs::diff {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 53;
constexpr QuantRange kInt32{std::numeric_limits<std::int32_t>::min(),
                            std::numeric_limits<std::int32_t>::max()};

template <class T>
void append_integers(const NpyArray& array, Integers& integers) {
  integers.values.reserve(array.bytes.size() / sizeof(T));
  for (std::size_t at = 0; at < array.bytes.size(); at += sizeof(T)) {
    T value{};
    std::memcpy(&value, array.bytes.data() + at, sizeof(T));
    if constexpr (sizeof(T) == 8)
      require(value >= -kMost && value <= kMost,
              integers.name + " holds integers that are too large", value, "at most 2^53 in size",
              "quantized integers have 8 or 16 bits, their sums 32");
    integers.values.push_back(value);
  }
  if constexpr (sizeof(T) <= 2)
    integers.storage = {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  else
    integers.storage = kInt32;
}

}  // namespace

Integers load_integers(const std::string& path) {
  const NpyArray array = load_npy_array(path);
  Integers integers{path, array.dtype, array.shape, {}, {}};
  if (array.dtype == "|u1") append_integers<std::uint8_t>(array, integers);
  if (array.dtype == "|i1") append_integers<std::int8_t>(array, integers);
  if (array.dtype == "<u2") append_integers<std::uint16_t>(array, integers);
  if (array.dtype == "<i2") append_integers<std::int16_t>(array, integers);
  if (array.dtype == "<i4") append_integers<std::int32_t>(array, integers);
  if (array.dtype == "<i8") append_integers<std::int64_t>(array, integers);
  require(array.dtype[1] != 'f', path + " does not hold integers", array.dtype, "an integer type",
          "give the integers first and the floats second");
  require(!integers.values.empty(), path + " is empty", 0, "at least one element",
          "check the array's shape");
  return integers;
}

std::size_t channel_of(std::span<const std::size_t> shape, std::size_t axis, std::size_t element) {
  return element / element_count(shape.subspan(axis + 1)) % shape[axis];
}

int bits_of(QuantRange range) {
  int bits = 1;
  while ((std::int64_t{1} << bits) <= std::int64_t{range.qmax} - range.qmin) ++bits;
  return bits;
}

bool is_narrow_type(QuantRange storage) { return bits_of(storage) <= 16; }

std::int64_t wrapped(std::int64_t value, QuantRange storage) {
  const std::int64_t size = std::int64_t{storage.qmax} - storage.qmin + 1;
  const std::int64_t offset = (value - storage.qmin) % size;
  return storage.qmin + (offset < 0 ? offset + size : offset);
}

std::int64_t bytes_swapped(std::int64_t value, QuantRange storage) {
  const auto bits = static_cast<std::uint64_t>(value);
  std::uint64_t swapped = 0;
  for (int byte = 0; byte < bits_of(storage) / 8; ++byte)
    swapped = swapped << 8 | (bits >> (8 * byte) & 0xff);
  return wrapped(static_cast<std::int64_t>(swapped), storage);
}

QuantRange other_signedness(QuantRange range) {
  const std::int32_t shift = range.qmin < 0 ? range.qmax + 1 : -(range.qmax + 1) / 2;
  return {range.qmin + shift, range.qmax + shift};
}

}  // namespace qfs::diff
