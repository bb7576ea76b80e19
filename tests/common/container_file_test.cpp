#include "common/container_file.hpp"

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"

using namespace qfs::test;
using qfs::DType;
using qfs::parse_container;
using qfs::Record;

namespace {

const std::vector<Record> kRecords = {
    {"w", DType::s8, {2, 3}, bytes_of("\x01\x02\x03\x04\x05\x06")},
    {"scale", DType::f32, {}, bytes_of(std::string_view("\0\0\x80\x3f", 4))},  // 1.0f
    {"none", DType::s64, {0}, {}}};

std::uint32_t crc(const Bytes& bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Bytes little_endian(std::uint64_t number, int count) {
  Bytes bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::byte>(number >> (8 * i) & 0xff));
  return bytes;
}

// A file with a right checksum whatever its body is.
Bytes container(std::uint32_t records, const Bytes& body) {
  const Bytes checked =
      joined({bytes_of("QFSMODEL"), little_endian(1, 4), little_endian(records, 4), body});
  return joined({checked, little_endian(crc(checked), 4)});
}

Bytes record(const std::string& name, int dtype, const std::vector<std::uint64_t>& dims,
             std::uint64_t count, const Bytes& content) {
  Bytes bytes =
      joined({little_endian(name.size(), 4), bytes_of(name),
              little_endian(static_cast<std::uint64_t>(dtype), 1), little_endian(dims.size(), 1)});
  for (std::uint64_t extent : dims) bytes = joined({bytes, little_endian(extent, 8)});
  return joined({bytes, little_endian(count, 8), content});
}

std::string message(const Bytes& file) {
  return message_of([&] { parse_container(file, "m.qfs"); });
}

}  // namespace

TEST_CASE("A container has the documented bytes", "[hand]") {
  const Scratch scratch;
  const std::size_t size = qfs::save_container(scratch.path("m"), kRecords);
  CHECK(size == scratch.content_of("m").size());
  CHECK(scratch.content_of("m") ==
        container(3, joined({record("w", 2, {2, 3}, 6, kRecords[0].bytes),
                             record("scale", 5, {}, 4, kRecords[1].bytes),
                             record("none", 4, {0}, 0, {})})));
  CHECK(scratch.count_of_files() == 1);  // no partial file is left
}

TEST_CASE("Records come back as they were saved", "[prop]") {
  const Scratch scratch;
  qfs::save_container(scratch.path("m"), kRecords);
  const auto loaded = qfs::load_container(scratch.path("m"));
  REQUIRE(loaded.size() == kRecords.size());
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    CHECK(loaded[i].name == kRecords[i].name);
    CHECK(loaded[i].dtype == kRecords[i].dtype);
    CHECK(loaded[i].dims == kRecords[i].dims);
    CHECK(loaded[i].bytes == kRecords[i].bytes);
  }
  CHECK(qfs::save_container(scratch.path("empty"), {}) == 20);  // magic, version, count, checksum
  CHECK(qfs::load_container(scratch.path("empty")).empty());
}

TEST_CASE("Container: every flipped bit, every shortened and a lengthened file is refused",
          "[prop]") {
  const Scratch scratch;
  qfs::save_container(scratch.path("m"), kRecords);
  const Bytes good = scratch.content_of("m");
  REQUIRE(message(good) == "no error");
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes damaged = good;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    CHECK_THAT(message(damaged), QFS_CONTAINS("m.qfs"));
  }
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_THAT(message(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length))),
               QFS_CONTAINS("m.qfs"));
  CHECK_THAT(message(joined({good, Bytes(1)})), QFS_CONTAINS("its checksum is wrong"));
}

TEST_CASE("Container: the message names the defect", "[hand]") {
  const Scratch scratch;
  CHECK_THAT(message_of([&] { qfs::load_container(scratch.path("none")); }),
             QFS_CONTAINS("cannot open"));
  CHECK_THAT(message(bytes_of("something else entirely")),
             QFS_CONTAINS("m.qfs is not a model file"));
  CHECK_THAT(message(joined({bytes_of("QFSMODEL"), little_endian(2, 4), Bytes(12)})),
             QFS_CONTAINS("another version") && QFS_CONTAINS("2"));
  CHECK_THAT(message(container(2, record("w", 1, {1}, 1, Bytes(1)))), QFS_CONTAINS("ends inside"));
  CHECK_THAT(message(container(0, Bytes(1))), QFS_CONTAINS("goes on after its last record"));
}

TEST_CASE("Container: records that make no sense are refused though the checksum is right",
          "[hand]") {
  const auto one = [](const Bytes& body) { return message(container(1, body)); };
  CHECK_THAT(one(record("w", 0, {1}, 1, Bytes(1))), QFS_CONTAINS("unknown element type"));
  CHECK_THAT(one(record("w", 7, {1}, 1, Bytes(1))), QFS_CONTAINS("unknown element type"));
  CHECK_THAT(one(record("", 1, {1}, 1, Bytes(1))), QFS_CONTAINS("a name of its own"));
  CHECK_THAT(one(record("w", 5, {2}, 7, Bytes(7))),
             QFS_CONTAINS("record 'w': its bytes do not fit its shape") && QFS_CONTAINS("7 bytes"));
  CHECK_THAT(one(record("w", 1, std::vector<std::uint64_t>(9, 1), 1, Bytes(1))),
             QFS_CONTAINS("too many dimensions"));
  // 2^61 elements of 8 bytes are 2^64: 0 in 64 bits, were it not checked.
  CHECK_THAT(one(record("w", 6, {std::uint64_t{1} << 61}, 0, {})), QFS_CONTAINS("do not fit"));
  CHECK_THAT(one(record("w", 1, {1}, ~std::uint64_t{0}, Bytes(1))), QFS_CONTAINS("ends inside"));
  CHECK_THAT(one(joined({little_endian(0xffffffff, 4), Bytes(10)})),
             QFS_CONTAINS("ends inside a name"));
  const Bytes w = record("w", 1, {1}, 1, Bytes(1));
  CHECK_THAT(message(container(2, joined({w, w}))), QFS_CONTAINS("a name of its own"));
}

TEST_CASE("save_container refuses records that could not be read again", "[hand]") {
  const Scratch scratch;
  const auto saved = [&](const std::vector<Record>& records) {
    return message_of([&] { qfs::save_container(scratch.path("m"), records); });
  };
  CHECK_THAT(saved({{"w", DType::f32, {2}, Bytes(7)}}), QFS_CONTAINS("do not fit its shape"));
  CHECK_THAT(saved({kRecords[0], kRecords[0]}), QFS_CONTAINS("a name of its own"));
  CHECK(scratch.count_of_files() == 0);
}

TEST_CASE("Container: eight dimensions are the most", "[hand]") {
  const Scratch scratch;
  const auto with_rank = [&](std::size_t rank) {
    const std::vector<Record> records = {
        {"r", DType::u8, std::vector<std::size_t>(rank, 1), Bytes(1)}};
    return message_of([&] { qfs::save_container(scratch.path("m"), records); });
  };
  CHECK_THAT(with_rank(9), QFS_CONTAINS("too many dimensions"));
  CHECK(with_rank(8) == "no error");
  CHECK(qfs::load_container(scratch.path("m"))[0].dims.size() == 8);
}

TEST_CASE("Container: a file that ends before its records says so", "[hand]") {
  const Bytes whole = container(0, {});
  REQUIRE(message(whole) == "no error");
  for (std::size_t length : {std::size_t{12}, whole.size() - 1})
    CHECK_THAT(message(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))),
               QFS_CONTAINS("ends inside its header"));
}

TEST_CASE("find_record wants name, type and rank", "[hand]") {
  CHECK(qfs::find_record(kRecords, "w", DType::s8, 2).bytes.size() == 6);
  CHECK_THAT(message_of([] { qfs::find_record(kRecords, "b", DType::s8, 2); }),
             QFS_CONTAINS("no record 'b'"));
  CHECK_THAT(message_of([] { qfs::find_record(kRecords, "w", DType::u8, 2); }),
             QFS_CONTAINS("another type or rank"));
  CHECK_THAT(message_of([] { qfs::find_record(kRecords, "w", DType::s8, 1); }),
             QFS_CONTAINS("another type or rank") && QFS_CONTAINS("2 x 3"));
}
