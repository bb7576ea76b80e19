// Chapter 14, the kernel that widens once for an output and a block of inputs: by AVX2 and in plain
// C++ against lanes of 16 bits as they are defined, on weights that fit and on weights that do not.
#include "14_training_for_the_kernel/throughout.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "10_kernel_ladder/saturation.hpp"
#include "14_training_for_the_kernel/lane_bound.hpp"
#include "common/rng.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/guarded_array.hpp"
#include "tests/support/random_products.hpp"

namespace {

using namespace qfs;
using panel::Kernel;
using panel::kLongest;
using panel::kRows;
using panel::Step;
using test::Against;
using test::difference;
using test::GuardedArray;
using test::random_integers;

// Those that this CPU can run.
std::vector<const Kernel*> kernels() {
  std::vector<const Kernel*> all = {&plain_throughout_kernel()};
  if (has_avx2_kernel())
    all.push_back(&avx2_throughout_kernel());
  else
    WARN("this CPU has no AVX2: that kernel is not tested");
  return all;
}

// Weights each of whose lanes fits `products` products, whatever `largest` was.
Matrix<std::int8_t> fitting_weights(Rng& rng, std::size_t N, std::size_t K,
                                    const LaneBound& bound) {
  auto w = make_tensor<std::int8_t>({N, K});
  for (std::size_t n = 0; n < N; ++n) {
    std::vector<float> reals(K);
    for (float& real : reals) real = static_cast<float>(rng.normal() * 20.0);
    fit_row(reals, 1.0F, signed_range(8), bound);
    std::ranges::transform(reals, row(w, n).begin(),
                           [](float real) { return static_cast<std::int8_t>(real); });
  }
  return w;
}

// x times the transpose of w, as chapter 02 defines it.
Matrix<std::int32_t> exact(const Matrix<std::int8_t>& w, const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.shape(0)});
  gemm_u8s8s32_ref({x.shape(0), w.shape(0), w.shape(1)}, values(x), values(w), values(acc));
  return acc;
}

Matrix<std::int32_t> product_of(const Kernel& kernel, const PackedPanels& w,
                                const Matrix<std::uint8_t>& x) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.N});
  BlockOfRows rows;
  multiply_panels(kernel, w, matrix_left_side(values(x), x.shape(0)), rows, values(acc));
  return acc;
}

// Random inputs, and of those to the worst of the first outputs as many as there are rows for.
Matrix<std::uint8_t> inputs(Rng& rng, std::size_t rows, const Matrix<std::int8_t>& w,
                            std::int32_t x_max) {
  auto x = random_integers<std::uint8_t>(rng, rows, w.shape(1), {0, x_max});
  for (std::size_t m = 0; m < rows; m += 2)
    for (std::size_t k = 0; k < w.shape(1); ++k)
      x(m, k) =
          static_cast<std::uint8_t>((w(m / 4 % w.shape(0), k) > 0) == (m % 4 == 0) ? x_max : 0);
  return x;
}

// A panel, its rows, and what stands in the sums before. Any weights: most lanes wrap.
struct Task {
  std::array<std::uint32_t, kLongest> counts{};
  std::vector<std::uint32_t> output{};
  std::vector<Step> steps{};
  Matrix<std::uint8_t> x{};      // 8 strips x depth, depth a multiple of 4
  Vector<std::int32_t> start{};  // one for every output there is
  Matrix<std::int32_t> sums{};   // outputs x kRows
};

std::size_t steps_of_one(const Task& task) {
  std::size_t steps = 0;
  for (std::size_t c = 0; c < kLongest; ++c) steps += task.counts[c] * (kLongest - c);
  return steps;
}

Task random_task(Rng& rng, std::size_t strips) {
  Task task;
  for (std::uint32_t& count : task.counts) count = static_cast<std::uint32_t>(rng.below(3));
  const std::size_t depth = 4 * (1 + rng.below(20)), N = 1 + rng.below(20);
  task.output.resize(N);
  std::iota(task.output.begin(), task.output.end(), 0U);
  rng.shuffle(task.output);
  task.output.resize(std::min<std::size_t>(N, 1 + rng.below(8)));
  task.steps.resize(task.output.size() * steps_of_one(task));
  for (Step& step : task.steps) {
    step.k = static_cast<std::uint32_t>(4 * rng.below(depth / 4));
    for (std::int8_t& w : step.w)
      w = static_cast<std::int8_t>(static_cast<int>(rng.below(256)) - 128);
  }
  task.x = random_integers<std::uint8_t>(rng, 8 * strips, depth, unsigned_range(8));
  const auto any_sum = [&] { return static_cast<std::int32_t>(rng.below(2000001)) - 1000000; };
  task.start = make_tensor<std::int32_t>({N});
  task.sums = make_tensor<std::int32_t>({N, kRows});
  for (std::int32_t& sum : task.start) sum = any_sum();
  for (std::int32_t& sum : task.sums) sum = any_sum();
  return task;
}

// All steps of one output and row in two lanes of 16 bits; `wrapped` counts sums that are not
// exact.
std::int32_t sum_of(std::span<const Step> steps, std::span<const std::uint8_t> x,
                    std::size_t& wrapped) {
  std::int16_t lanes[2] = {};
  std::int32_t exact = 0;
  for (const Step& step : steps)
    for (std::size_t i = 0; i < 4; i += 2) {
      const std::size_t k = step.k + i;
      const std::int8_t* w = step.w + i;
      lanes[i / 2] = static_cast<std::int16_t>(lanes[i / 2] + add_pair(x[k], w[0], x[k + 1], w[1]));
      exact += x[k] * w[0] + x[k + 1] * w[1];
    }
  wrapped += lanes[0] + lanes[1] != exact ? 1 : 0;
  return lanes[0] + lanes[1];
}

Matrix<std::int32_t> expected_sums(const Task& task, bool from_start, std::size_t& wrapped) {
  Matrix<std::int32_t> sums = task.sums;
  const std::size_t count = steps_of_one(task);
  for (std::size_t i = 0; i < task.output.size(); ++i) {
    const std::uint32_t n = task.output[i];
    for (std::size_t m = 0; m < task.x.shape(0); ++m)
      sums(n, m) = (from_start ? task.start(n) : task.sums(n, m)) +
                   sum_of(std::span(task.steps).subspan(i * count, count),
                          row(std::as_const(task.x), m), wrapped);
  }
  return sums;
}

// Row m of strip s: byte i of step k / 4 at 8 k + 4 m + i.
std::vector<std::uint8_t> interleaved(const Matrix<std::uint8_t>& x) {
  const std::size_t depth = x.shape(1);
  std::vector<std::uint8_t> strips(x.size());
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t k = 0; k < depth; ++k)
      strips[m / 8 * 8 * depth + k / 4 * 32 + m % 8 * 4 + k % 4] = x(m, k);
  return strips;
}

Matrix<std::int32_t> run(const Kernel& kernel, const Task& task, bool from_start, Against side) {
  const GuardedArray<Step> steps(std::span<const Step>(task.steps), side);
  const auto strips = interleaved(task.x);
  const GuardedArray<std::uint8_t> x(std::span<const std::uint8_t>(strips), side);
  const GuardedArray<std::int32_t> start(values(task.start), side), sums(values(task.sums), side);
  kernel.multiply({task.counts.data(), task.output.size(), task.output.data(), steps.data()},
                  x.data(), 8 * task.x.shape(1), task.x.shape(0) / 8,
                  from_start ? start.data() : nullptr, sums.data());
  Matrix<std::int32_t> result = task.sums;
  std::ranges::copy(sums.values(), result.begin());
  CHECK((steps.intact() && x.intact() && start.intact() && sums.intact()));
  return result;
}

}  // namespace

TEST_CASE("two steps that share a lane to the end, by hand", "[hand]") {
  // Groups of one step each, which chapter 11's kernel would widen one by one: 127 * (127 + 127) =
  // 32258 in lane 0, twice, wraps to 64516 - 65536 = -1020. Lane 1: 2 * 10 + 3 * 20 = 80.
  Task task;
  task.counts.back() = 2;
  task.output = {1};
  task.steps = {{0, {127, 127, 10, 20}}, {4, {127, 127, 0, 0}}};
  task.x = make_tensor<std::uint8_t>({8, 8}, std::uint8_t{0});
  std::ranges::copy(std::array<std::uint8_t, 8>{127, 127, 2, 3, 127, 127, 9, 9},
                    row(task.x, 5).begin());
  task.start = {-1, 1000};
  task.sums = make_tensor<std::int32_t>({2, kRows}, 50);
  for (const Kernel* kernel : kernels()) {
    INFO(kernel->name);
    const auto added = run(*kernel, task, false, Against::last_page);
    CHECK((added(1, 5) == 50 - 1020 + 80 && added(1, 4) == 50 && added(0, 5) == 50));
    const auto begun = run(*kernel, task, true, Against::last_page);
    CHECK((begun(1, 5) == 1000 - 1020 + 80 && begun(1, 4) == 1000 && begun(0, 5) == 50));
  }
  CHECK(plain_kernel().multiply != plain_throughout_kernel().multiply);
}

TEST_CASE("the product of a panel in 16 bits: 1 to 4 strips, lanes that wrap", "[isa]") {
  Rng rng(1421);
  for (std::size_t strips = 1; strips <= panel::kStrips; ++strips) {
    std::size_t wrapped = 0;
    for (int i = 0; i < 30; ++i) {
      const Task task = random_task(rng, strips);
      for (bool from_start : {false, true}) {
        const Matrix<std::int32_t> expected = expected_sums(task, from_start, wrapped);
        for (const Kernel* kernel : kernels())
          for (Against side : {Against::first_page, Against::last_page}) {
            INFO(kernel->name << ", " << strips << " strips, from start " << from_start);
            CHECK(difference(run(*kernel, task, from_start, side), expected) == "");
          }
      }
    }
    CHECK(wrapped >= 500);
  }
}

TEST_CASE("a product whose rows fit is exact: blocks of inputs, odd depths, any rows", "[isa]") {
  Rng rng(1422);
  for (std::size_t K : {1U, 3U, 7U, 64U, 401U, 784U, 1541U})
    for (std::int32_t x_max : {127, 255})
      for (std::size_t rows : {1U, 7U, 8U, 9U, 16U, 25U, 32U, 41U}) {
        const std::size_t N = 1 + rng.below(20);
        const auto w = fitting_weights(rng, N, K, {kThroughout, x_max});
        const auto x = inputs(rng, rows, w, x_max);
        const PackedPanels panels = pack_panels(w, x_max);
        REQUIRE(fits_throughout(panels, x_max));
        for (const Kernel* kernel : kernels()) {
          INFO(kernel->name << ", " << rows << " x " << K << " x " << N << ", to " << x_max);
          CHECK(difference(product_of(*kernel, panels, x), exact(w, x)) == "");
        }
      }
}

TEST_CASE("rows that fit blocks of inputs but not from end to end are exact, too", "[isa]") {
  // 784 inputs are two blocks of 392: 196 products of 1 in either lane of each; with inputs to 127
  // 258 fit, and 392 do not.
  const auto w = make_tensor<std::int8_t>({9, 784}, std::int8_t{1});
  const auto x = make_tensor<std::uint8_t>({17, 784}, std::uint8_t{127});
  const PackedPanels panels = pack_panels(w, 127);
  CHECK(fits_throughout(panels, 127));
  CHECK_FALSE(fits_lanes(row(w, 0), {kThroughout, 127}));
  for (const Kernel* kernel : kernels())
    CHECK(difference(product_of(*kernel, panels, x), exact(w, x)) == "");
}

TEST_CASE("whether a block's lanes fit, by hand", "[hand]") {
  // Lane 0 of an output holds places 0, 1, 4, 5, ...; 258 fit for inputs to 127, 128 for 255.
  auto w = make_tensor<std::int8_t>({3, 12}, std::int8_t{0});
  const auto fits = [&](std::int32_t x_max) {
    return fits_throughout(pack_panels(w, x_max), x_max);
  };
  CHECK((fits(127) && fits(255)));
  for (std::int8_t sign : {std::int8_t{1}, std::int8_t{-1}})
    for (std::size_t n : {0U, 1U, 2U})
      for (std::size_t lane : {0U, 2U}) {  // from place 0 or 2
        const auto put = [&](std::size_t k, int q) {
          w(n, k + lane) = static_cast<std::int8_t>(sign * q);
        };
        put(0, 100), put(5, 100), put(8, 58);
        CHECK((fits(127) && !fits(255)));
        put(9, 1);
        CHECK_FALSE(fits(127));
        put(9, -1);
        CHECK(fits(127));
        put(0, 64), put(5, 64), put(8, 0);
        CHECK(fits(255));
        put(8, 1);
        CHECK_FALSE(fits(255));
        std::ranges::fill(w, std::int8_t{0});
      }
}

TEST_CASE("weights that do not fit are told apart, and their sums wrap alike", "[isa]") {
  Rng rng(1423);
  std::size_t wrong = 0;
  for (int i = 0; i < 20; ++i) {
    const std::size_t N = 1 + rng.below(12), K = 300 + rng.below(900);
    const auto w = test::random_weights(rng, N, K);
    const auto x = inputs(rng, 32, w, 127);
    const PackedPanels panels = pack_panels(w, 127);
    const auto plain = product_of(plain_throughout_kernel(), panels, x);
    const bool equal = plain == exact(w, x);
    wrong += equal ? 0 : 1;
    CHECK((equal || !fits_throughout(panels, 127)));
    for (const Kernel* kernel : kernels())
      CHECK(difference(product_of(*kernel, panels, x), plain) == "");
  }
  CHECK(wrong >= 10);
}
