// libFuzzer: model files of chapter 08. A net that is accepted must run.
#include <cstdint>
#include <span>

#include "08_dynamic_quantization/dynamic_file.hpp"
#include "tests/fuzz/mend_checksum.hpp"

namespace {

void parse(std::span<const std::byte> file) {
  try {
    const qfs::PackedDynamicMlp net = qfs::pack(qfs::parse_dynamic(file, "input"));
    auto x = qfs::make_tensor<float>({2, net.inputs()}, 1.0F);
    x(1, 0) = -3.0F;
    for (auto granularity : {qfs::InputGranularity::per_tensor, qfs::InputGranularity::per_row})
      qfs::forward(net, x, {granularity, qfs::RangeRule::pytorch});
  } catch (const qfs::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_as_it_is_and_mended(data, size, parse);
  return 0;
}
