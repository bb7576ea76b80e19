#include "common/npy.hpp"

#include <limits>

#include "common/rng.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"

using namespace qfs::test;
using qfs::parse_npy;

namespace {

// A version 1.0 file around this header text.
Bytes npy(const std::string& header, const Bytes& elements) {
  const std::string length = {static_cast<char>(header.size() & 0xff),
                              static_cast<char>(header.size() >> 8)};
  return joined({bytes_of(std::string_view("\x93NUMPY\1\0", 8)), bytes_of(length), bytes_of(header),
                 elements});
}

std::string dictionary(const std::string& descr, const std::string& order,
                       const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

std::string message(const Bytes& file) {
  return message_of([&] { parse_npy(file, "a.npy"); });
}

std::string header_message(const std::string& header) { return message(npy(header, Bytes(4))); }

// What numpy.save (NumPy 1.24) writes for numpy.array([[1.5, -2], [0, 3]], numpy.float32): the
// header is padded to 128 bytes in all, and 1.5f is 0x3fc00000, -2f 0xc0000000, 3f 0x40400000.
Bytes written_by_numpy() {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
  return npy(header + std::string(117 - header.size(), ' ') + "\n",
             bytes_of(std::string_view("\0\0\xc0\x3f\0\0\0\xc0\0\0\0\0\0\0\x40\x40", 16)));
}

const qfs::Matrix<float> kMatrix{{1.5F, -2.0F}, {0.0F, 3.0F}};

}  // namespace

TEST_CASE("A file of NumPy's is read, and ours has the same bytes", "[ref]") {
  const Scratch scratch;
  const std::string path = scratch.write("a.npy", written_by_numpy());
  CHECK(difference(qfs::load_npy<float, 2>(path), kMatrix) == "");
  qfs::save_npy(scratch.path("b.npy"), kMatrix);
  CHECK(scratch.content_of("b.npy") == written_by_numpy());
  CHECK(scratch.count_of_files() == 2);  // no partial file is left
}

TEST_CASE("Headers of version 2.0 and 3.0, other key orders and spaces are read", "[hand]") {
  const std::string header = "{\"shape\":(2,),'descr':'|u1' , 'fortran_order':False}";
  CHECK(parse_npy(npy(header, Bytes(2)), "a").shape == std::vector<std::size_t>{2});
  for (const char version : {'\2', '\3'}) {
    const std::string start = std::string("\x93NUMPY") + version + std::string(1, '\0') +
                              static_cast<char>(header.size()) + std::string(3, '\0');
    CHECK(parse_npy(joined({bytes_of(start), bytes_of(header), Bytes(2)}), "a").dtype == "|u1");
  }
}

TEST_CASE("Every element type and rank goes into a file and comes back", "[prop]") {
  const Scratch scratch;
  const std::string path = scratch.path("a.npy");
  const auto round_trip = [&]<class T>(T low, T high) {
    const qfs::Vector<T> numbers{low, T{0}, T{1}, high};
    qfs::save_npy(path, numbers);
    CHECK(difference(qfs::load_npy<T, 1>(path), numbers) == "");
    CHECK(qfs::load_npy_array(path).dtype == qfs::npy_dtype<T>());
  };
  const auto limits = [&]<class T>(T) {
    round_trip(std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max());
  };
  limits(0.0F), limits(0.0), limits(std::int8_t{}), limits(std::uint8_t{}), limits(std::int16_t{});
  limits(std::uint16_t{}), limits(std::int32_t{}), limits(std::int64_t{});

  const auto cube = qfs::make_tensor<std::int8_t>({2, 3, 4}, std::int8_t{-7});
  qfs::save_npy(path, cube);
  CHECK(difference(qfs::load_npy<std::int8_t, 3>(path), cube) == "");
  const auto nothing = qfs::make_tensor<float>({0, 3});
  qfs::save_npy(path, nothing);
  CHECK(difference(qfs::load_npy<float, 2>(path), nothing) == "");
  CHECK(parse_npy(npy(dictionary("<f4", "False", "()"), Bytes(4)), "a").shape.empty());
}

TEST_CASE("load_npy wants exactly its element type and rank", "[hand]") {
  const Scratch scratch;
  const std::string path = scratch.write("a.npy", written_by_numpy());
  CHECK_THAT(message_of([&] { qfs::load_npy<std::int32_t, 2>(path); }),
             QFS_CONTAINS("wrong element type") && QFS_CONTAINS("<f4") && QFS_CONTAINS("<i4"));
  CHECK_THAT(message_of([&] { qfs::load_npy<float, 1>(path); }),
             QFS_CONTAINS("number of dimensions") && QFS_CONTAINS("2 x 2"));
  CHECK_THAT(message_of([&] { qfs::load_npy<float, 2>(scratch.path("none.npy")); }),
             QFS_CONTAINS("cannot open") && QFS_CONTAINS("none.npy"));
  CHECK_THAT(message_of([&] { qfs::load_npy_array(scratch.path()); }),
             QFS_CONTAINS("is not a file"));
}

TEST_CASE("load_npy_float takes floats and doubles, and nothing that is no number", "[hand]") {
  const Scratch scratch;
  const std::string path = scratch.path("a.npy");
  const auto floats_of = [&](const auto& tensor) {
    qfs::save_npy(path, tensor);
    return qfs::load_npy_float(path);
  };
  CHECK(floats_of(kMatrix).shape == std::vector<std::size_t>{2, 2});
  CHECK(floats_of(kMatrix).values == std::vector<float>{1.5F, -2.0F, 0.0F, 3.0F});
  // 0.1 is no float; the nearest is 0x1.99999ap-4.
  CHECK(floats_of(qfs::Vector<double>{0.1}).values == std::vector<float>{0x1.99999ap-4F});

  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {nan, infinity, -infinity}) {
    CHECK_THAT(message_of([&] {
                 floats_of(qfs::Vector<float>{0.0F, bad});
               }),
               QFS_CONTAINS("a.npy: element 1 is not a finite float"));
    CHECK_THAT(message_of([&] { floats_of(qfs::Vector<double>{static_cast<double>(bad)}); }),
               QFS_CONTAINS("element 0 is not a finite float"));
  }
  CHECK_THAT(message_of([&] { floats_of(qfs::Vector<double>{1e300}); }),  // above every float
             QFS_CONTAINS("not a finite float") && QFS_CONTAINS("1e+300"));
  CHECK_THAT(message_of([&] { floats_of(qfs::Vector<std::int32_t>{1}); }),
             QFS_CONTAINS("wrong element type") && QFS_CONTAINS("<i4") && QFS_CONTAINS("astype"));
}

TEST_CASE(".npy: every shortened or lengthened file is refused", "[prop]") {
  const Bytes good = written_by_numpy();
  REQUIRE(message(good) == "no error");
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_THAT(message(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length))),
               QFS_CONTAINS("is not an .npy file") || QFS_CONTAINS("ends inside") ||
                   QFS_CONTAINS("is cut off"));
  CHECK_THAT(message(joined({good, Bytes(1)})), QFS_CONTAINS("longer than its shape says") &&
                                                    QFS_CONTAINS("17 bytes") &&
                                                    QFS_CONTAINS("16 bytes for 2 x 2 of <f4"));
}

TEST_CASE(".npy: types and orders that are not ours are named", "[hand]") {
  CHECK_THAT(header_message(dictionary(">f4", "False", "(1,)")), QFS_CONTAINS("big-endian"));
  CHECK_THAT(header_message(dictionary("<f4", "True", "(1,)")),
             QFS_CONTAINS("Fortran order") && QFS_CONTAINS("ascontiguousarray"));
  for (const char* type : {"<f2", "<c8", "|O", "<U4", "|b1", "<i1", "f4", ""})
    CHECK_THAT(header_message(dictionary(type, "False", "(1,)")),
               QFS_CONTAINS("element type is not supported") && QFS_CONTAINS("<f4 <f8 |i1"));
  CHECK_THAT(header_message("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
             QFS_CONTAINS("an array of records"));
}

TEST_CASE(".npy: a header that is no dictionary of three keys is refused", "[hand]") {
  const std::string good = dictionary("<f4", "False", "(1,)");
  REQUIRE(header_message(good) == "no error");
  for (std::size_t length = 0; length + 2 < good.size(); ++length)  // without its end
    CHECK_THAT(header_message(good.substr(0, length)), QFS_CONTAINS("a.npy"));
  for (const char* header :
       {"{}",
        "garbage",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'more': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,1)}",
        "{'descr': '<f4', 'shape': (1,)}",
        "{'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
        "{'descr': '<f4', 'fortran_order': None, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1.0,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} and more"})
    CHECK_THAT(header_message(header), QFS_CONTAINS("header cannot be understood"));
}

TEST_CASE(".npy: what is wrong with a header is said", "[hand]") {
  CHECK_THAT(header_message("{'descr': '<f4"), QFS_CONTAINS("a string without its end"));
  Bytes other = written_by_numpy();
  other[0] = std::byte{0x94};
  CHECK_THAT(message(other), QFS_CONTAINS("is not an .npy file"));
  // 18 digits are read, 19 are not.
  CHECK_THAT(header_message(dictionary("|u1", "False", "(999999999999999999,)")),
             QFS_CONTAINS("is cut off"));
  CHECK_THAT(header_message(dictionary("|u1", "False", "(1000000000000000000,)")),
             QFS_CONTAINS("not a number below 10^18"));
}

TEST_CASE(".npy: versions other than 1.0, 2.0 and 3.0 are refused", "[hand]") {
  for (const auto& [major, minor] : {std::pair{0, 0}, {4, 0}, {255, 0}, {1, 1}, {2, 1}, {3, 255}}) {
    Bytes file = written_by_numpy();
    file[6] = std::byte(major);
    file[7] = std::byte(minor);
    CHECK_THAT(message(file),
               QFS_CONTAINS("unknown .npy version") &&
                   QFS_CONTAINS(std::to_string(major) + "." + std::to_string(minor) + "\n"));
  }
}

TEST_CASE(".npy: a shape larger than the file is refused before memory is taken", "[hand]") {
  CHECK_THAT(header_message(dictionary("<f4", "False", "(1000000000000,)")),
             QFS_CONTAINS("cut off"));
  // 2^32 * 2^32 elements of 4 bytes are 2^66: 0 in 64 bits, were it not checked.
  CHECK_THAT(header_message(dictionary("<f4", "False", "(4294967296, 4294967296)")),
             QFS_CONTAINS("shape is too large"));
  CHECK_THAT(header_message(dictionary("<f4", "False", "(18446744073709551617,)")),
             QFS_CONTAINS("not a number below 10^18"));
  std::string many = "(";
  for (int d = 0; d < 33; ++d) many += "1,";
  CHECK_THAT(header_message(dictionary("<f4", "False", many + ")")),
             QFS_CONTAINS("more than 32 dimensions"));
  const Bytes huge_header = bytes_of(std::string_view("\x93NUMPY\2\0\xff\xff\xff\xff{", 13));
  CHECK_THAT(message(huge_header), QFS_CONTAINS("ends inside the header"));
}

TEST_CASE("save_npy_bytes refuses what it cannot write", "[hand]") {
  const Scratch scratch;
  const std::vector<std::size_t> shape = {3};
  CHECK_THAT(message_of([&] { qfs::save_npy_bytes(scratch.path("a"), "<f4", shape, Bytes(11)); }),
             QFS_CONTAINS("do not fit the shape") && QFS_CONTAINS("11 bytes"));
  CHECK_THAT(message_of([&] { qfs::save_npy_bytes(scratch.path("a"), "<f2", shape, Bytes(6)); }),
             QFS_CONTAINS("do not fit the shape"));
  const std::vector<std::size_t> none = {0};
  CHECK_THAT(message_of([&] { qfs::save_npy_bytes(scratch.path("a"), "<f2", none, Bytes()); }),
             QFS_CONTAINS("do not fit the shape"));
  CHECK_THAT(message_of([&] { qfs::save_npy(scratch.path("none/a.npy"), kMatrix); }),
             QFS_CONTAINS("cannot write"));
  // As many dimensions as can be read, and no more.
  const auto with_rank = [&](std::size_t rank) {
    const std::vector<std::size_t> ones(rank, 1);
    return message_of([&] { qfs::save_npy_bytes(scratch.path("r"), "|u1", ones, Bytes(1)); });
  };
  CHECK_THAT(with_rank(33), QFS_CONTAINS("too many dimensions") && QFS_CONTAINS("at most 32"));
  CHECK(scratch.count_of_files() == 0);
  CHECK(with_rank(32) == "no error");
  CHECK(qfs::load_npy_array(scratch.path("r")).shape.size() == 32);
}
