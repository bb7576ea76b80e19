// Judges exercise 6.1.
#include "1_linear_u8.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "06_static_ptq/operations.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"
#include "tests/support/compare.hpp"

const qfs::test::Assertions kAssertions(210);

namespace {

std::vector<int> outputs(const exercise::Layer& layer, const std::vector<std::uint8_t>& x) {
  std::vector<std::uint8_t> y(layer.bias.size());
  exercise::linear_u8(layer, x, y);
  return {y.begin(), y.end()};
}

}  // namespace

TEST_CASE("6.1 the first layer of the text") {
  const std::array<std::int8_t, 4> weight = {4, -2, -7, 3};
  const std::array<std::int32_t, 2> bias = {8, 16};
  const std::array<float, 1> multiplier = {0.125F};
  exercise::Layer layer{weight, bias, multiplier, 4, 6, false};
  CHECK(outputs(layer, {3, 9}) == std::vector<int>{5, 11});   // sums -6 and 38
  CHECK(outputs(layer, {10, 2}) == std::vector<int>{10, 2});  // 36: 4.5 to the even 4
  layer.relu = true;
  CHECK(outputs(layer, {3, 9}) == std::vector<int>{6, 11});
  CHECK(outputs(layer, {10, 2}) == std::vector<int>{10, 6});
}

TEST_CASE("6.1 both ends of 0..255 are kept") {
  const std::array<std::int8_t, 2> weight = {127, -128};
  const std::array<std::int32_t, 2> bias = {0, 0};
  const std::array<float, 1> multiplier = {0.5F};
  const exercise::Layer layer{weight, bias, multiplier, 0, 100, false};
  INFO("one input of 255, sums 32385 and -32640");
  CHECK(outputs(layer, {255}) == std::vector<int>{255, 0});
}

TEST_CASE("6.1 halves go to even before the zero point is added") {
  const std::array<std::int8_t, 4> weight = {1, 3, 5, -1};
  const std::array<std::int32_t, 4> bias = {0, 0, 0, 0};
  const std::array<float, 1> multiplier = {0.5F};
  const exercise::Layer layer{weight, bias, multiplier, 0, 3, false};
  // 0.5, 1.5, 2.5 and -0.5 become 0, 2, 2 and 0; with the zero point they would be ties to other
  // sides.
  CHECK(outputs(layer, {1}) == std::vector<int>{3, 5, 5, 3});
}

TEST_CASE("6.1 the sum is a whole number of 32 bits, its product float32") {
  const std::array<std::int8_t, 3> weight = {1, 1, 1};
  const std::array<std::int32_t, 3> bias = {38, 16777216, 16777219};
  const std::array<float, 3> multiplier = {1.0F / 6.0F, 0x5p-25F, 0x5p-25F};
  const exercise::Layer layer{weight, bias, multiplier, 0, 0, false};
  // 39 / 6 in float32 is the tie 6.5; the float nearest to 1/6 is a little larger, and in double
  // the product is 6.50000019. 2^24 + 1 is 2^24 as a float, and 2.5 a tie to 2. 2^24 + 4
  // gives 2.5000006.
  CHECK(outputs(layer, {1}) == std::vector<int>{6, 2, 3});
}

TEST_CASE("6.1 adding up in float would stop at 2^24") {
  const std::vector<std::int8_t> weight(64, 1);
  const std::array<std::int32_t, 1> bias = {16777216};
  const std::array<float, 1> multiplier = {0x5p-25F};
  const exercise::Layer layer{weight, bias, multiplier, 0, 0, false};
  CHECK(outputs(layer, std::vector<std::uint8_t>(64, 1)) == std::vector<int>{3});  // 2.50001
}

TEST_CASE("6.1 a product beyond 32 bits is clamped like any other") {
  const std::array<std::int8_t, 2> weight = {1, -1};
  const std::array<std::int32_t, 2> bias = {1 << 30, -(1 << 30)};
  const std::array<float, 1> multiplier = {4.0F};
  const exercise::Layer layer{weight, bias, multiplier, 0, 100, false};
  CHECK(outputs(layer, {0}) == std::vector<int>{255, 0});
}

TEST_CASE("6.1 every output has its own multiplier") {
  const std::array<std::int8_t, 3> weight = {10, 10, 10};
  const std::array<std::int32_t, 3> bias = {0, 1, -2000};
  const std::array<float, 3> multiplier = {0.1F, 0.5F, 0.01F};
  const exercise::Layer layer{weight, bias, multiplier, 10, 20, false};
  // x = 30: 200 * 0.1 = 20; 201 * 0.5 = 100.5 to the even 100; -1800 * 0.01 = -18.
  CHECK(outputs(layer, {30}) == std::vector<int>{40, 120, 2});
}

namespace {

struct ChapterLayer {
  const qfs::QuantizedWeight& weight;
  const std::vector<std::int32_t>& bias;
  qfs::QuantParams input, output;
  bool relu;
};

// What the chapter's operations give.
void expected_outputs(const ChapterLayer& layer, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y) {
  qfs::QuantizedNet net{.tensors = {{{x.size()}, qfs::DType::u8, layer.input, {0, 255}}}};
  const std::vector<float> no_bias(y.size(), 0.0F);
  const std::size_t sums = qfs::add_linear(net, 0, layer.weight, no_bias, layer.output, {0, 255});
  std::ranges::copy(layer.bias, net.weights[0].bias.begin());
  const std::size_t last = layer.relu ? qfs::add_relu(net, sums) : sums;
  qfs::NetBuffers buffers;
  qfs::run(qfs::pack(net), {.u8 = x}, 1, buffers);
  std::ranges::copy(qfs::values(std::as_const(buffers.u8[last])), y.begin());
}

}  // namespace

TEST_CASE("6.1 random layers give what the chapter gives") {
  qfs::Rng rng(61);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t K = 1 + rng.below(50), N = 1 + rng.below(20);
    qfs::QuantizedWeight weight{qfs::make_tensor<std::int8_t>({N, K}),
                                qfs::make_tensor<float>({trial % 2 == 0 ? std::size_t{1} : N})};
    for (std::int8_t& w : qfs::values(weight.q))
      w = static_cast<std::int8_t>(static_cast<int>(rng.below(256)) - 128);
    for (float& s : qfs::values(weight.scale)) s = static_cast<float>(rng.uniform(0.01, 0.1));
    std::vector<std::int32_t> bias(N);
    for (std::int32_t& b : bias) b = static_cast<int>(rng.below(20001)) - 10000;
    const qfs::QuantParams in = {0.05F, static_cast<std::int32_t>(rng.below(256))};
    const qfs::QuantParams out = {0.6F, static_cast<std::int32_t>(rng.below(256))};
    const bool relu = rng.below(2) == 1;
    std::vector<std::uint8_t> x(K), y(N);
    for (std::uint8_t& q : x) q = static_cast<std::uint8_t>(rng.below(256));
    expected_outputs({weight, bias, in, out, relu}, x, y);
    const auto multiplier =
        qfs::output_multipliers(in.scale, qfs::values(std::as_const(weight.scale)), out.scale);
    const exercise::Layer layer{qfs::values(std::as_const(weight.q)),
                                bias,
                                qfs::values(multiplier),
                                in.zero_point,
                                out.zero_point,
                                relu};
    INFO("K = " << K << ", N = " << N << ", relu " << relu);
    REQUIRE(outputs(layer, x) == std::vector<int>(y.begin(), y.end()));
  }
}
