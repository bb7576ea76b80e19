#include "common/idx.hpp"

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"

using namespace qfs::test;
using qfs::parse_idx_images;
using qfs::parse_idx_labels;

namespace {

Bytes images_header(std::uint32_t count, std::uint32_t rows, std::uint32_t cols) {
  return joined({big_endian(0x803), big_endian(count), big_endian(rows), big_endian(cols)});
}

Bytes labels_file(std::string_view labels) {
  return joined(
      {big_endian(0x801), big_endian(static_cast<std::uint32_t>(labels.size())), bytes_of(labels)});
}

// Two pictures of 2 x 3 pixels: 1 to 6 and 7 to 12.
const Bytes kImages =
    joined({images_header(2, 2, 3), bytes_of("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c")});

std::string images_message(const Bytes& file) {
  return message_of([&] { parse_idx_images(file, "images"); });
}
std::string labels_message(const Bytes& file) {
  return message_of([&] { parse_idx_labels(file, "labels"); });
}

}  // namespace

TEST_CASE("IDX images and labels are read, plain and gzipped", "[hand]") {
  for (const Bytes& file : {kImages, compressed(kImages, Format::gzip)}) {
    const qfs::IdxImages images = parse_idx_images(file, "images");
    CHECK(images.rows == 2);
    CHECK(images.cols == 3);
    const qfs::Matrix<std::uint8_t> expected{{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}};
    CHECK(difference(images.pixels, expected) == "");
  }
  const Bytes labels = labels_file(std::string_view("\x00\x09\x05", 3));
  for (const Bytes& file : {labels, compressed(labels, Format::gzip)})
    CHECK(parse_idx_labels(file, "labels") == std::vector<std::uint8_t>{0, 9, 5});
}

TEST_CASE("IDX: every shortened or lengthened file is refused", "[prop]") {
  for (std::size_t length = 0; length < kImages.size(); ++length) {
    const Bytes cut(kImages.begin(), kImages.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK_THAT(images_message(cut), QFS_CONTAINS("ends inside") || QFS_CONTAINS("is cut off"));
    const Bytes packed = compressed(cut, Format::gzip);
    CHECK_THAT(images_message(packed), QFS_CONTAINS("ends inside") || QFS_CONTAINS("is cut off"));
  }
  const Bytes longer = joined({kImages, Bytes(1)});
  CHECK_THAT(images_message(longer), QFS_CONTAINS("longer than its header says") &&
                                         QFS_CONTAINS("29 bytes") &&
                                         QFS_CONTAINS("28 bytes for 2 x 2 x 3"));
  CHECK_THAT(images_message(compressed(longer, Format::gzip)),
             QFS_CONTAINS("longer than its header says") && QFS_CONTAINS("more than 28 bytes"));
}

TEST_CASE("IDX: a gzip stream that is cut off, goes on or has a wrong checksum is refused",
          "[prop]") {
  const Bytes packed = compressed(kImages, Format::gzip);
  for (std::size_t length = 2; length < packed.size(); ++length) {
    const Bytes cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK_THAT(images_message(cut), QFS_CONTAINS("ends inside") || QFS_CONTAINS("is cut off"));
  }
  CHECK_THAT(images_message(joined({packed, Bytes(1)})),
             QFS_CONTAINS("goes on after its gzip stream"));
  Bytes damaged = packed;
  damaged[packed.size() - 8] ^= std::byte{1};  // the first byte of the CRC-32
  CHECK_THAT(images_message(damaged), QFS_CONTAINS("is damaged") && QFS_CONTAINS("data check"));
}

TEST_CASE("IDX: a gzip bomb is stopped where its header's size ends", "[hand]") {
  // 100 MB of zeros behind a header that declares 12 pixels; 100 KB as a file.
  const Bytes bomb = compressed(joined({images_header(2, 2, 3), Bytes(100000000)}), Format::gzip);
  CHECK_THAT(images_message(bomb), QFS_CONTAINS("more than 28 bytes"));
}

TEST_CASE("IDX: a wrong magic number is named", "[hand]") {
  CHECK_THAT(labels_message(kImages), QFS_CONTAINS("not an IDX file of labels") &&
                                          QFS_CONTAINS("0x00000803") && QFS_CONTAINS("0x00000801"));
  CHECK_THAT(images_message(labels_file("\x01")),
             QFS_CONTAINS("not an IDX file of images") && QFS_CONTAINS("0x00000801"));
  CHECK_THAT(images_message(bytes_of("\x89PNG\r\n and so on")), QFS_CONTAINS("wrong magic number"));
  CHECK_THAT(images_message(Bytes{}), QFS_CONTAINS("ends inside the magic number"));
}

TEST_CASE("IDX: pictures of one pixel are pictures", "[hand]") {
  const Bytes file =
      joined({big_endian(0x803), big_endian(2), big_endian(1), big_endian(1), Bytes(2)});
  CHECK(qfs::shape_text(qfs::parse_idx_images(file, "f").pixels) == "2 x 1");
}

TEST_CASE("IDX: sizes that no set has are refused before memory is taken", "[hand]") {
  constexpr std::uint32_t kHuge = 0xffffffff;
  CHECK_THAT(images_message(images_header(0, 28, 28)), QFS_CONTAINS("holds no picture"));
  CHECK_THAT(labels_message(labels_file("")), QFS_CONTAINS("holds no picture or label"));
  CHECK_THAT(images_message(images_header(1, 0, 28)), QFS_CONTAINS("of this size"));
  CHECK_THAT(images_message(images_header(1, 28, 257)), QFS_CONTAINS("1 to 256"));
  CHECK_THAT(images_message(images_header(kHuge, kHuge, kHuge)), QFS_CONTAINS("of this size"));
  CHECK_THAT(images_message(images_header(kHuge, 256, 256)), QFS_CONTAINS("too many elements"));
  CHECK_THAT(labels_message(joined({big_endian(0x801), big_endian(kHuge)})),
             QFS_CONTAINS("too many elements"));
  // 4096 * 256 * 256 = 2^28 pixels are the most that are read.
  CHECK_THAT(images_message(images_header(4097, 256, 256)),
             QFS_CONTAINS("too many elements") && QFS_CONTAINS("at most 268435456"));
  CHECK_THAT(images_message(images_header(4096, 256, 256)), QFS_CONTAINS("is cut off"));
  // The same through gzip: the declared 268 MB are never inflated, for there is nothing to inflate.
  CHECK_THAT(images_message(compressed(images_header(4096, 256, 256), Format::gzip)),
             QFS_CONTAINS("is cut off"));
}

TEST_CASE("IDX: a label above 9 is named with its place", "[hand]") {
  CHECK_THAT(
      labels_message(labels_file(std::string_view("\x00\x0a", 2))),
      QFS_CONTAINS("label 1 is not a digit") && QFS_CONTAINS("10") && QFS_CONTAINS("0 to 9"));
}
