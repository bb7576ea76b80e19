// Chapter 15: histograms and the thresholds read from them, by hand, against NumPy and PyTorch.
#include <bit>
#include <cmath>

#include "15_calibration_methods/histogram_observers.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/reference.hpp"

using namespace qfs;
using qfs::test::load_reference;

namespace {

using Batches = std::vector<std::vector<float>>;

// tests/reference/ch15.py, uniforms(): number i of splitmix64's sequence.
double uniform_at(std::uint64_t seed, std::uint64_t i) {
  std::uint64_t z = seed + (i + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
}

std::vector<double> normals(std::uint64_t seed, std::size_t count) {
  std::vector<double> x(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < 12; ++k) x[i] += uniform_at(seed, 12 * i + k);
    x[i] -= 6.0;
  }
  return x;
}

std::vector<double> laplaces(std::uint64_t seed, std::size_t count) {
  std::vector<double> x(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double u = uniform_at(seed, i) - 0.5;
    const double magnitude = -portable_log(std::max(1.0 - 2.0 * std::fabs(u), 0x1.0p-53));
    x[i] = u < 0.0 ? -magnitude : magnitude;
  }
  return x;
}

std::vector<double> relu(std::vector<double> x) {
  for (double& value : x) value = std::max(value, 0.0);
  return x;
}

// tests/reference/ch15.py, tensor(): before they are scaled.
std::vector<std::vector<double>> unscaled(std::size_t index, std::uint64_t seed, double u,
                                          std::size_t n) {
  switch (index % 10) {
    case 0:
      return {normals(seed, n)};
    case 1:
      return {laplaces(seed, n)};
    case 2:
      return {relu(normals(seed, n))};
    case 3: {
      std::vector<double> x(n);
      for (std::size_t i = 0; i < n; ++i) x[i] = uniform_at(seed, i);
      return {x};
    }
    case 4: {
      std::vector<double> x = normals(seed, n);
      for (std::size_t i = 0; i < n; i += 500) x[i] *= 40.0;
      return {x};
    }
    case 5:
      return {std::vector<double>(n, index >= 10 ? u - 0.5 : 0.0)};
    case 6:
      return {normals(seed, 1)};
    case 7: {
      std::vector<std::vector<double>> batches;
      for (std::uint64_t b = 0; b < 4; ++b) {
        batches.push_back(laplaces(seed + b, n));
        for (double& value : batches.back()) value *= 1.0 + 0.5 * static_cast<double>(b);
      }
      return batches;
    }
    case 8:
      return {std::vector<double>(n, 0.0), relu(laplaces(seed, n)), relu(laplaces(seed + 1, n))};
    default: {
      std::vector<std::vector<double>> batches;
      for (std::uint64_t b = 0; b < 3; ++b) {
        batches.push_back(normals(seed + b, 30));
        for (double& value : batches.back()) value += u;
      }
      return batches;
    }
  }
}

Batches reference_tensor(std::size_t index, std::int64_t seed) {
  const double u = uniform_at(static_cast<std::uint64_t>(seed), 0);
  const std::size_t n = 200 + static_cast<std::size_t>(u * 3000.0);
  const double scale = 0.25 + 8.0 * u;
  const auto next = static_cast<std::uint64_t>((seed + 1) % (std::int64_t{1} << 62));
  Batches batches;
  for (const std::vector<double>& x : unscaled(index, next, u, n)) {
    batches.emplace_back();
    for (double value : x) batches.back().push_back(static_cast<float>(value * scale));
  }
  return batches;
}

const std::vector<Batches>& reference_tensors() {
  static const std::vector<Batches> tensors = [] {
    const auto seeds = load_reference<std::int64_t, 1>("ch15/seeds");
    std::vector<Batches> all;
    for (std::size_t i = 0; i < seeds.size(); ++i) all.push_back(reference_tensor(i, seeds(i)));
    return all;
  }();
  return tensors;
}

template <class O>
O shown(O observer, const Batches& batches) {
  for (const std::vector<float>& x : batches) observer.observe(x);
  return observer;
}

Histogram histogram_of(const Batches& batches) {
  return shown(MagnitudeCollector{}, batches).histogram();
}

bool is_signed(const Batches& batches) {
  return shown(MagnitudeCollector{}, batches).seen().min < 0.0F;
}

constexpr double kPercentiles[] = {50.0, 99.0, 99.9, 99.99, 99.999, 100.0};
constexpr int kBits[] = {8, 6, 4};

}  // namespace

TEST_CASE("the tensors of the references are the same here", "[ref]") {
  const auto checksums = load_reference<std::int64_t, 1>("ch15/checksums");
  REQUIRE(checksums.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    std::int64_t sum = 0;
    for (const auto& batch : reference_tensors()[i])
      for (float value : batch) sum += std::bit_cast<std::uint32_t>(value);
    INFO("tensor " << i);
    CHECK(sum == checksums(i));
  }
}

TEST_CASE("a hundred tensors: percentiles, entropy and MSE equal NumPy's", "[ref]") {
  // tests/reference/ch15.py, generate(): percentile(), entropy(), mse() over collect()
  const auto expected = load_reference<double, 2>("ch15/thresholds");
  for (std::size_t i = 0; i < 100; ++i) {
    const Histogram h = histogram_of(reference_tensors()[i]);
    std::size_t column = 0;
    for (double percent : kPercentiles) {
      INFO("tensor " << i << ", percentile " << percent);
      CHECK(percentile_threshold(h, percent) == expected(i, column++));
    }
    for (int bits : kBits) {
      INFO("tensor " << i << ", entropy, " << bits << " bits");
      const std::size_t levels = magnitude_levels(bits, is_signed(reference_tensors()[i]));
      CHECK(entropy_search(h, levels).threshold == expected(i, column++));
    }
    for (int bits : kBits) {
      INFO("tensor " << i << ", MSE, " << bits << " bits");
      const std::size_t levels = magnitude_levels(bits, is_signed(reference_tensors()[i]));
      CHECK(mse_search(h, levels).threshold == expected(i, column++));
    }
    CHECK(column == expected.shape(1));
  }
}

TEST_CASE("the collector's bins equal NumPy's", "[ref]") {
  // tests/reference/ch15.py, collect(): how many bins, and the sum of j c_j
  const auto expected = load_reference<std::int64_t, 2>("ch15/histograms");
  for (std::size_t i = 0; i < expected.shape(0); ++i) {
    const Histogram h = histogram_of(reference_tensors()[i]);
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < h.counts.size(); ++j)
      sum += static_cast<std::int64_t>(j * h.counts[j]);
    INFO("tensor " << i);
    CHECK(static_cast<std::int64_t>(h.counts.size()) == expected(i, 0));
    CHECK(sum == expected(i, 1));
  }
}

TEST_CASE("a hundred tensors: PyTorch's HistogramObserver, with both ends", "[ref]") {
  // tests/reference/ch15.py, pytorch(): _non_linear_param_search and calculate_qparams
  const auto expected = load_reference<double, 3>("ch15/pytorch_params");
  for (std::size_t i = 0; i < 100; ++i)
    for (std::size_t e = 0; e < 2; ++e) {
      const auto ends = e == 0 ? HistogramEnds::truncated_to_int : HistogramEnds::as_seen;
      const Interval found = shown(HistogramObserver(ends), reference_tensors()[i]).interval();
      INFO("tensor " << i << ", " << (e == 0 ? "int(ends)" : "ends as seen"));
      CHECK(static_cast<double>(found.min) == expected(i, e, 0));
      CHECK(static_cast<double>(found.max) == expected(i, e, 1));
      const QuantParams p = choose_qparams(found.min, found.max, unsigned_range(8));
      CHECK(static_cast<double>(p.scale) == expected(i, e, 2));
      CHECK(static_cast<double>(p.zero_point) == expected(i, e, 3));
    }
}

TEST_CASE("PyTorch's histograms themselves, stretched ones too", "[ref]") {
  // tests/reference/ch15.py, pytorch(): of tensors 0, 4, 7 and 9
  const auto expected = load_reference<float, 3>("ch15/pytorch_counts");
  const std::size_t tensors[] = {0, 4, 7, 9};
  for (std::size_t t = 0; t < 4; ++t)
    for (std::size_t e = 0; e < 2; ++e) {
      const auto ends = e == 0 ? HistogramEnds::truncated_to_int : HistogramEnds::as_seen;
      const SignedHistogram h = shown(SignedHistogram(ends), reference_tensors()[tensors[t]]);
      std::size_t differ = 0;
      for (std::size_t j = 0; j < SignedHistogram::kBins; ++j)
        differ += h.counts()[j] != expected(t, e, j) ? 1 : 0;
      INFO("tensor " << tensors[t] << ", " << e);
      CHECK(differ == 0);
    }
}
