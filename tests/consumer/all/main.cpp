// A program of another project: quantizes three numbers with the installed library, which brings no
// data and knows of none.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "01_affine_math/affine.hpp"
#include "01_affine_math/quantizer.hpp"
#include "common/dataset.hpp"
#include "common/tensor.hpp"

// Where the library finds data; "none" where it says that it has none.
std::string data() {
  try {
    return qfs::datasets_dir();
  } catch (const qfs::Error&) {
    return "none";
  }
}

int main() {
  const auto x = qfs::Vector<float>{-1.0F, 0.0F, 2.0F};
  qfs::Quantizer quantizer{qfs::QuantizerConfig{}};
  quantizer.calibrate(qfs::values(x), qfs::shape_of(x));
  const auto q = quantizer.quantize(qfs::values(x), qfs::shape_of(x)).values;
  std::printf("%d %d %d\n", q[0], q[1], q[2]);
  // [-1, 2] onto 0..255: the scale is 3/255, so 0 is 85 steps above the lowest integer.
  const bool as_computed_by_hand = q[0] == 0 && q[1] == 85 && q[2] == 255;
  unsetenv("QFS_DATASETS");
  const bool has_none = data() == "none";
  setenv("QFS_DATASETS", "/elsewhere", 1);
  const bool asks = data() == "/elsewhere";
  return as_computed_by_hand && has_none && asks ? 0 : 1;
}
