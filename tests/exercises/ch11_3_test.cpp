// Judges exercise 11.3.
#include "3_outliers.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(38);

namespace {

using Inputs = qfs::Matrix<std::uint8_t>;
using Weights = qfs::Matrix<std::int8_t>;
using Sums = qfs::Matrix<std::int32_t>;

// The weights of a lane, as far as there are any.
std::vector<int> lane_of(const Weights& w, std::size_t n, std::size_t k) {
  std::vector<int> lane;
  for (std::size_t i : {k, k + 1, k + 4, k + 5})
    if (i < w.shape(1)) lane.push_back(w(n, i));
  return lane;
}

// Calls use(n, k) for every lane: k is its first weight.
void for_each_lane(const Weights& w, auto use) {
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < w.shape(1); k += 2)
      if (k % 8 == 0 || k % 8 == 2) use(n, k);
}

bool is_too_much(int sum, int x_max) { return sum * x_max > 32767 || sum * x_max < -32768; }

// How many weights of one sign have to go. To leave out the largest first is best: of all ways to
// take out j weights it leaves the smallest sum, so if it does not fit, none does; and a weight of
// the other sign changes nothing, nor does one taken out in part help more than the whole of it.
std::size_t fewest(std::vector<int> lane, bool positive, int x_max) {
  std::erase_if(lane, [&](int w) { return positive ? w <= 0 : w >= 0; });
  std::ranges::sort(lane, std::less(), [](int w) { return w < 0 ? -w : w; });
  int sum = 0;
  std::size_t stay = 0;
  while (stay < lane.size() && !is_too_much(sum + lane[stay], x_max)) sum += lane[stay++];
  return lane.size() - stay;
}

std::size_t fewest(const Weights& w, int x_max) {
  std::size_t count = 0;
  for_each_lane(w, [&](std::size_t n, std::size_t k) {
    count += fewest(lane_of(w, n, k), true, x_max) + fewest(lane_of(w, n, k), false, x_max);
  });
  return count;
}

bool all_lanes_fit(const Weights& w, int x_max) {
  bool all = true;
  for_each_lane(w, [&](std::size_t n, std::size_t k) {
    int positive = 0, negative = 0;
    for (int weight : lane_of(w, n, k)) (weight > 0 ? positive : negative) += weight;
    all = all && !is_too_much(positive, x_max) && !is_too_much(negative, x_max);
  });
  return all;
}

std::string place(std::size_t n, std::size_t k) {
  return "n = " + std::to_string(n) + ", k = " + std::to_string(k);
}

// Empty, or where the dense part and the list are not w.
std::string first_wrong_sum(const Weights& w, const exercise::Split& split) {
  if (split.dense.shape(0) != w.shape(0) || split.dense.shape(1) != w.shape(1))
    return "the dense part has another shape than w";
  qfs::Matrix<int> sum = split.dense;
  qfs::Matrix<int> entries(w.shape(), 0);
  for (const exercise::Outlier& outlier : split.outliers) {
    if (outlier.n >= w.shape(0) || outlier.k >= w.shape(1))
      return "the list names " + place(outlier.n, outlier.k) + ", which is outside of w";
    if (++entries(outlier.n, outlier.k) > 1)
      return "the list names " + place(outlier.n, outlier.k) + " twice";
    sum(outlier.n, outlier.k) += outlier.w;
  }
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < w.shape(1); ++k)
      if (sum(n, k) != w(n, k))
        return place(n, k) + ": the parts make " + std::to_string(sum(n, k)) + ", expected " +
               std::to_string(w(n, k));
  return "";
}

// "outliers: 3", or what is wrong.
std::string judged(const Weights& w, std::int32_t x_max) {
  const exercise::Split split = exercise::take_out(w, x_max);
  if (const std::string text = first_wrong_sum(w, split); !text.empty()) return text;
  if (!all_lanes_fit(split.dense, x_max)) return "a lane of the dense part does not fit";
  return "outliers: " + std::to_string(split.outliers.size());
}

std::string fewest_outliers(const Weights& w, std::int32_t x_max) {
  return "outliers: " + std::to_string(fewest(w, x_max));
}

// One row of weights.
Weights row(const std::vector<int>& weights) {
  auto w = qfs::make_tensor<std::int8_t>({1, weights.size()});
  for (std::size_t k = 0; k < weights.size(); ++k) w(0, k) = static_cast<std::int8_t>(weights[k]);
  return w;
}

// Weights of all of s8: `large` in 100 of them, the others within 20 of 0.
Weights random_weights(std::size_t N, std::size_t K, std::uint64_t large) {
  qfs::Rng rng(N * 1'000'000 + K * 1000 + large);
  auto w = qfs::make_tensor<std::int8_t>({N, K});
  for (auto& weight : w) {
    const int any = static_cast<int>(rng.below(256)) - 128;
    weight = static_cast<std::int8_t>(rng.below(100) < large ? any : any * 20 / 128);
  }
  return w;
}

Inputs random_inputs(std::size_t M, std::size_t K, std::int32_t x_max) {
  qfs::Rng rng(M * 1000 + K);
  auto x = qfs::make_tensor<std::uint8_t>({M, K});
  for (auto& input : x)
    input = static_cast<std::uint8_t>(rng.below(static_cast<std::uint64_t>(x_max) + 1));
  return x;
}

Sums expected(const Weights& w, const Inputs& x) {
  auto acc = qfs::make_tensor<std::int32_t>({x.shape(0), w.shape(0)});
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < w.shape(0); ++n) {
      acc(m, n) = 0;
      for (std::size_t k = 0; k < x.shape(1); ++k) acc(m, n) += x(m, k) * w(n, k);
    }
  return acc;
}

// Empty, or the first sum that is another.
std::string first_difference(const Sums& got, const Sums& wanted) {
  if (got.shape(0) != wanted.shape(0) || got.shape(1) != wanted.shape(1))
    return "the product is not M x N";
  for (std::size_t m = 0; m < wanted.shape(0); ++m)
    for (std::size_t n = 0; n < wanted.shape(1); ++n)
      if (got(m, n) != wanted(m, n))
        return "acc[" + std::to_string(m) + ", " + std::to_string(n) + "] is " +
               std::to_string(got(m, n)) + ", expected " + std::to_string(wanted(m, n));
  return "";
}

std::string of_product(const Weights& w, const Inputs& x, std::int32_t x_max) {
  return first_difference(exercise::multiply(exercise::take_out(w, x_max), x), expected(w, x));
}

std::string first_depth_that_differs(std::int32_t x_max) {
  for (std::size_t K = 1; K <= 40; ++K) {
    const Weights w = random_weights(5, K, 100);
    const std::string got = judged(w, x_max), wanted = fewest_outliers(w, x_max);
    if (got != wanted) return "K = " + std::to_string(K) + ": got " + got + ", expected " + wanted;
  }
  return "";
}

}  // namespace

TEST_CASE("11.3 on paper: the largest goes") {
  CHECK(judged(row({100, 50, 0, 0, 127, 20}), 127) == "outliers: 1");  // 297; 258 fits
  CHECK(judged(row({-100, -50, 0, 0, -127, -20}), 127) == "outliers: 1");
  CHECK(judged(row({127, 127, 127, 127, 127, 127, 127, 127}), 127) == "outliers: 4");
  CHECK(judged(row({127, 127, 127, 127, 127, 127, 127, 127}), 255) == "outliers: 6");
}

TEST_CASE("11.3 on paper: the ends of 16 bits") {
  CHECK(judged(row({127, 127, 0, 0, 4, 0}), 127) == "outliers: 0");  // 258 * 127 = 32 766
  CHECK(judged(row({127, 127, 0, 0, 5, 0}), 127) == "outliers: 1");
  CHECK(judged(row({-127, -127, 0, 0, -4, 0}), 127) == "outliers: 0");
  CHECK(judged(row({-127, -127, 0, 0, -5, 0}), 127) == "outliers: 1");
  CHECK(judged(row({64, 64, 0, 0, 64, 64}), 128) == "outliers: 1");      // 32 768
  CHECK(judged(row({-64, -64, 0, 0, -64, -64}), 128) == "outliers: 0");  // -32 768
}

TEST_CASE("11.3 on paper: which weights share a lane") {
  CHECK(judged(row({127, 127, 127, 127}), 127) == "outliers: 0");
  CHECK(judged(row({127, 0, 127, 0, 0, 127, 0, 127}), 127) == "outliers: 0");
  CHECK(judged(row({0, 127, 0, 0, 127, 127, 0, 0}), 127) == "outliers: 1");
  CHECK(judged(row({0, 0, 127, 0, 0, 0, 127, 127}), 127) == "outliers: 1");
  // The last two of a group and the first two of the next meet nowhere.
  CHECK(judged(row({0, 0, 0, 0, 127, 127, 0, 0, 127, 127, 0, 0}), 127) == "outliers: 0");
  CHECK(judged(row({0, 0, 0, 0, 0, 0, 0, 0, 127, 127, 0, 0, 127}), 127) == "outliers: 1");
}

TEST_CASE("11.3 on paper: either sign on its own") {
  CHECK(judged(row({127, 127, 0, 0, -127, -127}), 127) == "outliers: 0");
  CHECK(judged(row({100, -100, 0, 0, 100, -100}), 255) == "outliers: 2");
  CHECK(judged(row({60, 60, 0, 0, 60, -128}), 255) == "outliers: 1");  // not the -128
}

TEST_CASE("11.3 no weights, few, zeros") {
  CHECK(judged(qfs::make_tensor<std::int8_t>({3, 0}), 255) == "outliers: 0");
  CHECK(judged(row({-128}), 255) == "outliers: 0");
  CHECK(judged(row({127, 127}), 255) == "outliers: 1");
  CHECK(judged(row({1, 2, 127, 127}), 255) == "outliers: 1");
  CHECK(judged(row(std::vector<int>(100, 0)), 255) == "outliers: 0");
}

TEST_CASE("11.3 layers of every depth up to 40") {
  CHECK(first_depth_that_differs(255) == "");
  CHECK(first_depth_that_differs(127) == "");
}

TEST_CASE("11.3 larger layers") {
  for (std::int32_t x_max : {1, 63, 64, 100, 127, 128, 255}) {
    INFO("x_max = " << x_max);
    const Weights w = random_weights(30, 300, 30);
    CHECK(judged(w, x_max) == fewest_outliers(w, x_max));
  }
}

TEST_CASE("11.3 the product") {
  const Weights w = random_weights(17, 101, 20);
  CHECK(of_product(w, random_inputs(7, 101, 255), 255) == "");
  CHECK(of_product(w, random_inputs(1, 101, 127), 127) == "");
  CHECK(of_product(random_weights(1, 3, 100), random_inputs(2, 3, 255), 255) == "");
}

TEST_CASE("11.3 the product of a split that is not yours") {
  const Inputs x = {{2, 10, 255}, {1, 0, 100}};
  const Weights dense = {{1, 0, 3}, {0, -5, 0}}, both = {{1, 127, 3}, {7, -5, -128}};
  const exercise::Split split{dense, {{0, 1, 127}, {1, 2, -128}, {1, 0, 7}}};
  CHECK(first_difference(exercise::multiply(split, x), expected(both, x)) == "");
}

TEST_CASE("11.3 the product of a split that has all in its list") {
  const Weights w = random_weights(4, 50, 50);
  exercise::Split all{qfs::make_tensor<std::int8_t>({4, 50}), {}};
  all.dense.fill(0);
  for (std::size_t n = 0; n < 4; ++n)
    for (std::size_t k = 0; k < 50; ++k) all.outliers.push_back({n, k, w(n, k)});
  const Inputs x = random_inputs(9, 50, 255);
  CHECK(first_difference(exercise::multiply(all, x), expected(w, x)) == "");
}
