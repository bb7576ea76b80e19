// libFuzzer: model files of chapter 06. Each input is tried as it is, and with its checksum made
// right, so that the records behind it are reached. A net that is accepted must run.
#include <zlib.h>

#include <cstdint>
#include <span>
#include <vector>

#include "06_static_ptq/model_file.hpp"

namespace {

void parse(std::span<const std::byte> file) {
  try {
    const qfs::PackedMlp net = qfs::pack(qfs::parse_model(file, "input"));
    const std::size_t inputs = net.layers.front().linear.inputs;
    const auto largest = static_cast<std::uint8_t>(net.input_range.qmax);
    const auto y = qfs::forward_u8(net, qfs::make_tensor<std::uint8_t>({1, inputs}, largest));
    const qfs::QuantRange range = net.layers.back().linear.output_range;
    for (std::uint8_t q : qfs::values(y))
      if (q < range.qmin || q > range.qmax) __builtin_trap();
  } catch (const qfs::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  std::vector<std::byte> file(bytes.begin(), bytes.end());
  parse(file);
  if (size < 4) return 0;
  uLong crc = crc32_z(0, data, size - 4);
  for (std::size_t i = size - 4; i < size; ++i, crc >>= 8)
    file[i] = static_cast<std::byte>(crc & 0xff);
  parse(file);
  return 0;
}
