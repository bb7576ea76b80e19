// libFuzzer: the JSON of a quantizer's parameters. A quantizer that is accepted must quantize.
#include <array>
#include <cstdint>
#include <span>

#include "01_affine_math/quantizer.hpp"
#include "tests/fuzz/memory_file.hpp"

namespace {

constexpr std::array<float, 16> kNumbers = {0.0F,  -0.0F,  1.0F,  -1.0F,  0.5F,    1.5F,
                                            2.5F,  1e-30F, 3e38F, -3e38F, 65536.F, -12.7F,
                                            1e-3F, 0.05F,  7.0F,  100.0F};

void quantize_with(const qfs::Quantizer& quantizer, std::span<const std::size_t> shape) {
  const qfs::QuantRange range = quantizer.config().range;
  try {
    const qfs::QuantizedArray q = quantizer.quantize(kNumbers, shape);
    for (const std::int32_t integer : q.values)
      if (integer < range.qmin || integer > range.qmax) __builtin_trap();
    if (quantizer.dequantize(q).size() != kNumbers.size()) __builtin_trap();
    quantizer.summary(kNumbers, shape);
  } catch (const qfs::Error&) {  // its parameters are for another shape
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  constexpr std::array<std::size_t, 2> kMatrix = {2, 8}, kTall = {8, 2};
  try {
    const auto quantizer = qfs::Quantizer::load(file.holding(std::as_bytes(std::span(data, size))));
    if (quantizer.params().empty()) __builtin_trap();
    for (const auto& shape : {kMatrix, kTall}) quantize_with(quantizer, shape);
  } catch (const qfs::Error&) {
  }
  return 0;
}
