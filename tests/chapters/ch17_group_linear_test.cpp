// Chapter 17: the product by its definition, on paper, and against NumPy.
#include "17_int4_weights/group_linear.hpp"

#include "06_static_ptq/quantized_weight.hpp"
#include "17_int4_weights/lesson/paper_example.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_products.hpp"
#include "tests/support/reference.hpp"

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;
namespace paper = qfs::ch17::paper;

namespace {

constexpr Granularity groups_of(std::size_t size) { return {GranularityKind::per_group, 0, size}; }

// Integers as they are, every scale 1.
GroupWeight of_integers(const Matrix<std::int8_t>& q, std::size_t group_size, int bits = 4) {
  GroupWeight w{.q = q, .group_size = group_size, .bits = bits};
  w.scale = make_tensor<float>({q.shape(0), w.groups()}, 1.0F);
  return w;
}

}  // namespace

TEST_CASE("the layer on paper", "[hand]") {
  const GroupWeight w = quantize_groups(paper::weight(), 4, groups_of(paper::kGroupSize));
  const auto raw = group_sums(paper::inputs(), 0, w);
  CHECK(difference<std::int32_t>(values(raw), paper::kProducts) == "");
  const auto sums = group_sums(paper::inputs(), paper::kInput.zero_point, w);
  CHECK(difference<std::int32_t>(values(sums), paper::kSums) == "");
  for (std::size_t g = 0; g < 2; ++g)
    CHECK(paper::kProducts[g] - 10 * paper::kWeightSums[g] == paper::kSums[g]);
  const std::array<float, 1> bias = {paper::kBias};
  CHECK(group_linear_ref(paper::inputs(), paper::kInput, w, bias)(0, 0) == paper::kOutput);
}

TEST_CASE("the layer on paper is PyTorch's and NumPy's", "[ref]") {
  // tests/reference/ch17.py, paper()
  const auto check = [](const std::string& name, std::span<const std::int8_t> q,
                        std::span<const float> scale, float y) {
    CHECK(difference<std::int8_t>(values(load_reference<std::int8_t, 2>(name + "_q")), q) == "");
    CHECK(difference<float>(values(load_reference<float, 2>(name + "_scale")), scale) == "");
    CHECK(load_reference<float, 2>(name + "_y")(0, 0) == y);
  };
  const std::array<float, 1> one = {1.0F};
  check("ch17/paper", paper::kIntegers, paper::kScales, paper::kOutput);
  check("ch17/paper_one_scale", paper::kIntegersOfOneScale, one, paper::kOutputOfOneScale);
  const auto sums = load_reference<std::int32_t, 3>("ch17/paper_sums");
  CHECK(difference<std::int32_t>(values(sums), paper::kSums) == "");
  const auto bytes = load_reference<std::uint8_t, 2>("ch17/paper_bytes");
  CHECK(difference<std::uint8_t>(values(bytes), paper::kBytes) == "");
}

TEST_CASE("sums and outputs are NumPy's, for all bits and group sizes", "[ref]") {
  // tests/reference/ch17.py, product(): 64-bit sums, float32 in the order of (eq. 17.3)
  const auto weight = load_reference<float, 2>("ch17/weight");
  const auto x = load_reference<std::uint8_t, 2>("ch17/x");
  const auto bias = load_reference<float, 1>("ch17/bias");
  constexpr std::size_t kGroups[] = {1, 7, 16, 32, 64, 128};
  for (int bits : {2, 3, 4, 8}) {
    const auto expected = load_reference<float, 3>("ch17/b" + std::to_string(bits) + "_y");
    for (std::size_t i = 0; i < std::size(kGroups); ++i) {
      INFO(bits << " bits, groups of " << kGroups[i]);
      const GroupWeight w = quantize_groups(weight, bits, groups_of(kGroups[i]));
      const Matrix<float> y = group_linear_ref(x, {0.0127F, 33}, w, values(bias));
      CHECK(difference<float>(values(y), values(expected).subspan(i * 15, 15)) == "");
    }
  }
  const GroupWeight w = quantize_groups(weight, 4, groups_of(16));
  CHECK(difference(group_sums(x, 33, w), load_reference<std::int32_t, 3>("ch17/b4_g16_sums")) ==
        "");
}

TEST_CASE("the groups of a row add up to chapter 02's product", "[prop]") {
  Rng rng(1710);
  for (std::size_t K : {1U, 2U, 31U, 33U, 100U}) {
    const auto x = qfs::test::random_integers<std::uint8_t>(rng, 3, K, {0, 255});
    const auto q = qfs::test::random_integers<std::int8_t>(rng, 5, K, {-8, 7});
    for (std::size_t size : {1U, 3U, 32U, 100U, 128U}) {
      const auto sums = group_sums(x, 77, of_integers(q, size));
      const auto expected = product_by_definition(x, 77, q, 0);
      auto all = make_tensor<std::int32_t>({3, 5});
      for (std::size_t m = 0; m < 3; ++m)
        for (std::size_t n = 0; n < 5; ++n)
          for (std::size_t g = 0; g < sums.shape(2); ++g) all(m, n) += sums(m, n, g);
      INFO("K = " << K << ", groups of " << size);
      CHECK(difference(all, expected) == "");
    }
  }
}

TEST_CASE("with one scale per output and 8 bits it is chapter 06's weight", "[prop]") {
  Rng rng(1711);
  auto weight = make_tensor<float>({7, 40});
  for (float& w : values(weight)) w = static_cast<float>(rng.normal());
  const QuantizedWeight old = quantize_weight(weight, WeightGranularity::per_channel);
  const GroupWeight w =
      quantize_groups(weight, 8, {GranularityKind::per_channel, 0, 0}, ScaleFormat::float32);
  CHECK(difference(w.q, old.q) == "");
  CHECK(difference<float>(values(w.scale), values(old.scale)) == "");
}

TEST_CASE("the groups are added in their order, each product rounded", "[hand]") {
  // 2^24 + 1 + 1 from the left stays 2^24; from the right it would be 2^24 + 2.
  GroupWeight w = of_integers(Matrix<std::int8_t>{{1, 1, 1}}, 1);
  w.scale(0, 0) = 0x1p24F;
  w.format = ScaleFormat::float32;
  const std::array<float, 1> none = {0.0F}, minus = {-0x1p24F};
  const Matrix<std::uint8_t> ones = {{1, 1, 1}};
  CHECK(group_linear_ref(ones, {1.0F, 0}, w, none)(0, 0) == 0x1p24F);
  // The bias comes last: taken first, 2 would be left.
  CHECK(group_linear_ref(ones, {1.0F, 0}, w, minus)(0, 0) == 0.0F);
}

TEST_CASE("the product refuses what does not fit", "[hand]") {
  const GroupWeight w = of_integers(make_tensor<std::int8_t>({2, 5}), 2);
  const auto x = make_tensor<std::uint8_t>({3, 5});
  const std::array<float, 2> bias = {};
  CHECK_THROWS_AS(group_linear_ref(make_tensor<std::uint8_t>({3, 4}), {}, w, bias), Error);
  CHECK_THROWS_AS(group_linear_ref(x, {}, w, std::span(bias).first(1)), Error);
  CHECK_THROWS_AS(group_linear_ref(x, {1.0F, 256}, w, bias), Error);
  CHECK_THROWS_AS(group_linear_ref(x, {1.0F, -1}, w, bias), Error);
  CHECK_NOTHROW(group_linear_ref(x, {1.0F, 255}, w, bias));
  CHECK_NOTHROW(group_linear_ref(make_tensor<std::uint8_t>({0, 5}), {}, w, bias));
  // 2 * 255 * 8 * 526 344 is just below 2^31.
  const auto long_row = [](std::size_t K) {
    return of_integers(make_tensor<std::int8_t>({1, K}), K);
  };
  CHECK_NOTHROW(require_group_depth(long_row(526344)));
  CHECK_THROWS_AS(require_group_depth(long_row(526345)), Error);
  CHECK_NOTHROW(require_group_depth(of_integers(make_tensor<std::int8_t>({1, 526345}), 128)));
}
