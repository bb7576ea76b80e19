// Whether a PNG file is whole and sound: what stb_image takes on trust is verified here first.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace qfs {

// What of a PNG's header decides how many bytes its pixels take, and what they mean.
struct PngLayout {
  std::size_t cols = 0, rows = 0;
  std::size_t bits_per_pixel = 0;  // bit depth * samples of a pixel
  bool interlaced = false;         // seven passes (Adam7), each a picture of its own
  bool palette = false;            // every pixel is an index into the colours of PLTE
};

// A PNG that check_png found sound.
struct CheckedPng {
  PngLayout layout;
  std::size_t colours = 0;            // in PLTE; 0 without one
  std::vector<std::byte> compressed;  // the content of its IDAT chunks
};

// Bytes before compression: every line is one filter byte and its pixels, rounded up to bytes.
std::size_t uncompressed_bytes(const PngLayout& layout);

// Throws Error, with `name` in its message, unless `file` is a PNG signature and chunks whose CRCs
// are right, IHDR first and IEND last with nothing after it, and its IDAT chunks inflate (checksum
// right) to exactly the bytes that the picture's size needs. Sides must be 1 to max_side pixels.
// Source: PNG specification, second edition, https://www.w3.org/TR/2003/REC-PNG-20031110/
CheckedPng check_png(std::span<const std::byte> file, const std::string& name,
                     std::size_t max_side);

// A PNG of a palette picture's indices as grey: index i of d bits is i * 255 / (2^d - 1). Its
// checksums are 0. `file` is the one that was checked.
std::vector<std::byte> indices_as_grey(std::span<const std::byte> file, const CheckedPng& png);

}  // namespace qfs
