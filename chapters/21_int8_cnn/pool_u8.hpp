// Pooling in integers: the largest number of a window is that of the largest real; the mean is a
// sum and one multiplier.
//
// Symbols as in the text: s_x, z_x scale and zero point of the input, s_y, z_y of the output.
#pragma once

#include <span>

#include "01_affine_math/affine.hpp"
#include "20_float_cnn/picture.hpp"

namespace qfs {

// The largest of what each window sees, the border not counted: scale and zero point stay (eq.
// 21.6). Any number of pictures.
void max_pool_u8(const Window& window, const PictureShape& input, std::span<const std::uint8_t> x,
                 std::span<std::uint8_t> y);

struct AveragePoolU8 {
  Window window{};
  PictureShape input{};
  std::int32_t x_zero_point = 0;
  float multiplier = 0.0F;  // m = s_x / (s_y count), count = kh kw (eq. 21.7)
  QuantParams output{};
  QuantRange range{};
};

// q_y = z_y + round(m * sum(q_x - z_x)) (eq. 21.8): PyTorch, and ONNX Runtime's mean over a whole
// picture. The border counts as real 0.
void average_pool_u8(const AveragePoolU8& pool, std::span<const std::uint8_t> x,
                     std::span<std::uint8_t> y);

// m, in the order of float32 operations of both. Throws Error where the scales give none.
float average_multiplier(float x_scale, std::size_t count, float y_scale);

}  // namespace qfs
