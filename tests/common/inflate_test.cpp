#include "common/inflate.hpp"

#include "common/rng.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"

using namespace qfs::test;
using qfs::inflate_at_most;
using qfs::Inflated;
using qfs::Wrapper;

namespace {

// Bytes that compress a little: of 16 values, from a seed.
Bytes sample(std::size_t count, std::uint64_t seed) {
  qfs::Rng rng(seed);
  Bytes bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.below(16));
  return bytes;
}

}  // namespace

TEST_CASE("inflate_at_most gives back what was compressed", "[prop]") {
  for (const std::size_t count :
       std::initializer_list<std::size_t>{0, 1, 65535, 65536, 65537, 300000}) {
    const Bytes plain = sample(count, count + 1);
    for (const Format format : {Format::zlib, Format::gzip}) {
      const Wrapper wrapper = format == Format::gzip ? Wrapper::gzip : Wrapper::zlib;
      const Bytes packed = compressed(plain, format);
      const Inflated result = inflate_at_most(packed, wrapper, count + 1, "it");
      CHECK(result.bytes == plain);
      CHECK(result.ended);
      CHECK(result.consumed == packed.size());
    }
  }
}

TEST_CASE("inflate_at_most stops at its bound", "[hand]") {
  const Bytes plain(1000000);  // zeros: about 1 KB compressed
  const Bytes packed = compressed(plain, Format::gzip);
  REQUIRE(packed.size() < 2000);
  const Inflated result = inflate_at_most(packed, Wrapper::gzip, 100, "bomb");
  CHECK(result.bytes.size() == 100);
  CHECK(result.bytes.capacity() <= 200);
  CHECK_FALSE(result.ended);
}

TEST_CASE("inflate_at_most sees a stream that is cut off at any byte", "[prop]") {
  const Bytes packed = compressed(sample(200, 1), Format::gzip);
  for (std::size_t length = 0; length < packed.size(); ++length) {
    const Inflated result =
        inflate_at_most(std::span(packed).first(length), Wrapper::gzip, 1000, "it");
    CHECK_FALSE(result.ended);
  }
}

TEST_CASE("inflate_at_most lets no flipped bit change the content unseen", "[prop]") {
  const Bytes plain = sample(100, 2);
  const Bytes packed = compressed(plain, Format::gzip);
  int harmless = 0;
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    Bytes damaged = packed;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    bool whole = false;
    message_of([&] {
      const Inflated result = inflate_at_most(damaged, Wrapper::gzip, plain.size() + 1, "it");
      whole = result.ended && result.consumed == damaged.size();
      if (whole) CHECK(result.bytes == plain);
    });
    harmless += whole ? 1 : 0;
  }
  // gzip's time (32 bits), extra flags (8), system (8), the text flag (1), and at most
  // 7 padding bits.
  CHECK(harmless <= 56);
}

TEST_CASE("inflate_at_most refuses other bytes", "[hand]") {
  CHECK_THAT(message_of([] { inflate_at_most(bytes_of("no gzip"), Wrapper::gzip, 10, "f.gz"); }),
             QFS_CONTAINS("f.gz is damaged") && QFS_CONTAINS("incorrect header check"));
  // A zlib stream that needs a dictionary (the FDICT bit of its second byte) is none of ours.
  CHECK_THAT(message_of([] {
               inflate_at_most(bytes_of(std::string_view("\x78\xbb\0\0\0\1", 6)), Wrapper::zlib, 10,
                               "f");
             }),
             QFS_CONTAINS("f is damaged"));
}
