// libFuzzer: model files of chapter 06. A net that is accepted must run, and no integer of it may
// leave its tensor's range: the proof that no sum leaves 32 bits rests on that.
#include <cstdint>
#include <span>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "tests/fuzz/mend_checksum.hpp"

namespace {

// A tensor is as large as its weights, which lie in the file, or as the input, which does not.
constexpr std::size_t kLargestInput = 1 << 16;

void run_with(const qfs::PackedNet& net, float real, std::uint8_t integer) {
  const std::size_t inputs = net.input().size();
  const std::vector<float> reals(inputs, real);
  const std::vector<std::uint8_t> integers(inputs, integer);
  qfs::NetBuffers buffers;
  if (net.input().type == qfs::DType::f32)
    qfs::run(net, {.f32 = reals}, 1, buffers);
  else
    qfs::run(net, {.u8 = integers}, 1, buffers);
  for (std::size_t t = 1; t < net.tensors.size(); ++t)
    for (std::uint8_t q : qfs::values(buffers.u8[t]))
      if (q < net.tensors[t].range.qmin || q > net.tensors[t].range.qmax) __builtin_trap();
}

void parse(std::span<const std::byte> file) {
  try {
    const qfs::PackedNet net = qfs::pack(qfs::parse_model(file, "input"));
    if (net.input().size() > kLargestInput) return;
    const qfs::QuantRange range = net.input().range;
    run_with(net, 1e9F, static_cast<std::uint8_t>(range.qmax));
    run_with(net, -1.0F, static_cast<std::uint8_t>(range.qmin));
  } catch (const qfs::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_as_it_is_and_mended(data, size, parse);
  return 0;
}
