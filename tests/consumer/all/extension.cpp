// What a Python extension would export: an integer computed by the installed library.
#include "01_affine_math/affine.hpp"

extern "C" int quantize(float x) {
  return qfs::quantize_value(x, qfs::choose_qparams(-1.0F, 2.0F, qfs::unsigned_range(8)),
                             qfs::unsigned_range(8));
}
