// A program of another project: quantizes three numbers with the installed library.
#include <cstdio>

#include "01_affine_math/affine.hpp"
#include "01_affine_math/quantizer.hpp"
#include "common/tensor.hpp"

int main() {
  const auto x = qfs::Vector<float>{-1.0F, 0.0F, 2.0F};
  qfs::Quantizer quantizer{qfs::QuantizerConfig{}};
  quantizer.calibrate(qfs::values(x), qfs::shape_of(x));
  const auto q = quantizer.quantize(qfs::values(x), qfs::shape_of(x)).values;
  std::printf("%d %d %d\n", q[0], q[1], q[2]);
  // [-1, 2] onto 0..255: the scale is 3/255, so 0 is 85 steps above the lowest integer.
  const bool as_computed_by_hand = q[0] == 0 && q[1] == 85 && q[2] == 255;
  return as_computed_by_hand ? 0 : 1;
}
