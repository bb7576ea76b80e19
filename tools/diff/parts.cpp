// What the kinds of rules share: loading, places, the zero point, the clamp, rounding.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "common/npy.hpp"
#include "diff/rules.hpp"

namespace qfs::diff {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 53;

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
    integers.storage = {std::numeric_limits<std::int32_t>::min(),
                        std::numeric_limits<std::int32_t>::max()};
}

std::int64_t wrapped(std::int64_t value, QuantRange storage) {
  const std::int64_t size = std::int64_t{storage.qmax} - storage.qmin + 1;
  const std::int64_t offset = (value - storage.qmin) % size;
  return storage.qmin + (offset < 0 ? offset + size : offset);
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

void require_comparable(const Shapes& shapes) {
  require(shapes.same() || shapes.transposed(), "the two tensors have different shapes",
          shape_text(shapes.mine), shape_text(shapes.theirs) + ", or its transpose",
          "compare the same layer of both");
}

std::optional<std::size_t> place_in_theirs(const Shapes& shapes, Layout layout,
                                           std::size_t element) {
  if (layout == Layout::same) return shapes.same() ? std::optional(element) : std::nullopt;
  if (!shapes.transposed()) return std::nullopt;
  return element % shapes.mine[1] * shapes.mine[0] + element / shapes.mine[1];
}

std::size_t channel_of(std::span<const std::size_t> shape, std::size_t axis, std::size_t element) {
  return element / element_count(shape.subspan(axis + 1)) % shape[axis];
}

int bits_of(QuantRange range) {
  int bits = 1;
  while ((std::int64_t{1} << bits) <= std::int64_t{range.qmax} - range.qmin) ++bits;
  return bits;
}

Dimension rounding_dimension() {
  return {"rounding",
          {{"ties to even", ""},
           {"ties away from zero", "std::round and lround do this; use nearbyint"},
           {"ties up: floor(steps + 0.5)", "use nearbyint"},
           {"truncated toward zero", "a conversion to int without rounding"},
           {"always down", "floor, or an integer shift, without rounding"}}};
}

Dimension layout_dimension() {
  return {
      "layout",
      {{"the same element of both", ""}, {"transposed", "one side stores the matrix by columns"}}};
}

Dimension zero_point_dimension(int bits) {
  const std::string half = std::to_string(1 << (bits - 1));
  return {"zero point",
          {{"added after rounding", ""},
           {"added before rounding", "round(x / s + z): move z out of the rounding"},
           {"left out", "nothing is added: is z lost, or meant to be 0?"},
           {"subtracted", "real = s * (q - z), so q = x / s + z"},
           {"larger by " + half, "the integers are unsigned and z belongs to signed ones"},
           {"smaller by " + half, "the integers are signed and z belongs to unsigned ones"}}};
}

ZeroPoint apply_zero_point(std::size_t choice, std::int64_t zero_point, int bits) {
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  switch (choice) {
    case 1:
      return {static_cast<double>(zero_point), 0, zero_point};
    case 2:
      return {0.0, 0, 0};
    case 3:
      return {0.0, -zero_point, -zero_point};
    case 4:
      return {0.0, zero_point + half, zero_point + half};
    case 5:
      return {0.0, zero_point - half, zero_point - half};
    default:
      return {0.0, zero_point, zero_point};
  }
}

Dimension clamp_dimension(const Integers& mine) {
  const bool narrow_type = mine.storage.qmax < std::numeric_limits<std::int32_t>::max();
  return {"clamp",
          {{"to the range, after the zero point", ""},
           {narrow_type ? "missing: the integer wraps around in its type" : "missing",
            "clamp to qmin..qmax before the conversion to the stored type"},
           {"to the range, before the zero point is added", "add z first, then clamp"},
           {"to the range without its lowest integer",
            "a narrow (symmetric) range, as TensorRT's -127..127"},
           {"to half the range", "a reduced range of one bit less, as PyTorch's on x86"},
           {"from the zero point up", "a ReLU is fused into this operation"}}};
}

std::int64_t apply_clamp(std::size_t choice, double rounded_steps, ZeroPoint zero_point,
                         QuantRange range, QuantRange storage) {
  // NaN cannot occur; what passes 2^53 is far outside every range.
  const auto steps = static_cast<std::int64_t>(std::clamp(rounded_steps, -0x1p53, 0x1p53));
  const std::int64_t q = steps + zero_point.after, low = range.qmin, high = range.qmax;
  switch (choice) {
    case 1:
      return wrapped(q, storage);
    case 2:
      return wrapped(std::clamp(steps, low, high) + zero_point.after, storage);
    case 3:
      return std::clamp(q, low + 1, high);
    case 4:
      return std::clamp<std::int64_t>(q, reduced(range).qmin, reduced(range).qmax);
    case 5:
      return std::clamp(q, std::clamp(zero_point.nominal, low, high), high);
    default:
      return std::clamp(q, low, high);
  }
}

double rounded(double steps, Round round, bool in_float32) {
  switch (round) {
    case Round::half_away:
      return std::round(steps);
    case Round::half_up:
      return std::floor(in_float32 ? static_cast<double>(static_cast<float>(steps) + 0.5F)
                                   : steps + 0.5);
    case Round::toward_zero:
      return std::trunc(steps);
    case Round::down:
      return std::floor(steps);
    default:
      return std::nearbyint(steps);
  }
}

}  // namespace qfs::diff
