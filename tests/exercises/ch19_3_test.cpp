// Judges exercise 19.3.
#include "3_read_q4_0.hpp"

#include <vector>

#include "19_number_formats/blocks.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(18);

#ifndef QFS_CH19_3_HELPERS
#define QFS_CH19_3_HELPERS
// A block of zeros (every integer 8) with the scale 1.
inline std::vector<std::uint8_t> zeros(std::size_t blocks) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t b = 0; b < blocks; ++b) {
    bytes.insert(bytes.end(), {0x00, 0x3C});
    bytes.insert(bytes.end(), 16, 0x88);
  }
  return bytes;
}
#endif

TEST_CASE("19.3 eight is zero") {
  std::vector<float> x(32, 9.0F);
  exercise::read_q4_0(zeros(1), x);
  CHECK(x == std::vector<float>(32, 0.0F));
}

TEST_CASE("19.3 low half first, high half sixteen later") {
  std::vector<std::uint8_t> bytes = zeros(1);
  bytes[2] = 0xF0;   // number 0 is 0, number 16 is 15
  bytes[5] = 0x9B;   // number 3 is 11, number 19 is 9
  bytes[17] = 0x27;  // number 15 is 7, number 31 is 2
  std::vector<float> x(32);
  exercise::read_q4_0(bytes, x);
  CHECK(x[0] == -8.0F);
  CHECK(x[16] == 7.0F);
  CHECK(x[3] == 3.0F);
  CHECK(x[19] == 1.0F);
  CHECK(x[15] == -1.0F);
  CHECK(x[31] == -6.0F);
  CHECK(x[1] == 0.0F);
}

TEST_CASE("19.3 the scale is float16, lower byte first, of either sign") {
  std::vector<std::uint8_t> bytes = zeros(1);
  bytes[0] = 0x55;  // 0xB555: -(1 + 341/1024) * 2^-2
  bytes[1] = 0xB5;
  bytes[2] = 0x8C;  // number 0 is 12: 4
  std::vector<float> x(32);
  exercise::read_q4_0(bytes, x);
  CHECK(x[0] == -4.0F * 0.333251953125F);
  bytes[0] = 0x01;  // 2^-24, the smallest
  bytes[1] = 0x00;
  exercise::read_q4_0(bytes, x);
  CHECK(x[0] == 0x1p-22F);
}

TEST_CASE("19.3 every block has its own scale") {
  std::vector<std::uint8_t> bytes = zeros(3);
  bytes[18 + 1] = 0x40;  // block 1: 2
  for (std::size_t b = 0; b < 3; ++b) bytes[18 * b + 2] = 0xA9;
  std::vector<float> x(96);
  exercise::read_q4_0(bytes, x);
  CHECK((x[0] == 1.0F && x[32] == 2.0F && x[64] == 1.0F));
  CHECK((x[16] == 2.0F && x[48] == 4.0F && x[80] == 2.0F));
}

TEST_CASE("19.3 the last block may be short") {
  std::vector<std::uint8_t> bytes = zeros(2);
  bytes[18 + 2] = 0x7F;  // numbers 32 and 48
  std::vector<float> x(50, 9.0F);
  const auto used = std::span(x).first(49);
  exercise::read_q4_0(bytes, used);
  CHECK((x[32] == 7.0F && x[48] == -1.0F));
  CHECK(x[49] == 9.0F);
}

TEST_CASE("19.3 another number of bytes is an Error") {
  std::vector<float> x(33);
  CHECK_THROWS_AS(exercise::read_q4_0(zeros(1), x), qfs::Error);
  CHECK_THROWS_AS(exercise::read_q4_0(zeros(3), x), qfs::Error);
  const std::vector<std::uint8_t> bytes = zeros(2);
  CHECK_THROWS_AS(exercise::read_q4_0(std::span(bytes).first(35), x), qfs::Error);
}

TEST_CASE("19.3 reads what the chapter writes") {
  qfs::Rng rng(193);
  std::vector<float> x(7 * 32 + 5), y(x.size()), z(x.size());
  for (float& value : x) value = static_cast<float>(rng.normal());
  const std::vector<qfs::BlockQ4_0> blocks = qfs::to_blocks<qfs::BlockQ4_0>(x);
  qfs::from_blocks<qfs::BlockQ4_0>(blocks, y);
  std::vector<std::uint8_t> bytes;
  for (const qfs::BlockQ4_0& block : blocks) {
    bytes.push_back(static_cast<std::uint8_t>(block.scale & 255));
    bytes.push_back(static_cast<std::uint8_t>(block.scale >> 8));
    bytes.insert(bytes.end(), block.q.begin(), block.q.end());
  }
  exercise::read_q4_0(bytes, z);
  CHECK(y == z);
}
