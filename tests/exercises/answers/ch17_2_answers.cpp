// Answers to exercise 17.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch17_2_test.cpp"

namespace one_loop {
const Answer kAnswer = right("all three sums in one loop");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x + size * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace one_loop

namespace subtracts {
const Answer kAnswer = right("subtracts in the inner loop (slow, and right)");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    y[n] = layer.bias[n];
    for (std::size_t g = 0; g < groups; ++g) {
      std::int32_t sum = 0;
      for (std::size_t k = g * layer.group_size;
           k < std::min((g + 1) * layer.group_size, layer.inputs); ++k)
        sum += (q_x[k] - x_params.zero_point) *
               (layer.q_w[n * layer.inputs + k] - layer.zero_point[n * groups + g]);
      y[n] += x_params.scale * (layer.scale[n * groups + g] * static_cast<float>(sum));
    }
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace subtracts

namespace no_last_term {
const Answer kAnswer = wrong("forgets n z_x z_w");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] * static_cast<float>(products - z_x * of_w - z_w * of_x);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace no_last_term

namespace no_x_zero {
const Answer kAnswer = wrong("forgets the zero point of the input");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] * static_cast<float>(products - z_w * of_x);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace no_x_zero

namespace no_w_zero {
const Answer kAnswer = wrong("forgets the zero points of the weights");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] * static_cast<float>(products - z_x * of_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace no_w_zero

namespace sums_swapped {
const Answer kAnswer = wrong("takes the sum of the weights for that of the inputs");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] *
               static_cast<float>(products - z_x * of_x - z_w * of_w + size * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace sums_swapped

namespace full_groups {
const Answer kAnswer = wrong("counts group_size inputs in the short group too");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x +
                                  static_cast<std::int32_t>(layer.group_size) * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace full_groups

namespace whole_row {
const Answer kAnswer = wrong("counts all inputs in every group");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x +
                                  static_cast<std::int32_t>(layer.inputs) * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace whole_row

namespace rest_forgotten {
const Answer kAnswer = wrong("leaves the short group out");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = layer.inputs / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size, count = layer.group_size;
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t
          z_x = x_params.zero_point,
          z_w =
              layer.zero_point[n * ((layer.inputs + layer.group_size - 1) / layer.group_size) + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * ((layer.inputs + layer.group_size - 1) / layer.group_size) + g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x + size * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace rest_forgotten

namespace of_first_output {
const Answer kAnswer = wrong("takes the zero points of the first output");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point, z_w = layer.zero_point[g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x + size * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace of_first_output

namespace scale_of_first {
const Answer kAnswer = wrong("takes the scales of the first output");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x + size * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace scale_of_first

namespace sixteen_bits {
const Answer kAnswer = wrong("adds in 16 bits");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int16_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int16_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int16_t>(of_x + q_x[k]);
        of_w = static_cast<std::int16_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x + size * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace sixteen_bits

namespace bias_scaled {
const Answer kAnswer = wrong("multiplies the bias by the scale of the input");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x + size * z_x * z_w);
    }
    y[n] = x_params.scale * (total + layer.bias[n]);
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace bias_scaled

namespace adds_to_y {
const Answer kAnswer = wrong("adds to what stands in y");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t z_x = x_params.zero_point,
                                          z_w = layer.zero_point[n * groups + g];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[n * groups + g] *
               static_cast<float>(products - z_x * of_w - z_w * of_x + size * z_x * z_w);
    }
    y[n] += x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace adds_to_y

namespace groups_of_all {
const Answer kAnswer = wrong("numbers the groups through all outputs, rows not beginning anew");
namespace exercise {
using ::exercise::Layer;
inline void linear_with_zero_points(const Layer& layer, std::span<const std::uint8_t> q_x,
                                    qfs::QuantParams x_params, std::span<float> y) {
  const std::size_t groups = (layer.inputs + layer.group_size - 1) / layer.group_size;
  for (std::size_t n = 0; n < layer.outputs; ++n) {
    float total = 0.0F;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = g * layer.group_size,
                        count = std::min(layer.group_size, layer.inputs - begin);
      std::int32_t products = 0, of_x = 0, of_w = 0;
      for (std::size_t k = begin; k < begin + count; ++k) {
        products = static_cast<std::int32_t>(products + q_x[k] * layer.q_w[n * layer.inputs + k]);
        of_x = static_cast<std::int32_t>(of_x + q_x[k]);
        of_w = static_cast<std::int32_t>(of_w + layer.q_w[n * layer.inputs + k]);
      }
      [[maybe_unused]] const std::int32_t
          z_x = x_params.zero_point,
          z_w = layer.zero_point[(n * layer.inputs + begin) / layer.group_size];
      [[maybe_unused]] const auto size = static_cast<std::int32_t>(count);
      total += layer.scale[(n * layer.inputs + begin) / layer.group_size] *
               static_cast<float>(products - z_x * of_w - z_w * of_x + size * z_x * z_w);
    }
    y[n] = x_params.scale * total + layer.bias[n];
  }
}
}  // namespace exercise
#include "tests/exercises/ch17_2_test.cpp"
}  // namespace groups_of_all
