#include "21_int8_cnn/conv_u8.hpp"

#include <algorithm>

#include "20_float_cnn/plumbing/copy_runs.hpp"

namespace qfs {

PaddedPictures pad_pictures(std::span<const std::uint8_t> pictures, const PictureShape& shape,
                            const Window& window, std::uint8_t zero_point,
                            std::vector<std::uint8_t>& scratch) {
  const std::size_t padding = window.padding;
  const bool reads_behind = window.width * shape.channels % (kReadBehind + 1) != 0;
  if (padding == 0 && !reads_behind) return {pictures.data(), shape};
  const PictureShape padded{shape.height + 2 * padding, shape.width + 2 * padding, shape.channels};
  const std::size_t count = pictures.size() / shape.size();
  const std::size_t row = shape.width * shape.channels, side = padding * shape.channels;
  scratch.resize(count * padded.size() + kReadBehind);
  std::uint8_t* to = scratch.data();
  const std::uint8_t* from = pictures.data();
  const auto border = [&](std::size_t size) { to = std::fill_n(to, size, zero_point); };
  for (std::size_t p = 0; p < count; ++p) {
    border(padding * (row + 2 * side) + side);
    for (std::size_t y = 0; y < shape.height; ++y, from += row) {
      to = std::copy_n(from, row, to);
      border(2 * side);  // of this row, and of the next
    }
    border(padding * (row + 2 * side) - side);
  }
  return {scratch.data(), padded};
}

namespace {

// [write_patches]
// A row of the window is `count` runs of `size` bytes, `step` apart: one run where the patch has
// all channels, one a pixel where it has some.
struct Runs {
  std::size_t size, count, step;
};

// The patches of `places` neighbours in a row; `from` is the corner of the first.
template <class Copy>
void write_row(const Patches& all, const Runs& runs, const std::uint8_t* from, std::size_t places,
               std::uint8_t* to, Copy&& copy) {
  const PictureShape& shape = all.pictures.shape;
  const std::size_t line = shape.width * shape.channels;
  for (; places > 0; --places, from += all.window.stride * shape.channels)
    for (std::size_t i = 0; i < all.window.height; ++i)
      for (std::size_t j = 0; j < runs.count; ++j, to += runs.size)
        copy(from + i * line + j * runs.step, to);
}

// The corner of a patch: its first run.
const std::uint8_t* corner_of_patch(const void* source, std::size_t row) {
  const auto& [pictures, window, channels, rows, columns] = *static_cast<const Patches*>(source);
  const PictureShape& shape = pictures.shape;
  const std::size_t picture = row / (rows * columns), place = row % (rows * columns);
  const std::size_t pixel = (place / columns * shape.width + place % columns) * window.stride;
  return pictures.first + picture * shape.size() + pixel * shape.channels + channels.first;
}

void write_patches(const void* source, std::size_t begin, std::size_t end, std::uint8_t* to) {
  const Patches& all = *static_cast<const Patches*>(source);
  const auto& [pictures, window, channels, rows, columns] = all;
  const PictureShape& shape = pictures.shape;
  const bool whole = channels.count == shape.channels;
  const Runs runs{whole ? window.width * channels.count : channels.count, whole ? 1 : window.width,
                  shape.channels};
  const std::size_t patch = window.pixels() * channels.count;
  for (std::size_t r = begin; r < end;) {
    const std::size_t count = std::min(end - r, columns - r % columns);
    const std::uint8_t* from = corner_of_patch(source, r);
    const auto write = [&](auto copy) { write_row(all, runs, from, count, to, copy); };
    by_size(runs.size, write);
    r += count;
    to += count * patch;
  }
}
// [/write_patches]

}  // namespace

// [in_place]
// A row of the window is a run; neighbours lie `stride` pixels apart.
LeftSide patches_left_side(const Patches& patches, std::size_t pictures) {
  const PictureShape& shape = patches.pictures.shape;
  LeftSide left{.rows = pictures * patches.rows * patches.columns,
                .depth = patches.window.pixels() * patches.channels.count,
                .source = &patches,
                .pack = write_patches};
  if (patches.channels.count == shape.channels)
    left.in_place = {.run = patches.window.width * shape.channels,
                     .run_step = shape.width * shape.channels,
                     .together = patches.columns,
                     .row_step = patches.window.stride * shape.channels,
                     .at = corner_of_patch};
  return left;
}
// [/in_place]

}  // namespace qfs
