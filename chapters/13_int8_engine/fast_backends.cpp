#include "13_int8_engine/fast_backends.hpp"

#include <algorithm>

#include "11_avx2_kernel/avx2_backend.hpp"
#include "11_avx2_kernel/from_sums.hpp"
#include "12_wider_instructions/kernels.hpp"
#include "12_wider_instructions/wide_backends.hpp"
#include "13_int8_engine/edges.hpp"
#include "13_int8_engine/gemv_weights.hpp"
#include "common/cpu.hpp"

namespace qfs {

#if defined(__x86_64__)

namespace {

// One number an output, where the product may have one for all.
struct PerOutput {
  std::vector<float> multiplier{}, w_scale{};
};

// What lies behind the object of a product that this chapter has packed: that of chapter 11 or 12,
// and what is wanted beside it.
struct FastProduct {
  PackedProduct plain;
  ToU8 to_u8{};
  ToF32 to_f32{};
  PerOutput of{};
  GemvWeights gemv{};  // avx2 alone
};
const FastProduct& fast_product(const PackedProduct& packed) {
  return *static_cast<const FastProduct*>(packed.object.get());
}

// What a kernel leaves: rows `row` and on, outputs `output` and on.
struct SumsAt {
  std::size_t row, output;
  edges::Sums sums;
};

// Few rows one by one, many by panels. Patches (chapter 21) are written first, all of them.
template <class Store>
void multiply_row_by_row(const GemvWeights& weights, const LeftSide& x,
                         std::span<const std::int32_t> start, Store&& store) {
  thread_local std::vector<std::int32_t> padded_start, sums;
  padded_start.assign(weights.padded_outputs(), 0);
  std::ranges::copy(start, padded_start.begin());
  sums.resize(padded_start.size());
  const auto* rows = static_cast<const std::uint8_t*>(x.source);
  if (x.pack != nullptr) {
    thread_local std::vector<std::uint8_t> patches;
    make_room(patches, x.rows * x.depth);
    x.pack(x.source, 0, x.rows, patches.data());
    rows = patches.data();
  }
  for (std::size_t m = 0; m < x.rows; ++m) {
    gemv::multiply_avx2(weights.view(), rows + m * x.depth, padded_start.data(), sums.data());
    store(SumsAt{m, 0, {sums.data(), sums.size(), 1, weights.N}});
  }
}

struct Avx2 {
  static constexpr std::string_view kPacked = "avx2 of chapter 13";
  static const Backend& plain() { return avx2_backend(); }
  static bool can_run() { return can_run_avx2(); }

  static bool has_few_rows(const LeftSide& x) { return x.rows < kFewRowsAvx2; }
  static auto to_u8() { return edges::to_u8_avx2; }

  // [multiply_avx2]
  template <class Store>
  static void multiply(const FastProduct& product, const LeftSide& x,
                       std::span<const std::int32_t> start, Store&& store) {
    if (has_few_rows(x)) return multiply_row_by_row(product.gemv, x, start, store);
    thread_local BlockOfRows block;
    const panel::Kernel& kernel = avx2_kernel();
    const PackedPanels& panels = panel_product(product.plain).panels;
    multiply_panels(kernel, panels, x, start, block, [&](const SumTile& tile) {
      alignas(32) std::int32_t rows[panel::kRows * panel::kTileOutputs];
      kernel.to_rows(tile.sums, tile.rows, tile.outputs, rows, panel::kTileOutputs);
      store(SumsAt{tile.row, tile.output, {rows, panel::kTileOutputs, tile.rows, tile.outputs}});
    });
  }
  // [/multiply_avx2]
};

template <class Store>
void multiply_by(const fours::Kernel& kernel, const FastProduct& product, const LeftSide& x,
                 std::span<const std::int32_t> start, Store&& store) {
  thread_local BlockOfSums block;
  const PackedFours& weights = fours_product(product.plain).weights;
  multiply_fours(kernel, weights, x, start, block, [&](const SumRows& sums) {
    store(SumsAt{sums.row, sums.output, {sums.sums, sums.stride, sums.rows, sums.outputs}});
  });
}

// By AVX-512, where the CPU has it: AVX-VNNI does not bring it along.
auto widest_to_u8() { return cpu_features().avx512_vnni ? edges::to_u8_avx512 : edges::to_u8_avx2; }

struct Vnni {
  static constexpr std::string_view kPacked = "vnni of chapter 13";
  static const Backend& plain() { return vnni_backend(); }
  static bool can_run() { return can_run_vnni(); }
  static bool has_few_rows(const LeftSide&) { return false; }
  static auto to_u8() { return widest_to_u8(); }

  template <class Store>
  static void multiply(const FastProduct& product, const LeftSide& x,
                       std::span<const std::int32_t> start, Store&& store) {
    multiply_by(*fours_product(product.plain).kernel, product, x, start, store);
  }
};

struct Amx {
  static constexpr std::string_view kPacked = "amx of chapter 13";
  static const Backend& plain() { return amx_backend(); }
  static bool can_run() { return can_run_amx(); }
  static bool has_few_rows(const LeftSide& x) {
    return x.rows < kFewRowsAmx && fours::vnni_here() != nullptr;
  }
  static auto to_u8() { return widest_to_u8(); }

  template <class Store>
  static void multiply(const FastProduct& product, const LeftSide& x,
                       std::span<const std::int32_t> start, Store&& store) {
    const fours::Kernel& tiles = *fours_product(product.plain).kernel;
    multiply_by(has_few_rows(x) ? *fours::vnni_here() : tiles, product, x, start, store);
  }
};

std::vector<float> of_each_output(const Vector<float>& given, std::size_t N) {
  std::vector<float> all(N);
  for (std::size_t n = 0; n < N; ++n) all[n] = of_channel(values(given), n);
  return all;
}

template <class Isa>
PackedProduct pack(const Product& product) {
  require(
      Isa::can_run(), "this CPU cannot run the backend", "this CPU",
      [] { return "what backend " + std::string(Isa::plain().name) + " needs"; },
      "see ./learn doctor, or use backend ref");
  FastProduct fast{.plain = Isa::plain().pack(product)};
  PackedProduct packed = fast.plain;
  if (product.to_u8 != nullptr) {
    fast.to_u8 = *product.to_u8;
    fast.of.multiplier = of_each_output(product.to_u8->multiplier, packed.outputs);
  }
  if (product.to_f32 != nullptr) {
    fast.to_f32 = *product.to_f32;
    fast.of.w_scale = of_each_output(product.weight->scale, packed.outputs);
  }
  if constexpr (std::is_same_v<Isa, Avx2>)
    fast.gemv = pack_gemv(product.weight->q, std::max(product.input_range.qmax, 1));
  packed.backend = Isa::kPacked;
  packed.object = std::make_shared<const FastProduct>(std::move(fast));
  return packed;
}

template <class Isa>
std::string describe(const PackedProduct& packed) {
  return Isa::plain().describe(fast_product(packed).plain);
}

template <class Isa>
void run_s32(const PackedProduct& packed, const LeftSide& x, std::span<std::int32_t> acc) {
  require_fits(packed, Isa::kPacked, x, acc.size());
  const FastProduct& product = fast_product(packed);
  if (!Isa::has_few_rows(x)) return Isa::plain().run_s32(product.plain, x, acc);
  Isa::multiply(product, x, {}, [&](const SumsAt& at) {
    for (std::size_t r = 0; r < at.sums.rows; ++r)
      std::copy_n(at.sums.at + r * at.sums.stride, at.sums.outputs,
                  acc.data() + (at.row + r) * packed.outputs + at.output);
  });
}

// [run_u8]
template <class Isa>
void run_u8(const PackedProduct& packed, const LeftSide& x, std::span<std::uint8_t> y) {
  require_fits(packed, Isa::kPacked, x, y.size());
  const FastProduct& product = fast_product(packed);
  const ToU8& to = packed_for_u8(product.to_u8, packed);
  const auto low = static_cast<float>(to.range.qmin - to.output.zero_point);
  const auto high = static_cast<float>(to.range.qmax - to.output.zero_point);
  const auto to_bytes = Isa::to_u8();
  Isa::multiply(product, x, values(to.bias), [&](const SumsAt& at) {
    to_bytes(at.sums, {product.of.multiplier.data() + at.output, low, high, to.output.zero_point},
             y.data() + at.row * packed.outputs + at.output, packed.outputs);
  });
}
// [/run_u8]

template <class Isa>
void run_f32(const PackedProduct& packed, const LeftSide& x, std::span<const QuantParams> params,
             std::span<float> y) {
  require_fits(packed, Isa::kPacked, x, y.size());
  const FastProduct& product = fast_product(packed);
  const ToF32& to = packed_for_f32(product.to_f32, packed);
  require_one_or_each(params, x.rows);
  thread_local std::vector<edges::RowParams> rows;
  rows.clear();
  for (const QuantParams& one : params) rows.push_back({one.scale, one.zero_point});
  const std::size_t step = rows.size() == 1 ? 0 : 1;
  Isa::multiply(product, x, {}, [&](const SumsAt& at) {
    edges::to_f32_avx2(at.sums,
                       {to.weight_sum.data() + at.output, product.of.w_scale.data() + at.output,
                        to.bias.data() + at.output, rows.data() + at.row * step, step},
                       y.data() + at.row * packed.outputs + at.output, packed.outputs);
  });
}

// Chapter 01's min_max says what is wrong, and where.
Interval fast_min_max(std::span<const float> x) {
  Interval interval;
  if (x.empty() || !edges::min_max_avx2(x.data(), x.size(), &interval.min, &interval.max))
    return ref_backend().min_max(x);
  return interval;
}

void fast_quantize(std::span<const float> x, QuantParams params, QuantRange range,
                   Rounding rounding, std::span<std::uint8_t> q) {
  const bool fits = x.size() == q.size() && range.qmin >= 0 && range.qmax <= 255 &&
                    params.zero_point >= 0 && params.zero_point <= 255;
  if (!fits || rounding == Rounding::half_away_divide)
    return ref_backend().quantize(x, params, range, rounding, q);
  const bool divide = rounding != Rounding::half_even;
  edges::quantize_avx2(x.data(), x.size(),
                       {divide ? params.scale : 1.0F / params.scale, divide,
                        static_cast<float>(range.qmin - params.zero_point),
                        static_cast<float>(range.qmax - params.zero_point), params.zero_point},
                       q.data());
}

void fast_dequantize(std::span<const std::uint8_t> q, QuantParams params, std::span<float> x) {
  if (x.size() != q.size()) return ref_backend().dequantize(q, params, x);
  edges::dequantize_avx2(q.data(), q.size(), params.scale, params.zero_point, x.data());
}

template <class Isa>
constexpr Backend make_backend(std::string_view name) {
  return {name,         pack<Isa>,    describe<Isa>, run_s32<Isa>,   run_u8<Isa>,
          run_f32<Isa>, fast_min_max, fast_quantize, fast_dequantize};
}

constexpr Backend kAvx2 = make_backend<Avx2>("avx2");
constexpr Backend kVnni = make_backend<Vnni>("vnni");
constexpr Backend kAmx = make_backend<Amx>("amx");

}  // namespace

bool can_run_avx2() { return has_avx2_kernel(); }
bool can_run_vnni() { return can_run_avx2() && fours::vnni_here() != nullptr; }
bool can_run_amx() { return can_run_avx2() && fours::amx_here() != nullptr; }

#else  // none of them

namespace {

Backend make_absent(std::string_view name) {
  Backend backend = ref_backend();
  backend.name = name;
  backend.pack = [](const Product&) -> PackedProduct {
    fail("the backend was not built", "another architecture", "x86-64", "use backend ref");
  };
  return backend;
}
const Backend kAvx2 = make_absent("avx2"), kVnni = make_absent("vnni"), kAmx = make_absent("amx");

}  // namespace

bool can_run_avx2() { return false; }
bool can_run_vnni() { return false; }
bool can_run_amx() { return false; }

#endif

const Backend& fast_avx2_backend() { return kAvx2; }
const Backend& fast_vnni_backend() { return kVnni; }
const Backend& fast_amx_backend() { return kAmx; }

}  // namespace qfs
