#include "11_avx2_kernel/plain_panel.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "10_kernel_ladder/saturation.hpp"
#include "common/cpu.hpp"

namespace qfs {
namespace {

using panel::kRows;
using panel::kStripRows;
using panel::Step;

void multiply(const panel::Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
              std::size_t strips, const std::int32_t* start, std::int32_t* sums) {
  const Step* steps = panel.steps;
  for (std::size_t i = 0; i < panel.outputs; ++i) {
    const std::span of_output(sums + panel.output[i] * kRows, strips * kStripRows);
    if (start != nullptr) std::ranges::fill(of_output, start[panel.output[i]]);
    for (std::size_t length = panel::kLongest; length > 0; --length)
      for (std::size_t g = 0; g < panel.counts[panel::kLongest - length]; ++g, steps += length)
        for (std::size_t r = 0; r < of_output.size(); ++r)
          of_output[r] += sum_in_16_bits({steps, length},
                                         x + r / kStripRows * strip_bytes + 4 * (r % kStripRows));
  }
}

void interleave(const std::uint8_t* rows, std::size_t stride, std::size_t count, std::size_t K,
                std::uint8_t* strip) {
  for (std::size_t k = 0; k < K; k += 4)
    for (std::size_t r = 0; r < kStripRows; ++r)
      for (std::size_t i = 0; i < 4; ++i)
        strip[8 * k + 4 * r + i] = k + i < K ? rows[(r < count ? r : 0) * stride + k + i] : 0;
}

void to_rows(const std::int32_t* sums, std::size_t rows, std::size_t outputs, std::int32_t* acc,
             std::size_t stride) {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t n = 0; n < outputs; ++n) acc[row * stride + n] = sums[n * kRows + row];
}

constexpr panel::Kernel kPlain = {"plain", multiply, interleave, to_rows};
#if defined(__x86_64__)
constexpr panel::Kernel kAvx2 = {"avx2", panel::multiply_avx2, panel::interleave_avx2,
                                 panel::to_rows_avx2};
#endif

}  // namespace

std::int32_t sum_in_16_bits(std::span<const Step> steps, const std::uint8_t* row) {
  std::array<std::int16_t, 2> lanes{};
  for (const Step& step : steps)
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint8_t* x = row + 8 * step.k + 2 * half;
      const std::int8_t* w = step.w + 2 * half;
      lanes[half] = static_cast<std::int16_t>(lanes[half] + add_pair(x[0], w[0], x[1], w[1]));
    }
  return lanes[0] + lanes[1];
}

const panel::Kernel& plain_kernel() { return kPlain; }

const panel::Kernel& avx2_kernel() {
#if defined(__x86_64__)
  return kAvx2;
#else
  fail("the AVX2 kernel was not built", "another architecture", "x86-64", "use backend ref");
#endif
}

bool has_avx2_kernel() { return cpu_features().avx2; }

}  // namespace qfs
