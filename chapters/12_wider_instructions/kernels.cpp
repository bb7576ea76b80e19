#include "12_wider_instructions/kernels.hpp"

#include <cstring>

#include "12_wider_instructions/amx.hpp"
#include "12_wider_instructions/instructions.hpp"
#include "common/check.hpp"
#include "common/cpu.hpp"

namespace qfs {

void tdpbusd(TileRegister& sums, const TileRegister& x, const TileRegister& w) {
  for (std::size_t m = 0; m < sums.rows; ++m)
    for (std::size_t n = 0; n < sums.row_bytes / 4; ++n)
      for (std::size_t k = 0; k < w.rows; ++k) {
        std::int8_t four[4];
        std::int32_t sum;
        std::memcpy(four, &w.bytes[k][4 * n], sizeof four);
        std::memcpy(&sum, &sums.bytes[m][4 * n], sizeof sum);
        sum = vpdpbusd(sum, &x.bytes[m][4 * k], four);
        std::memcpy(&sums.bytes[m][4 * n], &sum, sizeof sum);
      }
}

namespace fours {
namespace {

void multiply_plain(const Part& part) {
  for (std::size_t r = 0; r < part.rows; ++r)
    for (std::size_t n = 0; n < part.blocks * kOutputs; ++n) {
      const std::uint8_t* x = part.x + r * part.x_stride;
      const std::int8_t* w = part.w + n / kOutputs * part.block_stride + n % kOutputs * kInputs;
      std::int32_t& sum = part.sums[r * part.sums_stride + n];
      sum = part.start[n];
      for (std::size_t line = 0; line < part.lines; ++line) {
        const std::size_t run = line / part.run_lines, in_run = line % part.run_lines;
        sum = vpdpbusd(sum, x + run * part.run_step + in_run * kInputs, w + line * kLineBytes);
      }
    }
}

constexpr Kernel kPlain = {"plain", 1, 4, kInputs, multiply_plain, nullptr, nullptr};

#if defined(__x86_64__)
void configure_amx(std::size_t rows) {
  const TileConfiguration configuration = tile_configuration(rows);
  load_tile_configuration(&configuration);
}

constexpr Kernel kAvxVnni = {"avx_vnni", 6, 1, kInputs, multiply_vnni256, nullptr, nullptr};
constexpr Kernel kAvx512Vnni = {"avx512_vnni", 6, 4, kInputs, multiply_vnni512, nullptr, nullptr};
constexpr Kernel kAmx = {"amx",         2 * kTileRows, 2, kTileInputs, multiply_amx,
                         configure_amx, release_tiles};
#else
[[noreturn]] void fail_elsewhere() {
  fail("the kernels of chapter 12 were not built", "another architecture", "x86-64",
       "use backend ref");
}
#endif

}  // namespace

const Kernel& plain() { return kPlain; }

#if defined(__x86_64__)
const Kernel& avx_vnni() { return kAvxVnni; }
const Kernel& avx512_vnni() { return kAvx512Vnni; }
const Kernel& amx() { return kAmx; }
#else
const Kernel& avx_vnni() { fail_elsewhere(); }
const Kernel& avx512_vnni() { fail_elsewhere(); }
const Kernel& amx() { fail_elsewhere(); }
#endif

const Kernel* vnni_here() {
  const CpuFeatures cpu = cpu_features();
  if (cpu.avx512_vnni) return &avx512_vnni();
  return cpu.avx_vnni ? &avx_vnni() : nullptr;
}

const Kernel* amx_here() { return request_amx() ? &amx() : nullptr; }

std::vector<const Kernel*> kernels_here() {
  const CpuFeatures cpu = cpu_features();
  std::vector<const Kernel*> kernels = {&plain()};
  if (cpu.avx_vnni) kernels.push_back(&avx_vnni());
  if (cpu.avx512_vnni) kernels.push_back(&avx512_vnni());
  if (request_amx()) kernels.push_back(&amx());
  return kernels;
}

}  // namespace fours
}  // namespace qfs
