// libFuzzer: model files of chapter 06. A net that is accepted must run.
#include <cstdint>
#include <span>

#include "06_static_ptq/model_file.hpp"
#include "tests/fuzz/mend_checksum.hpp"

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
  parse_as_it_is_and_mended(data, size, parse);
  return 0;
}
