// Judges exercise 20.2.
#include "2_global_average.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "20_float_cnn/pool.hpp"
#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(32);

namespace {

constexpr float kOld = 77.0F;  // what stands in the results before

std::vector<float> mean_of(const qfs::PictureShape& shape, const std::vector<float>& picture) {
  std::vector<float> mean(shape.channels, kOld);
  exercise::global_average(shape, picture, mean);
  return mean;
}

std::vector<float> gradient_of(const qfs::PictureShape& shape, const std::vector<float>& gradient) {
  std::vector<float> all(shape.size(), kOld);
  exercise::global_average_backward(shape, gradient, all);
  return all;
}

// Whether they are as many, and no two further apart than `bound`; false where there is a NaN.
bool near(std::span<const float> got, std::span<const float> expected, float bound) {
  return std::ranges::equal(got, expected,
                            [=](float a, float b) { return std::fabs(a - b) <= bound; });
}

}  // namespace

TEST_CASE("20.2 one channel, as on paper") {
  const std::vector<float> active = {0.0F, 1.5F, 0.5F, 4.0F};
  CHECK(mean_of({2, 2, 1}, active) == std::vector<float>{1.5F});
  CHECK(gradient_of({2, 2, 1}, {1.0F}) == std::vector<float>{0.25F, 0.25F, 0.25F, 0.25F});
}

TEST_CASE("20.2 the channel runs fastest") {
  const std::vector<float> picture = {1, 10, 100, 3, 30, 300};  // 1 x 2 pixels of 3 channels
  CHECK(mean_of({1, 2, 3}, picture) == std::vector<float>{2, 20, 200});
  CHECK(gradient_of({1, 2, 3}, {2, 4, 8}) == std::vector<float>{1, 2, 4, 1, 2, 4});
}

TEST_CASE("20.2 pictures that are no squares, and a single pixel") {
  const std::vector<float> tall = {1, 2, 3, 6};
  CHECK(mean_of({4, 1, 1}, tall) == std::vector<float>{3});
  CHECK(mean_of({2, 1, 2}, tall) == std::vector<float>{2, 4});
  CHECK(gradient_of({2, 1, 2}, {-2, 6}) == std::vector<float>{-1, 3, -1, 3});
  CHECK(mean_of({1, 1, 4}, tall) == tall);
  CHECK(gradient_of({1, 1, 4}, tall) == tall);
}

TEST_CASE("20.2 a NaN is seen in its own channel alone") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> mean = mean_of({2, 1, 2}, {nan, 1, 2, 3});
  CHECK(std::isnan(mean[0]));
  CHECK(mean[1] == 2.0F);
}

TEST_CASE("20.2 the same as a window over the whole picture") {
  qfs::Rng rng(202);
  for (const qfs::PictureShape& shape : {qfs::PictureShape{7, 7, 5},
                                         {3, 8, 2},
                                         {1, 6, 1},
                                         {5, 1, 9},
                                         {2, 3, 4},
                                         {4, 4, 16},
                                         {9, 2, 3}}) {
    const qfs::Window all{shape.height, shape.width, 1, 0};
    qfs::Matrix<float> x = qfs::make_tensor<float>({1, shape.size()});
    for (float& number : qfs::values(x)) number = static_cast<float>(rng.normal());
    qfs::Matrix<float> y, dy = qfs::make_tensor<float>({1, shape.channels}), dx;
    for (float& number : qfs::values(dy)) number = static_cast<float>(rng.normal());
    qfs::average_pool_forward(all, shape, x, y);
    qfs::average_pool_backward(all, shape, dy, dx);
    const std::vector<float> mean = mean_of(shape, {x.begin(), x.end()});
    const std::vector<float> gradient = gradient_of(shape, {dy.begin(), dy.end()});
    // In any order: at most 49 numbers up to 5, 50 * 2^-24 * 5 = 1.5e-5.
    CHECK(mean.size() == shape.channels);
    CHECK(near(mean, qfs::values(y), 1.5e-5F));
    CHECK(near(gradient, qfs::values(dx), 1e-6F));
  }
}
