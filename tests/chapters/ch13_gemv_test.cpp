// Chapter 13, one row: what is packed is the weights and nothing else, no pair can leave its lane,
// and the sums are exact, with nothing read or written past an end.
#include "13_int8_engine/gemv_weights.hpp"

#include <map>

#include "11_avx2_kernel/lane_depth.hpp"
#include "common/cpu.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"
#include "tests/support/random_products.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::GuardedArray;
using qfs::test::random_integers;
using qfs::test::random_weights;

// Where gemv.hpp says that weight (n, k) stands.
std::int8_t packed_at(const GemvWeights& packed, std::size_t n, std::size_t k) {
  const std::size_t steps = (packed.K + 3) / 4;
  const std::size_t byte = (n / 32 * steps + k / 4) * 128 + n % 32 * 4 + k % 4;
  return packed.registers.at(byte / 32).w[byte % 32];
}

// The registers and the remainders together, past N and K too.
void check_packed(const Matrix<std::int8_t>& w, std::int32_t x_max) {
  INFO("N, K = " << w.shape(0) << ", " << w.shape(1) << "; inputs up to " << x_max);
  const GemvWeights packed = pack_gemv(w, x_max);
  const std::size_t N = w.shape(0), K = w.shape(1), steps = (K + 3) / 4;
  CHECK((packed.N == N && packed.K == K));
  CHECK((packed.padded_outputs() % 32 == 0 && packed.padded_outputs() >= N &&
         packed.padded_outputs() < N + 32));
  REQUIRE(packed.registers.size() == packed.padded_outputs() / 32 * steps * 4);
  std::map<std::pair<std::size_t, std::size_t>, std::int32_t> remainders;
  std::size_t wrong = 0;
  for (const gemv::Remainder& r : packed.remainders) {
    wrong += !(r.n < N && r.k < K && r.w != 0);
    wrong += !remainders.try_emplace({r.n, r.k}, r.w).second;
  }
  for (std::size_t n = 0; n < packed.padded_outputs(); ++n)
    for (std::size_t k = 0; k < steps * 4; ++k) {
      const std::int32_t expected = n < N && k < K ? w(n, k) : 0;
      const auto rest = remainders.find({n, k});
      const std::int32_t excess = rest == remainders.end() ? 0 : rest->second;
      wrong += packed_at(packed, n, k) + excess != expected;
      if (k % 2 == 0)
        wrong += !fits_lane(sums_of(packed_at(packed, n, k), packed_at(packed, n, k + 1)), x_max);
    }
  CHECK(wrong == 0);
}

#if defined(__x86_64__)

bool can_run() {
  const bool can = cpu_features().avx2;
  if (!can) WARN("this CPU has no AVX2: no row is multiplied");
  return can;
}

// x ends where memory ends; start and sums too, as long as whole blocks.
void check_sums(const Matrix<std::int8_t>& w, std::span<const std::uint8_t> inputs,
                std::int32_t x_max, std::span<const std::int32_t> starts) {
  const std::size_t N = w.shape(0), K = w.shape(1);
  INFO("N, K = " << N << ", " << K << "; inputs up to " << x_max);
  const GemvWeights packed = pack_gemv(w, x_max);
  const GuardedArray<std::uint8_t> x(inputs);
  const GuardedArray<std::int32_t> start(starts.first(packed.padded_outputs())),
      sums(packed.padded_outputs());
  gemv::multiply_avx2(packed.view(), x.data(), start.data(), sums.data());
  CHECK((x.intact() && start.intact() && sums.intact()));
  std::vector<std::int32_t> expected(N);
  gemm_u8s8s32_ref({1, N, K}, inputs, values(w), expected);
  for (std::size_t n = 0; n < N; ++n) expected[n] += starts[n];
  // The weights past N are 0: those sums are what they began with.
  expected.insert(expected.end(), starts.begin() + static_cast<std::ptrdiff_t>(N),
                  starts.begin() + static_cast<std::ptrdiff_t>(packed.padded_outputs()));
  CHECK(difference<std::int32_t>(sums.values(), expected) == "");
}

std::vector<std::int32_t> random_starts(Rng& rng, std::size_t count) {
  std::vector<std::int32_t> starts(count);
  for (std::int32_t& one : starts) one = static_cast<std::int32_t>(rng.below(2000001)) - 1000000;
  return starts;
}

#endif

constexpr std::int32_t kLargest[] = {1, 127, 128, 200, 255};

}  // namespace

TEST_CASE("registers and remainders are the weights, and every pair fits", "[prop]") {
  Rng rng(1311);
  for (std::size_t i = 1; i <= 70; ++i) {
    check_packed(random_weights(rng, i, (i * 27) % 71), kLargest[i % 5]);
    check_packed(random_weights(rng, (i * 33) % 71, i), 255);
  }
  for (int a : {-128, -127, -65, -64, -1, 0, 1, 64, 65, 127})
    for (int b : {-128, -127, -65, -64, -1, 0, 1, 64, 65, 127})
      for (std::int32_t x_max : kLargest) {
        Matrix<std::int8_t> w = {{static_cast<std::int8_t>(a), static_cast<std::int8_t>(b)}};
        check_packed(w, x_max);
      }
}

TEST_CASE("remainders: none where all pairs fit, one for each pair of 127s", "[hand]") {
  const auto w = make_tensor<std::int8_t>({3, 10}, std::int8_t{127});
  CHECK(pack_gemv(w, 127).remainders.empty());  // 127 * 254 = 32258
  CHECK(pack_gemv(w, 255).remainders.size() == 15);
  CHECK(pack_gemv(w, 255).remainders[0].w == 126);  // 255 * 128 = 32640, 255 * 129 = 32895
}

TEST_CASE("registers are aligned", "[hand]") {
  const auto w = make_tensor<std::int8_t>({33, 5}, std::int8_t{1});
  for (int i = 0; i < 20; ++i) {
    const GemvWeights packed = pack_gemv(w, 255);
    CHECK(reinterpret_cast<std::uintptr_t>(packed.view().w) % 32 == 0);
  }
}

#if defined(__x86_64__)

TEST_CASE("sums are exact: every N with every K up to 70, sampled", "[isa]") {
  if (!can_run()) return;
  Rng rng(1312);
  for (std::size_t N = 1; N <= 70; ++N)
    for (std::size_t K = 1 + N % 3; K <= 70; K += 3) {
      const std::int32_t x_max = kLargest[rng.below(5)];
      const auto x = random_integers<std::uint8_t>(rng, 1, K, {0, x_max});
      check_sums(random_weights(rng, N, K), values(x), x_max, random_starts(rng, 96));
    }
}

TEST_CASE("sums are exact: extremes, and rows that fill every lane", "[isa]") {
  if (!can_run()) return;
  Rng rng(1313);
  for (std::size_t K : {1U, 2U, 3U, 4U, 5U, 66U, 67U, 1001U})
    for (int weight : {-128, -127, -1, 0, 127})
      for (int input : {0, 1, 127, 128, 255}) {
        auto w = make_tensor<std::int8_t>({33, K}, static_cast<std::int8_t>(weight));
        const std::vector<std::uint8_t> x(K, static_cast<std::uint8_t>(input));
        check_sums(w, x, std::max(input, 1), random_starts(rng, 64));
        check_sums(w, x, 255, random_starts(rng, 64));
      }
  for (std::int32_t x_max : kLargest)
    for (std::size_t K : {9U, 300U}) {
      const auto w = random_weights(rng, 40, K);
      for (std::size_t n = 0; n < 40; ++n)  // full where the weight is positive, or negative
        for (int sign : {1, -1}) {
          std::vector<std::uint8_t> x(K);
          for (std::size_t k = 0; k < K; ++k)
            x[k] = static_cast<std::uint8_t>(sign * w(n, k) > 0 ? x_max : 0);
          check_sums(w, x, x_max, random_starts(rng, 64));
        }
    }
}

TEST_CASE("sums near the ends of 32 bits", "[isa]") {
  if (!can_run()) return;
  const auto w = make_tensor<std::int8_t>({1, 2}, std::int8_t{127});
  const std::vector<std::uint8_t> x = {255, 255};
  const std::vector<std::int32_t> up(32, 2147483647 - 2 * 255 * 127);
  check_sums(w, x, 255, up);
  const auto negative = make_tensor<std::int8_t>({1, 2}, std::int8_t{-128});
  const std::vector<std::int32_t> down(32, -2147483647 - 1 + 2 * 255 * 128);
  check_sums(negative, x, 255, down);
}

// Weights that are added and an input that is not the row's own would show as another sum.
TEST_CASE("each weight is multiplied by its own input, and added to its own output", "[isa]") {
  if (!can_run()) return;
  constexpr std::size_t N = 67, K = 9;
  const std::vector<std::int32_t> starts(96, 0);
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t k = 0; k < K; ++k) {
      auto w = make_tensor<std::int8_t>({N, K}, std::int8_t{0});
      w(n, k) = -128;
      std::vector<std::uint8_t> x(K);
      for (std::size_t i = 0; i < K; ++i) x[i] = static_cast<std::uint8_t>(1 + 17 * i);
      check_sums(w, x, 255, starts);
    }
}

#endif
