#include "22_model_comparison/lesson/agreement.hpp"

#include <cmath>

namespace qfs::ch22 {

void add_to(Agreement& all, const Agreement& one) {
  all.outputs += one.outputs;
  all.differ += one.differ;
  all.explained += one.explained;
  all.farthest = std::max(all.farthest, one.farthest);
}

void add_difference(Agreement& result, double exact, double reach, std::int32_t zero_point, int q,
                    int q_y) {
  ++result.differ;
  result.farthest = std::max(result.farthest, std::fabs(exact - std::floor(exact) - 0.5));
  const double lowest = std::nearbyint(exact - reach) + zero_point;
  const double highest = std::nearbyint(exact + reach) + zero_point;
  const auto within = [&](int integer) { return lowest <= integer && integer <= highest; };
  result.explained += within(q) && within(q_y) ? 1 : 0;
}

namespace {

constexpr double kUnit = 0x1p-24;  // half a unit in the last place of a float32 of 1

// One group of a convolution as a Linear whose rows are patches: chapter 06 knows those.
Agreement compare_group(const QuantizedNet& converted, const OperationParts& layer,
                        std::span<const float> bias, std::size_t group, BiasRounding rounding,
                        const Matrix<std::uint8_t>& q_x, const Matrix<std::uint8_t>& q_y) {
  const Window window = window_of(converted, layer.operation);
  const std::size_t groups = groups_of(converted, layer.operation);
  const PictureShape from = picture_of(layer.input), to = picture_of(layer.output);
  const std::size_t N = to.channels / groups, C = from.channels / groups, B = q_x.shape(0);
  const std::size_t first = group * N, K = window.pixels() * C;
  auto patches = make_tensor<std::uint8_t>({B * to.pixels(), K}),
       outputs = make_tensor<std::uint8_t>({B * to.pixels(), N});
  const auto zero_point = static_cast<std::uint8_t>(layer.input.params.zero_point);
  for (std::size_t r = 0; r < patches.shape(0); ++r) {
    const std::size_t b = r / to.pixels(), p = r % to.pixels();
    copy_patch(row(q_x, b).data(), from, window, {group * C, C}, p / to.width, p % to.width,
               zero_point, row(patches, r).data());
    std::copy_n(row(q_y, b).data() + p * to.channels + first, N, row(outputs, r).data());
  }
  Weights part{{make_tensor<std::int8_t>({N, K}), make_tensor<float>({N})},
               make_tensor<std::int32_t>({N})};
  for (std::size_t n = 0; n < N; ++n) {
    std::ranges::copy(row(layer.weights->weight.q, first + n), row(part.weight.q, n).begin());
    part.weight.scale(n) = of_channel(values(layer.weights->weight.scale), first + n);
    part.bias(n) = layer.weights->bias(first + n);
  }
  const OperationParts linear{layer.operation, layer.input, layer.output, &part};
  const Matrix<float> y = simulate(linear, patches, rounding, bias.subspan(first, N));
  return compare(linear, y, patches, outputs, rounding);
}

// a' + b' in float32, and the integers of eq. 21.10. Each of their roundings, fewer than sixteen,
// is of a number no larger than r_a (q_a + z_a) + r_b (q_b + z_b) + z_y (eq. 22.7).
Agreement compare_sum(const TensorSpec& a, const TensorSpec& b, const TensorSpec& y,
                      const Matrix<std::uint8_t>& q_a, const Matrix<std::uint8_t>& q_b,
                      const Matrix<std::uint8_t>& q_y) {
  Agreement result{.outputs = q_y.size()};
  const double r_a = static_cast<double>(a.params.scale) / static_cast<double>(y.params.scale),
               r_b = static_cast<double>(b.params.scale) / static_cast<double>(y.params.scale);
  for (std::size_t i = 0; i < q_y.size(); ++i) {
    const int A = values(q_a)[i], B = values(q_b)[i], q_i = values(q_y)[i];
    const float sum = dequantize_value(A, a.params) + dequantize_value(B, b.params);
    const int q = quantize_value(sum, y.params, y.range);
    if (q == q_i) continue;
    const double exact = r_a * (A - a.params.zero_point) + r_b * (B - b.params.zero_point);
    const double reach =
        16 * kUnit *
        (r_a * (A + a.params.zero_point) + r_b * (B + b.params.zero_point) + y.params.zero_point);
    add_difference(result, exact, reach, y.params.zero_point, q, q_i);
  }
  return result;
}

// The mean of n pixels in float32, n + 8 roundings at most of the sum of the magnitudes (eq. 22.8).
Agreement compare_mean(const Window& window, const TensorSpec& x, const TensorSpec& y,
                       const Matrix<std::uint8_t>& q_x, const Matrix<std::uint8_t>& q_y) {
  Agreement result{.outputs = q_y.size()};
  const PictureShape from = picture_of(x), to = picture_of(y);
  auto real = make_tensor<float>({q_x.shape(0), q_x.shape(1)}), ones = real;
  dequantize(values(q_x), x.params, values(real));
  for (std::size_t i = 0; i < real.size(); ++i) values(ones)[i] = std::fabs(values(real)[i]);
  Matrix<float> mean, magnitude;
  average_pool_forward(window, from, real, mean);
  average_pool_forward(window, from, ones, magnitude);
  const double n = static_cast<double>(window.pixels()), s_y = static_cast<double>(y.params.scale);
  std::vector<std::uint8_t> patch(window.pixels());
  for (std::size_t i = 0; i < q_y.size(); ++i) {
    const int q = quantize_value(values(mean)[i], y.params, y.range), q_i = values(q_y)[i];
    if (q == q_i) continue;
    const std::size_t b = i / to.size(), p = i % to.size() / to.channels;
    copy_patch(row(q_x, b).data(), from, window, {i % to.channels, 1}, p / to.width, p % to.width,
               static_cast<std::uint8_t>(x.params.zero_point), patch.data());
    int sum = 0;
    for (std::uint8_t number : patch) sum += number - x.params.zero_point;
    const double exact = sum * static_cast<double>(x.params.scale) / (n * s_y);
    // 1.01: the magnitude is itself a float's.
    const double reach = (n + 8) * kUnit * 1.01 * static_cast<double>(values(magnitude)[i]) / s_y;
    add_difference(result, exact, reach, y.params.zero_point, q, q_i);
  }
  return result;
}

// The largest of integers is that of the reals: no rounding, no excuse.
Agreement compare_max(const Window& window, const TensorSpec& x, const TensorSpec& y,
                      const Matrix<std::uint8_t>& q_x, const Matrix<std::uint8_t>& q_y) {
  auto real = make_tensor<float>({q_x.shape(0), q_x.shape(1)});
  dequantize(values(q_x), x.params, values(real));
  Matrix<float> largest;
  std::vector<std::uint32_t> winner;
  max_pool_forward(window, picture_of(x), real, winner, largest);
  Agreement result{.outputs = q_y.size()};
  for (std::size_t i = 0; i < q_y.size(); ++i)
    result.differ +=
        quantize_value(values(largest)[i], y.params, y.range) == values(q_y)[i] ? 0 : 1;
  return result;
}

}  // namespace

std::vector<LayerAgreement> compare_graphs(const QatCnn& net, const QuantizedNet& converted,
                                           const Matrix<float>& x, BiasRounding bias) {
  NetBuffers integers;
  run(pack(converted, ref_backend(), cnn_operations()), x, integers);
  std::vector<LayerAgreement> agreements;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    const QatLayer& layer = net.layers[i];
    const Operation& operation = converted.operations.at(i + 1);  // the first is quantize
    require(operation.kind == name_of(layer.kind), "the integers are another net's", operation.kind,
            name_of(layer.kind), "compare with convert(net)");
    const OperationParts parts = parts_of(converted, operation);
    const Matrix<std::uint8_t>&q_x = integers.u8[operation.inputs[0]],
          &q_y = integers.u8[operation.output];
    Agreement all;
    if (layer.kind == LayerKind::conv2d) {
      const Vector<float> real = folded_bias(net.convs[layer.index]);
      for (std::size_t g = 0; g < groups_of(converted, operation); ++g)
        add_to(all, compare_group(converted, parts, values(real), g, bias, q_x, q_y));
    } else if (layer.kind == LayerKind::linear) {
      const Vector<float>& real = net.linears[layer.index].real.bias;
      all = compare(parts, simulate(parts, q_x, bias, values(real)), q_x, q_y, bias);
    } else if (layer.kind == LayerKind::add) {
      all = compare_sum(parts.input, converted.tensors[operation.inputs[1]], parts.output, q_x,
                        integers.u8[operation.inputs[1]], q_y);
    } else if (layer.kind == LayerKind::average_pool) {
      all = compare_mean(layer.window, parts.input, parts.output, q_x, q_y);
    } else {
      all = compare_max(layer.window, parts.input, parts.output, q_x, q_y);
    }
    agreements.push_back({std::string(name_of(layer.kind)), all});
  }
  return agreements;
}

}  // namespace qfs::ch22
