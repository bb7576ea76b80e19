// Chapter 03, noise: the theory by hand and by numerical integration, the measurement by hand.
#include <functional>

#include "03_fake_quantization/noise.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"

using namespace qfs;

namespace {

// Bounds below 1e-9 are for the last bits of exp and erfc, which differ between CPUs.
bool near(double got, double expected, double bound) { return std::fabs(got - expected) <= bound; }

// Simpson's rule; n even.
double integral(const std::function<double(double)>& f, double from, double to, int n = 20000) {
  const double h = (to - from) / n;
  double sum = f(from) + f(to);
  for (int i = 1; i < n; ++i) sum += (i % 2 == 1 ? 4.0 : 2.0) * f(from + h * i);
  return sum * h / 3.0;
}

}  // namespace

TEST_CASE("s^2/12 and decibels", "[hand]") {
  CHECK(rounding_noise(6.0) == 3.0);  // 36 / 12
  CHECK(near(decibels(100.0), 20.0, 1e-12));
  CHECK(near(decibels(4.0), 6.0206, 5e-5));  // one bit
  // A uniform error e in [-s/2, s/2]: the mean of e^2 is the integral of e^2 / s.
  CHECK(near(rounding_noise(0.3), integral([](double e) { return e * e / 0.3; }, -0.15, 0.15),
             1e-12));
}

TEST_CASE("clip_at puts the largest integer on the threshold", "[hand]") {
  CHECK(clip_at(3.5F, narrow_range(4)) == QuantParams{0.5F, 0});  // 3.5 / 7
  // In float32 0.1 / 7 is not 0.1 * (1 / 7).
  CHECK(clip_at(0.1F, narrow_range(4)) == QuantParams{0.1F / 7.0F, 0});
  for (QuantRange range : {signed_range(4), QuantRange{-7, 8}, unsigned_range(4)})
    CHECK_THROWS_WITH(clip_at(1.0F, range), QFS_CONTAINS("mirror image"));
  for (float threshold : {0.0F, -0.0F, -1.0F, std::nanf("")})
    CHECK_THROWS_WITH(clip_at(threshold, narrow_range(4)), QFS_CONTAINS("must be positive"));
  CHECK(clip_at(7e-30F, narrow_range(4)).scale == 7e-30F / 7.0F);
}

TEST_CASE("measured noise: five numbers by hand", "[hand]") {
  // 3 bits, integers -3 to 3, T = 3: s = 1. 0.25 -> 0, 1.5 -> 2, -3 -> -3, 3.25 -> 3, -5 -> -3:
  // errors 0.25, -0.5, 0 within; 0.25, -2 beyond. (0.0625 + 0.25) / 5 and (0.0625 + 4) / 5.
  const std::vector<float> x = {0.25F, 1.5F, -3.0F, 3.25F, -5.0F};
  const ClippedNoise noise = measure_noise(x, 3.0F, narrow_range(3));
  CHECK(noise.rounding == 0.3125 / 5.0);
  CHECK(noise.clipping == 4.0625 / 5.0);
  CHECK(noise.total() == 0.3125 / 5.0 + 4.0625 / 5.0);
}

TEST_CASE("the threshold itself, and what rounds to it, is rounding noise", "[hand]") {
  // T = 0.23: 7 steps of 0.23 / 7 are 0.22999999 in float32, an error of one last bit at x = T.
  const auto noise = [](float x, float threshold, QuantRange range) {
    return measure_noise(std::vector<float>{x}, threshold, range);
  };
  for (float x : {0.23F, -0.23F}) {
    CHECK(noise(x, 0.23F, narrow_range(4)).rounding > 0.0);
    CHECK(noise(x, 0.23F, narrow_range(4)).clipping == 0.0);
  }
  // 2.75 lies within T = 3 and becomes 3.
  CHECK(noise(2.75F, 3.0F, narrow_range(3)).rounding == 0.0625);
  CHECK(noise(2.75F, 3.0F, narrow_range(3)).clipping == 0.0);
}

TEST_CASE("the theory of clipping equals the integral it comes from", "[prop]") {
  // 2 * integral from T of (x - T)^2 p(x), for variance 1; beyond T + 40 nothing is left.
  const auto normal = [](double x) {
    return std::exp(-x * x / 2.0) / std::sqrt(2.0 * std::numbers::pi);
  };
  const auto laplace = [](double x) {
    return std::exp(-std::numbers::sqrt2 * x) / std::numbers::sqrt2;
  };
  const QuantRange range = narrow_range(4);
  for (double t : {0.5, 1.0, 2.0, 3.0, 5.0}) {
    const auto beyond = [&](auto density) {
      return 2.0 * integral([&](double x) { return (x - t) * (x - t) * density(x); }, t, t + 40.0);
    };
    const auto within = [&](auto density) {
      return 2.0 * integral(density, 0.0, t) * rounding_noise(t / 7.0);
    };
    INFO("T = " << t);
    CHECK(near(normal_noise(t, range).clipping, beyond(normal), 1e-9));
    CHECK(near(laplace_noise(t, range).clipping, beyond(laplace), 1e-9));
    CHECK(near(normal_noise(t, range).rounding, within(normal), 1e-9));
    CHECK(near(laplace_noise(t, range).rounding, within(laplace), 1e-9));
  }
  // Nothing survives T = 0: the noise is the whole variance.
  CHECK(near(normal_noise(0.0, range).total(), 1.0, 1e-12));
  CHECK(laplace_noise(0.0, range).total() == 1.0);
}

TEST_CASE("measured and theoretical noise agree on random numbers", "[prop]") {
  // 5 % at 200 000 draws: at these thresholds the mean of the squared errors has a standard
  // deviation below 1 % of itself, and the uniform model is good to 1 % at 4 bits.
  Rng rng(305);
  std::vector<float> normal(200000), laplace(200000);
  for (float& x : normal) x = static_cast<float>(rng.normal());
  for (float& x : laplace) x = static_cast<float>(rng.laplace() / std::numbers::sqrt2);
  const QuantRange range = narrow_range(4);
  for (double t : {1.0, 2.0, 3.0, 4.0}) {
    const auto at = static_cast<float>(t);
    const double by_normal =
        measure_noise(normal, at, range).total() / normal_noise(t, range).total();
    const double by_laplace =
        measure_noise(laplace, at, range).total() / laplace_noise(t, range).total();
    INFO("T = " << t << ": " << by_normal << " and " << by_laplace);
    CHECK(near(by_normal, 1.0, 0.05));
    CHECK(near(by_laplace, 1.0, 0.05));
  }
}

TEST_CASE("from the largest magnitude of a tensor, channel or group", "[hand]") {
  // 2 x 3, integers -3 to 3. Tensor: s = 9 / 3 = 3. Channel: s = 1 and 3. Groups of 2, the second
  // of each row short: s = 2 / 3, 1, 3, 1.
  const std::vector<float> x = {1.0F, 2.0F, 3.0F, 9.0F, 4.0F, -3.0F};
  const std::vector<std::size_t> shape = {2, 3};
  const QuantRange range = narrow_range(3);
  const auto by = [&](Granularity granularity) {
    return fake_quantize_min_max(x, make_layout(shape, granularity), range);
  };
  CHECK(by({}) == std::vector<float>{0, 3, 3, 9, 3, -3});  // 1/3 -> 0, 2/3 -> 1, 4/3 -> 1
  CHECK(by({GranularityKind::per_channel, 0, 0}) == std::vector<float>{1, 2, 3, 9, 3, -3});
  const auto groups = by({GranularityKind::per_group, 0, 2});
  // 1 / (2/3) = 1.5 -> 2 steps of 2/3; the short groups {3} and {-3} have s = 1.
  CHECK(groups == std::vector<float>{2.0F * (2.0F / 3.0F), 3.0F * (2.0F / 3.0F), 3, 9, 3, -3});
}
