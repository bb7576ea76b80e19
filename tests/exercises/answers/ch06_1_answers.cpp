// Answers to exercise 6.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch06_1_test.cpp"

using exercise::Layer;

// The solution with room for a mistake in each of its parts.
struct Parts {
  float (*product)(std::int32_t, float) = [](std::int32_t acc, float m) {
    return static_cast<float>(acc) * m;
  };
  float (*round)(float) = [](float x) { return std::nearbyint(x); };
  float highest = 255.0F;
};

inline std::int32_t sum_of(const Layer& layer, std::span<const std::uint8_t> x, std::size_t n) {
  std::int32_t acc = layer.bias[n];
  for (std::size_t k = 0; k < x.size(); ++k)
    acc += (x[k] - layer.x_zero_point) * layer.weight[n * x.size() + k];
  return acc;
}

inline float multiplier_of(const Layer& layer, std::size_t n) {
  return layer.multiplier[layer.multiplier.size() == 1 ? 0 : n];
}

inline std::uint8_t output(const Parts& parts, const Layer& layer, std::int32_t acc,
                           std::size_t n) {
  const auto z = static_cast<float>(layer.y_zero_point);
  const float rounded = parts.round(parts.product(acc, multiplier_of(layer, n)));
  const float steps = std::clamp(rounded, layer.relu ? 0.0F : -z, parts.highest - z);
  return static_cast<std::uint8_t>(static_cast<std::int32_t>(steps) + layer.y_zero_point);
}

inline void assemble(const Parts& parts, const Layer& layer, std::span<const std::uint8_t> x,
                     std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) y[n] = output(parts, layer, sum_of(layer, x, n), n);
}

namespace relu_on_the_sum {
const Answer kAnswer = right("applies the ReLU to the sum, which has the sign of the output");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  const auto rows = y.size(), depth = x.size();
  for (std::size_t n = 0; n < rows; ++n) {
    std::int32_t products = 0, weights = 0;
    for (std::size_t k = depth; k-- > 0;) {
      products += x[k] * layer.weight[n * depth + k];
      weights += layer.weight[n * depth + k];
    }
    std::int32_t acc = products - layer.x_zero_point * weights + layer.bias[n];
    if (layer.relu) acc = std::max(acc, 0);
    const float moved = std::rint(multiplier_of(layer, n) * static_cast<float>(acc)) +
                        static_cast<float>(layer.y_zero_point);
    y[n] = static_cast<std::uint8_t>(moved < 0.0F ? 0.0F : moved > 255.0F ? 255.0F : moved);
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace relu_on_the_sum

namespace relu_on_the_integer {
const Answer kAnswer = right("applies the ReLU to the integer, at the zero point, input by input");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  std::vector<std::int32_t> acc(layer.bias.begin(), layer.bias.end());
  for (std::size_t k = 0; k < x.size(); ++k)
    for (std::size_t n = 0; n < y.size(); ++n)
      acc[n] += layer.weight[n * x.size() + k] * (x[k] - layer.x_zero_point);
  for (std::size_t n = 0; n < y.size(); ++n) {
    const float steps = std::nearbyint(
        std::clamp(static_cast<float>(acc[n]) * multiplier_of(layer, n), -512.0F, 512.0F));
    const int q = std::clamp(layer.y_zero_point + static_cast<int>(steps), 0, 255);
    y[n] = static_cast<std::uint8_t>(layer.relu && q < layer.y_zero_point ? layer.y_zero_point : q);
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace relu_on_the_integer

namespace in_double {
const Answer kAnswer = wrong("multiplies in double");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    const double moved =
        std::nearbyint(sum_of(layer, x, n) * static_cast<double>(multiplier_of(layer, n))) +
        layer.y_zero_point;
    y[n] = static_cast<std::uint8_t>(
        std::clamp<double>(moved, layer.relu ? layer.y_zero_point : 0, 255));
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace in_double

namespace product_in_double {
const Answer kAnswer = wrong("rounds the sum to float32, and the product not");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    const double sum = static_cast<double>(static_cast<float>(sum_of(layer, x, n)));
    const double moved =
        std::nearbyint(sum * static_cast<double>(multiplier_of(layer, n))) + layer.y_zero_point;
    y[n] = static_cast<std::uint8_t>(
        std::clamp<double>(moved, layer.relu ? layer.y_zero_point : 0, 255));
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace product_in_double

namespace sum_in_double {
const Answer kAnswer = wrong("rounds the product of the exact sum to float32");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  assemble({.product = [](std::int32_t a,
                          float m) { return static_cast<float>(a * static_cast<double>(m)); }},
           layer, x, y);
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace sum_in_double

namespace sum_in_float {
const Answer kAnswer = wrong("adds up in float");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    float acc = static_cast<float>(layer.bias[n]);
    for (std::size_t k = 0; k < x.size(); ++k)
      acc += static_cast<float>((x[k] - layer.x_zero_point) * layer.weight[n * x.size() + k]);
    y[n] = output({}, layer, static_cast<std::int32_t>(acc), n);
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace sum_in_float

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    const float product = static_cast<float>(sum_of(layer, x, n)) * multiplier_of(layer, n);
    const auto z = static_cast<float>(layer.y_zero_point);
    y[n] = static_cast<std::uint8_t>(
        std::clamp(std::nearbyint(product + z), layer.relu ? z : 0.0F, 255.0F));
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace zero_point_first

namespace cast_before_the_clamp {
const Answer kAnswer = wrong("converts to 32 bits, which wrap, before it clamps");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    const auto exact = static_cast<std::int64_t>(
        std::nearbyint(static_cast<float>(sum_of(layer, x, n)) * multiplier_of(layer, n)));
    const std::int32_t moved = static_cast<std::int32_t>(exact) + layer.y_zero_point;
    y[n] = static_cast<std::uint8_t>(std::clamp(moved, layer.relu ? layer.y_zero_point : 0, 255));
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace cast_before_the_clamp

namespace no_clamp {
const Answer kAnswer = wrong("keeps the last 8 bits in place of clamping");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    const auto exact = static_cast<std::int64_t>(
        std::nearbyint(static_cast<float>(sum_of(layer, x, n)) * multiplier_of(layer, n)));
    y[n] = static_cast<std::uint8_t>((layer.relu ? std::max<std::int64_t>(exact, 0) : exact) +
                                     layer.y_zero_point);
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace no_clamp

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  assemble({.round = [](float v) { return std::round(v); }}, layer, x, y);
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace ties_away

namespace cut_off {
const Answer kAnswer = wrong("cuts off in place of rounding");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  assemble({.round = [](float v) { return std::trunc(v); }}, layer, x, y);
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace cut_off

namespace seven_bits {
const Answer kAnswer = wrong("clamps to 127");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  assemble({.highest = 127.0F}, layer, x, y);
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace seven_bits

namespace relu_at_0 {
const Answer kAnswer = wrong("lets the ReLU end at the integer 0");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  Layer other = layer;
  other.relu = false;
  assemble({}, other, x, y);
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace relu_at_0

namespace relu_always {
const Answer kAnswer = wrong("applies the ReLU always");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  Layer other = layer;
  other.relu = true;
  assemble({}, other, x, y);
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace relu_always

namespace input_zero_point_forgotten {
const Answer kAnswer = wrong("forgets the zero point of the input");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  Layer other = layer;
  other.x_zero_point = 0;
  assemble({}, other, x, y);
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace input_zero_point_forgotten

namespace bias_after {
const Answer kAnswer = wrong("adds the bias after the multiplication");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    const std::uint8_t q = output({}, layer, sum_of(layer, x, n) - layer.bias[n], n);
    y[n] = static_cast<std::uint8_t>(std::clamp(q + layer.bias[n], 0, 255));
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace bias_after

namespace one_multiplier {
const Answer kAnswer = wrong("takes the first multiplier for all outputs");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  Layer other = layer;
  other.multiplier = layer.multiplier.first(1);
  assemble({}, other, x, y);
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace one_multiplier

namespace weight_transposed {
const Answer kAnswer = wrong("reads the weights column by column");
namespace exercise {
using ::exercise::Layer;
inline void linear_u8(const Layer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    std::int32_t acc = layer.bias[n];
    for (std::size_t k = 0; k < x.size(); ++k)
      acc += (x[k] - layer.x_zero_point) * layer.weight[k * y.size() + n];
    y[n] = output({}, layer, acc, n);
  }
}
}  // namespace exercise
#include "tests/exercises/ch06_1_test.cpp"
}  // namespace weight_transposed
