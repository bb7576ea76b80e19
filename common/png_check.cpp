#include "common/png_check.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

#include "common/bytes.hpp"
#include "common/inflate.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice = "save or fetch the picture again";
constexpr std::array<unsigned char, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

constexpr std::size_t kGrey = 0, kPalette = 3;  // colour types

// The samples of one pixel, for a colour type and bit depth that may stand together; else 0.
std::size_t samples_per_pixel(std::size_t colour, std::size_t depth) {
  // By colour type: grey, -, RGB, palette index, grey and alpha, -, RGBA.
  constexpr std::array<std::size_t, 7> kSamples = {1, 0, 3, 1, 2, 0, 4};
  const bool is_depth =
      depth == 8 || (depth == 16 && colour != kPalette) ||
      ((depth == 1 || depth == 2 || depth == 4) && (colour == kGrey || colour == kPalette));
  return is_depth && colour < kSamples.size() ? kSamples[colour] : 0;
}

PngLayout parse_header(std::span<const std::byte> content, const std::string& name,
                       std::size_t max_side) {
  require(content.size() == 13, name + ": the PNG header has the wrong length", content.size(), 13,
          kAdvice);
  ByteReader reader(content, name, kAdvice);
  PngLayout header;
  header.cols = reader.big_endian<std::uint32_t>("the width");
  header.rows = reader.big_endian<std::uint32_t>("the height");
  require(header.cols >= 1 && header.rows >= 1 && std::max(header.cols, header.rows) <= max_side,
          name + ": pictures of this size are not supported",
          std::to_string(header.cols) + " x " + std::to_string(header.rows) + " pixels",
          "1 to " + std::to_string(max_side) + " on each side", "scale the picture down");
  const std::size_t depth = reader.big_endian<std::uint8_t>("the bit depth");
  const std::size_t colour = reader.big_endian<std::uint8_t>("the colour type");
  const auto compression = reader.big_endian<std::uint8_t>("the compression method");
  const auto filter = reader.big_endian<std::uint8_t>("the filter method");
  const auto interlace = reader.big_endian<std::uint8_t>("the interlace method");
  const std::size_t samples = samples_per_pixel(colour, depth);
  require(samples > 0 && compression == 0 && filter == 0 && interlace <= 1,
          name + ": the PNG header makes no sense",
          "bit depth " + std::to_string(depth) + ", colour type " + std::to_string(colour),
          "values of the PNG standard", kAdvice);
  header.bits_per_pixel = depth * samples;
  header.interlaced = interlace == 1;
  header.palette = colour == kPalette;
  return header;
}

// Bytes of lines without interlacing; 0 for a pass that holds no pixel.
std::size_t bytes_of(std::size_t rows, std::size_t cols, std::size_t bits_per_pixel) {
  return cols == 0 ? 0 : rows * (1 + (cols * bits_per_pixel + 7) / 8);
}

struct Chunk {
  std::string type;  // "IHDR", "IDAT", ...
  std::span<const std::byte> content;
};

Chunk next_chunk(ByteReader& reader, std::span<const std::byte> file, const std::string& name) {
  const auto length = reader.big_endian<std::uint32_t>("a chunk's length");
  const std::size_t start = reader.position();
  Chunk chunk;
  for (std::byte letter : reader.take(4, "a chunk's type"))
    chunk.type += std::to_integer<char>(letter);
  chunk.content = reader.take(length, "a chunk");
  const auto covered = file.subspan(start, 4 + std::size_t{length});
  const uLong computed = crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size());
  const auto stored = reader.big_endian<std::uint32_t>("a chunk's checksum");
  require(
      computed == stored,
      name + " is damaged: wrong checksum in the PNG chunk at byte " + std::to_string(start - 4),
      computed, stored, kAdvice);
  return chunk;
}

void check_pixels(const std::vector<std::byte>& compressed, const PngLayout& layout,
                  const std::string& name) {
  const std::size_t expected = uncompressed_bytes(layout);
  const Inflated raw = inflate_at_most(compressed, Wrapper::zlib, expected + 1, name);
  require(raw.ended && raw.bytes.size() == expected && raw.consumed == compressed.size(),
          name + " does not hold as many pixels as its header says",
          std::to_string(raw.bytes.size()) + (raw.ended ? "" : " or more") + " bytes of pixels",
          expected, kAdvice);
}

}  // namespace

std::size_t uncompressed_bytes(const PngLayout& layout) {
  if (!layout.interlaced) return bytes_of(layout.rows, layout.cols, layout.bits_per_pixel);
  struct Pass {
    std::size_t row, col, row_step, col_step;  // every row_step-th row from `row`, likewise columns
  };
  constexpr Pass kAdam7[] = {{0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4},
                             {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}};
  std::size_t bytes = 0;
  for (const Pass& pass : kAdam7)
    bytes += bytes_of((layout.rows + pass.row_step - 1 - pass.row) / pass.row_step,
                      (layout.cols + pass.col_step - 1 - pass.col) / pass.col_step,
                      layout.bits_per_pixel);
  return bytes;
}

CheckedPng check_png(std::span<const std::byte> file, const std::string& name,
                     std::size_t max_side) {
  const bool is_png = file.size() >= kSignature.size() &&
                      std::equal(kSignature.begin(), kSignature.end(), file.begin(),
                                 [](unsigned char a, std::byte b) { return std::byte{a} == b; });
  require(is_png, name + " is not a PNG file", "other first bytes", "the PNG signature",
          "convert the picture to PNG");
  ByteReader reader(file, name, kAdvice);
  reader.take(kSignature.size(), "the signature");

  Chunk chunk = next_chunk(reader, file, name);
  require(chunk.type == "IHDR", name + ": the PNG header is missing", "another chunk", "IHDR",
          kAdvice);
  CheckedPng png{parse_header(chunk.content, name, max_side), 0, {}};
  while (chunk.type != "IEND") {
    chunk = next_chunk(reader, file, name);
    if (chunk.type == "IDAT")
      png.compressed.insert(png.compressed.end(), chunk.content.begin(), chunk.content.end());
    if (chunk.type == "PLTE") png.colours = chunk.content.size() / 3;  // red, green and blue each
  }
  require(reader.left() == 0, name + " goes on after its last PNG chunk",
          std::to_string(reader.left()) + " bytes more", "none", kAdvice);
  check_pixels(png.compressed, png.layout, name);
  return png;
}

std::vector<std::byte> indices_as_grey(std::span<const std::byte> file, const CheckedPng& png) {
  constexpr std::size_t kHeaderEnd = 33, kColourType = 25;  // the signature and IHDR; in it
  std::vector<std::byte> grey(file.begin(), file.begin() + kHeaderEnd);
  grey[kColourType] = std::byte{kGrey};
  const auto append = [&](std::string_view type, std::span<const std::byte> content) {
    for (int shift : {24, 16, 8, 0})
      grey.push_back(static_cast<std::byte>(content.size() >> shift));
    for (char letter : type) grey.push_back(static_cast<std::byte>(letter));
    grey.insert(grey.end(), content.begin(), content.end());
    grey.resize(grey.size() + 4);  // the checksum
  };
  append("IDAT", png.compressed);
  append("IEND", {});
  return grey;
}

}  // namespace qfs
