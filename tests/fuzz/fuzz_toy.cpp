// libFuzzer: model files of chapter 06, as the toy reads them. A net that is accepted must run.
#include <cstdint>
#include <span>

#define main toy_main
#include "06_static_ptq/toy.cpp"
#undef main

#include "tests/fuzz/mend_checksum.hpp"

namespace {

void parse(std::span<const std::byte> file) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
  try {
    const Net net = prepare(read_records(Bytes(bytes, bytes + file.size())));
    const Layer& first = net.layers.front();
    for (const std::uint8_t pixel : {std::uint8_t{0}, std::uint8_t{255}})
      run(net,
          std::vector<std::uint8_t>(first.weight.size() / first.bias.size(), net.of_pixel[pixel]));
  } catch (const std::runtime_error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_as_it_is_and_mended(data, size, parse);
  return 0;
}
