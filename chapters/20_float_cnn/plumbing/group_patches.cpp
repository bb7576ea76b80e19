#include "20_float_cnn/plumbing/group_patches.hpp"

#include "20_float_cnn/plumbing/copy_runs.hpp"

namespace qfs {
namespace {

// A group's channels of one picture, with the border of zeros that the window needs.
struct Plane {
  std::size_t width, run;  // numbers of a row; of a row of the window
  float* numbers;
};

Plane plane_of(const ConvGroup& group, std::vector<float>& numbers) {
  const Window& window = group.layer.window;
  const std::size_t C = group.from.count;
  const std::size_t width = (group.input.width + 2 * window.padding) * C;
  numbers.assign(width * (group.input.height + 2 * window.padding), 0.0F);
  return {width, window.width * C, numbers.data()};
}

void copy_inside(const ConvGroup& group, const float* picture, const Plane& plane) {
  const auto& [from, input] = std::pair(group.from, group.input);
  const std::size_t padding = group.layer.window.padding;
  for (std::size_t y = 0; y < input.height; ++y) {
    const float* line = picture + y * input.width * input.channels + from.first;
    float* to = plane.numbers + (y + padding) * plane.width + padding * from.count;
    if (from.count == input.channels) {
      std::copy_n(line, input.width * input.channels, to);
    } else {
      for (std::size_t x = 0; x < input.width; ++x, line += input.channels)
        to = std::copy_n(line, from.count, to);
    }
  }
}

// `copy` copies a run, seen as bytes, by blocks (copy_runs.hpp).
template <class Copy>
void write_patches(const ConvGroup& group, const Plane& plane, float* to, Copy&& copy) {
  const Window& window = group.layer.window;
  for (std::size_t row = 0; row < group.output.height; ++row)
    for (std::size_t column = 0; column < group.output.width; ++column) {
      const float* from =
          plane.numbers + window.stride * (row * plane.width + column * group.from.count);
      for (std::size_t i = 0; i < window.height; ++i, to += plane.run)
        copy(reinterpret_cast<const std::uint8_t*>(from + i * plane.width),
             reinterpret_cast<std::uint8_t*>(to));
    }
}

}  // namespace

void copy_patches(const ConvGroup& group, const Matrix<float>& x, std::size_t first,
                  std::size_t count, PatchScratch& scratch) {
  const Plane plane = plane_of(group, scratch.plane);
  const std::size_t size = group.places() * group.patch();
  by_size(plane.run * sizeof(float), [&](auto copy) {
    for (std::size_t i = 0; i < count; ++i) {
      copy_inside(group, row(x, first + i).data(), plane);
      write_patches(group, plane, scratch.patches.data() + i * size, copy);
    }
  });
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
