// Section 4: the ladder. Every rung is held against the plain loops before it is timed.
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "10_kernel_ladder/lesson/study.hpp"
#include "common/cpu.hpp"
#include "common/matmul_f32.hpp"
#include "common/print.hpp"
#include "common/stopwatch.hpp"

namespace qfs::ch10 {
namespace {

constexpr std::array<std::size_t, 3> kRows = {1, 64, 1000};

// GMAC/s: 10^9 products with their additions a second.
double gmacs(double products, double microseconds) { return products / microseconds / 1e3; }

// One line of the table: what is timed, and how fast it was in every round.
struct Line {
  std::string set, name, sums;
  std::function<void(std::size_t rows)> product;
  std::array<std::vector<double>, kRows.size()> speeds{};
};

// What the CPU makes of one instruction sequence at most, without memory.
struct InstructionLimit {
  ladder::Limit loop;
  std::vector<double> speeds{};
};

// Everything in turn, round after round: a burst of other work meets all lines, and no median.
void time_in_turn(std::vector<Line>& lines, std::span<InstructionLimit> limits,
                  double products_of_row, int rounds, double seconds) {
  for (int round = 0; round < rounds; ++round) {
    for (InstructionLimit& limit : limits) {
      constexpr std::size_t kSteps = 20'000;
      limit.speeds.push_back(
          gmacs(limit.loop(kSteps), median_microseconds([&] { limit.loop(kSteps); }, 5, seconds)));
    }
    for (Line& line : lines)
      for (std::size_t i = 0; i < kRows.size(); ++i)
        line.speeds[i].push_back(
            gmacs(products_of_row * static_cast<double>(kRows[i]),
                  median_microseconds([&] { line.product(kRows[i]); }, 3, seconds)));
  }
}

template <class T>
Matrix<T> first_rows(const Matrix<std::uint8_t>& x, std::size_t rows) {
  auto some = make_tensor<T>({rows, x.shape(1)});
  std::copy_n(x.begin(), some.size(), some.begin());
  return some;
}

// The inputs and sums of each number of rows.
template <class X, class Y>
struct Operands {
  std::vector<Matrix<X>> x{};
  std::vector<Matrix<Y>> y{};
};
template <class X, class Y>
Operands<X, Y> operands(const Matrix<std::uint8_t>& x, std::size_t outputs) {
  Operands<X, Y> result;
  for (std::size_t rows : kRows) {
    result.x.push_back(first_rows<X>(x, rows));
    result.y.push_back(make_tensor<Y>({rows, outputs}));
  }
  return result;
}

std::size_t index_of(std::size_t rows) {
  return static_cast<std::size_t>(std::ranges::find(kRows, rows) - kRows.begin());
}

// The same product in float, by plain loops and by OpenBLAS.
void add_floats(std::vector<Line>& lines, const Matrix<std::uint8_t>& x,
                const Matrix<std::int8_t>& w) {
  auto reals = std::make_shared<Operands<float, float>>(operands<float, float>(x, w.shape(0)));
  auto w_f32 = make_tensor<float>({w.shape(0), w.shape(1)});
  std::ranges::copy(values(w), values(w_f32).begin());
  lines.push_back({"", "float loops", "float", [=](std::size_t rows) {
                     const std::size_t i = index_of(rows);
                     gemm_f32_scalar(reals->x[i], w_f32, reals->y[i]);
                   }});
  lines.push_back({"", "OpenBLAS", "float", [=](std::size_t rows) {
                     const std::size_t i = index_of(rows);
                     matmul_blas(reals->x[i], Transpose::no, w_f32, Transpose::yes, reals->y[i]);
                   }});
}

Matrix<std::int32_t> product_of(const ladder::Rung& rung, const Matrix<std::uint8_t>& x,
                                const Matrix<std::int8_t>& w) {
  auto acc = make_tensor<std::int32_t>({x.shape(0), w.shape(0)});
  LadderWeights(rung, w).run(x, acc);
  return acc;
}

// [check_and_add]
// What a rung gives is compared first, for all 1000 rows; only then is it among what is timed.
bool check_and_add(std::vector<Line>& lines, const ladder::Rung& rung,
                   const Matrix<std::uint8_t>& x, const Matrix<std::int8_t>& w) {
  if (product_of(rung, x, w) != product_of(ladder_rungs()[0], x, w)) return false;
  const auto packed = std::make_shared<LadderWeights>(rung, w);
  const auto data = std::make_shared<Operands<std::uint8_t, std::int32_t>>(
      operands<std::uint8_t, std::int32_t>(x, w.shape(0)));
  lines.push_back(
      {rung.needs_avx2 ? "[avx2]" : "", rung.name, rung.adds_in_16_bits ? "16 bits" : "32 bits",
       [=](std::size_t rows) { packed->run(data->x[index_of(rows)], data->y[index_of(rows)]); }});
  return true;
}
// [/check_and_add]

void print_line(const Line& line, double limit) {
  std::printf("  %-6s  %-18s  %-7s", line.set.c_str(), line.name.c_str(), line.sums.c_str());
  for (const std::vector<double>& speeds : line.speeds)
    std::printf("  %9s", measured(median(speeds), 1).c_str());
  if (line.set.empty())
    std::printf("\n");
  else
    std::printf("  %8s\n", (measured(100.0 * median(line.speeds[1]) / limit, 0) + " %").c_str());
}

}  // namespace

void the_ladder(const Study& study, Lesson& lesson) {
  section(4, "The ladder: layer 1, N = 100, K = 784, inputs of 7 bits, GMAC/s");
  const QuantizedNet net = quantized(study, {.activations = unsigned_range(7)});
  const Matrix<std::uint8_t> x = layer_1_inputs(study.data.test, net, kRows.back());
  const Matrix<std::int8_t>& w = net.weights[0].weight.q;
  const bool has_avx2 = cpu_features().avx2;
  std::vector<Line> lines;
  add_floats(lines, x, w);
  bool all_exact = true;
  for (const ladder::Rung& rung : ladder_rungs())
    if (can_run(rung)) all_exact = check_and_add(lines, rung, x, w) && all_exact;
  std::vector<InstructionLimit> limits;
#if defined(__x86_64__)
  if (has_avx2) limits = {{ladder::limit_fma}, {ladder::limit_madd}, {ladder::limit_maddubs}};
#endif
  time_in_turn(lines, limits, static_cast<double>(w.size()), lesson.options.quick ? 1 : 7,
               lesson.options.quick ? 0.0 : 0.01);
  std::printf("  needs   rung                sums         1 row    64 rows  1000 rows  of limit\n");
  std::printf("  ------  ------------------  -------  ---------  ---------  ---------  --------\n");
  std::vector<std::vector<double>> csv;
  for (const Line& line : lines) {
    const double limit = has_avx2 ? median(limits[line.sums == "16 bits" ? 2 : 1].speeds) : 0.0;
    print_line(line, limit);
    csv.push_back({median(line.speeds[0]), median(line.speeds[1]), median(line.speeds[2]),
                   line.set.empty() ? 0.0 : limit});
    lesson.report.figure(line.name + "_gmacs", median(line.speeds[1]));
  }
  if (has_avx2)
    std::printf("  [avx2]  limits: float FMA %s, vpmaddwd %s, vpmaddubsw and vpmaddwd %s\n",
                measured(median(limits[0].speeds), 0).c_str(),
                measured(median(limits[1].speeds), 0).c_str(),
                measured(median(limits[2].speeds), 0).c_str());
  lesson.claims.expect(all_exact, "every rung gives the sums of the plain loops, all 100 000");
  lesson.report.csv("ladder", {"rows_1", "rows_64", "rows_1000", "limit"}, csv);
}

}  // namespace qfs::ch10
