// Chapter 23: scales on which two ways of computing a multiplier agree.
#include "23_onnx_export/portable_scales.hpp"

#include <bit>
#include <cmath>

#include "02_integer_products/requantize.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace qfs;

// One Linear of so many outputs with these scales.
QuantizedNet net_of(float x_scale, const std::vector<float>& w_scales, float y_scale) {
  QuantizedNet net{.tensors = {{{3}, DType::u8, {x_scale, 7}, {0, 255}}}};
  const std::size_t N = w_scales.size();
  QuantizedWeight weight{make_tensor<std::int8_t>({N, 3}, 1), make_tensor<float>({N})};
  std::ranges::copy(w_scales, weight.scale.begin());
  const std::vector<float> bias(N, 0.0F);
  add_linear(net, 0, std::move(weight), bias, {y_scale, 3}, unsigned_range(8));
  return net;
}

float random_scale(Rng& rng) {
  return static_cast<float>(0.01 + rng.uniform()) *
         std::ldexp(1.0F, static_cast<int>(rng.uniform(-12.0, 2.0)));
}

std::int32_t units_between(float a, float b) {
  return std::abs(std::bit_cast<std::int32_t>(a) - std::bit_cast<std::int32_t>(b));
}

// What QLinearConv and QGemm compute of the scales in a file, and what we do.
bool agreed(const QuantizedNet& net) {
  const OperationParts layer = layers_of(net)[0];
  for (const float w : layer.weights->weight.scale) {
    const float product = layer.input.params.scale * w, y = layer.output.params.scale;
    if (product / y != product * (1.0F / y)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("by hand: a multiplier that the two rules round apart", "[hand]") {
  // 1 / 3 in float32 is 11184811 2^-25, a little too much: 0.1 times that is rounded up, 0.1 / 3
  // down.
  const float third = 1.0F / 3.0F;
  CHECK(third == 11184811.0F / 33554432.0F);
  CHECK(multiplier_by_division(0.5F, 0.2F, 3.0F) == 0.1F / 3.0F);
  std::size_t other = 0;
  for (int w = 1; w <= 1000; ++w) {
    const float scale = static_cast<float>(w);
    const bool apart =
        multiplier_by_division(1.0F, scale, 3.0F) != output_multiplier(1.0F, scale, 3.0F);
    other += apart ? 1 : 0;
    CHECK(apart == (scale / 3.0F != scale * third));
    CHECK(count_disputed(net_of(1.0F, {scale}, 3.0F)) == (apart ? 1 : 0));
  }
  CHECK(other > 100);
  // Of powers of two the reciprocal is exact.
  for (const float y : {0.25F, 1.0F, 8.0F})
    CHECK(count_disputed(net_of(0.3F, {0.1F, 0.7F, 0.013F}, y)) == 0);
}

TEST_CASE("afterwards they agree, the integers are the same, and no scale has gone far", "[prop]") {
  Rng rng(23);
  std::size_t disputed = 0, all = 0;
  std::int32_t farthest = 0;
  for (int draw = 0; draw < 300; ++draw) {
    std::vector<float> scales(16);
    for (float& scale : scales) scale = random_scale(rng);
    const QuantizedNet net = net_of(random_scale(rng), scales, random_scale(rng));
    disputed += count_disputed(net);
    all += scales.size();
    const QuantizedNet after = with_portable_scales(net);
    CHECK(agreed(after));
    CHECK(count_disputed(after) == 0);
    CHECK((after.weights[0].weight.q == net.weights[0].weight.q));
    CHECK((after.weights[0].bias == net.weights[0].bias));
    for (std::size_t t = 0; t < 2; ++t) {
      const float s = after.tensors[t].params.scale;
      CHECK(std::fabs(static_cast<double>(s) * static_cast<double>(1.0F / s) - 1.0) <= 0x1p-26);
      CHECK(after.tensors[t].params.zero_point == net.tensors[t].params.zero_point);
      farthest = std::max(farthest, units_between(s, net.tensors[t].params.scale));
    }
    for (std::size_t n = 0; n < scales.size(); ++n)
      farthest = std::max(farthest, units_between(after.weights[0].weight.scale(n), scales[n]));
  }
  CHECK(disputed * 10 > all);  // a quarter, of random scales
  CHECK(farthest > 0);
  CHECK(farthest <= 4096);
}

TEST_CASE("scales that agree stay; equal scales stay equal", "[prop]") {
  const QuantizedNet exact = net_of(0.5F, {0.25F, 0.125F}, 2.0F);
  const QuantizedNet after = with_portable_scales(exact);
  CHECK((after.weights[0].weight.scale == exact.weights[0].weight.scale));
  CHECK(after.tensors[1].params.scale == 2.0F);
  CHECK((with_portable_scales(after).weights[0].weight.scale == after.weights[0].weight.scale));
  Rng rng(5);
  for (int draw = 0; draw < 50; ++draw) {
    QuantizedNet net = net_of(random_scale(rng), {0.1F}, random_scale(rng));
    add_relu(net, 1);  // of the scale of what it reads
    const QuantizedNet moved = with_portable_scales(net);
    CHECK(moved.tensors[2].params.scale == moved.tensors[1].params.scale);
  }
}

TEST_CASE("it is the nearest that agrees, and up before down", "[prop]") {
  Rng rng(7);
  std::size_t moved = 0;
  for (int draw = 0; draw < 200; ++draw) {
    const float x = 0.5F,
                y = 3.0F;  // powers of two, and 3, whose reciprocal is good enough to stay
    const float w = random_scale(rng);
    const QuantizedNet after = with_portable_scales(net_of(x, {w}, y));
    const float y_after = after.tensors[1].params.scale, got = after.weights[0].weight.scale(0);
    const auto good = [&](float scale) {
      return (x * scale) / y_after == (x * scale) * (1.0F / y_after);
    };
    moved += got != w ? 1 : 0;
    float up = w, down = w;
    while (!good(up) && !good(down)) {
      up = std::nextafter(up, 10.0F);
      down = std::nextafter(down, 0.0F);
    }
    CHECK(got == (good(up) ? up : down));
  }
  CHECK(moved > 0);
}

TEST_CASE("weights that two operations share suit both", "[prop]") {
  Rng rng(11);
  for (int draw = 0; draw < 50; ++draw) {
    QuantizedNet net = net_of(random_scale(rng), {random_scale(rng)}, random_scale(rng));
    net.tensors.push_back({{1}, DType::u8, {random_scale(rng), 0}, {0, 255}});
    Operation other = net.operations[0];
    other.output = 2;
    net.operations.push_back(other);
    const QuantizedNet after = with_portable_scales(net);
    CHECK(count_disputed(after) == 0);
  }
}
