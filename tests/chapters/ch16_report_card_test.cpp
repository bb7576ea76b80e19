// Chapter 16: flips and KL.
#include "16_debugging/report_card.hpp"

#include <cmath>
#include <limits>

#include "16_debugging/lesson/paper_example.hpp"
#include "16_debugging/sensitivity.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::load_reference;
namespace paper = qfs::paper_debugging;
using Classes = std::vector<std::uint8_t>;

bool near(double got, double expected, double bound) { return std::fabs(got - expected) <= bound; }

Matrix<float> random_logits(Rng& rng, std::size_t rows, double size) {
  Matrix<float> z = make_tensor<float>({rows, 10});
  for (float& value : values(z)) value = static_cast<float>(rng.uniform(-size, size));
  return z;
}

}  // namespace

TEST_CASE("16 flips of the text", "[hand]") {
  const Flips flips = count_flips(paper::kBefore, paper::kAfter, paper::kLabels);
  CHECK(flips.lost == 1);
  CHECK(flips.gained == 1);
  CHECK(flips.moved == 1);
  CHECK(flips.all() == 3);
  CHECK(flips.digits == 4);
}

TEST_CASE("16 each direction of a flip has its own count", "[hand]") {
  const Classes truth = {1, 1, 1, 1, 1, 1}, before = {1, 1, 1, 0, 0, 0}, after = {1, 0, 2, 1, 2, 0};
  const Flips flips = count_flips(before, after, truth);
  CHECK(flips.lost == 2);
  CHECK(flips.gained == 1);
  CHECK(flips.moved == 1);
  const Flips back = count_flips(after, before, truth);
  CHECK(back.lost == 1);
  CHECK(back.gained == 2);
  CHECK(back.moved == 1);
  CHECK(count_flips(before, before, truth).all() == 0);
  CHECK(count_flips(Classes{}, Classes{}, Classes{}).all() == 0);
  CHECK_THROWS_AS(count_flips(before, Classes{1}, truth), Error);
}

TEST_CASE("16 KL by hand and by NumPy", "[hand]") {
  CHECK(near(kl_divergence(paper::kLogits, paper::kLogitsAfter), paper::kKlByHand, 1e-6));
  // The other way round: 1/2 log(2/3) + 1/2 log 2 = 0.143841. KL has a direction.
  CHECK(near(kl_divergence(paper::kLogitsAfter, paper::kLogits), 0.143841, 1e-6));
  // A constant added to all logits changes nothing.
  const std::array<float, 2> moved = {101.0F, 101.0F};
  CHECK(near(kl_divergence(paper::kLogits, moved), paper::kKlByHand, 1e-6));
}

TEST_CASE("16 KL is 0 for the same, never negative, and finite for huge logits", "[prop]") {
  Rng rng(5);
  for (int i = 0; i < 200; ++i) {
    const Matrix<float> a = random_logits(rng, 1, 20.0), b = random_logits(rng, 1, 20.0);
    CHECK(kl_divergence(row(a, 0), row(a, 0)) == 0.0);
    CHECK(kl_divergence(row(a, 0), row(b, 0)) > 0.0);
  }
  const std::array<float, 2> one = {1e30F, -1e30F}, other = {-1e30F, 1e30F};
  const double kl = kl_divergence(one, other);
  CHECK(std::isfinite(kl));
  CHECK(near(kl / 2e30, 1.0, 1e-6));  // log p' of what was certain
  const std::array<float, 2> far = {1000.0F, 0.0F}, near_by = {0.0F, 0.0F};
  CHECK(near(kl_divergence(far, near_by), std::log(2.0), 1e-12));  // exp(1000) would overflow
}

TEST_CASE("16 KL needs the same classes, and at least one", "[hand]") {
  const std::vector<float> two = {1.0F, 2.0F}, three = {1.0F, 2.0F, 3.0F}, none;
  CHECK_THROWS_AS(kl_divergence(two, three), Error);
  CHECK_THROWS_AS(kl_divergence(three, two), Error);
  CHECK_THROWS_AS(kl_divergence(none, none), Error);
}

TEST_CASE("16 the mean over digits, and what has none", "[hand]") {
  const Matrix<float> before = {{1.0986123F, 0.0F}, {0.0F, 0.0F}},
                      after = {{0.0F, 0.0F}, {0.0F, 0.0F}};
  CHECK(near(mean_kl(before, after), paper::kKlByHand / 2.0, 1e-6));
  CHECK_THROWS_AS(mean_kl(before, Matrix<float>{{0.0F, 0.0F}}), Error);
  CHECK_THROWS_AS(mean_kl(make_tensor<float>({0, 2}), make_tensor<float>({0, 2})), Error);
  for (float broken :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Matrix<float> bad = after;
    bad(1, 1) = broken;
    CHECK_THROWS_AS(mean_kl(before, bad), Error);
    CHECK_THROWS_AS(mean_kl(bad, before), Error);
  }
}

TEST_CASE("16 a report card puts them together", "[hand]") {
  const Matrix<float> before = {{2.0F, 1.0F, 0.0F}, {0.0F, 3.0F, 1.0F}},
                      after = {{1.0F, 2.0F, 0.0F}, {0.0F, 3.0F, 1.0F}};
  const Classes labels = {0, 1};
  const ReportCard card = report_card(before, after, labels);
  CHECK(card.right == 1);
  CHECK(card.flips.lost == 1);
  CHECK(card.flips.all() == 1);
  CHECK(card.pair.only_a == 1);
  CHECK(card.pair.only_b == 0);
  CHECK(near(card.kl, kl_divergence(row(before, 0), row(after, 0)) / 2.0, 1e-15));
}

TEST_CASE("16 flips and KL of random logits equal NumPy's", "[ref]") {
  const Matrix<float> before = load_reference<float, 2>("ch16/logits_before"),
                      after = load_reference<float, 2>("ch16/logits_after");
  const Vector<std::uint8_t> labels = load_reference<std::uint8_t, 1>("ch16/labels");
  const Vector<double> numpy = load_reference<double, 1>("ch16/card");
  const ReportCard card = report_card(before, after, values(labels));
  const std::array<double, 5> got = {
      static_cast<double>(card.right), static_cast<double>(card.flips.lost),
      static_cast<double>(card.flips.gained), static_cast<double>(card.flips.moved), card.kl};
  REQUIRE(numpy.size() == got.size());
  for (std::size_t i = 0; i < 4; ++i) CHECK(got[i] == numpy(i));
  CHECK(near(got[4], numpy(4), 1e-12));  // both in float64; exp and log differ in the last bits
}
