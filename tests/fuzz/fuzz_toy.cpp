// libFuzzer: model files of chapter 06, as the toy reads them. A net that is accepted must run, and
// no integer of it may leave its tensor's range.
#include <cstdint>
#include <span>

#define main toy_main
#include "06_static_ptq/toy.cpp"
#undef main

#include "tests/fuzz/mend_checksum.hpp"

namespace {

// A tensor is as large as its weights, which lie in the file, or as the input, which does not.
constexpr std::size_t kMostPixels = 1 << 16;

void parse(std::span<const std::byte> file) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
  try {
    const Net net = prepare(read_records(Bytes(bytes, bytes + file.size())));
    if (net.tensors[0].size > kMostPixels) return;
    const Tensor& last = net.tensors[net.operations.back().output];
    for (const std::uint8_t pixel : {std::uint8_t{0}, std::uint8_t{255}})
      for (const std::uint8_t q : run(net, Integers(net.tensors[0].size, pixel)))
        if (!last.real && (q < last.qmin || q > last.qmax)) __builtin_trap();
  } catch (const std::runtime_error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_as_it_is_and_mended(data, size, parse);
  return 0;
}
