// libFuzzer: .npy files.
#include <cmath>
#include <cstdint>
#include <span>

#include "common/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const qfs::NpyArray array = qfs::parse_npy(std::as_bytes(std::span(data, size)), "input");
    if (array.bytes.size() >= size) __builtin_trap();  // there was a header too
    for (const float value : qfs::as_floats(array, "input").values)
      if (!std::isfinite(value)) __builtin_trap();
  } catch (const qfs::Error&) {
  }
  return 0;
}
