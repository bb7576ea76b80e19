#include "common/image.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>

#include "common/bytes.hpp"
#include "common/png_check.hpp"

namespace {

// zlib in place of stb_image_write's own compressor, which makes files a fifth larger. The caller
// releases the result with free.
unsigned char* compress_with_zlib(unsigned char* data, int length, int* compressed_length,
                                  int level) {
  uLongf size = compressBound(static_cast<uLong>(length));
  auto* compressed = static_cast<unsigned char*>(std::malloc(size));
  if (compressed == nullptr) return nullptr;
  if (compress2(compressed, &size, data, static_cast<uLong>(length), level) != Z_OK) {
    std::free(compressed);
    return nullptr;
  }
  *compressed_length = static_cast<int>(size);
  return compressed;
}

}  // namespace

#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#define STBIW_ZLIB_COMPRESS compress_with_zlib
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

namespace qfs {
namespace {

using Pixels = std::unique_ptr<unsigned char, decltype(&std::free)>;  // stb allocates with malloc

// The pixels of a PNG that was checked, `channels` bytes each.
Pixels decode(std::span<const std::byte> file, const std::string& name, int channels) {
  int cols = 0, rows = 0, channels_in_file = 0;
  Pixels pixels(stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(file.data()),
                                      static_cast<int>(file.size()), &cols, &rows,
                                      &channels_in_file, channels),
                &std::free);
  if (pixels == nullptr)
    fail(name + " cannot be decoded", stbi_failure_reason(), "a PNG picture",
         "save or fetch the picture again");
  return pixels;
}

// stb_image takes on trust that every index has its colour in the palette, and reads memory that
// nobody has set where it has none.
void check_indices(std::span<const std::byte> file, const CheckedPng& png,
                   const std::string& name) {
  const Pixels grey = decode(indices_as_grey(file, png), name, 1);
  const std::size_t count = png.layout.rows * png.layout.cols;
  const unsigned char brightest = *std::max_element(grey.get(), grey.get() + count);
  const int step = 255 / ((1 << png.layout.bits_per_pixel) - 1);
  const int largest = brightest / step;
  require(
      static_cast<std::size_t>(largest) < png.colours,
      name + ": a pixel's colour is not in the picture's palette",
      "colour " + std::to_string(largest),
      png.colours == 0 ? "a palette, the chunk PLTE" : "0 to " + std::to_string(png.colours - 1),
      "save the picture again, best as grey or RGB");
}

}  // namespace

Matrix<std::uint8_t> load_png(const std::string& path, std::size_t max_side) {
  return decode_png(read_file(path), path, max_side);
}

Matrix<std::uint8_t> decode_png(std::span<const std::byte> file, const std::string& name,
                                std::size_t max_side) {
  const CheckedPng png = check_png(file, name, max_side);
  require(file.size() <= std::numeric_limits<int>::max(), name + " is too large", file.size(),
          "less than 2 GiB", "save the picture smaller");
  if (png.layout.palette) check_indices(file, png, name);
  constexpr int kGreyAndAlpha = 2;
  const Pixels pixels = decode(file, name, kGreyAndAlpha);
  auto picture = make_tensor<std::uint8_t>({png.layout.rows, png.layout.cols});
  const unsigned char* pixel = pixels.get();
  for (std::uint8_t& grey : values(picture)) {  // grey over white, weighted by alpha
    grey = static_cast<std::uint8_t>((pixel[0] * pixel[1] + 255 * (255 - pixel[1]) + 127) / 255);
    pixel += kGreyAndAlpha;
  }
  return picture;
}

void save_png(const std::string& path, const Matrix<std::uint8_t>& picture) {
  const std::size_t rows = picture.shape(0), cols = picture.shape(1);
  constexpr std::size_t kLargest = 1 << 14;
  require(std::min(rows, cols) >= 1 && std::max(rows, cols) <= kLargest,
          "cannot write a PNG of this size to " + path, shape_text(picture),
          "1 to " + std::to_string(kLargest) + " on each side", "write a smaller picture");
  stbi_write_png_compression_level = 9;
  int length = 0;
  const int width = static_cast<int>(cols), height = static_cast<int>(rows);
  const Pixels png(stbi_write_png_to_mem(picture.data(), width, width, height, 1, &length),
                   &std::free);
  if (png == nullptr) fail("cannot encode " + path, "out of memory", "", "free some memory");
  write_file_atomically(
      path, {reinterpret_cast<const char*>(png.get()), static_cast<std::size_t>(length)});
}

}  // namespace qfs
