// Chapter 20: windows, convolution, batch norm and pooling, each forward and backward.
#include <limits>
#include <vector>

#include "20_float_cnn/batch_norm.hpp"
#include "20_float_cnn/conv2d.hpp"
#include "20_float_cnn/lesson/paper_example.hpp"
#include "20_float_cnn/pool.hpp"
#include "common/rng.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/flat_parameters.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/reference.hpp"

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
using qfs::test::looseness;
using qfs::test::message_of;
using qfs::test::outside;
namespace paper = qfs::ch20::paper;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Conv2d make_conv(std::size_t outputs, std::size_t groups, const Window& window,
                 std::size_t channels) {
  const std::size_t K = window.pixels() * channels / groups;
  return {.window = window,
          .groups = groups,
          .weight = make_tensor<float>({outputs, K}),
          .weight_gradient = make_tensor<float>({outputs, K}, kNan)};  // must be written over
}

Matrix<float> one_row(std::initializer_list<float> numbers) {
  Matrix<float> x = make_tensor<float>({1, numbers.size()});
  std::ranges::copy(numbers, values(x).begin());
  return x;
}

Matrix<float> random_rows(std::size_t rows, std::size_t size, Rng& rng) {
  Matrix<float> x = make_tensor<float>({rows, size});
  for (float& number : values(x)) number = static_cast<float>(rng.normal());
  return x;
}

// The definition, number by number, in double: no patches, no groups cut out.
Matrix<float> conv_by_definition(const Conv2d& layer, const PictureShape& in,
                                 const Matrix<float>& x) {
  const PictureShape out = output_shape(layer, in);
  Matrix<float> y = make_tensor<float>({x.shape(0), out.size()});
  const std::size_t C = in.channels / layer.groups, N = out.channels / layer.groups;
  const auto pixel = [&](std::size_t b, long row, long column, std::size_t c) {
    if (row < 0 || column < 0 || row >= static_cast<long>(in.height) ||
        column >= static_cast<long>(in.width))
      return 0.0;
    const std::size_t at =
        (static_cast<std::size_t>(row) * in.width + static_cast<std::size_t>(column)) *
            in.channels +
        c;
    return static_cast<double>(x(b, at));
  };
  for (std::size_t b = 0; b < x.shape(0); ++b)
    for (std::size_t p = 0; p < out.pixels(); ++p)
      for (std::size_t n = 0; n < out.channels; ++n) {
        double sum = layer.bias.size() > 0 ? static_cast<double>(layer.bias(n)) : 0.0;
        for (std::size_t k = 0; k < layer.weight.shape(1); ++k) {
          const long i = static_cast<long>(k / C / layer.window.width);
          const long j = static_cast<long>(k / C % layer.window.width);
          const long row = static_cast<long>(p / out.width * layer.window.stride) + i;
          const long column = static_cast<long>(p % out.width * layer.window.stride) + j;
          const long padding = static_cast<long>(layer.window.padding);
          sum += static_cast<double>(layer.weight(n, k)) *
                 pixel(b, row - padding, column - padding, n / N * C + k % C);
        }
        y(b, p * out.channels + n) = static_cast<float>(sum);
      }
  return y;
}

double dot(const Matrix<float>& a, const Matrix<float>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(values(a)[i]) * static_cast<double>(values(b)[i]);
  return sum;
}

// What ch20.py's save_conv wrote.
struct ConvCase {
  Conv2d layer;
  PictureShape input;
  Matrix<float> x, y_gradient;
};
ConvCase conv_case(const std::string& name) {
  const auto shape = load_reference<std::int32_t, 1>("ch20/" + name + "_shape");
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(shape(i)); };
  const Window window{at(5), at(6), at(7), at(8)};
  ConvCase loaded{make_conv(at(4), at(9), window, at(3)),
                  {at(1), at(2), at(3)},
                  load_reference<float, 2>("ch20/" + name + "_x"),
                  load_reference<float, 2>("ch20/" + name + "_dy")};
  loaded.layer.weight = load_reference<float, 2>("ch20/" + name + "_w");
  if (shape(10) != 0) {
    loaded.layer.bias = load_reference<float, 1>("ch20/" + name + "_b");
    loaded.layer.bias_gradient = make_tensor<float>({at(4)}, kNan);
  }
  return loaded;
}

// Whether `got` is PyTorch's result `name`, to twice the radius that rounding may move either, and
// that radius is small: a hundred thousandth as a rule, but a few sums may come near 0.
template <std::size_t N>
std::string unlike_pytorch(const Tensor<float, N>& got, const std::string& name) {
  const auto expected = load_reference<float, N>("ch20/" + name);
  const auto radius = load_reference<float, N>("ch20/" + name + "_radius");
  if (shape_of(got) != shape_of(expected)) return "got shape " + shape_text(got);
  if (!(looseness(values(radius), values(expected)) <= 1e-3)) return "the radii are too large";
  return outside(values(got), values(expected), values(radius), 2.0);
}

}  // namespace

TEST_CASE("places: how often a window fits", "[hand]") {
  CHECK(places(28, 1, 3, 1) == 28);  // (28 + 2 - 3) / 1 + 1
  CHECK(places(28, 1, 3, 2) == 14);  // 27 / 2 = 13, and 1: the last place ends at pixel 27 of 28
  CHECK(places(28, 0, 2, 2) == 14);
  CHECK(places(5, 0, 2, 2) == 2);  // the fifth pixel is seen by none
  CHECK(places(3, 0, 3, 7) == 1);
  CHECK(places_of({28, 20, 5}, {3, 5, 2, 1}, 7) == PictureShape{14, 9, 7});
}

TEST_CASE("a window that does not fit is refused", "[hand]") {
  const PictureShape picture{4, 6, 1};
  for (const Window& window :
       {Window{0, 1, 1, 0}, Window{1, 0, 1, 0}, Window{2, 2, 0, 0}, Window{5, 1, 1, 0},
        Window{1, 7, 1, 0}, Window{2, 3, 1, 2}, Window{3, 2, 1, 2}, Window{7, 3, 1, 1}}) {
    CHECK_THAT(message_of([&] { places_of(picture, window, 1); }),
               QFS_CONTAINS("the window does not fit the picture") &&
                   QFS_CONTAINS("one that fits 4 x 6 x 1"));
  }
  CHECK(places_of(picture, {6, 3, 1, 1}, 1) == PictureShape{1, 6, 1});
}

TEST_CASE("seen_band: what of a window lies on the picture", "[hand]") {
  // five pixels, a border of 2, a window of 4: places 0 to 5, which begin at pixel -2 to 3
  const std::vector<Band> expected = {{0, 2}, {0, 3}, {0, 4}, {1, 5}, {2, 5}, {3, 5}};
  for (std::size_t place = 0; place < 6; ++place)
    CHECK(seen_band(5, 2, 4, 1, place) == expected[place]);
  CHECK(seen_band(5, 0, 2, 2, 1) == Band{2, 4});
  CHECK(seen_band(1, 2, 5, 1, 0) == Band{0, 1});  // one pixel, in the middle of the window
}

TEST_CASE("seen: the pixels whose window numbers lie on the picture", "[hand][prop]") {
  const Seen corner = seen({4, 6, 3}, {3, 2, 2, 1}, 0, 3);
  CHECK(corner.rows == Band{0, 2});     // rows -1, 0, 1 of the picture
  CHECK(corner.columns == Band{5, 6});  // columns 5 and 6, of 6
  CHECK(corner.pixels() == 2);
  for (const Window& window : {Window{3, 3, 1, 1}, Window{3, 2, 2, 1}, Window{4, 3, 3, 2}}) {
    const PictureShape in{5, 4, 2}, out = places_of(in, window, 1);
    for (std::size_t place = 0; place < out.pixels(); ++place) {
      const std::size_t row = place / out.width, column = place % out.width;
      std::vector<std::size_t> pixels, expected;  // row by row
      const auto [rows, columns] = seen(in, window, row, column);
      for (std::size_t y = rows.first; y < rows.end; ++y)
        for (std::size_t x = columns.first; x < columns.end; ++x) pixels.push_back(4 * y + x);
      for (std::size_t k = 0; k < window.pixels(); ++k) {
        // below 0 these wrap to numbers beyond every picture
        const std::size_t y = row * window.stride + k / window.width - window.padding;
        const std::size_t x = column * window.stride + k % window.width - window.padding;
        if (y < in.height && x < in.width) expected.push_back(4 * y + x);
      }
      CHECK(pixels == expected);
      CHECK(seen(in, window, row, column).pixels() == expected.size());
    }
  }
}

TEST_CASE("copy_patch: two channels of three, over the corner", "[hand]") {
  // pixel (row, column), channel c is 100 row + 10 column + c
  std::vector<int> picture;
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 3; ++column)
      for (int c = 0; c < 3; ++c) picture.push_back(100 * row + 10 * column + c);
  std::vector<int> patch(8, 77);
  copy_patch(picture.data(), {2, 3, 3}, {2, 2, 1, 1}, {1, 2}, 0, 0, -1, patch.data());
  CHECK(patch == std::vector<int>{-1, -1, -1, -1, -1, -1, 1, 2});
  copy_patch(picture.data(), {2, 3, 3}, {2, 2, 1, 1}, {1, 2}, 1, 2, -1, patch.data());
  CHECK(patch == std::vector<int>{11, 12, 21, 22, 111, 112, 121, 122});
  copy_patch(picture.data(), {2, 3, 3}, {2, 2, 1, 1}, {0, 3}, 2, 3, -1,
             (patch.assign(12, 77), patch.data()));
  CHECK(patch == std::vector<int>{120, 121, 122, -1, -1, -1, -1, -1, -1, -1, -1, -1});
}

TEST_CASE("the paper example, forward and backward", "[hand][ref]") {
  // ch20.py, save_paper: y, x^, normed, active, average, maximum, running mean and variance,
  // dnormed, dgamma, dbeta, dy, dkernel, dpicture
  const auto pytorch = load_reference<double, 1>("ch20/paper");
  std::size_t at = 0;
  for (const paper::Row& row : paper::rows()) {
    INFO(row.name);
    REQUIRE(row.program.size() == row.by_hand.size());
    REQUIRE(row.pytorch.size() == row.by_hand.size());
    for (std::size_t i = 0; i < row.by_hand.size(); ++i, ++at) {
      REQUIRE(at < pytorch.size());
      // By hand, and as the lesson prints PyTorch's, to half a unit of the sixth decimal and what
      // PyTorch rounds; ours with less than twenty roundings of numbers up to 4:
      // 20 * 2^-24 * 4 = 5e-6.
      CHECK(std::fabs(row.by_hand[i] - pytorch(at)) <= 1e-6);
      CHECK(std::fabs(row.pytorch[i] - pytorch(at)) <= 1e-6);
      CHECK(std::fabs(row.program[i] - pytorch(at)) <= 5e-6);
    }
  }
  CHECK(at == pytorch.size());
  CHECK(at == paper::kByPyTorch.size());
  const paper::Passes passes = paper::run_passes();
  Matrix<float> x = make_tensor<float>({1, 16});
  std::ranges::copy(paper::kPicture, x.begin());
  CHECK(difference(conv2d_forward_ref(passes.conv, {4, 4, 1}, x), passes.y) == "");
}

TEST_CASE("convolution is its definition, whatever window and groups", "[prop]") {
  Rng rng(20);
  struct Case {
    PictureShape input;
    Window window;
    std::size_t outputs, groups, batch;
  };
  // the last one is so large that a batch takes several products, the last of them smaller
  for (const Case& c :
       {Case{{5, 7, 3}, {3, 2, 1, 1}, 4, 1, 2}, Case{{6, 6, 4}, {1, 1, 2, 0}, 6, 2, 3},
        Case{{9, 4, 6}, {3, 3, 3, 2}, 12, 6, 1}, Case{{1, 1, 5}, {1, 1, 1, 0}, 2, 1, 4},
        Case{{2, 2, 2}, {4, 3, 1, 2}, 2, 2, 2}, Case{{1, 1, 2}, {5, 5, 1, 2}, 2, 2, 2},
        Case{{3, 2, 1}, {7, 7, 1, 3}, 2, 1, 2}, Case{{3, 1, 1}, {7, 7, 2, 3}, 2, 1, 2},
        Case{{21, 21, 8}, {3, 3, 1, 1}, 3, 1, 7}}) {
    Conv2d layer = make_conv(c.outputs, c.groups, c.window, c.input.channels);
    layer.weight = random_rows(c.outputs, layer.weight.shape(1), rng);
    layer.bias = make_tensor<float>({c.outputs}, 0.75F);
    layer.bias(c.outputs - 1) = -2.0F;
    layer.bias_gradient = layer.bias;
    const Matrix<float> x = random_rows(c.batch, c.input.size(), rng);
    Conv2dScratch scratch;
    Matrix<float> y, x_gradient;
    conv2d_forward(layer, c.input, x, scratch, y);
    const Matrix<float> expected = conv_by_definition(layer, c.input, x);
    // K + 1 terms at most 5 * 5 each, roundings of 2^-24, seen by both: (73 * 2^-24) * 73 * 25
    CHECK(difference(y, expected, 8e-3) == "");
    CHECK(difference(y, expected, 2e-5) == "");  // what is seen, with room: sums of random signs
    CHECK(difference(conv2d_forward_ref(layer, c.input, x), expected, 2e-5) == "");
    // The backward pass is the transpose of the forward pass: <dy, y(x)> = <dx, x> without a bias,
    // and likewise for the weight; of random numbers.
    const Matrix<float> dy = random_rows(c.batch, y.shape(1), rng);
    conv2d_backward(layer, c.input, x, dy, scratch, &x_gradient);
    Conv2d no_bias = layer;
    no_bias.bias = {};
    Matrix<float> z;
    conv2d_forward(no_bias, c.input, x, scratch, z);
    const double size = std::sqrt(dot(dy, dy) * dot(z, z));
    CHECK(std::fabs(dot(dy, z) - dot(x_gradient, x)) <= 1e-5 * size);
    CHECK(std::fabs(dot(dy, z) - dot(layer.weight_gradient, layer.weight)) <= 1e-5 * size);
    Matrix<float> again = x_gradient;
    conv2d_backward(layer, c.input, x, dy, scratch, nullptr);
    CHECK(
        std::ranges::none_of(values(layer.weight_gradient), [](float g) { return std::isnan(g); }));
    CHECK(difference(again, x_gradient) == "");
  }
}

TEST_CASE("convolution and its gradients are PyTorch's", "[ref]") {
  for (int i = 1; i <= 5; ++i) {
    const std::string name = "conv" + std::to_string(i);
    INFO(name);
    ConvCase c = conv_case(name);
    Conv2dScratch scratch;
    Matrix<float> y, x_gradient;
    conv2d_forward(c.layer, c.input, c.x, scratch, y);
    CHECK(unlike_pytorch(y, name + "_y") == "");
    CHECK(unlike_pytorch(conv2d_forward_ref(c.layer, c.input, c.x), name + "_y") == "");
    conv2d_backward(c.layer, c.input, c.x, c.y_gradient, scratch, &x_gradient);
    CHECK(unlike_pytorch(x_gradient, name + "_dx") == "");
    CHECK(unlike_pytorch(c.layer.weight_gradient, name + "_dw") == "");
    if (c.layer.bias.size() > 0) CHECK(unlike_pytorch(c.layer.bias_gradient, name + "_db") == "");
  }
}

TEST_CASE("a convolution refuses what does not fit", "[hand]") {
  Conv2d layer = make_conv(4, 2, {3, 3, 1, 1}, 2);
  Conv2dScratch scratch;
  Matrix<float> y;
  const auto run = [&](const PictureShape& input, std::size_t columns) {
    return message_of([&] {
      conv2d_forward(layer, input, make_tensor<float>({1, columns}), scratch, y);
    });
  };
  CHECK_THAT(run({4, 4, 2}, 31), QFS_CONTAINS("the batch does not fit the layer"));
  CHECK_THAT(run({4, 4, 4}, 64), QFS_CONTAINS("the weight does not fit the picture's channels"));
  CHECK_THAT(run({4, 4, 3}, 48), QFS_CONTAINS("the weight does not fit the picture's channels"));
  CHECK(run({4, 4, 2}, 32) == "no error");
  CHECK_THAT(message_of([&] {
               conv2d_backward(layer, {4, 4, 2}, make_tensor<float>({1, 32}),
                               make_tensor<float>({1, 32}), scratch, nullptr);
             }),
             QFS_CONTAINS("the batch does not fit the layer"));
  layer.groups = 3;
  CHECK_THAT(run({4, 4, 3}, 48), QFS_CONTAINS("the weight does not fit the picture's channels"));
  layer.groups = 0;
  CHECK_THAT(run({4, 4, 2}, 32), QFS_CONTAINS("the weight does not fit the picture's channels"));
}

TEST_CASE("an empty batch, and NaN", "[hand]") {
  Conv2d layer = make_conv(2, 1, {2, 2, 1, 0}, 1);
  Conv2dScratch scratch;
  Matrix<float> y, x_gradient;
  const PictureShape input{3, 3, 1};
  conv2d_forward(layer, input, make_tensor<float>({0, 9}), scratch, y);
  CHECK(shape_text(y) == "0 x 8");
  conv2d_backward(layer, input, make_tensor<float>({0, 9}), y, scratch, &x_gradient);
  CHECK(difference(layer.weight_gradient, make_tensor<float>({2, 4})) == "");
  const Matrix<float> x = one_row({kNan, 0, 0, 0, 0, 0, 0, 0, 0});
  conv2d_forward(layer, input, x, scratch, y);
  CHECK(std::isnan(y(0, 0)));  // 0 NaN is NaN, and is seen
  CHECK(y(0, 7) == 0.0F);
}

TEST_CASE("batch norm in training and in use is PyTorch's", "[ref]") {
  // ch20.py, save_norm
  const auto part = [](const std::string& name) {
    return load_reference<float, 1>("ch20/norm_" + name);
  };
  BatchNorm norm = make_batch_norm(6);
  norm.gamma = part("gamma");
  norm.beta = part("beta");
  norm.running_mean = part("mean");
  norm.running_variance = part("variance");
  const auto x = load_reference<float, 2>("ch20/norm_x");
  BatchNormBuffers buffers;
  Matrix<float> y, x_gradient;
  batch_norm_forward(norm, x, buffers, y);
  CHECK(unlike_pytorch(y, "norm_y") == "");
  CHECK(unlike_pytorch(norm.running_mean, "norm_mean_after") == "");
  CHECK(unlike_pytorch(norm.running_variance, "norm_variance_after") == "");
  const auto dy = load_reference<float, 2>("ch20/norm_dy");
  batch_norm_backward(norm, dy, buffers, x_gradient);
  CHECK(unlike_pytorch(x_gradient, "norm_dx") == "");
  CHECK(unlike_pytorch(norm.gamma_gradient, "norm_dgamma") == "");
  CHECK(unlike_pytorch(norm.beta_gradient, "norm_dbeta") == "");
  Matrix<float> in_place = dy;
  batch_norm_backward(norm, in_place, buffers, in_place);
  CHECK(difference(in_place, x_gradient) == "");
  // In use: by PyTorch's statistics, which differ from ours in the last bit.
  norm.running_mean = part("mean_after");
  norm.running_variance = part("variance_after");
  batch_norm_running(norm, x, y);
  CHECK(unlike_pytorch(y, "norm_in_use") == "");
}

TEST_CASE("batch norm takes away the scale and the offset of its input", "[prop]") {
  Rng rng(205);
  BatchNorm norm = make_batch_norm(3);
  norm.epsilon = 0.0F;
  BatchNormBuffers buffers;
  const Matrix<float> x = random_rows(8, 12 * 3, rng);
  Matrix<float> moved = x, y, z;
  for (std::size_t i = 0; i < x.size(); ++i)  // another scale and offset for every channel
    values(moved)[i] = values(x)[i] * static_cast<float>(1 << (i % 3)) + static_cast<float>(i % 3);
  batch_norm_forward(norm, x, buffers, y);
  batch_norm_forward(norm, moved, buffers, z);
  CHECK(difference(y, z, 5e-6) == "");  // a few roundings of numbers up to 14, over a std of 1
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0.0, squares = 0.0;
    for (std::size_t i = c; i < y.size(); i += 3) {
      sum += static_cast<double>(values(y)[i]);
      squares += static_cast<double>(values(y)[i]) * static_cast<double>(values(y)[i]);
    }
    CHECK(std::fabs(sum / 96) <= 1e-6);
    CHECK(std::fabs(squares / 96 - 1.0) <= 1e-5);
  }
}

TEST_CASE("batch norm: a constant channel, a single pixel, NaN", "[hand]") {
  BatchNorm norm = make_batch_norm(1);
  norm.beta(0) = 0.25F;
  BatchNormBuffers buffers;
  Matrix<float> y;
  batch_norm_forward(norm, one_row({7, 7, 7, 7}), buffers, y);
  CHECK(difference(y, one_row({0.25F, 0.25F, 0.25F, 0.25F})) == "");  // variance 0: beta is left
  CHECK(buffers.inverse_std[0] == static_cast<float>(1.0 / std::sqrt(static_cast<double>(1e-5F))));
  CHECK_THAT(message_of([&] { batch_norm_forward(norm, one_row({7}), buffers, y); }),
             QFS_CONTAINS("batch norm needs more than one pixel a channel"));
  CHECK_THAT(message_of([&] {
               batch_norm_forward(norm, make_tensor<float>({0, 4}), buffers, y);
             }),
             QFS_CONTAINS("batch norm needs more than one pixel a channel"));
  BatchNorm two = make_batch_norm(2);
  CHECK_THAT(message_of([&] {
               batch_norm_running(two, one_row({1, 2, 3}), y);
             }),
             QFS_CONTAINS("batch norm does not fit its input"));
  norm = make_batch_norm(1);
  norm.beta(0) = 0.25F;
  batch_norm_running(norm, one_row({7}), y);   // in use a single pixel is enough: variance 1
  CHECK(std::fabs(y(0, 0) - 7.25F) <= 4e-5F);  // 7 / sqrt(1 + 1e-5) is 3.5e-5 below 7
  batch_norm_forward(norm, one_row({kNan, 1, 2, 3}), buffers, y);
  CHECK(std::isnan(y(0, 1)));  // one of them spoils the batch, and is seen
}

TEST_CASE("pooling is PyTorch's, ties and borders too", "[ref]") {
  // ch20.py, save_pools
  const PictureShape input{7, 8, 3};
  const auto x = load_reference<float, 2>("ch20/pool_x");
  const auto windows = load_reference<std::int32_t, 2>("ch20/pool_windows");
  for (std::size_t i = 0; i < windows.shape(0); ++i) {
    const auto at = [&](std::size_t k) { return static_cast<std::size_t>(windows(i, k)); };
    const Window window{at(0), at(0), at(1), at(2)};
    const std::string name = "pool" + std::to_string(i + 1);
    INFO(name);
    const auto dy = load_reference<float, 2>("ch20/" + name + "_dy");
    Matrix<float> y, x_gradient;
    std::vector<std::uint32_t> winner;
    max_pool_forward(window, input, x, winner, y);
    CHECK(difference(y, load_reference<float, 2>("ch20/" + name + "_max_y")) == "");
    max_pool_backward(input, dy, winner, x_gradient);
    // a pixel may win nine times: nine numbers up to 4, 9 * 2^-24 * 36
    CHECK(difference(x_gradient, load_reference<float, 2>("ch20/" + name + "_max_dx"), 2e-5) == "");
    average_pool_forward(window, input, x, y);
    CHECK(unlike_pytorch(y, name + "_average_y") == "");
    average_pool_backward(window, input, dy, x_gradient);
    CHECK(unlike_pytorch(x_gradient, name + "_average_dx") == "");
  }
}

TEST_CASE("max pooling: the first of equal ones, below 0 beside a border, NaN", "[hand]") {
  Matrix<float> y, x_gradient;
  std::vector<std::uint32_t> winner;
  const PictureShape two_by_two{2, 2, 1};
  max_pool_forward({2, 2, 1, 0}, two_by_two, one_row({1, 5, 5, 5}), winner, y);
  CHECK(y(0, 0) == 5.0F);
  CHECK(winner == std::vector<std::uint32_t>{1});
  // The border is not counted: 0 would win.
  max_pool_forward({3, 3, 1, 1}, two_by_two, one_row({-4, -3, -2, -9}), winner, y);
  CHECK(difference(y, one_row({-2, -2, -2, -2})) == "");
  max_pool_backward(two_by_two, one_row({1, 10, 100, 1000}), winner, x_gradient);
  CHECK(difference(x_gradient, one_row({0, 0, 1111, 0})) == "");
  max_pool_forward({2, 2, 1, 0}, two_by_two, one_row({1, kNan, kInfinity, 2}), winner, y);
  CHECK(std::isnan(y(0, 0)));
  max_pool_forward({2, 2, 1, 0}, two_by_two,
                   one_row({-kInfinity, -kInfinity, -kInfinity, -kInfinity}), winner, y);
  CHECK(y(0, 0) == -kInfinity);
  CHECK(winner[0] == 0);
  CHECK_THAT(message_of([&] {
               max_pool_forward({3, 3, 1, 0}, two_by_two, one_row({1, 2, 3, 4}), winner, y);
             }),
             QFS_CONTAINS("the window does not fit the picture"));
  CHECK_THAT(message_of([&] {
               max_pool_forward({2, 2, 1, 0}, two_by_two, one_row({1, 2, 3}), winner, y);
             }),
             QFS_CONTAINS("the batch does not fit the layer"));
  CHECK_THAT(message_of([&] {
               max_pool_backward(two_by_two, one_row({1, 2}), winner, x_gradient);
             }),
             QFS_CONTAINS("one winner a number"));
  CHECK_THAT(message_of([&] {
               average_pool_backward({2, 2, 1, 0}, two_by_two, one_row({1, 2}), x_gradient);
             }),
             QFS_CONTAINS("the batch does not fit the layer"));
}

TEST_CASE("average pooling counts the border as 0", "[hand]") {
  Matrix<float> y, x_gradient;
  const PictureShape two_by_two{2, 2, 1};
  average_pool_forward({2, 2, 2, 1}, two_by_two, one_row({4, 8, 12, 16}), y);
  CHECK(difference(y, one_row({1, 2, 3, 4})) == "");  // each corner alone with three zeros
  average_pool_backward({2, 2, 2, 1}, two_by_two, one_row({4, 8, 12, 16}), x_gradient);
  CHECK(difference(x_gradient, one_row({1, 2, 3, 4})) == "");
  // channels stay apart
  average_pool_forward({1, 2, 1, 0}, {1, 2, 2}, one_row({1, 10, 3, 30}), y);
  CHECK(difference(y, one_row({2, 20})) == "");
}
