// Numbers too small for a normal float, taken as 0.
#pragma once

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace qfs {

// While an object of this class lives, this thread takes floats below 1.2e-38 as 0. A neuron that
// has died has a gradient of 0, and its mean m in Adam shrinks by 0.9 a step: after some 800 steps
// it is such a number, a denormal, and x86 CPUs take a hundred times longer to compute with one. No
// weight notices the difference: it would move by less than 1e-30. (PyTorch:
// torch.set_flush_denormal.) On other CPUs this does nothing.
class FlushDenormals {
 public:
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
#if defined(__SSE2__)
  FlushDenormals() : saved_(_mm_getcsr()) {
    _mm_setcsr(saved_ | 0x8040U);  // MXCSR: bit 15 flushes results, bit 6 takes operands as 0
  }
  ~FlushDenormals() { _mm_setcsr(saved_); }

 private:
  unsigned saved_;
#else
  FlushDenormals() {}
  ~FlushDenormals() {}
#endif
};

}  // namespace qfs
