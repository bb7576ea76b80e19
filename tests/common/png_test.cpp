#include <array>
#include <numeric>

#include "common/image.hpp"
#include "common/png_check.hpp"
#include "common/rng.hpp"
#include "common/sheet.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"

using namespace qfs::test;
using qfs::decode_png;
using Picture = qfs::Matrix<std::uint8_t>;

namespace {

const Bytes kSignature = bytes_of("\x89PNG\r\n\x1a\n");

Bytes chunk(const std::string& type, const Bytes& content) {
  const Bytes covered = joined({bytes_of(type), content});
  const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size());
  return joined({big_endian(static_cast<std::uint32_t>(content.size())), covered,
                 big_endian(static_cast<std::uint32_t>(crc))});
}

// The fields of IHDR after width and height: bit depth, colour type,
// compression, filter, interlace.
using Kind = std::array<unsigned char, 5>;
constexpr Kind kGrey8 = {8, 0, 0, 0, 0};

Bytes header(std::uint32_t cols, std::uint32_t rows, const Kind& kind) {
  return chunk("IHDR", joined({big_endian(cols), big_endian(rows),
                               bytes_of({reinterpret_cast<const char*>(kind.data()), 5})}));
}

Bytes pixels(const Bytes& raw) { return chunk("IDAT", compressed(raw, Format::zlib)); }

const Bytes kEnd = chunk("IEND", {});

Bytes png(std::uint32_t cols, std::uint32_t rows, const Kind& kind, const Bytes& raw) {
  return joined({kSignature, header(cols, rows, kind), pixels(raw), kEnd});
}

Bytes text(const char* bytes, std::size_t count) { return bytes_of({bytes, count}); }

// 3 x 2 pixels, each line led by its filter byte 0: 10 20 30 / 40 50 60.
const Bytes kRaw = text("\0\x0a\x14\x1e\0\x28\x32\x3c", 8);
const Picture kPicture{{10, 20, 30}, {40, 50, 60}};

std::string message(const Bytes& file, std::size_t max_side = 4096) {
  return message_of([&] { decode_png(file, "p.png", max_side); });
}

Picture noise(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  qfs::Rng rng(seed);
  auto picture = qfs::make_tensor<std::uint8_t>({rows, cols});
  for (std::uint8_t& value : qfs::values(picture))
    value = static_cast<std::uint8_t>(rng.below(256));
  return picture;
}

}  // namespace

TEST_CASE("A grey PNG is decoded", "[hand]") {
  CHECK(difference(decode_png(png(3, 2, kGrey8, kRaw), "p.png"), kPicture) == "");
}

TEST_CASE("Two IDAT chunks and a chunk of text are fine", "[hand]") {
  const Bytes packed = compressed(kRaw, Format::zlib);
  const Bytes first(packed.begin(), packed.begin() + 5), second(packed.begin() + 5, packed.end());
  const Bytes file = joined({kSignature, header(3, 2, kGrey8), chunk("tEXt", bytes_of("Title")),
                             chunk("IDAT", first), chunk("IDAT", second), kEnd});
  CHECK(difference(decode_png(file, "p.png"), kPicture) == "");
}

TEST_CASE("An interlaced PNG is decoded", "[hand]") {
  // Adam7 on 3 x 2: pass 1 holds pixel (0,0); pass 4 (0,2); pass 6 (0,1); pass 7 the whole line 1.
  const Bytes raw = text("\0\x0a\0\x1e\0\x14\0\x28\x32\x3c", 10);
  CHECK(difference(decode_png(png(3, 2, {8, 0, 0, 0, 1}, raw), "p.png"), kPicture) == "");
  CHECK_THAT(message(png(3, 2, {8, 0, 0, 0, 1}, kRaw)), QFS_CONTAINS("as many pixels"));
}

TEST_CASE("Every bit depth and colour becomes grey", "[hand]") {
  const auto grey = [](const Bytes& file) { return decode_png(file, "p.png")(0, 0); };
  CHECK(grey(png(1, 1, {1, 0, 0, 0, 0}, text("\0\x80", 2))) == 255);       // one bit, set
  CHECK(grey(png(1, 1, {4, 0, 0, 0, 0}, text("\0\x50", 2))) == 85);        // 5 of 15
  CHECK(grey(png(1, 1, {16, 0, 0, 0, 0}, text("\0\x64\xff", 3))) == 100);  // the high byte
  // stb_image's weights: (77 R + 150 G + 29 B) / 256 = (77 * 200) / 256 = 60.16
  CHECK(grey(png(1, 1, {8, 2, 0, 0, 0}, text("\0\xc8\0\0", 4))) == 60);
  // A palette of one colour, 100 100 100.
  CHECK(grey(joined({kSignature, header(1, 1, {8, 3, 0, 0, 0}), chunk("PLTE", bytes_of("ddd")),
                     pixels(text("\0\0", 2)), kEnd})) == 100);
}

TEST_CASE("PNG: a pixel whose colour is not in the palette is refused", "[hand]") {
  // stb_image would read colours that nobody has set.
  const auto message_for = [](const Kind& kind, const Bytes& raw, const Bytes& palette) {
    return message(
        joined({kSignature, header(2, 1, kind), chunk("PLTE", palette), pixels(raw), kEnd}));
  };
  const Bytes two = bytes_of("dddeee"), three = bytes_of("dddeeefff");
  const Kind bytes = {8, 3, 0, 0, 0}, nibbles = {4, 3, 0, 0, 0}, pairs = {2, 3, 0, 0, 0},
             bits = {1, 3, 0, 0, 0}, passes = {8, 3, 0, 0, 1};
  CHECK(message_for(bytes, text("\0\1\0", 3), two) == "no error");
  CHECK_THAT(message_for(bytes, text("\0\1\2", 3), two),
             QFS_CONTAINS("p.png: a pixel's colour is not in the picture's palette") &&
                 QFS_CONTAINS("colour 2") && QFS_CONTAINS("0 to 1"));
  CHECK(message_for(bytes, text("\0\1\2", 3), three) == "no error");
  CHECK(message_for(nibbles, text("\0\x12", 2), three) == "no error");
  CHECK_THAT(message_for(nibbles, text("\0\x1f", 2), three), QFS_CONTAINS("colour 15"));
  CHECK(message_for(pairs, text("\0\x60", 2), three) == "no error");  // indices 1 and 2
  CHECK_THAT(message_for(pairs, text("\0\x70", 2), three), QFS_CONTAINS("colour 3"));
  CHECK(message_for(bits, text("\0\x40", 2), two) == "no error");
  CHECK_THAT(message_for(bits, text("\0\x40", 2), bytes_of("ddd")), QFS_CONTAINS("colour 1"));
  // Filter 1: every byte is a difference to its left neighbour, so 1 1 means 1 2.
  CHECK_THAT(message_for(bytes, text("\1\1\1", 3), two), QFS_CONTAINS("colour 2"));
  // Interlaced, the second pixel is a picture of its own.
  CHECK_THAT(message_for(passes, text("\0\0\0\5", 4), two), QFS_CONTAINS("colour 5"));
  CHECK(message_for(passes, text("\0\0\0\1", 4), two) == "no error");
}

TEST_CASE("What is transparent shows white paper", "[hand]") {
  const auto grey = [](const Bytes& raw) {
    return decode_png(png(1, 1, {8, 4, 0, 0, 0}, raw), "p.png")(0, 0);
  };
  CHECK(grey(text("\0\x0a\xff", 3)) == 10);  // opaque
  CHECK(grey(text("\0\x0a\0", 3)) == 255);   // nothing there
  CHECK(grey(text("\0\0\x80", 3)) == 127);   // black at 128/255 over white: 255 - 128
}

TEST_CASE("save_png and load_png are inverse", "[prop]") {
  const Scratch scratch;
  const std::string path = scratch.path("p.png");
  for (const auto& [rows, cols] : {std::pair<std::size_t, std::size_t>{1, 1}, {1, 300}, {77, 31}}) {
    const Picture picture = noise(rows, cols, rows * 1000 + cols);
    qfs::save_png(path, picture);
    CHECK(difference(qfs::load_png(path), picture) == "");
  }
  CHECK(scratch.count_of_files() == 1);  // no partial file is left
}

TEST_CASE("save_png refuses what it cannot write", "[hand]") {
  const Scratch scratch;
  CHECK_THAT(message_of([&] { qfs::save_png(scratch.path("p"), noise(0, 3, 1)); }),
             QFS_CONTAINS("of this size"));
  for (const auto& [rows, cols] : {std::pair{16385, 1}, {1, 16385}})
    CHECK_THAT(message_of([&, rows = rows, cols = cols] {
                 qfs::save_png(scratch.path("p"), noise(static_cast<std::size_t>(rows),
                                                        static_cast<std::size_t>(cols), 1));
               }),
               QFS_CONTAINS("1 to 16384"));
  CHECK_THAT(message_of([&] { qfs::save_png(scratch.path("none/p.png"), kPicture); }),
             QFS_CONTAINS("cannot write"));
}

TEST_CASE("PNG: every flipped bit and every shortened file is refused", "[prop]") {
  const Bytes good = png(3, 2, kGrey8, kRaw);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes damaged = good;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    CHECK_THAT(message(damaged), QFS_CONTAINS("p.png"));
  }
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_THAT(message(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length))),
               QFS_CONTAINS("is not a PNG file") || QFS_CONTAINS("ends inside"));
}

TEST_CASE("PNG: the message names the defect", "[hand]") {
  const Bytes good = png(3, 2, kGrey8, kRaw);
  CHECK_THAT(message(bytes_of("GIF89a and so on")), QFS_CONTAINS("p.png is not a PNG file"));
  CHECK_THAT(message(joined({good, Bytes(1)})), QFS_CONTAINS("goes on after its last PNG chunk"));
  CHECK_THAT(message(good, 2), QFS_CONTAINS("3 x 2 pixels") && QFS_CONTAINS("1 to 2"));
  CHECK_THAT(message(png(0, 2, kGrey8, {})), QFS_CONTAINS("of this size"));
  CHECK_THAT(message(png(3, 2, {7, 0, 0, 0, 0}, kRaw)), QFS_CONTAINS("bit depth 7"));
  CHECK_THAT(message(png(3, 2, {8, 5, 0, 0, 0}, kRaw)), QFS_CONTAINS("colour type 5"));
  CHECK_THAT(message(png(3, 2, {4, 2, 0, 0, 0}, kRaw)), QFS_CONTAINS("makes no sense"));
  CHECK_THAT(message(png(3, 2, {16, 3, 0, 0, 0}, kRaw)), QFS_CONTAINS("makes no sense"));
  CHECK_THAT(message(png(3, 2, {8, 0, 1, 0, 0}, kRaw)), QFS_CONTAINS("makes no sense"));
  CHECK_THAT(message(png(3, 2, {8, 0, 0, 1, 0}, kRaw)), QFS_CONTAINS("makes no sense"));
  CHECK_THAT(message(png(3, 2, {8, 0, 0, 0, 2}, kRaw)), QFS_CONTAINS("makes no sense"));
  CHECK_THAT(message(png(3, 0, kGrey8, {})), QFS_CONTAINS("of this size"));
  CHECK_THAT(message(joined({kSignature, pixels(kRaw), kEnd})), QFS_CONTAINS("header is missing"));
  CHECK_THAT(message(joined({kSignature, chunk("IHDR", Bytes(12)), kEnd})),
             QFS_CONTAINS("wrong length"));
  CHECK_THAT(message(joined({kSignature, header(3, 2, kGrey8), kEnd})),
             QFS_CONTAINS("as many pixels"));
  CHECK_THAT(message(png(3, 2, kGrey8, Bytes(7))), QFS_CONTAINS("as many pixels"));
  CHECK_THAT(message(png(3, 2, kGrey8, Bytes(9))), QFS_CONTAINS("as many pixels"));
  CHECK_THAT(message(png(3, 2, kGrey8, text("\x05\x0a\x14\x1e\0\x28\x32\x3c", 8))),
             QFS_CONTAINS("cannot be decoded") && QFS_CONTAINS("filter"));
  CHECK_THAT(message(png(3, 2, {8, 3, 0, 0, 0}, kRaw)), QFS_CONTAINS("the chunk PLTE"));
}

TEST_CASE("PNG: a pixel stream without its end, with a wrong checksum or too long is refused",
          "[hand]") {
  const auto around = [](const Bytes& idat) {
    return message(joined({kSignature, header(3, 2, kGrey8), chunk("IDAT", idat), kEnd}));
  };
  const Bytes whole = compressed(kRaw, Format::zlib);
  REQUIRE(around(whole) == "no error");
  CHECK_THAT(around(Bytes(whole.begin(), whole.end() - 4)), QFS_CONTAINS("as many pixels"));
  CHECK_THAT(around(joined({whole, Bytes(1)})), QFS_CONTAINS("as many pixels"));
  Bytes wrong_checksum = whole;
  wrong_checksum.back() ^= std::byte{1};
  CHECK_THAT(around(wrong_checksum), QFS_CONTAINS("is damaged") && QFS_CONTAINS("data check"));
}

TEST_CASE("PNG: a header that claims 4096 x 4096 and a bomb behind a small one are refused",
          "[hand]") {
  CHECK_THAT(message(png(4096, 4096, {16, 6, 0, 0, 0}, kRaw)),
             QFS_CONTAINS("as many pixels") && QFS_CONTAINS("8 bytes of pixels"));
  CHECK_THAT(message(png(3, 2, kGrey8, Bytes(50000000))),
             QFS_CONTAINS("9 or more bytes of pixels"));
}

TEST_CASE("A sheet holds 40 digits to a row", "[hand]") {
  CHECK(qfs::sheet_rows(1) == 1);
  CHECK(qfs::sheet_rows(40) == 1);
  CHECK(qfs::sheet_rows(41) == 2);
  const Picture digits = noise(41, 784, 1);
  const Picture sheet = qfs::pack_sheet(digits);
  CHECK(qfs::shape_text(sheet) == "56 x 1120");
  CHECK(sheet(0, 28) == digits(1, 0));                // digit 1 stands right of digit 0
  CHECK(sheet(28 + 3, 5) == digits(40, 3 * 28 + 5));  // digit 40 begins the second row
  const auto rest = qfs::row(sheet, 28).subspan(28);
  CHECK(std::accumulate(rest.begin(), rest.end(), 0) == 0);
}

TEST_CASE("The sum of a sheet's pixels is zlib's CRC-32", "[hand]") {
  CHECK(qfs::pixel_sum(Picture{{'1', '2', '3'}, {'4', '5', '6'}, {'7', '8', '9'}}) ==
        "cbf43926");                                     // the check value of CRC-32
  CHECK(qfs::pixel_sum(Picture{{0x26}}) == "000f6a70");  // eight digits, zeros too
}

TEST_CASE("pack_sheet and unpack_sheet are inverse, and sizes are checked", "[prop]") {
  for (const std::size_t count : std::initializer_list<std::size_t>{1, 39, 40, 41, 80}) {
    const Picture digits = noise(count, 784, count);
    CHECK(difference(qfs::unpack_sheet(qfs::pack_sheet(digits), count, "s"), digits) == "");
  }
  const Picture sheet = qfs::pack_sheet(noise(41, 784, 2));
  CHECK_THAT(message_of([&] { qfs::unpack_sheet(sheet, 40, "s.png"); }),
             QFS_CONTAINS("s.png has not the size of a sheet of 40 digits") &&
                 QFS_CONTAINS("56 x 1120") && QFS_CONTAINS("28 x 1120"));
  CHECK_THAT(message_of([&] { qfs::unpack_sheet(sheet, 81, "s.png"); }), QFS_CONTAINS("84 x 1120"));
  const auto narrow = qfs::make_tensor<std::uint8_t>({28, 1119});  // as high as one row of digits
  CHECK_THAT(message_of([&] { qfs::unpack_sheet(narrow, 40, "s.png"); }),
             QFS_CONTAINS("28 x 1119") && QFS_CONTAINS("28 x 1120"));
  CHECK_THAT(message_of([] { qfs::pack_sheet(noise(2, 783, 1)); }), QFS_CONTAINS("28 x 28"));
}

TEST_CASE("The bytes of a PNG's lines before compression", "[hand]") {
  using qfs::uncompressed_bytes;
  CHECK(uncompressed_bytes({3, 2, 8, false}) == 2 * (1 + 3));
  CHECK(uncompressed_bytes({9, 1, 1, false}) == 1 + 2);  // nine bits are two bytes
  CHECK(uncompressed_bytes({1, 1, 64, false}) == 1 + 8);
  CHECK(uncompressed_bytes({3, 2, 8, true}) == 10);  // 2 + 2 + 2 + 4, as in the test above
  // 8 x 8 at 8 bits: passes of 1x1, 1x1, 1x2, 2x2, 2x4, 4x4, 4x8 (rows x columns) have
  // 1+1+1+2+2+4+4 = 15 lines, and 64 pixels.
  CHECK(uncompressed_bytes({8, 8, 8, true}) == 15 + 64);
}
