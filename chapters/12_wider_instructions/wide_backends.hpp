// The backends "vnni" and "amx": chapter 06's products by the kernels of this chapter, integer for
// integer those of ref.
#pragma once

#include "06_static_ptq/backend.hpp"
#include "12_wider_instructions/kernels.hpp"
#include "12_wider_instructions/packed_fours.hpp"

namespace qfs {

// pack throws Error on a CPU, or a system, that has not what they need.
const Backend& vnni_backend();
const Backend& amx_backend();

// What lies behind the object of a product that one of them has packed.
struct FoursProduct {
  const fours::Kernel* kernel = nullptr;
  PackedFours weights;
  Vector<float> w_scale;
  ToU8 to_u8;
  ToF32 to_f32;
};
const FoursProduct& fours_product(const PackedProduct& packed);
// What pack makes where the kernel has been found.
FoursProduct pack_for(const fours::Kernel& kernel, const Product& product);

}  // namespace qfs
