#include "10_kernel_ladder/ladder.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <string>

#include "common/cpu.hpp"

namespace qfs {
namespace {

using ladder::Rung;
using ladder::Task;

constexpr std::align_val_t kAlignment{64};

void run_plain(const Task& task) {
  const GemmShape shape{task.M, task.N, task.K};
  gemm_u8s8s32_ref(shape, {task.x, task.M * task.K},
                   {static_cast<const std::int8_t*>(task.w), task.N * task.K},
                   {task.acc, task.M * task.N});
}

// [rungs]
constexpr Rung kRungs[] = {
    {"plain loops", false, false, run_plain},
#if defined(__x86_64__)
    {"compiled for AVX2", true, false, ladder::run_compiler},
    {"16 bits: vpmaddwd", true, false, ladder::run_widened},
    {"8 bits: vpmaddubsw", true, true, ladder::run_bytes},
    {"packed weights", true, true, ladder::run_packed, ladder::packed_bytes, ladder::pack},
    {"4 x 16 tiles", true, true, ladder::run_tiled, ladder::tiled_bytes, ladder::pack_tiled},
#endif
};
// [/rungs]

}  // namespace

// [float_loops]
void gemm_f32_scalar(const Matrix<float>& x, const Matrix<float>& w, Matrix<float>& y) {
  const std::size_t M = x.shape(0), N = w.shape(0), K = x.shape(1);
  require(
      w.shape(1) == K && y.shape(0) == M && y.shape(1) == N,
      "the shapes of a product do not fit together", [&] { return shape_text(y); },
      [&] { return std::to_string(M) + " x " + std::to_string(N); }, "pass M x N sums");
  const float *xs = x.data(), *ws = w.data();
  for (std::size_t m = 0; m < M; ++m)
    for (std::size_t n = 0; n < N; ++n) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < K; ++k) sum += xs[m * K + k] * ws[n * K + k];
      y.data()[m * N + n] = sum;
    }
}
// [/float_loops]

std::span<const Rung> ladder_rungs() { return kRungs; }

bool can_run(const Rung& rung) { return !rung.needs_avx2 || cpu_features().avx2; }

void LadderWeights::Free::operator()(std::byte* bytes) const {
  ::operator delete(bytes, kAlignment);
}

LadderWeights::LadderWeights(const Rung& rung, const Matrix<std::int8_t>& w)
    : rung_(rung), N_(w.shape(0)), K_(w.shape(1)) {
  require(can_run(rung), "this CPU cannot run the rung", rung.name, "a CPU with AVX2",
          "choose a rung below it");
  require(static_cast<std::int64_t>(K_) <= max_depth(unsigned_range(8), signed_range(8)),
          "the sum may overflow 32 bits", K_, max_depth(unsigned_range(8), signed_range(8)),
          "split K into parts and add them in 64 bits");
  const std::size_t size = rung.pack == nullptr ? w.size() : rung.packed_bytes(N_, K_);
  bytes_.reset(static_cast<std::byte*>(::operator new(std::max<std::size_t>(size, 1), kAlignment)));
  if (rung.pack == nullptr)
    std::ranges::copy(std::as_bytes(values(w)), bytes_.get());
  else
    rung.pack(N_, K_, w.data(), bytes_.get());
}

void LadderWeights::run(const Matrix<std::uint8_t>& x, Matrix<std::int32_t>& acc) const {
  const std::size_t M = x.shape(0);
  require(
      x.shape(1) == K_ && acc.shape(0) == M && acc.shape(1) == N_,
      "the shapes of a product do not fit together",
      [&] { return shape_text(x) + " to " + shape_text(acc); },
      [&] { return "M x " + std::to_string(K_) + " to M x " + std::to_string(N_); },
      "pass M x K inputs and M x N sums");
  if (acc.size() == 0) return;
  rung_.run({M, N_, K_, x.data(), bytes_.get(), acc.data()});
}

bool is_exact(const Rung& rung, QuantRange x, QuantRange w) {
  return !rung.adds_in_16_bits ||
         (2 * x.qmax * w.qmax <= std::numeric_limits<std::int16_t>::max() &&
          2 * x.qmax * w.qmin >= std::numeric_limits<std::int16_t>::min());
}

}  // namespace qfs
