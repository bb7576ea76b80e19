// Chapter 11, the kernel: by AVX2 and in plain C++ against lanes of 16 bits as they are defined, on
// every input, those too that no proof allows. What they read and write lies beside pages that
// nobody may touch.
#include <array>
#include <numeric>

#include "10_kernel_ladder/saturation.hpp"
#include "11_avx2_kernel/plain_panel.hpp"
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
using qfs::test::Against;
using qfs::test::difference;
using qfs::test::GuardedArray;

constexpr Against kSides[] = {Against::first_page, Against::last_page};

// Those that this CPU can run.
std::vector<const Kernel*> kernels() {
  std::vector<const Kernel*> all = {&plain_kernel()};
  if (has_avx2_kernel())
    all.push_back(&avx2_kernel());
  else
    WARN("this CPU has no AVX2: that kernel is not tested");
  return all;
}

// A panel, the rows it is multiplied with, and what stands in the sums before.
struct Task {
  std::array<std::uint32_t, kLongest> counts{};
  std::vector<std::uint32_t> output{};
  std::vector<Step> steps{};     // of the first output, then of the second, ...
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
  constexpr std::uint8_t extremes[] = {0, 1, 127, 128, 255};
  Task task;
  for (std::uint32_t& count : task.counts)
    if (rng.below(3) == 0) count = static_cast<std::uint32_t>(rng.below(4));
  const std::size_t depth = 4 * (1 + rng.below(20)), N = 1 + rng.below(20);
  task.output.resize(N);
  std::iota(task.output.begin(), task.output.end(), 0U);
  rng.shuffle(task.output);
  task.output.resize(std::min<std::size_t>(N, 1 + rng.below(8)));
  task.steps.resize(task.output.size() * steps_of_one(task));
  for (Step& step : task.steps) {
    step.k = static_cast<std::uint32_t>(4 * rng.below(depth / 4));
    for (std::int8_t& w : step.w)
      w = static_cast<std::int8_t>(rng.below(4) == 0 ? -128
                                                     : static_cast<int>(rng.below(256)) - 128);
  }
  task.x = test::random_integers<std::uint8_t>(rng, 8 * strips, depth, unsigned_range(8));
  for (std::uint8_t& x : task.x)
    if (rng.below(2) == 0) x = extremes[rng.below(5)];
  const auto any_sum = [&] { return static_cast<std::int32_t>(rng.below(2000001)) - 1000000; };
  task.start = make_tensor<std::int32_t>({N});
  task.sums = make_tensor<std::int32_t>({N, kRows});
  for (std::int32_t& sum : task.start) sum = any_sum();
  for (std::int32_t& sum : task.sums) sum = any_sum();
  return task;
}

std::int16_t wrapped(std::int32_t sum) { return static_cast<std::int16_t>(sum); }

// A group of one output, of a row; `full` counts the lanes that were too full.
std::int32_t group_sum(std::span<const Step> group, std::span<const std::uint8_t> x,
                       std::size_t& full) {
  std::int16_t lanes[2] = {};
  std::int32_t exact = 0;
  for (const Step& step : group)
    for (std::size_t i = 0; i < 4; i += 2) {
      const std::size_t k = step.k + i;
      const std::int8_t* w = step.w + i;
      lanes[i / 2] = wrapped(lanes[i / 2] + add_pair(x[k], w[0], x[k + 1], w[1]));
      exact += x[k] * w[0] + x[k + 1] * w[1];
    }
  const std::int32_t sum = lanes[0] + lanes[1];
  full += sum != exact ? 1 : 0;
  return sum;
}

// By definition, from the rows as they were before they were interleaved.
Matrix<std::int32_t> expected_sums(const Task& task, bool from_start, std::size_t& full) {
  Matrix<std::int32_t> sums = task.sums;
  std::size_t at = 0;
  for (std::uint32_t n : task.output) {
    const std::span of_output = row(sums, n).first(task.x.shape(0));
    if (from_start) std::ranges::fill(of_output, task.start(n));
    for (std::size_t length = kLongest; length > 0; --length)
      for (std::size_t g = 0; g < task.counts[kLongest - length]; ++g, at += length)
        for (std::size_t m = 0; m < of_output.size(); ++m)
          of_output[m] += group_sum(std::span(task.steps).subspan(at, length),
                                    row(std::as_const(task.x), m), full);
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

template <class T>
GuardedArray<T> guarded(const std::vector<T>& values, Against side) {
  return GuardedArray<T>(std::span<const T>(values), side);
}

Matrix<std::int32_t> run(const Kernel& kernel, const Task& task, bool from_start, Against side) {
  const GuardedArray<std::uint32_t> counts(std::span<const std::uint32_t>(task.counts), side);
  const auto output = guarded(task.output, side);
  const auto steps = guarded(task.steps, side);
  const auto x = guarded(interleaved(task.x), side);
  const GuardedArray<std::int32_t> start(values(task.start), side), sums(values(task.sums), side);
  const std::size_t strips = task.x.shape(0) / 8;
  kernel.multiply({counts.data(), task.output.size(), output.data(), steps.data()}, x.data(),
                  8 * task.x.shape(1), strips, from_start ? start.data() : nullptr, sums.data());
  Matrix<std::int32_t> result = task.sums;
  std::ranges::copy(sums.values(), result.begin());
  const bool same_inputs = std::ranges::equal(output.values(), task.output) &&
                           std::ranges::equal(x.values(), interleaved(task.x)) &&
                           std::ranges::equal(start.values(), task.start);
  CHECK((same_inputs && counts.intact() && output.intact() && steps.intact() && x.intact() &&
         start.intact() && sums.intact()));
  return result;
}

void check_task(const Task& task, std::size_t& full) {
  for (bool from_start : {false, true}) {
    const Matrix<std::int32_t> expected = expected_sums(task, from_start, full);
    for (const Kernel* kernel : kernels())
      for (Against side : kSides) {
        INFO(kernel->name << ", " << task.x.shape(0) << " rows of " << task.x.shape(1) << ", "
                          << task.output.size() << " outputs, from start " << from_start);
        CHECK(difference(run(*kernel, task, from_start, side), expected) == "");
      }
  }
}

}  // namespace

TEST_CASE("a row and an output on paper: two groups", "[hand]") {
  // 255 * 100 + 1 * -3 = 25497 and 2 * 10 + 3 * 20 = 80; twice that saturates nowhere, but wraps:
  // 50994 - 65536 = -14542, and 160. Then, alone, 255 * 127 + 255 * 127 saturates: 32767.
  Task task;
  task.counts = {0, 0, 0, 0, 0, 0, 1, 1};
  task.output = {1};
  task.steps = {{0, {100, -3, 10, 20}}, {0, {100, -3, 10, 20}}, {4, {127, 127, 0, 0}}};
  task.x = make_tensor<std::uint8_t>({8, 8}, std::uint8_t{0});
  std::ranges::copy(std::array<std::uint8_t, 8>{255, 1, 2, 3, 255, 255, 9, 9},
                    row(task.x, 5).begin());
  task.start = {-1, 1000};
  task.sums = make_tensor<std::int32_t>({2, kRows}, 50);
  for (const Kernel* kernel : kernels()) {
    INFO(kernel->name);
    const auto added = run(*kernel, task, false, Against::last_page);
    CHECK(added(1, 5) == 50 - 14542 + 160 + 32767);
    CHECK((added(1, 4) == 50 && added(1, 8) == 50 && added(0, 5) == 50));
    const auto begun = run(*kernel, task, true, Against::last_page);
    CHECK(begun(1, 5) == 1000 - 14542 + 160 + 32767);
    CHECK((begun(1, 4) == 1000 && begun(1, 8) == 50 && begun(0, 5) == 50));
  }
}

TEST_CASE("the product of a panel: random counts, lanes that saturate and wrap", "[isa]") {
  Rng rng(1121);
  for (std::size_t strips = 1; strips <= panel::kStrips; ++strips) {
    std::size_t full = 0;
    for (int i = 0; i < 40; ++i) check_task(random_task(rng, strips), full);
    CHECK(full >= 1000);  // groups whose sum is not exact: or no lane was ever too full
  }
}

TEST_CASE("the product of a panel: each length of a group by itself", "[isa]") {
  Rng rng(1122);
  std::size_t full = 0;
  for (std::size_t strips = 1; strips <= panel::kStrips; ++strips)
    for (std::size_t c = 0; c < kLongest; ++c)
      for (std::uint32_t count : {1U, 3U}) {
        Task task = random_task(rng, strips);
        task.counts = {};
        task.counts[c] = count;
        task.steps.assign(task.output.size() * steps_of_one(task), {0, {-128, 127, -1, 127}});
        for (Step& step : task.steps)
          step.k = static_cast<std::uint32_t>(4 * rng.below(task.x.shape(1) / 4));
        check_task(task, full);
      }
  CHECK(full >= 100);
}

TEST_CASE("rows are interleaved: every depth to 70, any stride and start", "[isa]") {
  Rng rng(1123);
  const auto all = kernels();
  std::size_t wrong = 0;
  for (std::size_t K = 1; K <= 70; ++K)
    for (std::size_t count = 1; count <= 8; ++count)
      for (std::size_t more : {0U, 1U, 5U, 32U})
        for (Against side : kSides) {
          const std::size_t stride = K + more, bytes = 8 * ((K + 3) / 4 * 4);
          const auto rows = test::random_integers<std::uint8_t>(rng, 1, (count - 1) * stride + K,
                                                                unsigned_range(8));
          std::vector<std::uint8_t> expected(bytes, 0);
          for (std::size_t r = 0; r < 8; ++r)  // those that are not there are the first once more
            for (std::size_t k = 0; k < K; ++k)
              expected[k / 4 * 32 + r * 4 + k % 4] = rows(0, (r < count ? r : 0) * stride + k);
          const GuardedArray<std::uint8_t> from(values(rows), side);
          for (const Kernel* kernel : all) {
            const GuardedArray<std::uint8_t> strip(bytes, side);
            kernel->interleave(from.data(), stride, count, K, strip.data());
            const bool right = std::ranges::equal(strip.values(), expected) && strip.intact() &&
                               from.intact() && std::ranges::equal(from.values(), rows);
            wrong += right ? 0 : 1;
            if (!right && wrong == 1)
              UNSCOPED_INFO(kernel->name << ": K = " << K << ", " << count << " rows, stride "
                                         << stride);
          }
        }
  CHECK(wrong == 0);
}

TEST_CASE("sums become rows: every number of rows and outputs, any stride", "[isa]") {
  Rng rng(1124);
  const auto all = kernels();
  std::size_t wrong = 0;
  auto numbers = make_tensor<std::int32_t>({8, kRows});
  for (std::int32_t& sum : numbers) sum = static_cast<std::int32_t>(rng.bits());
  for (std::size_t rows = 1; rows <= kRows; ++rows)
    for (std::size_t outputs = 1; outputs <= 8; ++outputs)
      for (std::size_t stride :
           {outputs, outputs + 1, outputs + 3, std::size_t{8}, std::size_t{70}})
        for (Against side : kSides) {
          const GuardedArray<std::int32_t> sums(values(numbers), side);
          for (const Kernel* kernel : all) {
            const GuardedArray<std::int32_t> acc((rows - 1) * stride + outputs, side);
            std::vector<std::int32_t> expected(acc.values().begin(), acc.values().end());
            for (std::size_t m = 0; m < rows; ++m)
              for (std::size_t n = 0; n < outputs; ++n) expected[m * stride + n] = numbers(n, m);
            kernel->to_rows(sums.data(), rows, outputs, acc.data(), stride);
            const bool right = std::ranges::equal(acc.values(), expected) && acc.intact() &&
                               sums.intact() && std::ranges::equal(sums.values(), numbers);
            wrong += right ? 0 : 1;
            if (!right && wrong == 1)
              UNSCOPED_INFO(kernel->name << ": " << rows << " x " << outputs << ", stride "
                                         << stride);
          }
        }
  CHECK(wrong == 0);
}

TEST_CASE("kernels have names, and one of them runs everywhere", "[hand]") {
  CHECK(std::string(plain_kernel().name) == "plain");
#if defined(__x86_64__)
  CHECK(std::string(avx2_kernel().name) == "avx2");
#else
  CHECK_FALSE(has_avx2_kernel());
  CHECK_THROWS_WITH(avx2_kernel(), QFS_CONTAINS("was not built"));
#endif
}
