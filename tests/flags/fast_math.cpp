// What a consumer compiles. Under -ffast-math (t + 12582912) - 12582912 would be t: 0.3 stays 0.3.
#include "03_fake_quantization/fake_quantize.hpp"

float rounded(float t) { return qfs::round_fast(t); }
