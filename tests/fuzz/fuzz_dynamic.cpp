// libFuzzer: model files of nets with dynamic quantization (chapter 08). A net that is accepted
// must run, whoever shares a scale.
#include <cstdint>
#include <span>

#include "06_static_ptq/plumbing/model_file.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "tests/fuzz/mend_checksum.hpp"

namespace {

using namespace qfs;

constexpr std::size_t kRows = 2;

// A file may name tensors that are larger than itself (2^31 elements; no memory is taken for them
// until the net runs). Those would be slow here, and over the limit of memory.
bool is_small(const QuantizedNet& net) {
  constexpr std::size_t kMostElements = 1 << 20;
  std::size_t elements = 0;
  for (const TensorSpec& tensor : net.tensors) {
    elements += tensor.size();
    if (elements > kMostElements) return false;
  }
  return true;
}

// Numbers that the input of the net may hold: reals 1, but one of -3; integers at their upper end.
void run_once(const QuantizedNet& net) {
  const PackedNet packed = pack(net, ref_backend(), dynamic_operations());
  const TensorSpec& input = packed.input();
  NetBuffers buffers;
  if (input.type == DType::u8) {
    const std::vector<std::uint8_t> x(kRows * input.size(),
                                      static_cast<std::uint8_t>(input.range.qmax));
    run(packed, {.u8 = x}, kRows, buffers);
  } else {
    std::vector<float> x(kRows * input.size(), 1.0F);
    x[input.size()] = -3.0F;
    run(packed, {.f32 = x}, kRows, buffers);
  }
}

void parse(std::span<const std::byte> file) {
  try {
    QuantizedNet net = parse_model(file, "input", dynamic_operations());
    if (!is_small(net)) return;
    for (std::int32_t per_row : {0, 1}) {
      for (Operation& operation : net.operations)
        if (operation.kind == "dynamic_linear") operation.attributes["per_row"] = {per_row};
      run_once(net);
    }
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_as_it_is_and_mended(data, size, parse);
  return 0;
}
