// No reader of files may take memory because a header asks for it: each hostile file below is small
// and claims to be huge.
#include <algorithm>

#include "common/container_file.hpp"
#include "common/idx.hpp"
#include "common/image.hpp"
#include "common/npy.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_requests.hpp"
#include "tests/support/message_of.hpp"

using namespace qfs::test;

namespace {

// The largest single request while `parse` reads `file`; it must end with an Error.
template <class Parse>
std::size_t largest_request_of(const Bytes& file, Parse parse) {
  count_requests_anew();
  const std::string message = message_of([&] { parse(file); });
  const std::size_t largest = requests_so_far().largest;
  CHECK(message != "no error");
  return largest;
}

// zlib's and stb_image's own working memory is no part of operator new; messages and the first
// piece of inflated bytes are (64 KiB).
constexpr std::size_t kBound = 1 << 17;

}  // namespace

TEST_CASE("The count of requests sees a large one", "[hand]") {
  count_requests_anew();
  const Bytes large(1 << 20);
  const std::byte* volatile seen_by_others = large.data();  // or Clang leaves the request out
  const MemoryRequests seen = requests_so_far();            // CHECK has requests of its own
  CHECK(seen.largest == 1 << 20);
  CHECK(seen.count == 1);
  CHECK(seen_by_others == large.data());
}

TEST_CASE("IDX: a header's sizes take no memory", "[hand]") {
  const auto parse = [](const Bytes& file) { qfs::parse_idx_images(file, "f"); };
  const Bytes header =
      joined({big_endian(0x803), big_endian(4096), big_endian(256), big_endian(256)});
  CHECK(largest_request_of(header, parse) < kBound);
  CHECK(largest_request_of(compressed(header, Format::gzip), parse) < kBound);
  // 50 MB of zeros in 50 KB, behind a header of 12 pixels: only its size comes out.
  const Bytes bomb = compressed(
      joined({big_endian(0x803), big_endian(2), big_endian(2), big_endian(3), Bytes(50000000)}),
      Format::gzip);
  CHECK(largest_request_of(bomb, parse) < kBound);
}

TEST_CASE(".npy: a shape takes no memory", "[hand]") {
  const std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (100000000,)}";
  const Bytes file = joined({bytes_of(std::string_view("\x93NUMPY\1\0", 8)),
                             bytes_of(std::string_view("\x3f\0", 2)), bytes_of(header), Bytes(8)});
  REQUIRE(header.size() == 0x3f);
  CHECK(largest_request_of(file, [](const Bytes& f) { qfs::parse_npy(f, "f"); }) < kBound);
}

TEST_CASE("Container: counts take no memory", "[hand]") {
  const auto parse = [](const Bytes& file) { qfs::parse_container(file, "f"); };
  Bytes file = joined({bytes_of("QFSMODEL"), bytes_of(std::string_view("\1\0\0\0", 4)),
                       bytes_of("\xff\xff\xff\x7f"), bytes_of("\xff\xff\xff\x7f")});
  const auto checksum = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(file.data()), file.size()));
  Bytes trailer = big_endian(checksum);
  std::reverse(trailer.begin(), trailer.end());
  CHECK(largest_request_of(joined({file, trailer}), parse) < kBound);
}

TEST_CASE("PNG: a header's sizes take no memory", "[hand]") {
  // The signature and an IHDR of 4096 x 4096 pixels of 16-bit RGBA (128 MB), an IDAT of one line.
  const auto chunk = [](const std::string& type, const Bytes& content) {
    const Bytes covered = joined({bytes_of(type), content});
    const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size());
    return joined({big_endian(static_cast<std::uint32_t>(content.size())), covered,
                   big_endian(static_cast<std::uint32_t>(crc))});
  };
  const Bytes header =
      joined({big_endian(4096), big_endian(4096), bytes_of(std::string_view("\x10\x06\0\0\0", 5))});
  const Bytes file =
      joined({bytes_of("\x89PNG\r\n\x1a\n"), chunk("IHDR", header),
              chunk("IDAT", compressed(Bytes(4096 * 8 + 1), Format::zlib)), chunk("IEND", {})});
  CHECK(largest_request_of(file, [](const Bytes& f) { qfs::decode_png(f, "f"); }) < kBound);
}
