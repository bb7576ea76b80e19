// Chapter 02, the product: raw sums, zero-point terms, the folded bias, the bound.
#include "02_integer_products/dot.hpp"
#include "02_integer_products/lesson/paper_example.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"

using qfs::Matrix;
using qfs::Vector;
using qfs::test::difference;

namespace {

template <qfs::Int8 T>
Matrix<T> random_matrix(qfs::Rng& rng, std::size_t rows, std::size_t columns) {
  auto matrix = qfs::make_tensor<T>({rows, columns});
  for (T& q : qfs::values(matrix)) q = static_cast<T>(rng.below(256));
  return matrix;
}

template <qfs::Int8 X, qfs::Int8 W>
void expect_expansion_equals_definition(qfs::Rng& rng, std::size_t m, std::size_t n,
                                        std::size_t k) {
  const auto x = random_matrix<X>(rng, m, k);
  const auto w = random_matrix<W>(rng, n, k);
  const std::int32_t z_x = qfs::range_of<X>().qmin + static_cast<std::int32_t>(rng.below(256));
  const Vector<std::int32_t> z_w = {qfs::range_of<W>().qmin +
                                    static_cast<std::int32_t>(rng.below(256))};
  auto bias = qfs::make_tensor<std::int32_t>({n});
  for (std::int32_t& b : qfs::values(bias)) b = static_cast<std::int32_t>(rng.below(20001)) - 10000;
  const auto folded =
      qfs::fold_zero_points(w, qfs::values(bias), z_x, qfs::range_of<X>(), qfs::values(z_w));
  const auto got = qfs::integer_product(x, w, qfs::values(folded), qfs::values(z_w));
  auto expected = qfs::product_by_definition(x, z_x, w, z_w(0));
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) expected(i, j) += bias(j);
  INFO("M, N, K = " << m << ", " << n << ", " << k << "; z_x = " << z_x << ", z_w = " << z_w(0));
  CHECK(difference(got, expected) == "");
}

}  // namespace

TEST_CASE("a product of 1 x 2 by 2 x 2 on paper", "[hand]") {
  const Matrix<std::uint8_t> x = {{200, 10}};
  const Matrix<std::int8_t> w = {{-128, 127}, {3, -1}};
  auto acc = qfs::make_tensor<std::int32_t>({1, 2});
  qfs::gemm_u8s8s32_ref({1, 2, 2}, qfs::values(x), qfs::values(w), qfs::values(acc));
  CHECK(acc(0, 0) == -24330);  // 200 * -128 + 10 * 127 = -25600 + 1270
  CHECK(acc(0, 1) == 590);     // 200 * 3 - 10
  CHECK(difference(qfs::row_sums(w), Vector<std::int32_t>{-1, 2}) == "");
  CHECK(difference(qfs::row_sums(x), Vector<std::int32_t>{210}) == "");
}

TEST_CASE("every term of the expansion, on paper", "[hand]") {
  // z_x = 100, z_w = 2: (200-100)(-128-2) + (10-100)(127-2) = -13000 - 11250 = -24250, + bias 7.
  const Matrix<std::uint8_t> x = {{200, 10}};
  const Matrix<std::int8_t> w = {{-128, 127}};
  const Vector<std::int32_t> bias = {7}, z_w = {2};
  const auto folded =
      qfs::fold_zero_points(w, qfs::values(bias), 100, qfs::unsigned_range(8), qfs::values(z_w));
  CHECK(folded(0) == 507);  // 7 - 100 * (-128 + 127) + 2 * 100 * 2 = 7 + 100 + 400
  const auto acc = qfs::integer_product(x, w, qfs::values(folded), qfs::values(z_w));
  CHECK(acc(0, 0) == -24243);  // raw -24330, + 507, - 2 * (200 + 10)
  CHECK(qfs::product_by_definition(x, 100, w, 2)(0, 0) == -24250);
}

TEST_CASE("zero points may differ from output to output", "[hand]") {
  const Matrix<std::uint8_t> x = {{5, 6}};
  const Matrix<std::int8_t> w = {{1, 2}, {1, 2}};
  const Vector<std::int32_t> bias = {0, 0}, z_w = {0, -3};
  const auto folded =
      qfs::fold_zero_points(w, qfs::values(bias), 4, qfs::unsigned_range(8), qfs::values(z_w));
  const auto acc = qfs::integer_product(x, w, qfs::values(folded), qfs::values(z_w));
  CHECK(acc(0, 0) == 5);   // 1 * 1 + 2 * 2
  CHECK(acc(0, 1) == 14);  // 1 * 4 + 2 * 5
}

TEST_CASE("the expansion equals the definition for every pair of types", "[prop]") {
  qfs::Rng rng(201);
  for (std::size_t k : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 31U, 32U, 33U, 100U}) {
    expect_expansion_equals_definition<std::uint8_t, std::int8_t>(rng, 3, 5, k);
    expect_expansion_equals_definition<std::uint8_t, std::uint8_t>(rng, 2, 4, k);
    expect_expansion_equals_definition<std::int8_t, std::int8_t>(rng, 4, 1, k);
    expect_expansion_equals_definition<std::int8_t, std::uint8_t>(rng, 1, 3, k);
  }
}

TEST_CASE("K = 0 gives the bias, M = 0 and N = 0 give nothing", "[hand]") {
  const auto x = qfs::make_tensor<std::uint8_t>({2, 0});
  const auto w = qfs::make_tensor<std::int8_t>({3, 0});
  const Vector<std::int32_t> bias = {1, -2, 3}, z_w = {9};
  const auto folded =
      qfs::fold_zero_points(w, qfs::values(bias), 100, qfs::unsigned_range(8), qfs::values(z_w));
  CHECK(difference(qfs::integer_product(x, w, qfs::values(folded), qfs::values(z_w)),
                   Matrix<std::int32_t>{{1, -2, 3}, {1, -2, 3}}) == "");
  const auto none = qfs::make_tensor<std::uint8_t>({0, 0});
  CHECK(qfs::integer_product(none, w, qfs::values(folded), qfs::values(z_w)).size() == 0);
  const auto no_w = qfs::make_tensor<std::int8_t>({0, 0});
  CHECK(qfs::integer_product(x, no_w, {}, qfs::values(z_w)).size() == 0);
}

TEST_CASE("the longest sum, at its extremes, and one product more", "[hand]") {
  // 65793 * 255 * -128 = -2147483520 >= -2^31, and 65794 products would be -2147516160 < -2^31.
  const std::size_t depth = 65793;
  auto x = qfs::make_tensor<std::uint8_t>({1, depth}, 255);
  auto w = qfs::make_tensor<std::int8_t>({1, depth}, -128);
  auto acc = qfs::make_tensor<std::int32_t>({1, 1});
  qfs::gemm_u8s8s32_ref({1, 1, depth}, qfs::values(x), qfs::values(w), qfs::values(acc));
  CHECK(acc(0, 0) == -2147483520);
  x = qfs::make_tensor<std::uint8_t>({1, depth + 1}, 255);
  w = qfs::make_tensor<std::int8_t>({1, depth + 1}, -128);
  CHECK_THROWS_WITH(
      qfs::gemm_u8s8s32_ref({1, 1, depth + 1}, qfs::values(x), qfs::values(w), qfs::values(acc)),
      QFS_CONTAINS("may overflow 32 bits") && QFS_CONTAINS("65793"));
  CHECK(qfs::max_depth(qfs::unsigned_range(8), qfs::narrow_range(8)) ==
        66311);  // 2147483647 / (255 * 127)
  CHECK(qfs::max_depth(qfs::signed_range(8), qfs::signed_range(8)) == 131071);  // (2^31 - 1) / 2^14
}

TEST_CASE("fold_zero_points proves that the sums stay in 32 bits", "[hand]") {
  // |folded| + 255 * |-1| <= 2147483647 allows a bias of at most 2147483392.
  const Matrix<std::int8_t> w = {{-1}};
  const Vector<std::int32_t> z_w = {0}, most = {2147483392}, more = {2147483393};
  const auto fold = [&](const Vector<std::int32_t>& bias) {
    return qfs::fold_zero_points(w, qfs::values(bias), 0, qfs::unsigned_range(8),
                                 qfs::values(z_w))(0);
  };
  CHECK(fold(most) == 2147483392);
  CHECK_THROWS_WITH(fold(more),
                    QFS_CONTAINS("output 0 may overflow") && QFS_CONTAINS("2147483648"));
  CHECK_THROWS_AS(fold({-2147483393}), qfs::Error);
  // The weight's zero point costs too: folded 255 * z_w + bias, and 255 * |z_w| at run time.
  for (std::int32_t z : {2000000000, -2000000000}) {
    const Vector<std::int32_t> big_z_w = {z};
    CHECK_THROWS_AS(
        qfs::fold_zero_points(w, qfs::values(z_w), 0, qfs::unsigned_range(8), qfs::values(big_z_w)),
        qfs::Error);
  }
  // The folded bias 2^30 * 4 = 2^32 is 0 in 32 bits.
  const Matrix<std::int8_t> minus_four = {{-4}};
  CHECK_THROWS_WITH(qfs::fold_zero_points(minus_four, qfs::values(z_w), 1 << 30,
                                          qfs::unsigned_range(8), qfs::values(z_w)),
                    QFS_CONTAINS("4294968316"));  // 2^32 + 255 * 4
}

TEST_CASE("shapes that do not fit are refused", "[hand]") {
  const auto x = qfs::make_tensor<std::uint8_t>({2, 3});
  const auto w = qfs::make_tensor<std::int8_t>({4, 2});
  const Vector<std::int32_t> bias = {0, 0, 0, 0}, one = {0}, two = {0, 0};
  CHECK_THROWS_WITH(qfs::integer_product(x, w, qfs::values(bias), qfs::values(one)),
                    QFS_CONTAINS("2 x 3 by 4 x 2"));
  CHECK_THROWS_AS(qfs::product_by_definition(x, 0, w, 0), qfs::Error);
  const auto wider = qfs::make_tensor<std::int8_t>({4, 4});
  CHECK_THROWS_WITH(qfs::integer_product(x, wider, qfs::values(bias), qfs::values(one)),
                    QFS_CONTAINS("2 x 3 by 4 x 4"));
  CHECK_THROWS_AS(qfs::product_by_definition(x, 0, wider, 0), qfs::Error);
  const auto fitting = qfs::make_tensor<std::int8_t>({4, 3});
  const Vector<std::int32_t> five = {0, 0, 0, 0, 0};
  for (const Vector<std::int32_t>& other : {two, five})
    CHECK_THROWS_WITH(qfs::integer_product(x, fitting, qfs::values(other), qfs::values(one)),
                      QFS_CONTAINS("shapes do not fit"));
  CHECK_THROWS_WITH(qfs::integer_product(x, fitting, qfs::values(bias), qfs::values(five)),
                    QFS_CONTAINS("weight zero points"));
  CHECK_THROWS_WITH(qfs::integer_product(x, fitting, qfs::values(bias), qfs::values(two)),
                    QFS_CONTAINS("weight zero points"));
  for (const Vector<std::int32_t>& other : {two, five})
    CHECK_THROWS_WITH(
        qfs::fold_zero_points(w, qfs::values(other), 0, qfs::unsigned_range(8), qfs::values(one)),
        QFS_CONTAINS("one bias per output"));
}

TEST_CASE("a product refuses each matrix that is a row too short or too long", "[hand]") {
  std::vector<std::uint8_t> x(8);
  std::vector<std::int8_t> w(15);
  std::vector<std::int32_t> acc(12);
  const auto product = [&](std::size_t x_size, std::size_t w_size, std::size_t acc_size) {
    qfs::gemm_u8s8s32_ref({2, 4, 3}, std::span(x).first(x_size), std::span(w).first(w_size),
                          std::span(acc).first(acc_size));
  };
  CHECK_NOTHROW(product(6, 12, 8));
  for (std::size_t x_size : {3U, 5U, 7U, 8U}) CHECK_THROWS_AS(product(x_size, 12, 8), qfs::Error);
  for (std::size_t w_size : {9U, 11U, 13U, 15U}) CHECK_THROWS_AS(product(6, w_size, 8), qfs::Error);
  for (std::size_t size : {4U, 6U, 7U, 12U}) CHECK_THROWS_AS(product(6, 12, size), qfs::Error);
}

TEST_CASE("the worst case of signed inputs is at -128", "[hand]") {
  // |folded| + 128 * |-1| <= 2147483647: 127 would allow a bias that is 1 larger.
  const Matrix<std::int8_t> w = {{-1}};
  const Vector<std::int32_t> z_w = {0}, most = {2147483519}, more = {2147483520};
  const auto fold = [&](const Vector<std::int32_t>& bias) {
    return qfs::fold_zero_points(w, qfs::values(bias), 0, qfs::signed_range(8),
                                 qfs::values(z_w))(0);
  };
  CHECK(fold(most) == 2147483519);
  CHECK_THROWS_WITH(fold(more), QFS_CONTAINS("output 0 may overflow"));
}

TEST_CASE("ONNX's MatMulInteger: u8 by u8 with one zero point", "[ref]") {
  // onnx/backend/test/case/node/matmulinteger.py; B transposed, one row per output.
  const Matrix<std::uint8_t> a = {{11, 7, 3}, {10, 6, 2}, {9, 5, 1}, {8, 4, 0}};
  const Matrix<std::uint8_t> b = {{1, 2, 3}, {4, 5, 6}};
  const Matrix<std::int32_t> golden = {{-38, -83}, {-44, -98}, {-50, -113}, {-56, -128}};
  const Vector<std::int32_t> no_bias = {0, 0}, z_b = {0};
  const auto folded =
      qfs::fold_zero_points(b, qfs::values(no_bias), 12, qfs::unsigned_range(8), qfs::values(z_b));
  CHECK(difference(qfs::integer_product(a, b, qfs::values(folded), qfs::values(z_b)), golden) ==
        "");
  CHECK(difference(qfs::product_by_definition(a, 12, b, 0), golden) == "");
}
