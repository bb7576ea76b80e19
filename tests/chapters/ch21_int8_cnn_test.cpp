// Chapter 21: folding, patches, pooling and sums, one by one: by hand, and against plain loops over
// random pictures; and what each says of input that does not fit.
#include <algorithm>
#include <cmath>
#include <functional>

#include "02_integer_products/requantize.hpp"
#include "06_static_ptq/plumbing/model_file.hpp"
#include "06_static_ptq/plumbing/net_checks.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "13_int8_engine/dispatch.hpp"
#include "13_int8_engine/engine.hpp"
#include "20_float_cnn/nets.hpp"
#include "21_int8_cnn/conv_u8.hpp"
#include "21_int8_cnn/lesson/paper_example.hpp"
#include "21_int8_cnn/pool_u8.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "common/rng.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_products.hpp"

namespace {

using namespace qfs;
using namespace qfs::ch21;
using qfs::test::difference;
using qfs::test::random_integers;
using qfs::test::random_weights;

std::vector<const Backend*> backends_here() {
  std::vector<const Backend*> backends;
  for (const KnownBackend& known : known_backends())
    if (known.can_run()) backends.push_back(known.backend);
  return backends;
}

template <class T>
Matrix<T> matrix_of(std::size_t rows, std::size_t columns, std::initializer_list<T> numbers) {
  auto matrix = make_tensor<T>({rows, columns});
  std::ranges::copy(numbers, values(matrix).begin());
  return matrix;
}

// ---- folding

BatchNorm paper_norm() {
  BatchNorm norm = make_batch_norm(1);
  norm.gamma(0) = kGamma;
  norm.beta(0) = kBeta;
  norm.running_mean(0) = kMean;
  norm.running_variance(0) = kVariance;
  norm.epsilon = kEps;
  return norm;
}

Conv2d conv_of(Window window, Matrix<float> weight) {
  return {.window = window, .weight = std::move(weight)};
}

TEST_CASE("a convolution and its batch norm as one, by hand", "[hand]") {
  Conv2d conv = conv_of({1, 2, 1, 0}, matrix_of<float>(1, 2, {kW[0], kW[1]}));
  const Conv2d folded = fold(conv, paper_norm());
  CHECK((folded.weight(0, 0) == 0.75F && folded.weight(0, 1) == -0.375F));
  REQUIRE(folded.bias.size() == 1);
  CHECK(folded.bias(0) == -1.0F);
  conv.bias = make_tensor<float>({1}, 2.0F);  // b' = 0.5 + (2 - 1) 1.5
  CHECK(fold(conv, paper_norm()).bias(0) == 2.0F);
  CHECK((folded.window == conv.window && folded.groups == conv.groups));
}

TEST_CASE("channels fold one by one", "[hand]") {
  BatchNorm norm = make_batch_norm(2);
  norm.epsilon = 0.0F;
  norm.gamma(0) = 2.0F, norm.gamma(1) = -3.0F;
  norm.running_variance(0) = 4.0F, norm.running_variance(1) = 0.25F;  // g = 1, -6
  norm.running_mean(1) = 0.5F, norm.beta(0) = 7.0F;
  const Conv2d folded = fold(conv_of({1, 1, 1, 0}, matrix_of<float>(2, 1, {3.0F, 0.5F})), norm);
  CHECK((folded.weight(0, 0) == 3.0F && folded.weight(1, 0) == -3.0F));
  CHECK((folded.bias(0) == 7.0F && folded.bias(1) == 3.0F));
}

TEST_CASE("what cannot fold says so", "[hand]") {
  const Conv2d conv = conv_of({1, 1, 1, 0}, matrix_of<float>(1, 1, {1.0F}));
  BatchNorm norm = make_batch_norm(2);
  CHECK_THROWS_WITH(fold(conv, norm), QFS_CONTAINS("does not fit the convolution"));
  norm = make_batch_norm(1);
  norm.running_variance(0) = -1.0F;
  CHECK_THROWS_WITH(fold(conv, norm), QFS_CONTAINS("channel 0 has no variance"));
  norm.running_variance(0) = 0.0F, norm.epsilon = 0.0F;
  CHECK_THROWS_WITH(fold(conv, norm), QFS_CONTAINS("channel 0 has no variance"));
  norm = make_batch_norm(1);
  norm.gamma(0) = 3e38F, norm.running_variance(0) = 1e-5F;
  CHECK_THROWS_WITH(fold(conv, norm), QFS_CONTAINS("channel 0 can not fold"));
}

// Every channel of every batch norm gets statistics of its own.
void draw_statistics(Cnn& cnn, Rng& rng) {
  for (BatchNorm& norm : cnn.norms)
    for (std::size_t c = 0; c < norm.channels(); ++c) {
      norm.gamma(c) = static_cast<float>(rng.uniform(-2.0, 2.0));
      norm.beta(c) = static_cast<float>(rng.uniform(-1.0, 1.0));
      norm.running_mean(c) = static_cast<float>(rng.uniform(-1.0, 1.0));
      norm.running_variance(c) = static_cast<float>(rng.uniform(0.05, 3.0));
    }
}

Matrix<float> random_pictures(Rng& rng, std::size_t count, std::size_t size) {
  auto x = make_tensor<float>({count, size});
  for (float& pixel : values(x)) pixel = static_cast<float>(rng.uniform(-1.0, 2.0));
  return x;
}

// |unfolded - folded| of one output. With u = 2^-24, S = sum |w x| + |b| and g: the unfolded sum of
// K + 1 terms is within (K + 1) u S of the exact one, times |g|; the four steps behind it, of which
// 1 / sqrt has three roundings, add 7 u (|g| (S + |mean|) + |beta|). Folded, w' and b' are each
// rounded once, and the sum has K + 1 terms: (K + 2) u (|g| (S + |mean|) + |beta|). Together less
// than (2 K + 12) u (...), the 1 + O(K u) of the products included.
TEST_CASE("folding changes each output by less than its derived bound", "[prop]") {
  Rng rng(1);
  for (const bool bias : {false, true}) {
    Cnn cnn{.tensors = {{6, 5, 4}}};
    const std::size_t y = add_conv2d(
        cnn, 0, {.channels = 6, .window = {3, 3, 1, 1}, .groups = 2, .bias = bias}, &rng);
    add_batch_norm(cnn, y);
    draw_statistics(cnn, rng);
    const Matrix<float> x = random_pictures(rng, 20, cnn.input().size());
    const Matrix<float> before = forward_ref(cnn, x), after = forward_ref(fold_batch_norm(cnn), x);
    const Conv2d& conv = cnn.convs[0];
    const BatchNorm& norm = cnn.norms[0];
    Conv2d magnitudes = conv;
    for (float& w : values(magnitudes.weight)) w = std::fabs(w);
    for (float& b : values(magnitudes.bias)) b = std::fabs(b);
    Matrix<float> sizes = x;
    for (float& pixel : values(sizes)) pixel = std::fabs(pixel);
    const Matrix<float> sums = conv2d_forward_ref(magnitudes, cnn.input(), sizes);
    const double K = static_cast<double>(conv.weight.shape(1));
    std::size_t different = 0, loose = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const std::size_t c = i % 6;
      const double g = std::fabs(norm.gamma(c)) /
                       std::sqrt(static_cast<double>(norm.running_variance(c) + norm.epsilon));
      const double scale =
          g * static_cast<double>(sums.data()[i] + std::fabs(norm.running_mean(c))) +
          static_cast<double>(std::fabs(norm.beta(c)));
      const double bound = (2.0 * K + 12.0) * 0x1p-24 * scale;
      const double distance =
          std::fabs(static_cast<double>(before.data()[i]) - static_cast<double>(after.data()[i]));
      CHECK(distance <= bound);
      different += distance > 0.0 ? 1 : 0;
      loose += bound > 1e-3 ? 1 : 0;
    }
    CHECK(different > 0);  // so the bound has something to do
    CHECK(loose == 0);
  }
}

TEST_CASE("folding the residual net leaves its list of layers without batch norm", "[prop]") {
  Rng rng(2);
  Cnn cnn = make_residual_net(&rng, {12, 10, 2}, 5);
  draw_statistics(cnn, rng);
  const Cnn folded = fold_batch_norm(cnn);
  CHECK(folded.norms.empty());
  CHECK(folded.layers.size() == cnn.layers.size() - cnn.norms.size());
  CHECK(folded.tensors.size() == folded.layers.size() + 1);
  for (const CnnLayer& layer : folded.layers) CHECK(layer.kind != LayerKind::batch_norm);
  CHECK(folded.output() == cnn.output());
  const Matrix<float> x = random_pictures(rng, 3, cnn.input().size());
  const Matrix<float> before = forward_ref(cnn, x), after = forward_ref(folded, x);
  double largest = 0.0;
  for (float y : values(before)) largest = std::max(largest, std::fabs(static_cast<double>(y)));
  CHECK(largest > 0.1);
  CHECK(difference(after, before, 1e-4 * largest) == "");
  const Cnn again = fold_batch_norm(folded);  // nothing left to do
  CHECK(difference(forward_ref(again, x), after) == "");
}

TEST_CASE("a batch norm that is not behind a convolution alone is named", "[hand]") {
  Cnn first{.tensors = {{4, 4, 2}}};
  add_conv2d(first, add_batch_norm(first, 0), {.channels = 3}, nullptr);
  CHECK_THROWS_WITH(fold_batch_norm(first),
                    QFS_CONTAINS("layer 1 (batch_norm) has no convolution to fold into") &&
                        QFS_CONTAINS("the net's input"));
  Cnn after_relu{.tensors = {{4, 4, 2}}};
  add_batch_norm(after_relu, add_relu(after_relu, add_conv2d(after_relu, 0, {}, nullptr)));
  CHECK_THROWS_WITH(fold_batch_norm(after_relu),
                    QFS_CONTAINS("layer 3 (batch_norm)") && QFS_CONTAINS("layer 2 (relu)"));
  Cnn shared{.tensors = {{4, 4, 2}}};
  const std::size_t conv = add_conv2d(shared, 0, {.channels = 2}, nullptr);
  add_sum(shared, add_batch_norm(shared, conv), conv);
  CHECK_THROWS_WITH(fold_batch_norm(shared),
                    QFS_CONTAINS("layer 2 (batch_norm) is not alone with its convolution") &&
                        QFS_CONTAINS("2 layers read tensor 1"));
}

// ---- convolution

// What a convolution is, with the border in place: every q - z_x, one by one.
std::vector<std::uint8_t> plain_conv(const QuantizedNet& net, const Operation& operation,
                                     std::span<const std::uint8_t> x, std::size_t pictures) {
  const OperationParts parts = parts_of(net, operation);
  const PictureShape in = picture_of(parts.input), out = picture_of(parts.output);
  const Window w = window_of(net, operation);
  const std::size_t groups = groups_of(net, operation), C = in.channels / groups;
  const std::int32_t zero = parts.input.params.zero_point;
  const Vector<float> m = output_multipliers(
      parts.input.params.scale, values(parts.weights->weight.scale), parts.output.params.scale);
  std::vector<std::uint8_t> y;
  for (std::size_t p = 0; p < pictures; ++p)
    for (std::size_t row = 0; row < out.height; ++row)
      for (std::size_t column = 0; column < out.width; ++column)
        for (std::size_t n = 0; n < out.channels; ++n) {
          std::int32_t sum = parts.weights->bias(n);
          const std::size_t first = n / (out.channels / groups) * C;
          for (std::size_t i = 0; i < w.height; ++i)
            for (std::size_t j = 0; j < w.width; ++j)
              for (std::size_t c = 0; c < C; ++c) {
                const std::size_t r = row * w.stride + i, q = column * w.stride + j;
                if (r < w.padding || q < w.padding || r >= in.height + w.padding ||
                    q >= in.width + w.padding)
                  continue;  // real 0
                const std::size_t at =
                    ((p * in.height + r - w.padding) * in.width + q - w.padding) * in.channels;
                sum += (x[at + first + c] - zero) *
                       parts.weights->weight.q(n, (i * w.width + j) * C + c);
              }
          y.push_back(static_cast<std::uint8_t>(requantize_float(
              sum, of_channel(values(m), n), parts.output.params.zero_point, parts.output.range)));
        }
  return y;
}

struct Case {
  PictureShape picture;
  Window window;
  std::size_t channels, groups;
};

// u8 to u8: quantize and dequantize would be in the way.
QuantizedNet conv_net(Rng& rng, const Case& c, WeightGranularity granularity, QuantRange range) {
  const QuantParams in{0.03F, static_cast<std::int32_t>(rng.below(100))};
  QuantizedNet net{
      .tensors = {{{c.picture.height, c.picture.width, c.picture.channels}, DType::u8, in, range}}};
  const std::size_t K = c.window.pixels() * c.picture.channels / c.groups;
  const std::size_t scales = granularity == WeightGranularity::per_channel ? c.channels : 1;
  QuantizedWeight weight{random_weights(rng, c.channels, K), make_tensor<float>({scales})};
  for (float& s : values(weight.scale)) s = static_cast<float>(rng.uniform(0.001, 0.02));
  std::vector<float> bias(c.channels);
  for (float& b : bias) b = static_cast<float>(rng.uniform(-1.0, 1.0));
  const float y_scale = static_cast<float>(0.012 * std::sqrt(static_cast<double>(K)));
  add_conv2d(net, 0, {weight, bias, c.window, c.groups},
             {y_scale, static_cast<std::int32_t>(rng.below(128))}, range);
  return net;
}

constexpr Case kCases[] = {
    {{3, 3, 1}, {3, 3, 1, 1}, 1, 1},     {{7, 5, 1}, {3, 3, 1, 1}, 8, 1},
    {{8, 8, 16}, {3, 3, 1, 1}, 16, 1},   {{9, 7, 16}, {3, 3, 2, 1}, 32, 1},
    {{8, 8, 16}, {1, 1, 1, 0}, 20, 1},   {{8, 8, 16}, {1, 1, 2, 0}, 32, 1},
    {{6, 6, 3}, {5, 2, 1, 1}, 7, 1},     {{6, 9, 5}, {2, 5, 2, 1}, 3, 1},
    {{6, 6, 8}, {3, 3, 1, 1}, 12, 4},    {{6, 6, 6}, {3, 3, 2, 1}, 6, 6},
    {{4, 4, 2}, {4, 4, 1, 0}, 9, 1},     {{4, 4, 10}, {3, 3, 3, 2}, 5, 5},
    {{10, 10, 64}, {3, 3, 1, 1}, 40, 1}, {{5, 5, 4}, {1, 1, 1, 0}, 6, 2},
    {{11, 3, 17}, {3, 3, 1, 2}, 33, 1},
};

TEST_CASE("a convolution is its plain loops, on every backend", "[prop][isa]") {
  Rng rng(3);
  for (const Case& c : kCases)
    for (const WeightGranularity granularity :
         {WeightGranularity::per_tensor, WeightGranularity::per_channel})
      for (const QuantRange range : {QuantRange{0, 127}, QuantRange{0, 255}}) {
        const QuantizedNet net = conv_net(rng, c, granularity, range);
        for (const std::size_t pictures : {1U, 5U, 40U}) {
          INFO(shape_text(c.picture) << ", window " << c.window.height << " x " << c.window.width
                                     << ", " << c.groups << " groups, " << pictures << " pictures");
          const Matrix<std::uint8_t> x =
              random_integers<std::uint8_t>(rng, pictures, c.picture.size(), range);
          const std::vector<std::uint8_t> expected =
              plain_conv(net, net.operations[0], values(x), pictures);
          const auto [least, most] = std::ranges::minmax(expected);
          CHECK(most - least > (c.channels > 4 ? 20 : 10));
          for (const Backend* backend : backends_here()) {
            INFO(backend->name);
            const PackedNet packed = pack(net, *backend, cnn_operations());
            NetBuffers buffers;
            run(packed, {.u8 = values(x)}, pictures, buffers);
            CHECK(difference(std::span<const std::uint8_t>(values(buffers.u8[1])),
                             std::span<const std::uint8_t>(expected)) == "");
          }
        }
      }
}

TEST_CASE("the picture of the text, by hand", "[hand]") {
  QuantizedNet net{.tensors = {{{3, 3, 1}, DType::u8, kPictureParams, unsigned_range(8)}}};
  auto q = make_tensor<std::int8_t>({1, 9});
  std::ranges::copy(kWindow, values(q).begin());
  const std::array<float, 1> bias = {kBias};
  add_conv2d(net, 0, {{q, make_tensor<float>({1}, kWindowScale)}, bias, {3, 3, 1, 1}, 1},
             kOutputParams, unsigned_range(8));
  CHECK(net.weights[0].bias(0) == kQBias);
  CHECK(make_to_u8(parts_of(net, net.operations[0])).bias(0) == -6);  // 4 - 2 * 5
  NetBuffers buffers;
  run(pack(net, ref_backend(), cnn_operations()), {.u8 = kPicture}, 1, buffers);
  CHECK(buffers.u8[1](0, 4) == 7);  // the middle
  CHECK(buffers.u8[1](0, 0) == 6);  // the corner
}

TEST_CASE("the border of padded pictures is the zero point, all around", "[hand]") {
  const std::vector<std::uint8_t> x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::vector<std::uint8_t> scratch;
  const PaddedPictures padded = pad_pictures(x, {1, 3, 2}, {.padding = 1}, 99, scratch);
  CHECK(padded.shape == PictureShape{3, 5, 2});
  const std::uint8_t z = 99;
  const std::vector<std::uint8_t> expected = {z, z, z, z, z, z,  z,  z,  z, z,  //
                                              z, z, 1, 2, 3, 4,  5,  6,  z, z,  //
                                              z, z, z, z, z, z,  z,  z,  z, z,
                                              z, z, z, z, z, z,  z,  z,  z, z,  // of both
                                              z, z, 7, 8, 9, 10, 11, 12, z, z,  //
                                              z, z, z, z, z, z,  z,  z,  z, z};
  CHECK(std::ranges::equal(expected, std::span(padded.first, expected.size())));
  CHECK(padded.first == scratch.data());
  CHECK(scratch.size() == expected.size() + kReadBehind);
}

TEST_CASE("patches in place are those that are written", "[prop]") {
  Rng rng(6);
  for (const std::size_t C : {1U, 3U, 4U, 6U})
    for (const Window& w : {Window{3, 3, 1, 0}, Window{3, 3, 2, 1}, Window{1, 2, 1, 0},
                            Window{2, 1, 3, 0}, Window{1, 1, 2, 0}}) {
      const PictureShape shape{7, 6, C}, out = places_of(shape, w, 1);
      const Matrix<std::uint8_t> x = random_integers<std::uint8_t>(rng, 3, shape.size(), {0, 255});
      std::vector<std::uint8_t> scratch;
      Patches patches{
          pad_pictures(values(x), shape, w, 9, scratch), w, {0, C}, out.height, out.width};
      const LeftSide left = patches_left_side(patches, 3);
      REQUIRE(left.in_place.has_value());
      const RowsInPlace& in = *left.in_place;
      std::vector<std::uint8_t> one(left.depth);
      for (std::size_t r = 0; r < left.rows; ++r) {
        left.pack(left.source, r, r + 1, one.data());
        const std::uint8_t* at = in.at(left.source, r);
        CHECK(at == in.at(left.source, r - r % in.together) + r % in.together * in.row_step);
        for (std::size_t k = 0, i = 0; k < one.size(); k += in.run, ++i)
          CHECK(std::equal(one.data() + k, one.data() + k + in.run, at + i * in.run_step));
        if (in.run % 4 != 0)
          CHECK(at + (w.height - 1) * in.run_step + in.run + kReadBehind <=
                scratch.data() + scratch.size());
      }
      patches.channels = {0, C + 1};  // not all channels, as of a group
      CHECK_FALSE(patches_left_side(patches, 3).in_place.has_value());
    }
}

TEST_CASE("without a border pictures are copied only for the room behind", "[hand]") {
  const std::vector<std::uint8_t> x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::vector<std::uint8_t> scratch;
  const Window fours{2, 2, 1, 0}, sixes{2, 3, 1, 0};  // runs of 4 and of 6 bytes
  CHECK(pad_pictures(x, {2, 3, 2}, fours, 99, scratch).first == x.data());
  const PaddedPictures copied = pad_pictures(x, {2, 3, 2}, sixes, 99, scratch);
  CHECK(copied.first == scratch.data());
  CHECK(std::ranges::equal(x, std::span(copied.first, x.size())));
  CHECK(scratch.size() == x.size() + kReadBehind);
}

TEST_CASE("patches of runs of every length, whichever rows are asked for", "[prop]") {
  Rng rng(4);
  for (std::size_t C = 1; C <= 40; ++C)
    for (const std::size_t kw : {1U, 3U}) {
      const PictureShape shape{4, 5, C};
      const Matrix<std::uint8_t> x = random_integers<std::uint8_t>(rng, 2, shape.size(), {0, 255});
      const Window window{2, kw, 1, 0};
      const PictureShape out = places_of(shape, window, 1);
      const Patches patches{{x.data(), shape}, window, {0, C}, out.height, out.width};
      const LeftSide left = patches_left_side(patches, 2);
      const std::size_t K = 2 * kw * C;
      REQUIRE((left.rows == 2 * out.pixels() && left.depth == K));
      std::vector<std::uint8_t> one(K), all(left.rows * K + 1, 77);
      left.pack(left.source, 0, left.rows, all.data());
      CHECK(all.back() == 77);  // nothing behind the last patch
      for (std::size_t r = 0; r < left.rows; ++r) {
        std::vector<std::uint8_t> expected(K);
        copy_patch(row(x, r / out.pixels()).data(), shape, window, {0, C},
                   r % out.pixels() / out.width, r % out.width, std::uint8_t{0}, expected.data());
        left.pack(left.source, r, r + 1, one.data());
        CHECK(one == expected);
        CHECK(std::equal(expected.begin(), expected.end(), all.begin() + std::ptrdiff_t(r * K)));
      }
    }
}

// ---- pooling

TEST_CASE("pooling by hand", "[hand]") {
  const Window window{2, 2, 2, 0};
  std::array<std::uint8_t, 1> y{};
  max_pool_u8(window, {2, 2, 1}, kFour, y);
  CHECK(y[0] == 7);
  const float m = average_multiplier(kFourParams.scale, 4, kMeanParams.scale);
  CHECK(m == 0.5F);
  AveragePoolU8 pool{window, {2, 2, 1}, kFourParams.zero_point, m, kMeanParams, unsigned_range(8)};
  average_pool_u8(pool, kFour, y);
  CHECK(y[0] == 4);  // 4.5 to even
  pool.output.zero_point = 1;
  average_pool_u8(pool, kFour, y);
  CHECK(y[0] == 5);  // the zero point is added after rounding: not 5.5 to even
  pool.range = {0, 3};
  average_pool_u8(pool, kFour, y);
  CHECK(y[0] == 3);
  // In the order of both runtimes; the reciprocal of the count would give another last bit.
  CHECK(average_multiplier(0.3F, 49, 0.07F) == 0.3F / (0.07F * 49.0F));
  CHECK(0.3F / (0.07F * 49.0F) != 0.3F / 0.07F * (1.0F / 49.0F));
  CHECK_THROWS_WITH(average_multiplier(1e-38F, 100, 1e10F), QFS_CONTAINS("no multiplier"));
  std::array<std::uint8_t, 2> two{};
  CHECK_THROWS_WITH(max_pool_u8(window, {2, 2, 1}, kFour, two), QFS_CONTAINS("do not fit"));
  CHECK_THROWS_WITH(max_pool_u8(window, {2, 2, 1}, kFour, two), QFS_CONTAINS("4 in, 2 out"));
}

// The border: of the largest it is no candidate, of the mean it is a real 0.
TEST_CASE("pooling over a border, by hand", "[hand]") {
  const Window window{2, 2, 2, 1};
  const std::vector<std::uint8_t> x = {3, 7, 6, 1};
  std::vector<std::uint8_t> y(4);
  max_pool_u8(window, {2, 2, 1}, x, y);
  CHECK(y == x);  // each window sees one pixel
  average_pool_u8({window, {2, 2, 1}, 2, 0.5F, {0.25F, 10}, unsigned_range(8)}, x, y);
  CHECK(y == std::vector<std::uint8_t>{10, 12, 12, 10});  // 0.5, 2.5, 2, -0.5
}

TEST_CASE("pooling is its plain loops", "[prop]") {
  Rng rng(5);
  for (const Window& w : {Window{2, 2, 2, 0}, Window{3, 3, 2, 1}, Window{3, 2, 1, 1},
                          Window{6, 7, 1, 0}, Window{1, 1, 3, 0}}) {
    const PictureShape in{6, 7, 27};  // channels by sixteen, by eight and one by one
    const PictureShape out = places_of(in, w, in.channels);
    const auto x = random_integers<std::uint8_t>(rng, 3, in.size(), {0, 255});
    std::vector<std::uint8_t> most(3 * out.size()), mean(most.size()), expect_most, expect_mean;
    const float m = average_multiplier(0.1F, w.pixels(), 0.07F);
    const AveragePoolU8 pool{w, in, 97, m, {0.07F, 31}, {0, 200}};
    max_pool_u8(w, in, values(x), most);
    average_pool_u8(pool, values(x), mean);
    for (std::size_t p = 0; p < 3; ++p)
      for (std::size_t row = 0; row < out.height; ++row)
        for (std::size_t column = 0; column < out.width; ++column)
          for (std::size_t c = 0; c < in.channels; ++c) {
            int largest = -1, sum = 0;
            for (std::size_t i = 0; i < w.height; ++i)
              for (std::size_t j = 0; j < w.width; ++j) {
                const std::size_t r = row * w.stride + i, q = column * w.stride + j;
                if (r < w.padding || q < w.padding || r - w.padding >= in.height ||
                    q - w.padding >= in.width)
                  continue;
                const int pixel =
                    x(p, ((r - w.padding) * in.width + q - w.padding) * in.channels + c);
                largest = std::max(largest, pixel);
                sum += pixel - 97;
              }
            expect_most.push_back(static_cast<std::uint8_t>(largest));
            expect_mean.push_back(
                static_cast<std::uint8_t>(requantize_float(sum, m, 31, {0, 200})));
          }
    CHECK(most == expect_most);
    CHECK(mean == expect_mean);
    CHECK(std::ranges::max(mean) > 60);
  }
}

// ---- sums

TEST_CASE("a sum of two scales, by hand, by both rules", "[hand]") {
  const AddU8 add = make_add(kA, kB, kSum, unsigned_range(8), AddRule::onnx_runtime);
  CHECK((add.a_ratio == 0.5F && add.b_ratio == 0.25F && add.offset == 1.5F));
  CHECK(add_one(add, kQa, kQb) == 8);
  const AddU8 other = make_add(kA, kB, kSum, unsigned_range(8), AddRule::qnnpack);
  CHECK((other.shift == 22 && other.a_multiplier == 1 << 21 && other.b_multiplier == 1 << 20));
  CHECK(other.bias == -((1 << 21) + (4 << 20)));
  CHECK(add_one(other, kQa, kQb) == 9);
  CHECK(add_one(other, 8, kQb) == 8);  // 3.5 + 1.5 = 5: no half
  // Below 0 halves go away from 0, too: -0.5 - 1 = -1.5 to -2.
  CHECK(add_one(other, 0, 0) == 1);
  CHECK(add_one(add, 0, 0) == 2);  // 3 - 1.5 = 1.5 to even
  const AddU8 cut = make_add(kA, kB, kSum, {3, 7}, AddRule::onnx_runtime);
  CHECK((add_one(cut, 0, 0) == 3 && add_one(cut, 200, 200) == 7));
  const AddU8 cut_too = make_add(kA, kB, kSum, {3, 7}, AddRule::qnnpack);
  CHECK((add_one(cut_too, 0, 0) == 3 && add_one(cut_too, 200, 200) == 7));
}

TEST_CASE("scales that no rule adds", "[hand]") {
  const auto make = [](float a, float b, float y, AddRule rule) {
    return make_add({a, 0}, {b, 0}, {y, 0}, unsigned_range(8), rule);
  };
  CHECK_THROWS_WITH(make(1e-30F, 1.0F, 1e30F, AddRule::onnx_runtime), QFS_CONTAINS("no ratio"));
  CHECK_THROWS_WITH(make(1e30F, 1.0F, 1e-30F, AddRule::onnx_runtime), QFS_CONTAINS("no ratio"));
  CHECK_THROWS_WITH(
      make_add({1e30F, 255}, {1e30F, 0}, {1e-8F, 0}, unsigned_range(8), AddRule::onnx_runtime),
      QFS_CONTAINS("no offset"));
  CHECK_THROWS_WITH(make(256.0F, 1.0F, 1.0F, AddRule::qnnpack), QFS_CONTAINS("qnnpack adds no"));
  CHECK_THROWS_WITH(make(1.0F, 0x1p-15F, 1.0F, AddRule::qnnpack), QFS_CONTAINS("qnnpack adds no"));
  CHECK_THROWS_WITH(make(0x1p-11F, 0x1p-11F, 1.0F, AddRule::qnnpack),
                    QFS_CONTAINS("qnnpack adds no"));
  CHECK(make(255.9F, 1.0F, 1.0F, AddRule::qnnpack).shift == 14);
  CHECK(make(0x1p-10F, 0x1p-14F, 1.0F, AddRule::qnnpack).shift == 31);
  // Far from the range, a sum is clamped like any other.
  CHECK(add_one(make(1e30F, 1e30F, 1.0F, AddRule::onnx_runtime), 255, 255) == 255);
}

struct AllPairs {
  std::vector<std::uint8_t> a, b;
  AllPairs() {
    for (int i = 0; i < 65536; ++i) {
      a.push_back(static_cast<std::uint8_t>(i / 256));
      b.push_back(static_cast<std::uint8_t>(i % 256));
    }
  }
};

AddU8 random_add(Rng& rng, AddRule rule) {
  const auto params = [&] {
    return QuantParams{static_cast<float>(rng.uniform(0.004, 0.3)),
                       static_cast<std::int32_t>(rng.below(256))};
  };
  const QuantParams a = params(), b = params(), y = params();
  const QuantRange range = rng.below(2) == 0 ? QuantRange{0, 255} : QuantRange{y.zero_point, 255};
  return make_add(a, b, y, range, rule);
}

TEST_CASE("vectors add all pairs as one by one, at any length", "[isa]") {
  const AllPairs all;
  Rng rng(6);
  for (const AddRule rule : {AddRule::onnx_runtime, AddRule::qnnpack})
    for (int i = 0; i < 20; ++i) {
      const AddU8 add = random_add(rng, rule);
      std::vector<std::uint8_t> one(65536), plain(65536), fast(65536);
      for (std::size_t k = 0; k < one.size(); ++k) one[k] = add_one(add, all.a[k], all.b[k]);
      add_u8(add, all.a, all.b, plain, false);
      add_u8(add, all.a, all.b, fast, true);
      CHECK(plain == one);
      CHECK(fast == one);
    }
  const AddU8 add = random_add(rng, AddRule::onnx_runtime);
  for (std::size_t size = 0; size < 70; ++size) {
    std::vector<std::uint8_t> y(size + 1, 123);
    add_u8(add, std::span(all.a).subspan(20000, size), std::span(all.b).subspan(20000, size),
           std::span(y).first(size), true);
    CHECK(y.back() == 123);
    for (std::size_t k = 0; k < size; ++k)
      CHECK(y[k] == add_one(add, all.a[20000 + k], all.b[20000 + k]));
  }
  std::vector<std::uint8_t> y(3), two(2);
  CHECK_THROWS_WITH(add_u8(add, y, two, y, true), QFS_CONTAINS("differ in size"));
}

// Both rules are within half a step of the exact sum, and less than 2^-12 more: float32 rounds a
// number below 2^11 thrice; qnnpack's ratios have 21 bits for inputs of 8.
TEST_CASE("a sum is the nearest integer to the exact one, ties apart", "[prop]") {
  const AllPairs all;
  Rng rng(7);
  for (const AddRule rule : {AddRule::onnx_runtime, AddRule::qnnpack})
    for (int i = 0; i < 20; ++i) {
      const QuantParams a{static_cast<float>(rng.uniform(0.01, 0.1)), 77};
      const QuantParams b{static_cast<float>(rng.uniform(0.01, 0.1)), 130};
      const QuantParams to{static_cast<float>(rng.uniform(0.05, 0.2)), 100};
      const AddU8 add = make_add(a, b, to, unsigned_range(8), rule);
      double worst = 0.0;
      for (std::size_t k = 0; k < 65536; ++k) {
        const double exact = (static_cast<double>(a.scale) * (all.a[k] - 77) +
                              static_cast<double>(b.scale) * (all.b[k] - 130)) /
                                 static_cast<double>(to.scale) +
                             100.0;
        const double cut = std::clamp(exact, 0.0, 255.0);
        worst = std::max(worst, std::fabs(cut - add_one(add, all.a[k], all.b[k])));
      }
      CHECK(worst <= 0.5 + 0x1p-12);
      CHECK(worst > 0.49);
    }
}

// ---- whole nets

TensorIntervals intervals_of(const Cnn& cnn, const Matrix<float>& x) {
  std::vector<MinMaxObserver> observers(cnn.tensors.size());
  forward_ref(cnn, x, [&](std::size_t t, std::span<const float> v) { observers[t].observe(v); });
  TensorIntervals intervals;
  for (const MinMaxObserver& observer : observers) intervals.push_back(observer.interval());
  return intervals;
}

struct Made {
  Cnn cnn;
  Matrix<float> x;
  TensorIntervals intervals;
};
Made made_of(Cnn cnn, std::size_t pictures, Rng& rng) {
  Made made{std::move(cnn), {}, {}};
  made.x = random_pictures(rng, pictures, made.cnn.input().size());
  made.intervals = intervals_of(made.cnn, made.x);
  return made;
}
Made residual(std::size_t pictures = 40) {
  Rng rng(8);
  Cnn cnn = make_residual_net(&rng, {12, 12, 1}, 6);
  draw_statistics(cnn, rng);
  return made_of(fold_batch_norm(cnn), pictures, rng);
}
Made small(std::size_t pictures) {
  Rng rng(12);
  return made_of(make_small_cnn(&rng), pictures, rng);
}

std::size_t count_kind(const QuantizedNet& net, std::string_view kind) {
  return static_cast<std::size_t>(std::ranges::count(net.operations, kind, &Operation::kind));
}

TEST_CASE("the operations of the residual net, before and after fuse", "[hand]") {
  const Made made = residual();
  const QuantizedNet plain = quantize_cnn(made.cnn, made.intervals, {});
  CHECK(count_kind(plain, "conv2d") == 9);  // 1 + 2 + 3 + 3
  CHECK(count_kind(plain, "add") == 3);
  CHECK(count_kind(plain, "relu") == 7);
  CHECK((count_kind(plain, "average_pool") == 1 && count_kind(plain, "linear") == 1));
  CHECK(plain.operations.size() == 9 + 3 + 7 + 2 + 2);
  const QuantizedNet fused = quantize_fused_cnn(made.cnn, made.intervals, {});
  CHECK(count_kind(fused, "relu") == 0);
  CHECK(fused.operations.size() == plain.operations.size() - 7);
  for (const Operation& operation : fused.operations)
    if (operation.kind == "add") {
      const TensorSpec& y = fused.tensors[operation.output];
      CHECK((y.params.zero_point == 0 && y.range == QuantRange{0, 255}));
    }
}

// The intervals of both are those after ReLU: then fuse changes no integer.
TEST_CASE("fuse changes no integer of what is left", "[prop]") {
  const Made made = residual();
  const QuantizedNet plain = quantize_cnn(made.cnn, after_relu(made.cnn, made.intervals), {});
  const QuantizedNet fused = fuse(plain, cnn_operations());
  CHECK(fused.operations.size() == plain.operations.size() - 7);
  NetBuffers one, two;
  run(pack(plain, ref_backend(), cnn_operations()), made.x, one);
  run(pack(fused, ref_backend(), cnn_operations()), made.x, two);
  const auto before = values(one.f32[plain.operations.back().output]);
  const auto after = values(two.f32[fused.operations.back().output]);
  CHECK(difference(std::span<const float>(after), std::span<const float>(before)) == "");
}

TEST_CASE("the intervals after ReLU: of a tensor that a relu alone reads", "[hand]") {
  Cnn cnn{.tensors = {{2, 2, 1}}};
  const std::size_t conv = add_conv2d(cnn, 0, {.window = {1, 1, 1, 0}}, nullptr);  // 1
  const std::size_t relu = add_relu(cnn, conv);                                    // 2
  const std::size_t sum = add_sum(cnn, relu, conv);                                // 3
  add_relu(cnn, sum);                                                              // 4
  const TensorIntervals all = {{-1, 1}, {-2, 2}, {0, 2}, {-3, 4}, {0, 4}};
  const TensorIntervals after = after_relu(cnn, all);
  CHECK((after[1].min == -2.0F && after[3].min == 0.0F && after[3].max == 4.0F));
  CHECK_THROWS_WITH(after_relu(cnn, {{0, 1}}), QFS_CONTAINS("one interval per tensor"));
  CHECK_THROWS_WITH(quantize_cnn(cnn, {{0, 1}}, {}), QFS_CONTAINS("one interval per tensor"));
  Cnn of_input{.tensors = {{1, 1, 3}}};
  add_relu(of_input, 0);
  CHECK(after_relu(of_input, {{-1, 1}, {0, 1}})[0].min == -1.0F);
}

TEST_CASE("batch norm is refused", "[hand]") {
  Rng rng(9);
  const Cnn cnn = make_residual_net(&rng, {8, 8, 1}, 3);
  CHECK_THROWS_WITH(quantize_cnn(cnn, TensorIntervals(cnn.tensors.size(), {-1, 1}), {}),
                    QFS_CONTAINS("fold_batch_norm first"));
}

TEST_CASE("a net without layers is refused", "[hand]") {
  CHECK_THROWS_WITH(quantize_cnn(Cnn{.tensors = {{2, 2, 1}}}, TensorIntervals{{-1, 1}}, {}),
                    QFS_CONTAINS("a net without layers"));
}

// Every tensor of `net` by `backend` against ref's; then the engine's logits, of `count` pictures,
// which are more than go through the net together.
void expect_equal(const QuantizedNet& net, const Backend& backend, const Matrix<float>& x,
                  const NetBuffers& expected, std::size_t count) {
  NetBuffers got;
  run(pack(net, backend, cnn_operations()), x, got);
  for (std::size_t t = 1; t < net.tensors.size(); ++t) {
    INFO("tensor " << t);
    CHECK(difference(got.u8[t], expected.u8[t]) == "");
  }
  const auto logits = values(expected.f32[net.operations.back().output]);
  for (const int threads : {1, 2, 5}) {
    INFO(threads << " threads");
    Engine engine(net, backend, cnn_operations(), threads);
    REQUIRE(engine.rows_together() < count);
    std::vector<float> y(count * engine.outputs());
    engine.run(values(x).first(count * engine.inputs()), count, y);
    CHECK(difference(std::span<const float>(y), std::span<const float>(logits).first(y.size())) ==
          "");
  }
}

// 113 pictures are three blocks of either net, 60 are two: ref, the slow one, runs no more.
TEST_CASE("every backend and any number of threads give the same integers", "[isa]") {
  for (const Made& made : {small(113), residual(113)})
    for (const WeightGranularity granularity :
         {WeightGranularity::per_tensor, WeightGranularity::per_channel})
      for (const int bits : {7, 8}) {
        const QuantizedNet net =
            quantize_fused_cnn(made.cnn, made.intervals, {unsigned_range(bits), granularity});
        NetBuffers expected;
        run(pack(net, ref_backend(), cnn_operations()), made.x, expected);
        const Matrix<float>& logits = expected.f32[net.operations.back().output];
        CHECK(std::ranges::minmax(values(logits)).max > std::ranges::minmax(values(logits)).min);
        for (const Backend* backend : backends_here()) {
          INFO(made.cnn.layers.size() << " layers, " << bits << " bits, " << backend->name);
          expect_equal(net, *backend, made.x, expected, backend->name == "ref" ? 60 : 113);
        }
      }
}

TEST_CASE("the engine takes fewer pictures together than rows, and splits them", "[hand]") {
  const Made made = residual();
  const QuantizedNet net = quantize_fused_cnn(made.cnn, made.intervals, {});
  const Engine engine(net, ref_backend(), cnn_operations(), 2);
  // The largest operation: three tensors of 12 x 12 x 16 bytes of the first block's add.
  CHECK(engine.rows_together() == (std::size_t{384} << 10) / (3 * 12 * 12 * 16));
  for (const OperationKind& kind : cnn_operations())
    CHECK(kind.row_by_row == (kind.name != "dynamic_linear"));
}

TEST_CASE("the model file holds these nets", "[prop]") {
  const Made made = residual();
  const QuantizedNet net =
      with_rule(quantize_fused_cnn(made.cnn, made.intervals, {}), AddRule::qnnpack);
  const test::Scratch folder;
  const std::string path = folder.path("cnn.qfs");
  save_model(path, net, cnn_operations());
  const QuantizedNet loaded = load_model(path, cnn_operations());
  NetBuffers one, two;
  run(pack(net, ref_backend(), cnn_operations()), made.x, one);
  run(pack(loaded, ref_backend(), cnn_operations()), made.x, two);
  for (std::size_t t = 1; t < net.tensors.size(); ++t)
    CHECK(difference(two.u8[t], one.u8[t]) == "");
}

// ---- what a net must keep to

// One of each kind: conv2d 1, max_pool 2, average_pool 3, add 4, behind quantize 0.
QuantizedNet one_of_each() {
  QuantizedNet net{.tensors = {{{4, 4, 2}, DType::f32}}};
  const QuantRange range = unsigned_range(8);
  std::size_t x = add_quantize(net, 0, {0.1F, 3}, range);
  const std::vector<float> bias(2, 0.5F);
  x = add_conv2d(net, x,
                 {{make_tensor<std::int8_t>({2, 9}, std::int8_t{1}), make_tensor<float>({1}, 0.1F)},
                  bias,
                  {3, 3, 1, 1},
                  2},
                 {0.2F, 4}, range);
  const std::size_t most = add_max_pool(net, x, {2, 2, 2, 0});
  const std::size_t mean = add_average_pool(net, x, {2, 2, 2, 0}, {0.3F, 5}, range);
  add_dequantize(net, add_sum(net, most, mean, {0.4F, 6}, range));
  return net;
}

struct Damage {
  std::size_t operation;
  const char* says;
  std::function<void(QuantizedNet&, Operation&)> damage;
};

TEST_CASE("a net that does not keep to its kinds is refused, and the operation named", "[hand]") {
  CHECK_NOTHROW(require_valid(one_of_each(), cnn_operations()));
  const auto set = [](const char* attribute, std::vector<std::int32_t> numbers) {
    return [=](QuantizedNet&, Operation& operation) { operation.attributes[attribute] = numbers; };
  };
  const auto drop = [](const char* attribute) {
    return [=](QuantizedNet&, Operation& operation) { operation.attributes.erase(attribute); };
  };
  const auto output = [](std::vector<std::size_t> shape) {
    return [=](QuantizedNet& net, Operation& operation) {
      net.tensors[operation.output].shape = shape;
    };
  };
  const auto weights = [](QuantizedNet&, Operation& operation) { operation.weights = 0; };
  const std::vector<Damage> damages = {
      {1, "'window' is missing", drop("window")},
      {1, "'stride' is missing", drop("stride")},
      {1, "'padding' is missing", drop("padding")},
      {1, "'groups' is missing", drop("groups")},
      {1, "'window' has another length", set("window", {3})},
      {1, "'stride' has another length", set("stride", {1, 1})},
      {1, "'stride' is out of range", set("stride", {0})},
      {1, "'window' is out of range", set("window", {3, -3})},
      {1, "'window' is out of range", set("window", {1 << 30, 3})},
      {1, "'padding' is out of range", set("padding", {-1})},
      {1, "'groups' is out of range", set("groups", {0})},
      {1, "'window' is out of range", set("window", {0, 3})},
      {1, "'stride' is out of range", set("stride", {1 << 15})},
      {1, "groups do not divide", set("groups", {3})},
      {1, "window that does not fit", set("padding", {3})},
      {1, "window that does not fit", set("window", {7, 3})},
      {1, "window that does not fit", set("window", {3, 7})},
      {1, "window that does not fit", set("window", {1, 3})},  // sees nothing but border
      {1, "window that does not fit", set("window", {3, 1})},
      {1, "writes a picture of another shape", set("window", {6, 6})},  // which does fit
      {1, "writes a picture of another shape", set("stride", {(1 << 15) - 1})},
      {1, "attribute that nothing here reads", set("dilation", {2})},
      {1, "writes a picture of another shape", set("stride", {2})},
      {1, "weights that do not fit", set("groups", {1})},
      {1, "weights that do not fit", output({4, 4, 4})},
      {1, "is no picture", output({32})},
      {1, "is no picture",
       [](QuantizedNet& net, Operation&) { net.tensors[0].shape = net.tensors[1].shape = {32}; }},
      {1, "has no weights", [](QuantizedNet&, Operation& o) { o.weights.reset(); }},
      {1, "one bias per output",
       [](QuantizedNet& net, Operation&) { net.weights[0].bias = make_tensor<std::int32_t>({3}); }},
      {1, "another number of tensors",
       [](QuantizedNet&, Operation& o) {
         o.inputs = {1, 1};
       }},
      {1, "tensor of another type", [](QuantizedNet&, Operation& o) { o.inputs = {0}; }},
      {1, "tensor of another type",
       [](QuantizedNet& net, Operation& o) { net.tensors[o.output].type = DType::f32; }},
      {2, "'window' is missing", drop("window")},
      {2, "attribute that nothing here reads", set("groups", {1})},
      {2, "window that does not fit", set("padding", {2})},
      {2, "has weights", weights},
      {2, "writes a picture of another shape", output({2, 2, 1})},
      {2, "is no picture", output({8})},
      {2, "changes scale or zero point",
       [](QuantizedNet& net, Operation& o) { net.tensors[o.output].params.scale = 0.5F; }},
      {2, "changes scale or zero point",
       [](QuantizedNet& net, Operation& o) { net.tensors[o.output].params.zero_point = 5; }},
      {2, "integers of another range",
       [](QuantizedNet& net, Operation& o) {
         net.tensors[o.output].range = {0, 100};
       }},
      {2, "another number of tensors",
       [](QuantizedNet&, Operation& o) {
         o.inputs = {1, 2};
       }},
      {3, "'stride' is missing", drop("stride")},
      {3, "has weights", weights},
      {3, "writes a picture of another shape", output({2, 1, 2})},
      {4, "attribute that nothing here reads", set("window", {2, 2})},
      {4, "has weights", weights},
      {4, "no such rule", set("rule", {2})},
      {4, "'rule' is out of range", set("rule", {-1})},
      {4, "'rule' has another length", set("rule", {0, 1})},
      {4, "another number of tensors", [](QuantizedNet&, Operation& o) { o.inputs = {3}; }},
      {4, "tensor of another type", [](QuantizedNet&, Operation& o) { o.inputs = {3, 0}; }},
      {4, "adds unlike shapes", [](QuantizedNet&, Operation& o) { o.inputs = {3, 2}; }},
      {4, "adds unlike shapes", [](QuantizedNet&, Operation& o) {
         o.inputs = {2, 4};
       }}};
  for (const Damage& damage : damages) {
    QuantizedNet net = one_of_each();
    Operation& operation = net.operations[damage.operation];
    const std::string name = name_of(damage.operation, operation.kind);
    damage.damage(net, operation);
    INFO(name << ": " << damage.says);
    CHECK_THROWS_WITH(require_valid(net, cnn_operations()),
                      QFS_CONTAINS(name) && QFS_CONTAINS(damage.says));
  }
}

// A net of one operation, from integers to integers.
QuantizedNet lone(const char* kind, PictureShape in, PictureShape out, const Window& window) {
  const auto tensor = [](const PictureShape& shape) {
    return TensorSpec{{shape.height, shape.width, shape.channels}, DType::u8, {0.1F, 3}, {0, 255}};
  };
  const auto number = [](std::size_t n) { return static_cast<std::int32_t>(n); };
  QuantizedNet net{.tensors = {tensor(in), tensor(out)}};
  net.operations = {{.kind = kind,
                     .inputs = {0},
                     .output = 1,
                     .attributes = {{"window", {number(window.height), number(window.width)}},
                                    {"stride", {number(window.stride)}},
                                    {"padding", {number(window.padding)}}}}};
  return net;
}

// 255 * 8 421 504 = 2^31 - 128: the largest window whose sum fits has 2688 x 3133 pixels.
TEST_CASE("a mean over more pixels than 32 bits hold the sum of is refused", "[hand]") {
  const auto mean = [](std::size_t height, std::size_t width) {
    return lone("average_pool", {height, width, 1}, {1, 1, 1}, {height, width, 1, 0});
  };
  CHECK_NOTHROW(require_valid(mean(2688, 3133), cnn_operations()));
  CHECK_THROWS_WITH(require_valid(mean(2689, 3133), cnn_operations()),
                    QFS_CONTAINS("operation 1 (average_pool) may overflow its 32-bit sum") &&
                        QFS_CONTAINS("8421504"));
}

TEST_CASE("a pooling that reads no picture is refused", "[hand]") {
  for (const char* kind : {"max_pool", "average_pool"}) {
    QuantizedNet net = lone(kind, {1, 1, 8}, {1, 1, 8}, {1, 1, 1, 0});
    CHECK_NOTHROW(require_valid(net, cnn_operations()));
    net.tensors[0].shape = {8};
    CHECK_THROWS_WITH(require_valid(net, cnn_operations()), QFS_CONTAINS("is no picture"));
  }
}

// The weights fit both, for all that they say: N x kh kw (C / groups), rounded down.
TEST_CASE("groups divide the channels of both pictures, or are refused", "[hand]") {
  const auto grouped = [](std::size_t C, std::size_t N, std::int32_t groups, std::size_t K) {
    QuantizedNet net = lone("conv2d", {3, 3, C}, {1, 1, N}, {3, 3, 1, 0});
    net.weights = {{.weight = {make_tensor<std::int8_t>({N, K}, std::int8_t{1}),
                               make_tensor<float>({1}, 0.1F)},
                    .bias = make_tensor<std::int32_t>({N})}};
    net.operations[0].weights = 0;
    net.operations[0].attributes["groups"] = {groups};
    return net;
  };
  CHECK_NOTHROW(require_valid(grouped(4, 8, 4, 9), cnn_operations()));
  CHECK_THROWS_WITH(require_valid(grouped(4, 2, 4, 9), cnn_operations()),
                    QFS_CONTAINS("groups do not divide the channels"));
  CHECK_THROWS_WITH(require_valid(grouped(2, 4, 4, 4), cnn_operations()),
                    QFS_CONTAINS("groups do not divide the channels"));
}

TEST_CASE("weights without a scale are refused, before any kind is asked", "[hand]") {
  QuantizedNet net = one_of_each();
  net.weights[0].weight.scale(0) = 0.0F;
  CHECK_THROWS_WITH(require_valid(net, cnn_operations()),
                    QFS_CONTAINS("weights 1, weight has no usable scale"));
}

TEST_CASE("a row of the table for each kind, and what else it says", "[hand]") {
  const QuantizedNet net = one_of_each();
  const PackedNet packed = pack(net, ref_backend(), cnn_operations());
  const std::vector<std::string> lines = describe(packed);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "operation 2 (conv2d): 2 groups, the first: N x K, as they are");
  for (const OperationKind& kind : cnn_operations())
    CHECK(kind.clamps == (kind.name == "linear" || kind.name == "conv2d" ||
                          kind.name == "average_pool" || kind.name == "add"));
  CHECK(picture_of({{10}, DType::u8}) == PictureShape{1, 1, 10});
}

TEST_CASE("a net without bias and without batch norm has biases of 0", "[hand]") {
  Cnn cnn{.tensors = {{3, 3, 1}}};
  Rng rng(10);
  add_conv2d(cnn, 0, {.channels = 2, .window = {3, 3, 1, 1}, .bias = false}, &rng);
  const QuantizedNet net = quantize_cnn(cnn, TensorIntervals{{-1, 1}, {-2, 2}}, {});
  CHECK((net.weights[0].bias.size() == 2 && net.weights[0].bias(0) == 0));
}

TEST_CASE("calibration sees every tensor of the net, by its number", "[hand]") {
  TrainDigits digits;
  digits.pixels = make_tensor<std::uint8_t>({3, 784});
  digits.labels = {0, 1, 2};
  digits.pixels(1, 0) = 255;
  Rng rng(11);
  const Cnn cnn = make_small_cnn(&rng);
  const TensorIntervals intervals = calibrate<MinMaxObserver>(cnn, CalibrationSet(digits), 2);
  REQUIRE(intervals.size() == cnn.tensors.size());
  const Matrix<float> x = normalized(digits.pixels, 0, 3);
  const TensorIntervals expected = intervals_of(cnn, x);
  for (std::size_t t = 0; t < intervals.size(); ++t)
    CHECK((intervals[t].min == expected[t].min && intervals[t].max == expected[t].max));
}

}  // namespace
