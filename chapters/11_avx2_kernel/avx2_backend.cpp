#include "11_avx2_kernel/avx2_backend.hpp"

#include <cstdio>

#include "11_avx2_kernel/from_sums.hpp"

namespace qfs {
namespace {

PackedProduct pack_avx2(const Product& product) {
  require(has_avx2_kernel(), "backend avx2 needs a CPU with AVX2", "this CPU", "one with AVX2",
          "use backend ref");
  PackedProduct packed = pack_shape(product, "avx2");
  packed.object = std::make_shared<const PanelProduct>(
      PanelProduct{pack_panels(product.weight->q, std::max(product.input_range.qmax, 1)),
                   product.weight->scale, product.to_u8 != nullptr ? *product.to_u8 : ToU8{},
                   product.to_f32 != nullptr ? *product.to_f32 : ToF32{}});
  return packed;
}

std::string describe_avx2(const PackedProduct& packed) {
  const LaneProof& proof = panel_product(packed).panels.proof;
  char text[160];
  std::snprintf(text, sizeof text,
                "inputs to %d: %.1f products a lane (%zu to %zu), %zu of %zu steps split",
                packed.input_range.qmax, proof.products_per_lane(), proof.shallowest, proof.deepest,
                proof.remainders, proof.steps - proof.remainders);
  return text;
}

BlockOfRows& scratch() {
  thread_local BlockOfRows rows;
  return rows;
}

// Calls use(m, n, sums) for every row m and up to eight outputs from n on.
template <class Use>
void each_eight(const PackedProduct& packed, const LeftSide& x, std::span<const std::int32_t> start,
                Use&& use) {
  const panel::Kernel& kernel = avx2_kernel();
  const PackedPanels& panels = panel_product(packed).panels;
  multiply_panels(kernel, panels, x, start, scratch(), [&](const SumTile& tile) {
    std::int32_t acc[panel::kRows * panel::kTileOutputs];
    kernel.to_rows(tile.sums, tile.rows, tile.outputs, acc, panel::kTileOutputs);
    for (std::size_t r = 0; r < tile.rows; ++r)
      use(tile.row + r, tile.output,
          std::span<const std::int32_t>(acc + r * panel::kTileOutputs, tile.outputs));
  });
}

void run_s32(const PackedProduct& packed, const LeftSide& x, std::span<std::int32_t> acc) {
  require_fits(packed, "avx2", x, acc.size());
  multiply_panels(avx2_kernel(), panel_product(packed).panels, x, scratch(), acc);
}

// The sums begin with the folded bias (eq. 6.5), so that what comes out is (eq. 6.6).
void run_u8(const PackedProduct& packed, const LeftSide& x, std::span<std::uint8_t> y) {
  require_fits(packed, "avx2", x, y.size());
  const ToU8& to = packed_for_u8(panel_product(packed).to_u8, packed);
  each_eight(packed, x, values(to.bias),
             [&](std::size_t m, std::size_t n, std::span<const std::int32_t> sums) {
               sums_to_u8(to, n, sums, y.data() + m * packed.outputs + n);
             });
}

void run_f32(const PackedProduct& packed, const LeftSide& x, std::span<const QuantParams> params,
             std::span<float> y) {
  require_fits(packed, "avx2", x, y.size());
  const PanelProduct& product = panel_product(packed);
  const ToF32& to = packed_for_f32(product.to_f32, packed);
  require_one_or_each(params, x.rows);
  each_eight(packed, x, {}, [&](std::size_t m, std::size_t n, std::span<const std::int32_t> sums) {
    sums_to_f32(to, values(product.w_scale), of_channel(params, m), n, sums,
                y.data() + m * packed.outputs + n);
  });
}

// The edges are ref's until chapter 13.
Backend make_avx2() {
  Backend backend = ref_backend();
  backend.name = "avx2";
  backend.pack = pack_avx2;
  backend.describe = describe_avx2;
  backend.run_s32 = run_s32;
  backend.run_u8 = run_u8;
  backend.run_f32 = run_f32;
  return backend;
}

}  // namespace

const PanelProduct& panel_product(const PackedProduct& packed) {
  return *static_cast<const PanelProduct*>(packed.object.get());
}

const Backend& avx2_backend() {
  static const Backend backend = make_avx2();
  return backend;
}

}  // namespace qfs
