#include "common/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>

#include "common/bytes.hpp"

namespace qfs {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they stand");

constexpr const char* kAdvice = "save it again with numpy.save";
constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxRank = 32;

// The element types that are read, and the bytes of one element; 0 for any other type.
std::size_t bytes_per_element(std::string_view dtype) {
  struct Type {
    std::string_view dtype;
    std::size_t bytes;
  };
  constexpr std::array<Type, 8> kTypes = {{{"<f4", 4},
                                           {"<f8", 8},
                                           {"|i1", 1},
                                           {"|u1", 1},
                                           {"<i2", 2},
                                           {"<u2", 2},
                                           {"<i4", 4},
                                           {"<i8", 8}}};
  for (const Type& type : kTypes)
    if (type.dtype == dtype) return type.bytes;
  return 0;
}

// The header is the text of a Python dictionary with three keys, in any order:
//   {'descr': '<f4', 'fortran_order': False, 'shape': (100, 784), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  NpyArray parse() {
    NpyArray array;
    bool has_dtype = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !has_dtype) {
        array.dtype = dtype();
        has_dtype = true;
      } else if (key == "fortran_order" && !has_order) {
        check_order();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        array.shape = shape();
        has_shape = true;
      } else {
        refuse("a key that is unknown or given twice");
      }
      if (!accept(',') && !at('}')) refuse("no comma after a value");
    }
    skip_spaces();
    if (!text_.empty()) refuse("text after the closing brace");
    if (!has_dtype || !has_order || !has_shape) refuse("a key is missing");
    return array;
  }

 private:
  [[noreturn]] void refuse(std::string_view got) {
    fail(name_ + ": the .npy header cannot be understood", got,
         "a dictionary of descr, fortran_order and shape", kAdvice);
  }
  void skip_spaces() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
  }
  bool at(char c) {
    skip_spaces();
    return !text_.empty() && text_[0] == c;
  }
  bool accept(char c) {
    if (!at(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse(std::string("no '") + c + "' where one belongs");
  }
  bool accept_word(std::string_view word) {
    skip_spaces();
    if (text_.substr(0, word.size()) != word) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  std::string_view quoted() {
    const char quote = at('"') ? '"' : '\'';
    expect(quote);
    const std::size_t end = text_.find(quote);
    if (end == std::string_view::npos) refuse("a string without its end");
    const std::string_view content = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return content;
  }
  std::string dtype() {
    if (at('[')) refuse("an array of records");
    const std::string descriptor(quoted());
    require(!descriptor.starts_with('>'), name_ + " holds big-endian numbers", descriptor,
            "little-endian", "convert it with a.astype(a.dtype.newbyteorder('<'))");
    require(bytes_per_element(descriptor) > 0, name_ + ": this element type is not supported",
            descriptor.substr(0, 20), "<f4 <f8 |i1 |u1 <i2 <u2 <i4 <i8",
            "convert it, e.g. with a.astype('float32')");
    return descriptor;
  }
  void check_order() {
    const bool fortran = accept_word("True");
    require(!fortran, name_ + " is in Fortran order (columns first)", "fortran_order True",
            "C order", "save numpy.ascontiguousarray(a)");
    if (!accept_word("False")) refuse("fortran_order is neither True nor False");
  }
  std::vector<std::size_t> shape() {
    std::vector<std::size_t> extents;
    bool has_comma = false;
    expect('(');
    while (!accept(')')) {
      if (extents.size() == kMaxRank) refuse("more than 32 dimensions");
      extents.push_back(extent());
      has_comma = accept(',');
      if (!has_comma && !at(')')) refuse("no comma between dimensions");
    }
    if (extents.size() == 1 && !has_comma)
      refuse("one dimension without its comma: (3) is a number");
    return extents;
  }
  std::size_t extent() {
    skip_spaces();
    std::size_t value = 0, digits = 0;
    for (; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; text_.remove_prefix(1), ++digits)
      value = value * 10 + static_cast<std::size_t>(text_[0] - '0');
    if (digits == 0 || digits > 18) refuse("a dimension that is not a number below 10^18");
    return value;
  }

  std::string_view text_;
  const std::string& name_;
};

// The bytes that an array needs; Error when that does not fit 64 bits.
std::size_t bytes_of(std::span<const std::size_t> shape, std::size_t per_element,
                     const std::string& name) {
  std::size_t bytes = per_element;
  bool overflow = false;
  for (std::size_t extent : shape) overflow |= __builtin_mul_overflow(bytes, extent, &bytes);
  require(!overflow, name + ": the shape is too large", shape_text(shape),
          "a shape that fits the file", kAdvice);
  return bytes;
}

std::string header_text(const std::string& dtype, std::span<const std::size_t> shape) {
  std::string text = "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': (";
  for (std::size_t d = 0; d < shape.size(); ++d)
    text += (d > 0 ? ", " : "") + std::to_string(shape[d]);
  text += shape.size() == 1 ? ",), }" : "), }";
  constexpr std::size_t kPrefix = 10, kAlignment = 64;  // the elements begin at a multiple of 64
  while ((kPrefix + text.size() + 1) % kAlignment != 0) text += ' ';
  return text + '\n';
}

}  // namespace

NpyArray parse_npy(std::span<const std::byte> file, const std::string& name) {
  const bool is_npy =
      file.size() >= kMagic.size() &&
      std::equal(kMagic.begin(), kMagic.end(), file.begin(),
                 [](char a, std::byte b) { return std::byte(static_cast<unsigned char>(a)) == b; });
  require(is_npy, name + " is not an .npy file", "other first bytes", "\\x93NUMPY", kAdvice);
  ByteReader reader(file, name, kAdvice);
  reader.take(kMagic.size(), "the magic number");
  const int major = reader.little_endian<std::uint8_t>("the version");
  const int minor = reader.little_endian<std::uint8_t>("the version");
  require(major >= 1 && major <= 3 && minor == 0, name + ": unknown .npy version",
          std::to_string(major) + "." + std::to_string(minor), "1.0, 2.0 or 3.0", kAdvice);
  const std::size_t header_bytes = major == 1
                                       ? reader.little_endian<std::uint16_t>("the header's length")
                                       : reader.little_endian<std::uint32_t>("the header's length");
  const auto header = reader.take(header_bytes, "the header");
  NpyArray array =
      HeaderParser({reinterpret_cast<const char*>(header.data()), header.size()}, name).parse();

  const std::size_t expected = bytes_of(array.shape, bytes_per_element(array.dtype), name);
  require(reader.left() == expected,
          name + (reader.left() < expected ? " is cut off" : " is longer than its shape says"),
          std::to_string(reader.left()) + " bytes of elements",
          std::to_string(expected) + " bytes for " + shape_text(array.shape) + " of " + array.dtype,
          kAdvice);
  const auto elements = reader.take(expected, "the elements");
  array.bytes.assign(elements.begin(), elements.end());
  return array;
}

NpyArray load_npy_array(const std::string& path) { return parse_npy(read_file(path), path); }

FloatArray as_floats(const NpyArray& array, const std::string& name) {
  const bool is_double = array.dtype == "<f8";
  require(is_double || array.dtype == "<f4", name + ": wrong element type", array.dtype,
          "<f4 or <f8", "convert it with a.astype('float32')");
  FloatArray floats{array.shape, std::vector<float>(element_count(array.shape))};
  for (std::size_t i = 0; i < floats.values.size(); ++i) {
    double wide = 0.0;
    if (is_double) std::memcpy(&wide, array.bytes.data() + i * sizeof wide, sizeof wide);
    float& value = floats.values[i];
    if (is_double)
      value = static_cast<float>(wide);
    else
      std::memcpy(&value, array.bytes.data() + i * sizeof value, sizeof value);
    const auto what = [&] {
      return name + ": element " + std::to_string(i) + " is not a finite float";
    };
    require(std::isfinite(value), what, is_double ? wide : static_cast<double>(value), "a number",
            "remove NaN and infinity, e.g. with numpy.nan_to_num");
  }
  return floats;
}

FloatArray load_npy_float(const std::string& path) { return as_floats(load_npy_array(path), path); }

void save_npy_bytes(const std::string& path, const std::string& dtype,
                    std::span<const std::size_t> shape, std::span<const std::byte> bytes) {
  const std::size_t per_element = bytes_per_element(dtype);
  require(shape.size() <= kMaxRank, "cannot write " + path + ": too many dimensions", shape.size(),
          "at most " + std::to_string(kMaxRank), "write a tensor of fewer dimensions");
  require(per_element > 0 && bytes.size() == bytes_of(shape, per_element, path),
          "cannot write " + path + ": the bytes do not fit the shape",
          std::to_string(bytes.size()) + " bytes", shape_text(shape) + " of " + dtype,
          "pass one element for every place of the shape");
  const std::string header = header_text(dtype, shape);
  std::string file(kMagic);
  file += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
           static_cast<char>(header.size() >> 8)};
  file += header;
  if (!bytes.empty()) file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  write_file_atomically(path, file);
}

}  // namespace qfs
