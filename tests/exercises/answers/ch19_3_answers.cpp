// Answers to exercise 19.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch19_3_test.cpp"

// The solution with its choices left open.
struct Layout {
  bool high_first = false;   // number j in the high half
  bool interleaved = false;  // numbers 2j and 2j + 1 in byte j
  bool high_byte_first = false;
  bool scale_last = false;
  int zero = 8;
  bool twos_complement = false;
  bool sizes_checked = true, first_scale_only = false;
};
inline void read(std::span<const std::uint8_t> bytes, std::span<float> x, Layout c) {
  const std::size_t blocks = (x.size() + 31) / 32;
  if (c.sizes_checked && bytes.size() != 18 * blocks) throw qfs::Error("another number of bytes");
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t begin = 18 * (i / 32), j = i % 32;
    const auto at = [&](std::size_t k) { return unsigned{k < bytes.size() ? bytes[k] : 0U}; };
    const std::size_t scale_at = (c.first_scale_only ? 0 : begin) + (c.scale_last ? 16 : 0);
    const unsigned low = at(scale_at + (c.high_byte_first ? 1 : 0)),
                   high = at(scale_at + (c.high_byte_first ? 0 : 1));
    const unsigned byte = at(begin + (c.scale_last ? 0 : 2) + (c.interleaved ? j / 2 : j % 16));
    const bool upper = (c.interleaved ? j % 2 == 1 : j >= 16) != c.high_first;
    int q = static_cast<int>(upper ? byte >> 4 : byte & 15U) - c.zero;
    if (c.twos_complement) q = q + c.zero < 8 ? q + c.zero : q + c.zero - 16;
    x[i] = static_cast<float>(q) * qfs::from_float16(static_cast<std::uint16_t>(low | high << 8));
  }
}

namespace number_by_number {
const Answer kAnswer = right("finds each number's byte");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace number_by_number

namespace block_by_block {
const Answer kAnswer = right("copies each block into the chapter's and lets it decode");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  std::vector<qfs::BlockQ4_0> blocks(bytes.size() / 18);
  if (bytes.size() % 18 != 0) throw qfs::Error("part of a block");
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const auto from = bytes.subspan(18 * b, 18);
    blocks[b].scale = static_cast<std::uint16_t>(from[0] + 256 * from[1]);
    std::copy(from.begin() + 2, from.end(), blocks[b].q.begin());
  }
  qfs::from_blocks<qfs::BlockQ4_0>(blocks, x);
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace block_by_block

namespace high_half_first {
const Answer kAnswer = wrong("takes the high half first");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.high_first = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace high_half_first

namespace neighbours_in_a_byte {
const Answer kAnswer = wrong("takes the halves of a byte for neighbours");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.interleaved = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace neighbours_in_a_byte

namespace other_byte_order {
const Answer kAnswer = wrong("takes the scale's higher byte first");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.high_byte_first = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace other_byte_order

namespace scale_behind {
const Answer kAnswer = wrong("looks for the scale behind the integers");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.scale_last = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace scale_behind

namespace no_minus_eight {
const Answer kAnswer = wrong("forgets to subtract 8");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.zero = 0});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace no_minus_eight

namespace minus_seven {
const Answer kAnswer = wrong("subtracts 7");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.zero = 7});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace minus_seven

namespace two_complement {
const Answer kAnswer = wrong("takes the integers for two's complement");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.twos_complement = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace two_complement

namespace one_scale_for_all {
const Answer kAnswer = wrong("takes the first block's scale for all");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.first_scale_only = true});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace one_scale_for_all

namespace any_size {
const Answer kAnswer = wrong("takes any number of bytes");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  read(bytes, x, {.sizes_checked = false});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace any_size

namespace whole_blocks_only {
const Answer kAnswer = wrong("leaves out a last short block");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  std::vector<float> all(x.begin(), x.end());
  read(bytes, x, {});
  for (std::size_t i = x.size() / 32 * 32; i < x.size(); ++i) x[i] = all[i];
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace whole_blocks_only

namespace unsigned_scale {
const Answer kAnswer = wrong("loses the scale's sign");
namespace exercise {
inline void read_q4_0(std::span<const std::uint8_t> bytes, std::span<float> x) {
  std::vector<std::uint8_t> positive(bytes.begin(), bytes.end());
  for (std::size_t i = 1; i < positive.size(); i += 18)
    positive[i] = static_cast<std::uint8_t>(positive[i] & 0x7F);
  read(positive, x, {});
}
}  // namespace exercise
#include "tests/exercises/ch19_3_test.cpp"
}  // namespace unsigned_scale
