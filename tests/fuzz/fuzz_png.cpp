// libFuzzer: PNG pictures, as sheets of digits.
//
// Almost every change to a PNG breaks a checksum, which check_png refuses. So that stb_image is
// reached too, each input is tried twice: as it is, and with the CRC of every chunk made right.
#include <zlib.h>

#include <cstdint>
#include <span>
#include <vector>

#include "common/image.hpp"
#include "common/sheet.hpp"

namespace {

void decode(std::span<const std::byte> file) {
  constexpr std::size_t kMaxSide = 1120;
  try {
    const auto picture = qfs::decode_png(file, "input", kMaxSide);
    if (picture.shape(0) > kMaxSide || picture.shape(1) > kMaxSide) __builtin_trap();
    qfs::unpack_sheet(picture, 1, "input");
  } catch (const qfs::Error&) {
  }
}

std::size_t big_endian(std::span<const std::byte> bytes) {
  std::size_t value = 0;
  for (const std::byte byte : bytes.first(4))
    value = value << 8 | std::to_integer<std::size_t>(byte);
  return value;
}

// Walks the chunks (length, type, content, CRC) as far as they go.
void repair_checksums(std::span<std::byte> file) {
  for (std::size_t at = 8; at + 12 <= file.size();) {
    const std::size_t length = big_endian(file.subspan(at));
    if (length > file.size() - at - 12) return;
    const auto covered = file.subspan(at + 4, 4 + length);
    uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size());
    for (std::size_t i = 4; i-- > 0; crc >>= 8)
      file[at + 8 + length + i] = static_cast<std::byte>(crc & 0xff);
    at += 12 + length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  std::vector<std::byte> file(bytes.begin(), bytes.end());
  decode(file);
  repair_checksums(file);
  decode(file);
  return 0;
}
