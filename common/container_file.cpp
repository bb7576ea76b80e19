#include "common/container_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <set>
#include <string_view>

#include "common/bytes.hpp"

namespace qfs {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they stand");

constexpr const char* kAdvice = "make the file again";
constexpr std::string_view kMagic = "QFSMODEL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kChecksumBytes = 4;

std::uint32_t checksum(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

template <class T>
void append(std::string& file, T number) {
  for (std::size_t i = 0; i < sizeof number; ++i)
    file += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
}

void append(std::string& file, const Record& record) {
  append(file, static_cast<std::uint32_t>(record.name.size()));
  file += record.name;
  append(file, static_cast<std::uint8_t>(record.dtype));
  append(file, static_cast<std::uint8_t>(record.dims.size()));
  for (std::size_t extent : record.dims) append(file, std::uint64_t{extent});
  append(file, std::uint64_t{record.bytes.size()});
  if (!record.bytes.empty())
    file.append(reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size());
}

// What must hold for a record whether it is about to be written or was just read. `names` are those
// of the records before it.
void check_record(const Record& record, std::set<std::string>& names, const std::string& file) {
  const std::string what = file + ": record '" + record.name + "'";
  require(!record.name.empty() && names.insert(record.name).second,
          what + " needs a name of its own", record.name, "a name that occurs once", kAdvice);
  require(record.dims.size() <= kMaxRank, what + " has too many dimensions", record.dims.size(),
          kMaxRank, kAdvice);
  std::size_t expected = size_of(record.dtype);
  bool overflow = false;
  for (std::size_t extent : record.dims)
    overflow |= __builtin_mul_overflow(expected, extent, &expected);
  require(!overflow && record.bytes.size() == expected, what + ": its bytes do not fit its shape",
          std::to_string(record.bytes.size()) + " bytes", shape_text(record.dims), kAdvice);
}

Record parse_record(ByteReader& reader) {
  Record record;
  for (std::byte letter :
       reader.take(reader.little_endian<std::uint32_t>("a name's length"), "a name"))
    record.name += std::to_integer<char>(letter);
  record.dtype = DType{reader.little_endian<std::uint8_t>("a type")};
  const auto rank = reader.little_endian<std::uint8_t>("a rank");
  for (int d = 0; d < rank; ++d)
    record.dims.push_back(reader.little_endian<std::uint64_t>("the dimensions"));
  const auto content =
      reader.take(reader.little_endian<std::uint64_t>("a byte count"), "a record's elements");
  record.bytes.assign(content.begin(), content.end());
  return record;
}

}  // namespace

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::u8:
    case DType::s8:
      return 1;
    case DType::s32:
    case DType::f32:
      return 4;
    case DType::s64:
    case DType::f64:
      return 8;
  }
  fail("unknown element type", to_message(static_cast<int>(dtype)), "1 to 6", kAdvice);
}

std::size_t save_container(const std::string& path, const std::vector<Record>& records) {
  std::string file(kMagic);
  append(file, kVersion);
  append(file, static_cast<std::uint32_t>(records.size()));
  std::set<std::string> names;
  for (const Record& record : records) {
    check_record(record, names, path);
    append(file, record);
  }
  append(file, checksum(std::as_bytes(std::span(file))));
  write_file_atomically(path, file);
  return file.size();
}

std::vector<Record> load_container(const std::string& path) {
  return parse_container(read_file(path), path);
}

std::vector<Record> parse_container(std::span<const std::byte> file, const std::string& name) {
  ByteReader reader(file, name, kAdvice);
  const auto magic = reader.take(kMagic.size(), "the magic number");
  require(std::equal(magic.begin(), magic.end(), std::as_bytes(std::span(kMagic)).begin()),
          name + " is not a model file of this course", "other first bytes", kMagic, kAdvice);
  const auto version = reader.little_endian<std::uint32_t>("the version");
  require(version == kVersion, name + " has another version", version, kVersion, kAdvice);
  require(reader.left() >= 2 * kChecksumBytes, name + " ends inside its header", file.size(),
          "at least 20 bytes", kAdvice);
  const auto checked = file.first(file.size() - kChecksumBytes);
  const auto stored = ByteReader(file.last(kChecksumBytes), name, kAdvice)
                          .little_endian<std::uint32_t>("the checksum");
  require(checksum(checked) == stored, name + " is damaged: its checksum is wrong",
          checksum(checked), stored, kAdvice);

  ByteReader body(checked, name, kAdvice);
  body.take(reader.position(), "the header");
  const auto count = body.little_endian<std::uint32_t>("the number of records");
  std::vector<Record> records;
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < count; ++i) {
    Record record = parse_record(body);
    check_record(record, names, name);
    records.push_back(std::move(record));
  }
  require(body.left() == 0, name + " goes on after its last record", body.left(), 0, kAdvice);
  return records;
}

const Record& find_record(const std::vector<Record>& records, const std::string& name, DType dtype,
                          std::size_t rank) {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const Record& record) { return record.name == name; });
  require(found != records.end(), "the model file has no record '" + name + "'",
          std::to_string(records.size()) + " others", "one of this name", kAdvice);
  require(found->dtype == dtype && found->dims.size() == rank,
          "record '" + name + "' has another type or rank",
          "type " + std::to_string(static_cast<int>(found->dtype)) + ", " + shape_text(found->dims),
          "type " + std::to_string(static_cast<int>(dtype)) + ", rank " + std::to_string(rank),
          "check that the file belongs to this model");
  return *found;
}

}  // namespace qfs
