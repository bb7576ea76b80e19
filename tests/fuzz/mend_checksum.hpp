// For the fuzz targets of files that end in a CRC-32.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <span>
#include <vector>

// Calls `parse` twice: with the input as it is, and with its last four bytes made the CRC-32 of
// those before them (lowest byte first), so that what lies behind the checksum is reached.
template <class Parse>
void parse_as_it_is_and_mended(const std::uint8_t* data, std::size_t size, Parse parse) {
  const auto bytes = std::as_bytes(std::span(data, size));
  parse(bytes);
  if (size < 4) return;
  std::vector<std::byte> mended(bytes.begin(), bytes.end());
  uLong crc = crc32_z(0, data, size - 4);
  for (std::size_t i = size - 4; i < size; ++i, crc >>= 8)
    mended[i] = static_cast<std::byte>(crc & 0xff);
  parse(std::span<const std::byte>(mended));
}
