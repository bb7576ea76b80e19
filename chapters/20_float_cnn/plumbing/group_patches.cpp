#include "20_float_cnn/plumbing/group_patches.hpp"

namespace qfs {
namespace {

// Number j of every patch of a row of places, whose channel has the picture's row `line`.
void copy_column(const ConvGroup& group, const float* line, std::size_t j, float* to) {
  const Window& window = group.layer.window;
  const std::size_t K = group.patch(), places = group.output.width, stride = window.stride;
  const std::size_t C = group.input.channels, border = window.padding;
  std::size_t first = j < border ? (border - j + stride - 1) / stride : 0;
  first = std::min(first, places);
  const std::size_t reach = group.input.width + border, beyond = reach > j ? reach - j : 0;
  const std::size_t end = std::max(first, std::min(places, (beyond + stride - 1) / stride));
  for (std::size_t p = 0; p < first; ++p) to[p * K] = 0.0F;
  for (std::size_t p = first; p < end; ++p) to[p * K] = line[(p * stride + j - border) * C];
  for (std::size_t p = end; p < places; ++p) to[p * K] = 0.0F;
}

// The patches of one picture whose group is a single channel, P x K: number by number of the patch,
// each for a row of places at once. Where a patch is so small, what copy_patch asks at every place
// would cost more than the copying.
void copy_patches_of_one(const ConvGroup& group, const float* picture, float* to) {
  const Window& window = group.layer.window;
  const PictureShape& in = group.input;
  const std::size_t K = group.patch(), places = group.output.width;
  for (std::size_t row = 0; row < group.output.height; ++row, to += places * K) {
    const Band rows = seen_band(in.height, window.padding, window.height, window.stride, row);
    if (rows.count() < window.height) std::fill_n(to, places * K, 0.0F);
    for (std::size_t y = rows.first; y < rows.end; ++y) {
      const std::size_t i = y + window.padding - row * window.stride;  // of the window
      const float* line = picture + y * in.width * in.channels + group.from.first;
      for (std::size_t j = 0; j < window.width; ++j)
        copy_column(group, line, j, to + i * window.width + j);
    }
  }
}

}  // namespace

void copy_patches(const ConvGroup& group, const float* picture, float* to) {
  if (group.from.count == 1) return copy_patches_of_one(group, picture, to);
  for (std::size_t row = 0; row < group.output.height; ++row)
    for (std::size_t column = 0; column < group.output.width; ++column, to += group.patch())
      copy_patch(picture, group.input, group.layer.window, group.from, row, column, 0.0F, to);
}

void take_channels(const ConvGroup& group, std::span<const float> all, std::vector<float>& part) {
  const std::size_t N = group.output.channels;
  part.resize(all.size() / N * group.to.count);
  for (std::size_t m = 0; m < all.size() / N; ++m)
    std::copy_n(all.data() + m * N + group.to.first, group.to.count,
                part.data() + m * group.to.count);
}

void put_channels(const ConvGroup& group, std::span<const float> part, float* all) {
  for (std::size_t m = 0; m < part.size() / group.to.count; ++m)
    std::copy_n(part.data() + m * group.to.count, group.to.count,
                all + m * group.output.channels + group.to.first);
}

std::size_t pictures_at_once(const ConvGroup& group) {
  return std::max<std::size_t>(1, kPatchNumbers / (group.places() * group.patch()));
}

}  // namespace qfs
