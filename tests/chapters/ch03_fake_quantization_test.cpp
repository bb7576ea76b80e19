// Chapter 03, fake quantization: by hand, against PyTorch bit for bit, and against its own laws.
#include "03_fake_quantization/fake_quantize.hpp"

#include <bit>
#include <limits>

#include "03_fake_quantization/lesson/clipped_training.hpp"
#include "03_fake_quantization/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
using qfs::test::same_bits;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// The index of the first element whose bits differ, or -1: tells 0 from -0, unlike difference().
long first_other_bits(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i])) return static_cast<long>(i);
  return -1;
}

std::vector<float> forward(std::span<const float> x, QuantParams p, QuantRange range) {
  std::vector<float> y(x.size());
  fake_quantize(x, p, range, y);
  return y;
}

std::vector<float> backward(std::span<const float> x, std::span<const float> dy, QuantParams p,
                            QuantRange range) {
  std::vector<float> dx(x.size());
  fake_quantize_backward(x, dy, p, range, dx);
  return dx;
}

// The mask alone: the backward pass of a gradient of ones.
std::vector<float> mask_of(std::span<const float> x, QuantParams p, QuantRange range) {
  return backward(x, std::vector<float>(x.size(), 1.0F), p, range);
}

}  // namespace

TEST_CASE("the paper example: by hand = ours = PyTorch", "[hand][ref]") {
  const QuantParams p{ch03::paper::kScale, ch03::paper::kZeroPoint};
  const auto y = forward(ch03::paper::kX, p, ch03::paper::kRange);
  const auto dx = backward(ch03::paper::kX, ch03::paper::kDy, p, ch03::paper::kRange);
  CHECK(difference<float>(y, ch03::paper::kYByHand) == "");
  CHECK(difference<float>(dx, ch03::paper::kDxByHand) == "");
  CHECK(difference<float>(y, ch03::paper::kYByPyTorch) == "");
  CHECK(difference<float>(dx, ch03::paper::kDxByPyTorch) == "");
  // tests/reference/ch03.py, generate(): paper_y and paper_dx
  CHECK(first_other_bits(y, values(load_reference<float, 1>("ch03/paper_y"))) == -1);
  CHECK(first_other_bits(dx, values(load_reference<float, 1>("ch03/paper_dx"))) == -1);
}

TEST_CASE("ties go to the even step, and an odd zero point does not change that", "[hand]") {
  // x / s = 0.5, 1.5, 2.5, -0.5, -1.5. Rounded first: 0, 2, 2, 0, -2, whatever z is. With z = 3
  // added first, 3.5, 4.5, 5.5, 2.5 and 1.5 would round to 4, 4, 6, 2 and 2: steps 1, 1, 3, -1, -1.
  const std::vector<float> x = {0.5F, 1.5F, 2.5F, -0.5F, -1.5F};
  const std::vector<float> expected = {0.0F, 2.0F, 2.0F, 0.0F, -2.0F};
  CHECK(first_other_bits(forward(x, {1.0F, 3}, {0, 15}), expected) == -1);
  CHECK(first_other_bits(forward(x, {1.0F, 4}, {0, 15}), expected) == -1);
}

TEST_CASE("the clip mask at both ends, to the last bit", "[hand]") {
  // 0..15 with z = 5: steps -5 to 10. 10.5 is a tie and 10 is even: inside. -5.5 is a tie and -6 is
  // even: outside. So the mask reaches half a step beyond the reals that have an integer.
  const QuantParams p{1.0F, 5};
  const std::vector<float> x = {10.0F, 10.5F, std::nextafter(10.5F, 11.0F), 11.0F,
                                -5.0F, -5.5F, std::nextafter(-5.5F, 0.0F),  -6.0F};
  const std::vector<float> y = {10.0F, 10.0F, 10.0F, 10.0F, -5.0F, -5.0F, -5.0F, -5.0F};
  const std::vector<float> mask = {1.0F, 1.0F, 0.0F, 0.0F, 1.0F, 0.0F, 1.0F, 0.0F};
  CHECK(difference<float>(forward(x, p, {0, 15}), y) == "");
  CHECK(difference<float>(mask_of(x, p, {0, 15}), mask) == "");
}

TEST_CASE("the gradient passes as it is: no scale in it", "[hand]") {
  const std::vector<float> x = {0.3F, 100.0F, -0.2F}, dy = {3.0F, -5.0F, -0.125F};
  const auto dx = backward(x, dy, {0.1F, 0}, signed_range(4));
  CHECK(dx[0] == 3.0F);
  CHECK(same_bits(dx[1], -0.0F));  // -5 * 0, as PyTorch leaves it
  CHECK(dx[2] == -0.125F);
}

TEST_CASE("infinity becomes an end of the range, NaN stays NaN, neither has a gradient", "[hand]") {
  const std::vector<float> x = {kInfinity, -kInfinity, kNan, 3e38F, -3e38F};
  const auto y = forward(x, {0.5F, 3}, {0, 15});
  CHECK(y[0] == 6.0F);   // 0.5 * (15 - 3)
  CHECK(y[1] == -1.5F);  // 0.5 * (0 - 3)
  CHECK(std::isnan(y[2]));
  CHECK(y[3] == 6.0F);
  CHECK(y[4] == -1.5F);
  CHECK(difference<float>(mask_of(x, {0.5F, 3}, {0, 15}), std::vector<float>(5, 0.0F)) == "");
}

TEST_CASE("per channel: every axis finds its own scale", "[hand]") {
  // 2 x 3 x 2, all 0.9; scales 1, 0.5, 0.25, 0.125 make 1, 1, 1, 0.875 of it (0.9 / s =
  // 0.9, 1.8, 3.6, 7.2; rounded 1, 2, 4, 7).
  const std::vector<std::size_t> shape = {2, 3, 2};
  const std::vector<float> x(12, 0.9F);
  std::vector<float> y(12);
  const QuantParams one{1.0F, 0}, eighth{0.125F, 0};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const ParamLayout layout = make_layout(shape, {GranularityKind::per_channel, axis, 0});
    std::vector<QuantParams> params(shape[axis], one);
    params[1] = eighth;
    fake_quantize(x, layout, params, signed_range(8), y);
    for (std::size_t i = 0; i < 12; ++i) {
      const std::size_t index[] = {i / 6, i / 2 % 3, i % 2};
      INFO("axis " << axis << ", element " << i);
      CHECK(y[i] == (index[axis] == 1 ? 0.875F : 1.0F));
    }
  }
}

TEST_CASE("per group: the last group of a row is short and the next row starts anew", "[hand]") {
  // 2 x 5 in groups of 2: three groups a row, the last of one element.
  const ParamLayout layout =
      make_layout(std::vector<std::size_t>{2, 5}, {GranularityKind::per_group, 0, 2});
  std::vector<QuantParams> params;
  for (float scale : {1.0F, 2.0F, 4.0F, 8.0F, 16.0F, 32.0F}) params.push_back({scale, 0});
  const std::vector<float> x(10, 33.0F);
  std::vector<float> y(10);
  fake_quantize(x, layout, params, signed_range(8), y);
  // 33 / s rounded, times s: 33; 16.5 -> 16 -> 32; 8.25 -> 32; 4.125 -> 32; 2.06 -> 32; 1.03 -> 32.
  CHECK(difference<float>(y, std::vector<float>{33, 33, 32, 32, 32, 32, 32, 32, 32, 32}) == "");
  std::vector<float> dx(10);
  const std::vector<float> dy(10, 1.0F);
  params[0].scale = params[5].scale = 0.25F;  // 132 steps: beyond 127
  fake_quantize_backward(x, dy, layout, params, signed_range(8), dx);
  CHECK(difference<float>(dx, std::vector<float>{0, 0, 1, 1, 1, 1, 1, 1, 1, 0}) == "");
}

TEST_CASE("28 awkward tensors equal fake_quantize_per_tensor_affine, forward and backward",
          "[ref]") {
  // tests/reference/ch03.py, tensors(): ties and their neighbours, both ends, -0, up to 1e15 steps;
  // 2 to 8 bits, signed and unsigned, zero points 0, at an end, odd.
  const auto x = load_reference<float, 2>("ch03/tensor_x");
  const auto dy = load_reference<float, 2>("ch03/tensor_dy");
  const auto y = load_reference<float, 2>("ch03/tensor_y");
  const auto dx = load_reference<float, 2>("ch03/tensor_dx");
  const auto scale = load_reference<float, 1>("ch03/tensor_scale");
  const auto integers = load_reference<std::int32_t, 2>("ch03/tensor_integers");
  REQUIRE(x.shape(0) == 28);
  for (std::size_t t = 0; t < x.shape(0); ++t) {
    const QuantParams p{scale(t), integers(t, 0)};
    const QuantRange range{integers(t, 1), integers(t, 2)};
    INFO("tensor " << t << ": scale " << p.scale << ", zero point " << p.zero_point << ", range "
                   << range.qmin << " to " << range.qmax);
    CHECK(first_other_bits(forward(row(x, t), p, range), row(y, t)) == -1);
    CHECK(first_other_bits(backward(row(x, t), row(dy, t), p, range), row(dx, t)) == -1);
    for (std::size_t i = 0; i < x.shape(1); ++i)
      CHECK(same_bits(fake_quantize_ref(x(t, i), p, range).y, y(t, i)));
  }
}

TEST_CASE("three axes equal fake_quantize_per_channel_affine, forward and backward", "[ref]") {
  // tests/reference/ch03.py, channels()
  const auto x = load_reference<float, 3>("ch03/channel_x");
  const auto dy = load_reference<float, 3>("ch03/channel_dy");
  Tensor<float, 3> y = x, dx = x;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::string name = "ch03/axis" + std::to_string(axis);
    const auto scale = load_reference<float, 1>(name + "_scale");
    const auto zero_point = load_reference<std::int32_t, 1>(name + "_zero_point");
    std::vector<QuantParams> params;
    for (std::size_t c = 0; c < scale.size(); ++c) params.push_back({scale(c), zero_point(c)});
    const auto layout = make_layout(shape_of(x), {GranularityKind::per_channel, axis, 0});
    fake_quantize(values(x), layout, params, unsigned_range(4), values(y));
    fake_quantize_backward(values(x), values(dy), layout, params, unsigned_range(4), values(dx));
    INFO("axis " << axis);
    CHECK(first_other_bits(values(y), values(load_reference<float, 3>(name + "_y"))) == -1);
    CHECK(first_other_bits(values(dx), values(load_reference<float, 3>(name + "_dx"))) == -1);
  }
}

TEST_CASE("groups of 32, 32 and 6 equal PyTorch group by group", "[ref]") {
  // tests/reference/ch03.py, groups()
  const auto x = load_reference<float, 2>("ch03/group_x");
  const auto dy = load_reference<float, 2>("ch03/group_dy");
  std::vector<QuantParams> params;
  const auto scales = load_reference<float, 2>("ch03/group_scale");
  for (float scale : values(scales)) params.push_back({scale, 0});
  const auto layout = make_layout(shape_of(x), {GranularityKind::per_group, 0, 32});
  Matrix<float> y = x, dx = x;
  fake_quantize(values(x), layout, params, narrow_range(4), values(y));
  fake_quantize_backward(values(x), values(dy), layout, params, narrow_range(4), values(dx));
  CHECK(first_other_bits(values(y), values(load_reference<float, 2>("ch03/group_y"))) == -1);
  CHECK(first_other_bits(values(dx), values(load_reference<float, 2>("ch03/group_dx"))) == -1);
}

TEST_CASE("beyond 2^63 steps PyTorch's output is an accident that we do not copy", "[ref]") {
  // tests/reference/ch03.py, generate(): 1e19, -1e19, infinity, -infinity, NaN; z = 3, 0..15. All
  // five come out as the lowest real, -3, there. The gradients are 0 in both.
  const auto theirs = load_reference<float, 1>("ch03/beyond_y");
  const auto their_dx = load_reference<float, 1>("ch03/beyond_dx");
  const std::vector<float> x = {1e19F, -1e19F, kInfinity, -kInfinity, kNan};
  const auto ours = forward(x, {1.0F, 3}, {0, 15});
  CHECK(difference<float>(values(theirs), std::vector<float>(5, -3.0F)) == "");
  CHECK(ours[0] == 12.0F);
  CHECK(ours[1] == -3.0F);
  CHECK(ours[2] == 12.0F);
  CHECK(ours[3] == -3.0F);
  CHECK(std::isnan(ours[4]));
  CHECK(difference<float>(mask_of(x, {1.0F, 3}, {0, 15}), values(their_dx)) == "");
}

TEST_CASE("round_fast equals nearbyint at every step edge up to 2^22", "[prop]") {
  // Both functions are monotone and integer-valued, so they are equal everywhere when they are
  // equal at the edges of all steps, the halves, and at the two neighbours of each.
  long wrong = 0;
  for (std::int32_t n = -(1 << 22); n < 1 << 22; ++n) {
    const float half = static_cast<float>(n) + 0.5F;
    const float before = std::nextafter(half, -1e9F), after = std::nextafter(half, 1e9F);
    wrong += round_fast(half) != std::nearbyint(half);
    wrong += round_fast(before) != std::nearbyint(before);
    wrong += round_fast(after) != std::nearbyint(after);
  }
  CHECK(wrong == 0);
  CHECK(same_bits(round_fast(-0.25F), 0.0F));  // and never -0, so that y has none either
}

TEST_CASE("round_fast equals nearbyint on every float from 1/4 to 4, and its negative", "[prop]") {
  long wrong = 0;
  for (auto bits = std::bit_cast<std::uint32_t>(0.25F); bits <= std::bit_cast<std::uint32_t>(4.0F);
       ++bits) {
    const float t = std::bit_cast<float>(bits);
    wrong += round_fast(t) != std::nearbyint(t);
    wrong += round_fast(-t) != std::nearbyint(-t);
  }
  CHECK(wrong == 0);
}

TEST_CASE("the fast passes equal the definition on any float, scale and range", "[prop]") {
  Rng rng(303);
  for (int round = 0; round < 400; ++round) {
    const int bits = 2 + static_cast<int>(rng.below(15));
    const QuantRange range = rng.below(2) == 0 ? unsigned_range(bits) : signed_range(bits);
    const auto offset = rng.below(static_cast<std::uint64_t>(range.qmax - range.qmin) + 1);
    const std::int32_t zero_point = range.qmin + static_cast<std::int32_t>(offset);
    // 2^-20 to 2^20 times a mantissa: from some bit pattern between those of the two.
    const float scale = std::bit_cast<float>(
        static_cast<std::uint32_t>(std::bit_cast<std::uint32_t>(0x1p-20F) + rng.below(40U << 23)));
    const QuantParams p{scale, zero_point};
    std::vector<float> x(256), dy(256);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float any = std::bit_cast<float>(static_cast<std::uint32_t>(rng.bits()));
      const double steps =
          rng.uniform(range.qmin - zero_point - 3.0, range.qmax - zero_point + 3.0);
      const double half = std::nearbyint(2.0 * steps) / 2.0;
      x[i] = i % 3 == 0
                 ? (std::isnan(any) ? -0.0F : any)
                 : static_cast<float>((i % 3 == 1 ? steps : half) * static_cast<double>(scale));
      dy[i] = static_cast<float>(rng.normal());
    }
    const auto y = forward(x, p, range), dx = backward(x, dy, p, range);
    long wrong = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const FakeQuantized expected = fake_quantize_ref(x[i], p, range);
      wrong += !same_bits(y[i], expected.y);
      wrong += !same_bits(dx[i], dy[i] * (expected.inside ? 1.0F : 0.0F));
    }
    INFO("bits " << bits << ", scale " << scale << ", zero point " << zero_point);
    CHECK(wrong == 0);
  }
}

TEST_CASE("fake = dequantize(quantize(x)) through real integers, whoever shares a scale",
          "[prop]") {
  Rng rng(304);
  const std::vector<std::size_t> shape = {3, 4, 10};
  std::vector<float> x(120), fake(120), real(120), twice(120);
  std::vector<std::int8_t> q(120);
  for (float& value : x) value = static_cast<float>(rng.normal());
  for (const Granularity& granularity :
       {Granularity{}, Granularity{GranularityKind::per_channel, 0, 0},
        Granularity{GranularityKind::per_channel, 1, 0},
        Granularity{GranularityKind::per_channel, 2, 0},
        Granularity{GranularityKind::per_group, 0, 4},
        Granularity{GranularityKind::per_group, 0, 64}}) {
    const ParamLayout layout = make_layout(shape, granularity);
    for (Scheme scheme : {Scheme::affine, Scheme::symmetric})
      for (int bits = 2; bits <= 8; ++bits) {
        const QuantRange range = signed_range(bits);
        auto params = choose_qparams(min_max_per_param(x, layout), range, scheme);
        for (QuantParams& p : params) p.scale *= 0.75F;  // so that something is clipped
        fake_quantize(x, layout, params, range, fake);
        quantize<std::int8_t>(x, layout, params, range, q);
        dequantize<std::int8_t>(q, layout, params, real);
        CHECK(first_other_bits(fake, real) == -1);
        fake_quantize(fake, layout, params, range, twice);  // a grid point stays where it is
        CHECK(first_other_bits(twice, fake) == -1);
      }
  }
}

TEST_CASE("input and output may be the same memory, and a tensor may be empty", "[prop]") {
  const QuantParams p{ch03::paper::kScale, ch03::paper::kZeroPoint};
  auto x = ch03::paper::kX;
  auto gradient = ch03::paper::kDy;
  fake_quantize_backward(x, gradient, p, ch03::paper::kRange, gradient);
  fake_quantize(x, p, ch03::paper::kRange, x);
  CHECK(x == ch03::paper::kYByHand);
  CHECK(gradient == ch03::paper::kDxByHand);
  CHECK(forward({}, p, ch03::paper::kRange).empty());
}

TEST_CASE("what has no answer is an Error", "[hand]") {
  const std::vector<float> x = {1.0F, 2.0F};
  std::vector<float> y(2), short_one(1);
  for (float scale : {0.0F, -1.0F, kNan, kInfinity, 1e-39F})
    CHECK_THROWS_AS(fake_quantize(x, QuantParams{scale, 0}, signed_range(8), y), Error);
  CHECK_THROWS_AS(fake_quantize(x, QuantParams{1.0F, -1}, unsigned_range(8), y), Error);
  CHECK_THROWS_AS(fake_quantize(x, QuantParams{1.0F, 256}, unsigned_range(8), y), Error);
  for (QuantRange range : {QuantRange{0, 0}, {1, 0}})
    CHECK_THROWS_WITH(fake_quantize(x, QuantParams{1.0F, 0}, range, y),
                      QFS_CONTAINS("2 to 65536 integers"));
  CHECK_THROWS_AS(fake_quantize(x, QuantParams{1.0F, 0}, unsigned_range(17), y), Error);
  // 65 536 integers are 16 bits; one more is too many.
  CHECK_NOTHROW(fake_quantize(x, QuantParams{1.0F, 0}, QuantRange{0, 65535}, y));
  CHECK_THROWS_WITH(fake_quantize(x, QuantParams{1.0F, 0}, QuantRange{0, 65536}, y),
                    QFS_CONTAINS("65537"));
  CHECK_THROWS_AS(fake_quantize(x, QuantParams{1.0F, 0}, signed_range(8), short_one), Error);
  CHECK_THROWS_AS(fake_quantize_backward(x, short_one, QuantParams{}, unsigned_range(8), y), Error);
  CHECK_THROWS_AS(fake_quantize_backward(x, y, QuantParams{}, unsigned_range(8), short_one), Error);
  const ParamLayout two =
      make_layout(std::vector<std::size_t>{2}, {GranularityKind::per_channel, 0, 0});
  for (std::size_t count : {1U, 3U}) {
    const std::vector<QuantParams> params(count);
    CHECK_THROWS_WITH(fake_quantize(x, two, params, unsigned_range(8), y),
                      QFS_CONTAINS("one scale per channel"));
    CHECK_THROWS_WITH(fake_quantize_backward(x, y, two, params, unsigned_range(8), y),
                      QFS_CONTAINS("one scale per channel"));
  }
}

TEST_CASE("tensors that are not of the layout's size are an Error, each of them, shorter or longer",
          "[hand]") {
  const ParamLayout layout =
      make_layout(std::vector<std::size_t>{2, 3}, {GranularityKind::per_channel, 0, 0});
  const std::vector<QuantParams> params(2);
  std::vector<float> x(8), dy(8), y(8);
  const auto forward_of = [&](std::size_t x_size, std::size_t y_size) {
    fake_quantize(std::span(x).first(x_size), layout, params, unsigned_range(8),
                  std::span(y).first(y_size));
  };
  const auto backward_of = [&](std::size_t x_size, std::size_t dy_size, std::size_t dx_size) {
    fake_quantize_backward(std::span(x).first(x_size), std::span(dy).first(dy_size), layout, params,
                           unsigned_range(8), std::span(y).first(dx_size));
  };
  CHECK_NOTHROW(forward_of(6, 6));
  CHECK_NOTHROW(backward_of(6, 6, 6));
  for (std::size_t other : {3U, 5U, 7U, 8U}) {
    CHECK_THROWS_AS(forward_of(other, 6), Error);
    CHECK_THROWS_AS(forward_of(6, other), Error);
    CHECK_THROWS_AS(forward_of(other, other), Error);
    CHECK_THROWS_AS(backward_of(other, 6, 6), Error);
    CHECK_THROWS_AS(backward_of(6, other, 6), Error);
    CHECK_THROWS_AS(backward_of(6, 6, other), Error);
    CHECK_THROWS_AS(backward_of(other, other, other), Error);
  }
}

TEST_CASE("without the clip mask a weight runs away; with it the weight stops", "[hand]") {
  // w0 starts at 0.5, target 1.5, rate 1/8. Fake values 0.5, 0.625, 0.75 (0.734375 is 5.875 steps),
  // 0.875 (0.828125 is 6.625), 0.875 (7.25 steps, inside), then 0.984375 is 7.875 steps: outside.
  std::array<float, 2> masked = {0.5F, 0.5F}, unmasked = masked;
  const std::array<float, 6> w0 = {0.5F, 0.625F, 0.734375F, 0.828125F, 0.90625F, 0.984375F};
  for (int step = 0; step < 200; ++step) {
    const ch03::ToyStep a = ch03::toy_step(masked, true), b = ch03::toy_step(unmasked, false);
    CHECK(a.w[0] == w0[static_cast<std::size_t>(std::min(step, 5))]);
    if (step == 0) CHECK(a.loss == 0.53125F);  // (0.5 - 1.5)^2 / 2 + (0.5 - 0.25)^2 / 2
    CHECK(a.loss == b.loss);
    CHECK(b.dw[0] == b.w_fake[0] - 1.5F);
  }
  CHECK(masked[0] == 0.984375F);
  // 195 more steps of 0.625 / 8.
  CHECK(unmasked[0] == 0.984375F + 195 * 0.078125F);
  CHECK(masked[1] == unmasked[1]);
}
