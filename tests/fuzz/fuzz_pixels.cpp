// libFuzzer: what lies inside a PNG that is whole: stb_image's filters, palettes, bit depths and
// interlacing. The input is a header, a palette and the bytes before compression; the PNG around
// them is right, so that every input reaches the decoder.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/image.hpp"
#include "common/png_check.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

void append_big_endian(Bytes& bytes, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(number >> shift & 0xff));
}

void append_chunk(Bytes& png, std::string_view type, std::span<const std::uint8_t> content) {
  append_big_endian(png, content.size());
  const std::size_t start = png.size();
  png.insert(png.end(), type.begin(), type.end());
  png.insert(png.end(), content.begin(), content.end());
  append_big_endian(png, crc32_z(0, png.data() + start, png.size() - start));
}

// input: width, height (1 to 64), bit depth, colour type, interlace, length of the palette,
// length of its transparency; then palette, transparency and pixels, repeated or cut to the size
// they must have.
Bytes png_of(std::span<const std::uint8_t> input) {
  constexpr std::array<std::uint8_t, 5> kDepths = {1, 2, 4, 8, 16};
  constexpr std::array<std::uint8_t, 5> kColours = {0, 2, 3, 4, 6};
  constexpr std::array<std::size_t, 5> kSamples = {1, 3, 1, 2, 4};
  const std::size_t cols = 1 + input[0] % 64U, rows = 1 + input[1] % 64U, colour = input[3] % 5U;
  const std::uint8_t depth = kDepths[input[2] % 5U];
  const bool interlaced = input[4] % 2 == 1;

  Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  Bytes header;
  append_big_endian(header, cols);
  append_big_endian(header, rows);
  for (const int field : {int{depth}, int{kColours[colour]}, 0, 0, int{interlaced}})
    header.push_back(static_cast<std::uint8_t>(field));
  append_chunk(png, "IHDR", header);
  auto rest = input.subspan(7);
  for (const auto& [type, length] : {std::pair("PLTE", input[5]), std::pair("tRNS", input[6])}) {
    const auto content = rest.first(std::min<std::size_t>(rest.size(), length));
    if (!content.empty()) append_chunk(png, type, content);
    rest = rest.subspan(content.size());
  }
  Bytes raw(qfs::uncompressed_bytes({cols, rows, depth * kSamples[colour], interlaced}));
  for (std::size_t i = 0; i < raw.size() && !rest.empty(); ++i) raw[i] = rest[i % rest.size()];
  uLongf size = compressBound(raw.size());
  Bytes packed(size);
  compress2(packed.data(), &size, raw.data(), raw.size(), 1);
  append_chunk(png, "IDAT", std::span(packed).first(size));
  append_chunk(png, "IEND", {});
  return png;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  const Bytes png = png_of({data, size});
  try {
    const auto picture = qfs::decode_png(std::as_bytes(std::span(png)), "input");
    if (picture.shape(0) != 1 + data[1] % 64U || picture.shape(1) != 1 + data[0] % 64U)
      __builtin_trap();
  } catch (const qfs::Error&) {
  }
  return 0;
}
