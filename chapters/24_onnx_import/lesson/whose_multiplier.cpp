// Section 4: what linear and conv2d of chapters 06 and 21 would make of the same files.
#include <cstdio>

#include "13_int8_engine/dispatch.hpp"
#include "24_onnx_import/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch24 {
namespace {

// linear and conv2d in the place of linear_onnx and conv2d_onnx. The pixels' integers have no
// multiplier, and stay as they are.
QuantizedNet by_our_multipliers(QuantizedNet net) {
  constexpr std::string_view kEnd = "_onnx";
  for (Operation& operation : net.operations)
    if (operation.weights && operation.kind.ends_with(kEnd))
      operation.kind.resize(operation.kind.size() - kEnd.size());
  return net;
}

// The tensors of integers behind the first QuantizeLinear, which has no multiplier.
std::vector<std::size_t> integer_tensors(const QuantizedNet& net) {
  std::vector<std::size_t> tensors;
  for (const Operation& operation : net.operations)
    if (operation.kind != "quantize_onnx" && net.tensors[operation.output].type == DType::u8)
      tensors.push_back(operation.output);
  return tensors;
}

struct Disputed {
  std::size_t multipliers = 0, of_multipliers = 0;
  std::size_t integers = 0, of_integers = 0, digits = 0;
};

Disputed compare(const QuantizedNet& net, const Matrix<std::uint8_t>& pixels) {
  Disputed disputed;
  for (const OperationParts& layer : layers_of(net)) {
    const ToU8 ours = make_to_u8(layer), theirs = make_to_u8_onnx(layer);
    for (std::size_t c = 0; c < ours.multiplier.size(); ++c)
      disputed.multipliers += ours.multiplier(c) != theirs.multiplier(c) ? 1 : 0;
    disputed.of_multipliers += ours.multiplier.size();
  }
  const PackedNet by_theirs = pack(net, choose_backend(), onnx_operations()),
                  by_ours = pack(by_our_multipliers(net), choose_backend(), onnx_operations());
  NetBuffers theirs, ours;
  constexpr std::size_t kBatch = 100;
  for (std::size_t begin = 0; begin < pixels.shape(0); begin += kBatch) {
    const Matrix<float> x = normalized(pixels, begin, std::min(begin + kBatch, pixels.shape(0)));
    run(by_theirs, x, theirs);
    run(by_ours, x, ours);
    for (std::size_t m = 0; m < x.shape(0); ++m) {
      std::size_t here = 0;
      for (const std::size_t t : integer_tensors(net)) {
        const auto a = row(theirs.u8[t], m), b = row(ours.u8[t], m);
        for (std::size_t i = 0; i < a.size(); ++i) here += a[i] != b[i] ? 1 : 0;
        disputed.of_integers += a.size();
      }
      disputed.integers += here;
      disputed.digits += here > 0 ? 1 : 0;
    }
  }
  return disputed;
}

}  // namespace

void whose_multiplier(const Study& study, Lesson& lesson) {
  section(4, "Two ways to one multiplier: ONNX Runtime's quotient, our product");
  Table table(
      {"file", "multipliers", "that differ", "integers", "that differ", "digits concerned"});
  std::size_t integers = 0, multipliers = 0;
  for (const Committed& file : study.files) {
    if (file.net.operations[0].kind != "quantize_onnx") continue;  // dynamic: it has none
    const Disputed d = compare(file.net, study.data.test.pixels);
    multipliers += d.multipliers;
    integers += d.integers;
    table.row({file.name, std::to_string(d.of_multipliers), std::to_string(d.multipliers),
               std::to_string(d.of_integers), std::to_string(d.integers),
               std::to_string(d.digits)});
  }
  table.print();
  if (lesson.options.is_default_run())
    lesson.claims.expect(multipliers > 0 && integers > 0,
                         "the last bit of a multiplier is seen: an import must divide");
}

}  // namespace qfs::ch24
