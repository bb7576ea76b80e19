// Judges exercise 20.3.
#include "3_depthwise.hpp"

#include <vector>

#include "20_float_cnn/conv2d.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(17);

namespace {

std::vector<float> depthwise_of(const qfs::PictureShape& shape, const qfs::Window& window,
                                const std::vector<float>& x, const std::vector<float>& weight) {
  std::vector<float> y(qfs::places_of(shape, window, shape.channels).size(), 77.0F);
  exercise::depthwise(shape, window, x, weight, y);
  return y;
}

}  // namespace

TEST_CASE("20.3 the kernel is not turned around") {
  const std::vector<float> x = {1, 2, 3, 4, 5, 6}, weight = {1, 10, 100, 1000};
  // 2 x 3 pixels: 1 + 20 + 400 + 5000, 2 + 30 + 500 + 6000
  CHECK(depthwise_of({2, 3, 1}, {2, 2, 1, 0}, x, weight) == std::vector<float>{5421, 6532});
}

TEST_CASE("20.3 every channel has a kernel of its own") {
  const std::vector<float> x = {1, 2, 3, 4}, weight = {1, 10, 100, 1000};  // 1 x 2 pixels
  CHECK(depthwise_of({1, 2, 2}, {1, 2, 1, 0}, x, weight) == std::vector<float>{31, 4200});
}

TEST_CASE("20.3 beyond the edge stands 0") {
  const std::vector<float> x = {1, 2, 3, 4}, ones(9, 1.0F);
  CHECK(depthwise_of({2, 2, 1}, {3, 3, 1, 1}, x, ones) == std::vector<float>{10, 10, 10, 10});
  const std::vector<float> corner = {1, 0, 0, 0, 0, 0, 0, 0, 0};  // what stands up and left
  CHECK(depthwise_of({2, 2, 1}, {3, 3, 1, 1}, x, corner) == std::vector<float>{0, 0, 0, 1});
}

TEST_CASE("20.3 the same as a convolution of as many groups as channels") {
  struct Case {
    qfs::PictureShape shape;
    qfs::Window window;
  };
  qfs::Rng rng(203);
  for (const Case& c :
       {Case{{5, 7, 3}, {3, 3, 1, 1}}, Case{{5, 7, 3}, {3, 3, 2, 1}}, Case{{8, 5, 2}, {5, 3, 3, 2}},
        Case{{4, 9, 4}, {1, 4, 2, 0}}, Case{{6, 6, 1}, {2, 2, 2, 0}}, Case{{1, 1, 5}, {3, 3, 1, 1}},
        Case{{7, 4, 6}, {4, 4, 1, 3}}, Case{{3, 10, 2}, {3, 2, 5, 1}},
        Case{{2, 2, 3}, {1, 1, 1, 0}}, Case{{9, 9, 2}, {5, 5, 4, 2}}, Case{{4, 4, 8}, {4, 4, 1, 0}},
        Case{{6, 3, 2}, {2, 3, 1, 1}}, Case{{10, 2, 1}, {7, 2, 3, 1}}}) {
    // small integers: every order of summation gives the same float
    const auto draw = [&](std::size_t count) {
      std::vector<float> numbers(count);
      for (float& number : numbers) number = static_cast<float>(rng.below(19)) - 9.0F;
      return numbers;
    };
    const std::size_t C = c.shape.channels;
    const std::vector<float> x = draw(c.shape.size()), weight = draw(C * c.window.pixels());
    qfs::Conv2d layer{.window = c.window, .groups = C};
    layer.weight = qfs::make_tensor<float>({C, c.window.pixels()});
    std::ranges::copy(weight, layer.weight.begin());
    qfs::Matrix<float> picture = qfs::make_tensor<float>({1, x.size()});
    std::ranges::copy(x, picture.begin());
    const qfs::Matrix<float> y = qfs::conv2d_forward_ref(layer, c.shape, picture);
    CHECK(depthwise_of(c.shape, c.window, x, weight) == std::vector<float>(y.begin(), y.end()));
  }
}
