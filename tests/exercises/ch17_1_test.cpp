// Judges exercise 17.1.
#include "1_unpack_nibbles.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "17_int4_weights/pack_bits.hpp"
#include "common/cpu.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/exercises/outcome.hpp"
#include "tests/exercises/speed.hpp"
#include "tests/support/guarded_array.hpp"

const qfs::test::Assertions kAssertions(35 + QFS_SPEED_IS_JUDGED);

namespace {

using qfs::test::Against;
using Bytes = std::vector<std::uint8_t>;
using Integers = std::vector<int>;

// Aligned, and with room on both sides: other addresses, and what lies outside, are judged where a
// crash is one of another process.
constexpr std::size_t kBeside = 64;
template <class T>
T* middle_of(std::vector<T>& room) {
  const auto past = reinterpret_cast<std::uintptr_t>(room.data()) % 64;
  return room.data() + kBeside + (64 - past) % 64;
}

Integers yours(const Bytes& bytes, std::size_t count) {
  Bytes row(bytes.size() + 3 * kBeside, 0xEE);
  std::vector<std::int8_t> q(count + 3 * kBeside);
  std::ranges::copy(bytes, middle_of(row));
  exercise::unpack_nibbles(middle_of(row), count, middle_of(q));
  return Integers(middle_of(q), middle_of(q) + count);
}

Bytes random_bytes(std::size_t count, std::uint64_t seed) {
  qfs::Rng rng(seed);
  Bytes bytes((count + 1) / 2);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
  return bytes;
}

std::string difference(const Bytes& bytes, std::size_t count) {
  const Integers got = yours(bytes, count);
  for (std::size_t k = 0; k < count; ++k) {
    const int code = k % 2 == 0 ? bytes[k / 2] & 15 : bytes[k / 2] >> 4;
    if (got[k] != code - 8)
      return "integer " + std::to_string(k) + " of " + std::to_string(count) + ", byte " +
             std::to_string(bytes[k / 2]) + ": got " + std::to_string(got[k]) + ", expected " +
             std::to_string(code - 8);
  }
  return "";
}

std::string first_length_that_differs() {
  for (std::size_t count = 0; count <= 300; ++count)
    if (std::string text = difference(random_bytes(count, count), count); !text.empty())
      return text;
  return "";
}

// The arrays begin at a page that may not be touched, or end at one.
void run_between_pages(std::size_t count) {
  for (Against side : {Against::first_page, Against::last_page}) {
    const qfs::test::GuardedArray<std::uint8_t> bytes(random_bytes(count, 1), side);
    const qfs::test::GuardedArray<std::int8_t> q(count, side);
    exercise::unpack_nibbles(bytes.data(), count, q.data());
    qfs::require(q.intact(), "bytes beside the integers have changed", "", "", "");
  }
}

}  // namespace

TEST_CASE("17.1 this exercise needs a CPU with AVX2") {
  INFO("this machine's has none: " << qfs::cpu_text());
  REQUIRE(qfs::cpu_features().avx2);
}

TEST_CASE("17.1 on paper: the low half comes first, and 8 is 0") {
  CHECK(yours({0xF5}, 2) == Integers{-3, 7});
  CHECK(yours({0x08}, 2) == Integers{0, -8});
  CHECK(yours({0x5F, 0x89, 0x0D, 0xCA}, 8) == Integers{7, -3, 1, 0, 5, -8, 2, 4});
  CHECK(yours({0xF5, 0x08}, 3) == Integers{-3, 7, 0});
  CHECK(yours({}, 0).empty());
}

TEST_CASE("17.1 every byte at every place of a register") {
  for (std::size_t place = 0; place < 32; place += 31) {
    Bytes bytes(256 + place);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
    CHECK(difference(bytes, 2 * bytes.size()) == "");
    std::ranges::reverse(bytes);
    CHECK(difference(bytes, 2 * bytes.size()) == "");
  }
}

TEST_CASE("17.1 arrays of every length up to 300") { CHECK(first_length_that_differs() == ""); }

TEST_CASE("17.1 nothing outside the arrays") {
  for (std::size_t count : std::vector<std::size_t>{0,  1,  2,  3,  15, 16, 17, 31,  32,  33,
                                                    62, 63, 64, 65, 66, 95, 96, 127, 128, 784}) {
    INFO("count = " << count);
    CHECK(qfs::test::outcome_of([count] { run_between_pages(count); }) == "done");
  }
}

TEST_CASE("17.1 arrays at odd addresses") {
  const Bytes bytes(80, 0x19);
  std::vector<std::int8_t> q(150, 99);
  const auto run = [&] { exercise::unpack_nibbles(bytes.data() + 1, 130, q.data() + 3); };
  REQUIRE(qfs::test::outcome_of(run) == "done");
  run();
  CHECK((q[2] == 99 && q[133] == 99));
  CHECK((q[3] == 1 && q[4] == -7 && q[132] == -7));
}

TEST_CASE("17.1 as unpack_bits has it") {
  const Bytes bytes = random_bytes(20000, 9);
  std::vector<std::int8_t> expected(20000);
  qfs::unpack_bits(bytes, 4, expected);
  CHECK(yours(bytes, 20000) == Integers(expected.begin(), expected.end()));
}

#if QFS_SPEED_IS_JUDGED
namespace qfs::test {
using UnpackNibbles = void(const std::uint8_t*, std::size_t, std::int8_t*);
extern UnpackNibbles* const our_unpack_nibbles;
}  // namespace qfs::test

TEST_CASE("17.1 fast enough: at least 0.8 x of ours") {
  constexpr std::size_t kCount = 1U << 13;
  const Bytes bytes = random_bytes(kCount, 1);
  std::vector<std::int8_t> q(kCount);
  const auto by = [&](qfs::test::UnpackNibbles* unpack) {
    return [&, unpack] {
      for (int i = 0; i < 16; ++i) unpack(bytes.data(), kCount, q.data());
    };
  };
  const auto plain = [](const std::uint8_t* from, std::size_t count, std::int8_t* to) {
    qfs::unpack_bits({from, (count + 1) / 2}, 4, {to, count});
  };
  CHECK(qfs::test::is_fast_enough({.yours = by(exercise::unpack_nibbles),
                                   .plain = by(plain),
                                   .ours = by(qfs::test::our_unpack_nibbles),
                                   .products = 16.0 * kCount,
                                   .unit = "integers a nanosecond"}));
}
#endif
