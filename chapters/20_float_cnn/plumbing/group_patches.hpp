// The groups of a convolution: their patches, some pictures at a time, and their channels of y.
//
// Letters as in conv2d.hpp.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "20_float_cnn/conv2d.hpp"

namespace qfs {

// One group of a layer on pictures of one shape; the layer must outlive it.
struct ConvGroup {
  const Conv2d& layer;
  PictureShape input, output;
  Channels from, to;  // of the input, of the output
  std::size_t places() const { return output.pixels(); }
  std::size_t patch() const { return layer.weight.shape(1); }  // K
  MatrixView<const float> weight() const {
    return {layer.weight.data() + to.first * patch(), to.count, patch()};
  }
};

// Calls use(group) for each group. Throws Error where the layer does not fit the picture.
template <class Use>
void each_group(const Conv2d& layer, const PictureShape& input, Use&& use) {
  const PictureShape output = output_shape(layer, input);
  const std::size_t C = input.channels / layer.groups, N = layer.outputs() / layer.groups;
  for (std::size_t g = 0; g < layer.groups; ++g)
    use(ConvGroup{layer, input, output, {g * C, C}, {g * N, N}});
}

// The patches of `count` pictures of x from `first` on, each P x K, to scratch.patches.
void copy_patches(const ConvGroup& group, const Matrix<float>& x, std::size_t first,
                  std::size_t count, PatchScratch& scratch);

// The group's channels of all outputs, M pixels x (N / G), out of M x N and into it.
void take_channels(const ConvGroup& group, std::span<const float> all, std::vector<float>& part);
void put_channels(const ConvGroup& group, std::span<const float> part, float* all);

// How many pictures share one product.
std::size_t pictures_at_once(const ConvGroup& group);

// Some pictures of a batch: their patches, and where their outputs stand.
struct PatchChunk {
  std::size_t first, count;      // pictures
  MatrixView<float> patches;     // count P x K
  std::size_t y_first, y_count;  // numbers of y
};

// Calls use(chunk) for the batch, some pictures at a time.
template <class Use>
void each_chunk(const ConvGroup& group, const Matrix<float>& x, PatchScratch& scratch, Use&& use) {
  const std::size_t at_once = std::min(pictures_at_once(group), x.shape(0));
  const std::size_t size = group.places() * group.patch();
  scratch.patches.resize(at_once * size);
  for (std::size_t b = 0; b < x.shape(0); b += at_once) {
    const std::size_t count = std::min(at_once, x.shape(0) - b);
    copy_patches(group, x, b, count, scratch);
    use(PatchChunk{b,
                   count,
                   {scratch.patches.data(), count * group.places(), group.patch()},
                   b * group.output.size(),
                   count * group.output.size()});
  }
}

}  // namespace qfs
