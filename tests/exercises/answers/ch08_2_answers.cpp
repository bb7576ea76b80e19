// Answers to exercise 8.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch08_2_test.cpp"

using exercise::Layer;

// The solution with room for a mistake in each of its parts.
struct Parts {
  qfs::QuantRange range = {0, 255};
  std::int32_t (*fold)(std::int32_t products, std::int32_t zero, std::int32_t weights) =
      [](std::int32_t products, std::int32_t zero, std::int32_t weights) {
        return products - zero * weights;
      };
  bool use_weight_scale = true;
  bool bias_in_every_group = false;
};

inline void assemble(const Parts& parts, const Layer& layer, std::span<const float> x,
                     std::size_t group_size, std::span<float> y, std::span<const float> ranges) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    y[n] = parts.bias_in_every_group ? 0.0F : layer.bias[n];
    for (std::size_t begin = 0; begin < x.size(); begin += group_size) {
      const std::size_t end = std::min(begin + group_size, x.size());
      const auto [low, high] =
          qfs::min_max(ranges.size() == x.size() ? ranges.subspan(begin, end - begin) : ranges);
      const qfs::QuantParams params = qfs::choose_qparams(low, high, parts.range);
      std::int32_t products = 0, weights = 0;
      for (std::size_t k = begin; k < end; ++k) {
        products += qfs::quantize_value(x[k], params, parts.range) * layer.weight[n * x.size() + k];
        weights += layer.weight[n * x.size() + k];
      }
      const float s = params.scale * (parts.use_weight_scale ? layer.weight_scale : 1.0F);
      y[n] += s * static_cast<float>(parts.fold(products, params.zero_point, weights));
      if (parts.bias_in_every_group) y[n] += layer.bias[n];
    }
  }
}

namespace dequantized {
const Answer kAnswer = right("adds the products of the reals that the integers stand for");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  std::ranges::copy(layer.bias, y.begin());
  for (std::size_t begin = 0; begin < x.size(); begin += group_size) {
    const auto group = x.subspan(begin, std::min(group_size, x.size() - begin));
    const qfs::Interval interval = qfs::min_max(group);
    const auto params = qfs::choose_qparams(interval.min, interval.max, qfs::unsigned_range(8));
    for (std::size_t k = 0; k < group.size(); ++k) {
      const float real =
          qfs::dequantize_value(qfs::quantize_value(group[k], params, {0, 255}), params);
      for (std::size_t n = 0; n < y.size(); ++n)
        y[n] += real *
                (layer.weight_scale * static_cast<float>(layer.weight[n * x.size() + begin + k]));
    }
  }
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace dequantized

namespace bias_last {
const Answer kAnswer =
    right("from the last group to the first, in double, and the bias at the end");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  std::vector<double> sums(y.size());
  const std::size_t groups = (x.size() + group_size - 1) / group_size;
  for (std::size_t g = groups; g-- > 0;) {
    const std::size_t begin = g * group_size, end = std::min(x.size(), begin + group_size);
    const auto [low, high] = std::ranges::minmax(x.subspan(begin, end - begin));
    const auto params = qfs::choose_qparams(low, high, {0, 255});
    for (std::size_t n = 0; n < y.size(); ++n) {
      std::int64_t sum = 0;
      for (std::size_t k = begin; k < end; ++k)
        sum += (qfs::quantize_value(x[k], params, {0, 255}) - params.zero_point) *
               layer.weight[n * x.size() + k];
      sums[n] += static_cast<double>(params.scale) * static_cast<double>(sum);
    }
  }
  for (std::size_t n = 0; n < y.size(); ++n)
    y[n] = static_cast<float>(sums[n] * static_cast<double>(layer.weight_scale) +
                              static_cast<double>(layer.bias[n]));
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace bias_last

namespace one_range {
const Answer kAnswer = wrong("gives all groups the range of the row");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  const auto [low, high] = qfs::min_max(x);
  std::vector<float> ends(x.size() == 2 ? 3 : 2, low);
  ends.back() = high;
  assemble({}, layer, x, group_size, y, ends);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace one_range

namespace one_group {
const Answer kAnswer = wrong("takes the whole row for one group");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({}, layer, x, std::max(group_size, x.size()), y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace one_group

namespace zero_point_forgotten {
const Answer kAnswer = wrong("forgets the zero point's term");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({.fold = [](std::int32_t products, std::int32_t, std::int32_t) { return products; }},
           layer, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace zero_point_forgotten

namespace zero_point_added {
const Answer kAnswer = wrong("adds the zero point's term");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({.fold = [](std::int32_t products, std::int32_t zero,
                       std::int32_t weights) { return products + zero * weights; }},
           layer, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace zero_point_added

namespace zero_point_once {
const Answer kAnswer = wrong("subtracts the zero point once, not once per weight");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({.fold = [](std::int32_t products, std::int32_t zero,
                       std::int32_t) { return products - zero; }},
           layer, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace zero_point_once

namespace sum_in_8_bits {
const Answer kAnswer = wrong("sums the weights in 8 bits");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({.fold =
                [](std::int32_t products, std::int32_t zero, std::int32_t weights) {
                  return products - zero * static_cast<std::int8_t>(weights);
                }},
           layer, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace sum_in_8_bits

namespace products_in_16_bits {
const Answer kAnswer = wrong("sums the products in 16 bits");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({.fold =
                [](std::int32_t products, std::int32_t zero, std::int32_t weights) {
                  return static_cast<std::int16_t>(products) - zero * weights;
                }},
           layer, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace products_in_16_bits

namespace weight_scale_forgotten {
const Answer kAnswer = wrong("forgets the scale of the weights");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({.use_weight_scale = false}, layer, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace weight_scale_forgotten

namespace bias_in_every_group {
const Answer kAnswer = wrong("adds the bias with every group");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({.bias_in_every_group = true}, layer, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace bias_in_every_group

namespace bias_forgotten {
const Answer kAnswer = wrong("forgets the bias");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  const std::vector<float> none(layer.bias.size());
  assemble({}, {layer.weight, layer.weight_scale, none}, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace bias_forgotten

namespace short_group_left_out {
const Answer kAnswer = wrong("leaves the short group out");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  std::vector<float> whole(x.begin(), x.end());
  std::fill(whole.begin() + static_cast<std::ptrdiff_t>(x.size() - x.size() % group_size),
            whole.end(), 0.0F);
  assemble({}, layer, whole, group_size, y, whole);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace short_group_left_out

namespace seven_bits {
const Answer kAnswer = wrong("quantizes to 0..127");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  assemble({.range = {0, 127}}, layer, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace seven_bits

namespace not_quantized {
const Answer kAnswer = wrong("multiplies the reals");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  for (std::size_t n = 0; n < y.size(); ++n) {
    y[n] = layer.bias[n];
    for (std::size_t k = 0; k < x.size() && group_size > 0; ++k)
      y[n] += x[k] * layer.weight_scale * static_cast<float>(layer.weight[n * x.size() + k]);
  }
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace not_quantized

namespace weight_transposed {
const Answer kAnswer = wrong("reads the weights column by column");
namespace exercise {
using ::exercise::Layer;
inline void layer_per_group(const Layer& layer, std::span<const float> x, std::size_t group_size,
                            std::span<float> y) {
  std::vector<std::int8_t> weight(layer.weight.size());
  for (std::size_t n = 0; n < y.size(); ++n)
    for (std::size_t k = 0; k < x.size(); ++k)
      weight[n * x.size() + k] = layer.weight[k * y.size() + n];
  assemble({}, {weight, layer.weight_scale, layer.bias}, x, group_size, y, x);
}
}  // namespace exercise
#include "tests/exercises/ch08_2_test.cpp"
}  // namespace weight_transposed
