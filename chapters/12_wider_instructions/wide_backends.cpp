#include "12_wider_instructions/wide_backends.hpp"

#include <cstdio>

#include "11_avx2_kernel/from_sums.hpp"
#include "common/cpu.hpp"

namespace qfs {
namespace {

// The two differ in their kernel, and in what they say where there is none.
struct Vnni {
  static constexpr std::string_view kName = "vnni";
  static const fours::Kernel* kernel() { return fours::vnni_here(); }
  [[noreturn]] static void fail_without() {
    fail("backend vnni needs a CPU with AVX-VNNI or AVX512-VNNI", "this CPU, without them",
         "one with either", "use backend avx2 or ref");
  }
};
struct Amx {
  static constexpr std::string_view kName = "amx";
  static const fours::Kernel* kernel() { return fours::amx_here(); }
  [[noreturn]] static void fail_without() {
    if (!cpu_features().amx_int8)
      fail("backend amx needs a CPU with AMX-INT8", "this CPU, without it",
           "one with it, and a system that knows it", "use backend vnni, avx2 or ref");
    fail("the system does not give this process AMX's tiles", "arch_prctl refused",
         "Linux 5.16 or later", "use backend vnni, avx2 or ref");
  }
};

template <class Isa>
PackedProduct pack(const Product& product) {
  const fours::Kernel* kernel = Isa::kernel();
  if (kernel == nullptr) Isa::fail_without();
  PackedProduct packed = pack_shape(product, Isa::kName);
  packed.object = std::make_shared<const FoursProduct>(pack_for(*kernel, product));
  return packed;
}

std::string describe(const PackedProduct& packed) {
  const fours::Kernel& kernel = *fours_product(packed).kernel;
  char text[160];
  std::snprintf(text, sizeof text, "%s, tiles of %zu rows x %zu outputs, %zu KB of weights",
                kernel.name, kernel.rows, kernel.blocks * fours::kOutputs,
                (fours_product(packed).weights.lines.size() * fours::kLineBytes + 1023) / 1024);
  return text;
}

BlockOfSums& scratch() {
  thread_local BlockOfSums block;
  return block;
}

// Calls use(m, n, sums) for every row m and some outputs from n on.
template <class Use>
void each_row(const PackedProduct& packed, const LeftSide& x, std::span<const std::int32_t> start,
              Use&& use) {
  const FoursProduct& product = fours_product(packed);
  multiply_fours(*product.kernel, product.weights, x, start, scratch(), [&](const SumRows& sums) {
    for (std::size_t r = 0; r < sums.rows; ++r) use(sums.row + r, sums.output, sums.of(r));
  });
}

template <class Isa>
void run_s32(const PackedProduct& packed, const LeftSide& x, std::span<std::int32_t> acc) {
  require_fits(packed, Isa::kName, x, acc.size());
  const FoursProduct& product = fours_product(packed);
  multiply_fours(*product.kernel, product.weights, x, scratch(), acc);
}

template <class Isa>
void run_u8(const PackedProduct& packed, const LeftSide& x, std::span<std::uint8_t> y) {
  require_fits(packed, Isa::kName, x, y.size());
  const ToU8& to = packed_for_u8(fours_product(packed).to_u8, packed);
  each_row(packed, x, values(to.bias),
           [&](std::size_t m, std::size_t n, std::span<const std::int32_t> sums) {
             sums_to_u8(to, n, sums, y.data() + m * packed.outputs + n);
           });
}

template <class Isa>
void run_f32(const PackedProduct& packed, const LeftSide& x, std::span<const QuantParams> params,
             std::span<float> y) {
  require_fits(packed, Isa::kName, x, y.size());
  const FoursProduct& product = fours_product(packed);
  const ToF32& to = packed_for_f32(product.to_f32, packed);
  require_one_or_each(params, x.rows);
  each_row(packed, x, {}, [&](std::size_t m, std::size_t n, std::span<const std::int32_t> sums) {
    sums_to_f32(to, values(product.w_scale), of_channel(params, m), n, sums,
                y.data() + m * packed.outputs + n);
  });
}

// The edges are ref's until chapter 13.
template <class Isa>
Backend make_backend() {
  Backend backend = ref_backend();
  backend.name = Isa::kName;
  backend.pack = pack<Isa>;
  backend.describe = describe;
  backend.run_s32 = run_s32<Isa>;
  backend.run_u8 = run_u8<Isa>;
  backend.run_f32 = run_f32<Isa>;
  return backend;
}

}  // namespace

const FoursProduct& fours_product(const PackedProduct& packed) {
  return *static_cast<const FoursProduct*>(packed.object.get());
}

FoursProduct pack_for(const fours::Kernel& kernel, const Product& product) {
  const std::size_t run = kernel.inputs == fours::kInputs ? product.run : 0;
  return {&kernel, pack_fours(product.weight->q, run), product.weight->scale,
          product.to_u8 != nullptr ? *product.to_u8 : ToU8{},
          product.to_f32 != nullptr ? *product.to_f32 : ToF32{}};
}

const Backend& vnni_backend() {
  static const Backend backend = make_backend<Vnni>();
  return backend;
}

const Backend& amx_backend() {
  static const Backend backend = make_backend<Amx>();
  return backend;
}

}  // namespace qfs
