#include "common/matmul_f32.hpp"

#include <cblas.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <limits>

#include "common/rng.hpp"
#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/run_program.hpp"

using namespace qfs::test;
using qfs::Matrix;
using qfs::Transpose;

namespace {

Matrix<float> random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  qfs::Rng rng(seed);
  auto matrix = qfs::make_tensor<float>({rows, cols});
  for (float& value : qfs::values(matrix)) value = static_cast<float>(rng.normal());
  return matrix;
}

// The definition: products added to 0 in the order k = 0, 1, 2, ...
Matrix<float> by_definition(const Matrix<float>& x, const Matrix<float>& w) {
  auto y = qfs::make_tensor<float>({x.shape(0), w.shape(0)});
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t n = 0; n < w.shape(0); ++n) {
      volatile float sum = 0.0F;  // volatile: no compiler may reorder or contract this
      for (std::size_t k = 0; k < x.shape(1); ++k) {
        volatile float product = x(m, k) * w(n, k);
        sum = sum + product;
      }
      y(m, n) = sum;
    }
  return y;
}

Matrix<float> transposed(const Matrix<float>& a) {
  auto result = qfs::make_tensor<float>({a.shape(1), a.shape(0)});
  for (std::size_t i = 0; i < a.shape(0); ++i)
    for (std::size_t j = 0; j < a.shape(1); ++j) result(j, i) = a(i, j);
  return result;
}

}  // namespace

TEST_CASE("matmul_f32 multiplies rows of x with rows of w", "[hand]") {
  const Matrix<float> x{{1, 2, 3}, {4, 5, 6}};
  const Matrix<float> w{{1, 0, -1}, {2, 2, 2}, {0, 1, 0}, {1, 1, 0}};
  const Matrix<float> expected{{-2, 12, 2, 3}, {-2, 30, 5, 9}};
  CHECK(difference(qfs::matmul_f32(x, w), expected) == "");
}

TEST_CASE("matmul_f32 adds in the order of k, without contraction", "[hand]") {
  // 2^24 + 1 rounds to 2^24 (ties to even), so the order decides: (2^24 + 1) + 1 = 2^24, but
  // (1 + 1) + 2^24 = 2^24 + 2.
  const Matrix<float> ones{{1, 1, 1}};
  CHECK(qfs::matmul_f32(Matrix<float>{{16777216, 1, 1}}, ones)(0, 0) == 16777216.0F);
  CHECK(qfs::matmul_f32(Matrix<float>{{1, 1, 16777216}}, ones)(0, 0) == 16777218.0F);
  // a = 1 + 2^-12: a * a = 1 + 2^-11 + 2^-24 rounds to 1 + 2^-11. A fused multiply-add would keep
  // the 2^-24 and give 2^-24 here instead of 0.
  const float a = 1.0F + 0x1.0p-12F, a_squared = 1.0F + 0x1.0p-11F;
  CHECK(qfs::matmul_f32(Matrix<float>{{-a_squared, a}}, Matrix<float>{{1, a}})(0, 0) == 0.0F);
}

TEST_CASE("matmul_f32 has the bits of its definition at awkward sizes", "[prop]") {
  for (const std::size_t m : std::initializer_list<std::size_t>{1, 2, 7})
    for (const std::size_t k : std::initializer_list<std::size_t>{1, 3, 8, 100, 784})
      for (const std::size_t n : std::initializer_list<std::size_t>{1, 5, 8, 17, 100}) {
        const auto x = random_matrix(m, k, 100 * m + k), w = random_matrix(n, k, 100 * n + k);
        CHECK(difference(qfs::matmul_f32(x, w), by_definition(x, w)) == "");
      }
}

TEST_CASE("matmul_f32 with nothing to add, and with shapes that do not chain", "[hand]") {
  const auto empty_sum =
      qfs::matmul_f32(qfs::make_tensor<float>({2, 0}), qfs::make_tensor<float>({3, 0}));
  CHECK(difference(empty_sum, qfs::make_tensor<float>({2, 3})) == "");
  CHECK(qfs::shape_text(qfs::matmul_f32(qfs::make_tensor<float>({0, 4}), random_matrix(3, 4, 1))) ==
        "0 x 3");
  CHECK_THAT(
      message_of([] { qfs::matmul_f32(random_matrix(2, 3, 1), random_matrix(3, 2, 1)); }),
      QFS_CONTAINS("inner dimensions differ") && QFS_CONTAINS("3 x 2") && QFS_CONTAINS("N x 3"));
}

TEST_CASE("matmul_blas agrees with matmul_f32 for every transposition, and adds beta c", "[prop]") {
  const std::size_t m = 9, k = 50, n = 11;
  const auto x = random_matrix(m, k, 1), w = random_matrix(n, k, 2), c = random_matrix(m, n, 3);
  const Matrix<float> product = qfs::matmul_f32(x, w);
  // Both sum k products in float32: each differs from the exact sum by at most about k 2^-24 times
  // the sum of |x w|, here below 50 * 6e-8 * 100.
  const double bound = 2.0 * 50.0 * 0x1.0p-24 * 100.0;
  for (const Transpose ta : {Transpose::no, Transpose::yes})
    for (const Transpose tb : {Transpose::no, Transpose::yes})
      for (const float beta : {0.0F, 1.0F}) {
        const Matrix<float> a = ta == Transpose::yes ? transposed(x) : x;
        const Matrix<float> b = tb == Transpose::yes ? w : transposed(w);
        Matrix<float> got = c, expected = product;
        qfs::matmul_blas(a, ta, b, tb, got, beta);
        for (std::size_t i = 0; i < m * n; ++i)
          expected.data()[i] = product.data()[i] + beta * c.data()[i];
        CHECK(difference(got, expected, bound) == "");
      }
}

TEST_CASE("matmul_blas with nothing to add, and with shapes that do not chain", "[hand]") {
  Matrix<float> c{{1, 2}, {3, 4}};
  qfs::matmul_blas(qfs::make_tensor<float>({2, 0}), Transpose::no, qfs::make_tensor<float>({0, 2}),
                   Transpose::no, c, 2.0F);
  CHECK(difference(c, Matrix<float>{{2, 4}, {6, 8}}) == "");
  // beta 0 does not read c: not even a NaN survives.
  c(0, 1) = std::numeric_limits<float>::quiet_NaN();
  c(1, 0) = std::numeric_limits<float>::infinity();
  qfs::matmul_blas(qfs::make_tensor<float>({2, 0}), Transpose::no, qfs::make_tensor<float>({0, 2}),
                   Transpose::no, c);
  CHECK(difference(c, Matrix<float>{{0, 0}, {0, 0}}) == "");
  auto nothing = qfs::make_tensor<float>({0, 2});
  qfs::matmul_blas(qfs::make_tensor<float>({0, 3}), Transpose::no, random_matrix(3, 2, 1),
                   Transpose::no, nothing);
  CHECK(nothing.size() == 0);
  CHECK_THAT(
      message_of([&] {
        qfs::matmul_blas(random_matrix(2, 3, 1), Transpose::yes, random_matrix(3, 2, 1),
                         Transpose::no, c);
      }),
      QFS_CONTAINS("do not chain") && QFS_CONTAINS("2 x 3 transposed times 3 x 2 into 2 x 2"));
}

TEST_CASE("matmul_blas looks at each shape", "[hand]") {
  const Matrix<float> a = random_matrix(2, 3, 1);
  const auto multiply = [&](std::size_t b_rows, std::size_t c_rows, std::size_t c_columns) {
    auto c = qfs::make_tensor<float>({c_rows, c_columns});
    return message_of(
        [&] { qfs::matmul_blas(a, Transpose::no, random_matrix(b_rows, 4, 1), Transpose::no, c); });
  };
  CHECK(multiply(3, 2, 4) == "no error");
  for (const auto& [b_rows, c_rows, c_columns] :
       {std::array<std::size_t, 3>{2, 2, 4}, {4, 2, 4}, {3, 1, 4}, {3, 3, 4}, {3, 2, 3}, {3, 2, 5}})
    CHECK_THAT(multiply(b_rows, c_rows, c_columns), QFS_CONTAINS("do not chain"));
}

TEST_CASE("matmul_blas leaves an empty product alone", "[hand]") {
  // The BLAS standard wants leading dimensions of at least 1, and a complaint on stderr otherwise.
  auto no_rows = qfs::make_tensor<float>({0, 2}), no_columns = qfs::make_tensor<float>({2, 0});
  CHECK(stderr_of([&] {
          qfs::matmul_blas(qfs::make_tensor<float>({0, 3}), Transpose::no, random_matrix(3, 2, 1),
                           Transpose::no, no_rows);
          qfs::matmul_blas(random_matrix(2, 3, 1), Transpose::no, qfs::make_tensor<float>({3, 0}),
                           Transpose::no, no_columns);
        }) == "");
}

TEST_CASE("set_blas_threads sets OpenBLAS's number of threads", "[hand]") {
  if (openblas_get_parallel() == OPENBLAS_SEQUENTIAL) return;  // built without threads
  qfs::set_blas_threads(2);
  CHECK(openblas_get_num_threads() == 2);
  qfs::set_blas_threads(1);
  CHECK(openblas_get_num_threads() == 1);
}

namespace {

// The lesson for tests under a limit of the shell; `how` begins with "ulimit".
Outcome limited(const std::string& how, const std::string& arguments) {
  return run_program("/bin/sh",
                     "-c '" + how + "; exec \"" QFS_LESSON_FOR_TESTS "\" " + arguments + "'");
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kHasAddressSpace =
    false;  // ASan reserves terabytes, which no limit of memory allows
#elif defined(__has_feature)
constexpr bool kHasAddressSpace = !__has_feature(address_sanitizer);
#else
constexpr bool kHasAddressSpace = true;
#endif

}  // namespace

TEST_CASE("A program has as many threads as it was asked for", "[hand]") {
  if (!std::filesystem::exists("/proc/self/task")) return;
  if (openblas_get_parallel() == OPENBLAS_SEQUENTIAL) return;  // built without threads
  const auto threads = [](const std::string& arguments) {
    return run_program(QFS_LESSON_FOR_TESTS, "--behave threads " + arguments).out;
  };
  CHECK_THAT(threads(""), QFS_CONTAINS("threads: 1\n"));
  CHECK_THAT(threads("--threads 3"), QFS_CONTAINS("threads: 3\n"));
  const OtherVariable own("OPENBLAS_NUM_THREADS", "2");  // --threads decides
  CHECK_THAT(threads(""), QFS_CONTAINS("threads: 1\n"));
}

TEST_CASE("A lesson that needs no float product runs in little memory; one that does says so",
          "[hand]") {
  if (!kHasAddressSpace) return;
  const std::string little = "ulimit -v 120000";  // KB: not OpenBLAS's 128 MB beside the program
  CHECK(limited(little, "").code == 0);
  CHECK(limited(little, "--what").code == 2);
  const Outcome product = limited(little, "--behave product");
  CHECK(product.code == 2);
  CHECK_THAT(product.err, QFS_CONTAINS("too little memory for the float products") &&
                              QFS_CONTAINS("raise ulimit -v"));
  const Outcome threads = limited("ulimit -v 500000", "--threads 8");
  CHECK(threads.code == 2);
  CHECK(threads.out == "");
  CHECK_THAT(threads.err, QFS_CONTAINS("one for each of 7 thread(s)"));
  CHECK_THAT(limited("ulimit -v 500000", "--behave product --threads 2").out,
             QFS_CONTAINS("a product is 64"));
}

TEST_CASE("More threads than may be started are refused", "[hand]") {
  // The limit does not hold for root, so that root becomes somebody else; who may not reach the
  // program in some folders.
  const Scratch scratch;
  ::chmod(scratch.path().c_str(), 0777);
  const int code = end_of_child([&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(77);
    if (::access(QFS_LESSON_FOR_TESTS, X_OK) != 0) ::_exit(77);
    const rlimit limit{5, 5};
    ::setrlimit(RLIMIT_NPROC, &limit);
    std::freopen(scratch.path("out").c_str(), "w", stdout);
    std::freopen(scratch.path("err").c_str(), "w", stderr);
    ::execl(QFS_LESSON_FOR_TESTS, "lesson_for_tests", "--threads", "64", nullptr);
  });
  if (code == 77) return;
  CHECK(code == 2);
  CHECK(scratch.text_of("out") == "");
  CHECK_THAT(scratch.text_of("err"), QFS_CONTAINS("cannot start as many threads as asked for") &&
                                         QFS_CONTAINS("63 beside the first"));
}
