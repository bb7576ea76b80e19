// The backend "avx2": chapter 06's products by the kernel of this chapter, integer for integer
// those of ref.
#pragma once

#include "06_static_ptq/backend.hpp"
#include "11_avx2_kernel/packed_panels.hpp"

namespace qfs {

// pack throws Error on a CPU without AVX2.
const Backend& avx2_backend();

// What lies behind the object of a product that it has packed.
struct PanelProduct {
  PackedPanels panels;
  Vector<float> w_scale;
  ToU8 to_u8;
  ToF32 to_f32;
};
const PanelProduct& panel_product(const PackedProduct& packed);

}  // namespace qfs
