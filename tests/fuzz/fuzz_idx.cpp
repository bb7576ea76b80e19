// libFuzzer: IDX files, plain and gzipped, as images and as labels.
#include <cstdint>
#include <span>

#include "common/idx.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  try {
    const qfs::IdxImages images = qfs::parse_idx_images(file, "input");
    if (images.pixels.shape(1) != images.rows * images.cols) __builtin_trap();
  } catch (const qfs::Error&) {
  }
  try {
    for (const std::uint8_t label : qfs::parse_idx_labels(file, "input"))
      if (label > 9) __builtin_trap();
  } catch (const qfs::Error&) {
  }
  return 0;
}
