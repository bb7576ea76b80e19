#include "bench/layers.hpp"

#include "20_float_cnn/picture.hpp"
#include "21_int8_cnn/cnn_operations.hpp"

namespace qfs::bench {
namespace {

// "conv2d 3 x 3 / 2": what slides, and its stride.
std::string kind_text(const Operation& operation) {
  const auto window = operation.attributes.find("window");
  if (window == operation.attributes.end()) return operation.kind;
  const std::string size =
      std::to_string(window->second[0]) + " x " + std::to_string(window->second[1]);
  return operation.kind + " " + size + " / " + std::to_string(operation.attributes.at("stride")[0]);
}

LayerRow empty_row(const TimedNet& net, const QuantizedNet& quantized, const Operation& operation,
                   const TimedBackend& backend, int bits) {
  const OperationParts parts = parts_of(quantized, operation);
  const std::size_t depth = parts.weights == nullptr ? 0 : parts.weights->weight.inputs();
  return {.net = net.name,
          .isa = std::string(backend.backend().name),
          .bits = bits,
          .kind = kind_text(operation),
          .input = parts.input.shape,
          .output = parts.output.shape,
          .depth = depth,
          .products = static_cast<double>(depth * parts.output.size())};
}

// A net with the numbers of all its tensors, so that any operation can run by itself.
struct Pass {
  PackedNet net;
  Matrix<float> x;
  NetBuffers buffers{};

  void run(std::size_t i) {
    const auto& [kind, operation, packed] = net.operations[i];
    std::vector<TensorView>& inputs = buffers.inputs;
    inputs.clear();
    for (const std::size_t t : operation.inputs)
      inputs.push_back(t == 0 ? TensorView{.f32 = values(x)}
                              : TensorView{values(std::as_const(buffers.u8[t])),
                                           values(std::as_const(buffers.f32[t]))});
    kind.run(packed, 1, inputs,
             {values(buffers.u8[operation.output]), values(buffers.f32[operation.output])});
  }
};

}  // namespace

std::optional<double> gmacs(const LayerRow& row) {
  return row.products > 0 ? std::optional(row.products / (row.timing.median * 1e3)) : std::nullopt;
}

std::vector<LayerRow> measure_layers(const TimedNet& net, const TimedBackend& backend, int bits,
                                     std::span<const LimitRow> limits, const Effort& effort) {
  const QuantizedNet& quantized = bits == 8 ? net.eight : net.seven;
  Pass pass{pack(quantized, backend.backend(), cnn_operations()),
            make_tensor<float>({1, net.x.shape(1)})};
  std::ranges::copy(row(net.x, 0), values(pass.x).begin());
  run(pass.net, pass.x, pass.buffers);
  const std::size_t count = quantized.operations.size();
  std::vector<std::vector<double>> rounds(count);
  std::vector<double> sums(count);
  for (int round = 0; round < effort.rounds; ++round) {
    std::ranges::fill(sums, 0.0);
    const Stopwatch begun;
    std::size_t passes = 0;
    for (; passes < 3 || begun.seconds() < effort.seconds; ++passes)
      for (std::size_t i = 0; i < count; ++i) {
        const Stopwatch stopwatch;
        pass.run(i);
        sums[i] += stopwatch.seconds();
      }
    for (std::size_t i = 0; i < count; ++i)
      rounds[i].push_back(sums[i] * 1e6 / static_cast<double>(passes));
  }
  std::vector<LayerRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back(empty_row(net, quantized, quantized.operations[i], backend, bits));
    rows.back().timing = {median(rounds[i]), quantile(rounds[i], 0.1), quantile(rounds[i], 0.9)};
    rows.back().limit = limit_of(backend, limits);
  }
  return rows;
}

}  // namespace qfs::bench
