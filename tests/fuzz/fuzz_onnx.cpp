// libFuzzer: ONNX files, as chapter 24 reads them. A net that is accepted must run, and no integer
// of it may leave its tensor's range.
#include <cstdint>
#include <span>

#include "23_onnx_export/plumbing/onnx_file.hpp"
#include "24_onnx_import/onnx_read.hpp"
#include "24_onnx_import/onnx_rows.hpp"

namespace {

using namespace qfs;

constexpr std::size_t kRows = 2;

// A file may name tensors and windows far larger than itself. Those would be slow here.
bool is_small(const QuantizedNet& net) {
  std::size_t work = 0;
  for (const Operation& operation : net.operations) {
    const std::size_t size = net.tensors[operation.output].size();
    std::size_t each = 1;
    if (operation.weights) each = net.weights[*operation.weights].weight.inputs();
    if (const auto window = operation.attributes.find("window");
        window != operation.attributes.end() && !operation.weights)
      each =
          static_cast<std::size_t>(window->second[0]) * static_cast<std::size_t>(window->second[1]);
    work += size * each + net.tensors[operation.inputs[0]].size();
    if (work > 1 << 20) return false;
  }
  return true;
}

void run_once(const QuantizedNet& net) {
  const PackedNet packed = pack(net, ref_backend(), onnx_operations());
  const TensorSpec& input = packed.input();
  NetBuffers buffers;
  if (input.type == DType::u8) {
    const std::vector<std::uint8_t> x(kRows * input.size(), 255);
    run(packed, {.u8 = x}, kRows, buffers);
  } else {
    std::vector<float> x(kRows * input.size(), 1.0F);
    x.back() = -3.0F;
    run(packed, {.f32 = x}, kRows, buffers);
  }
  for (std::size_t t = 1; t < net.tensors.size(); ++t)
    for (const std::uint8_t q : values(buffers.u8[t]))
      if (q < net.tensors[t].range.qmin || q > net.tensors[t].range.qmax) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const OnnxModel model = parse_onnx(std::as_bytes(std::span(data, size)), "input");
    const QuantizedNet net = import_onnx(model, "input");
    if (is_small(net)) run_once(net);
  } catch (const Error&) {
  }
  return 0;
}
