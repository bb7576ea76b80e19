// Whether a PNG file is whole and sound: what stb_image takes on trust is verified here first.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace qfs {

// What of a PNG's header decides how many bytes its pixels take.
struct PngLayout {
  std::size_t cols = 0, rows = 0;
  std::size_t bits_per_pixel = 0;  // bit depth * samples of a pixel
  bool interlaced = false;         // seven passes (Adam7), each a picture of its own
};

// Bytes before compression: every line is one filter byte and its pixels, rounded up to bytes.
std::size_t uncompressed_bytes(const PngLayout& layout);

// Throws Error, with `name` in its message, unless `file` is a PNG signature and chunks whose CRCs
// are right, IHDR first and IEND last with nothing after it, and its IDAT chunks inflate (checksum
// right) to exactly the bytes that the picture's size needs. Sides must be 1 to max_side pixels.
// Source: PNG specification, second edition, https://www.w3.org/TR/2003/REC-PNG-20031110/
void check_png(std::span<const std::byte> file, const std::string& name, std::size_t max_side);

}  // namespace qfs
