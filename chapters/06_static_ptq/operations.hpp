// What the operations of a quantized net do: one row of a table for each kind. The table is handed
// in, so that later chapters bring rows of their own and change none of these.
#pragma once

#include <any>
#include <span>
#include <string_view>
#include <vector>

#include "06_static_ptq/backend.hpp"
#include "06_static_ptq/quantized_net.hpp"

namespace qfs {

// [operation_kind]
// A tensor's numbers at run time, rows x its size, in the one of the two that its type says.
struct TensorView {
  std::span<const std::uint8_t> u8{};
  std::span<const float> f32{};
};
struct TensorSlot {
  std::span<std::uint8_t> u8{};
  std::span<float> f32{};
};

// A row of the table.
struct OperationKind {
  std::string_view name;
  // Throws Error, which begins with name_of(net, operation), unless its tensors, weights and
  // attributes are as this kind needs them.
  void (*check)(const QuantizedNet& net, const Operation& operation);
  // What can be done once, before the first digit comes.
  std::any (*pack)(const QuantizedNet& net, const Operation& operation, const Backend& backend);
  // One batch. `packed` is what pack returned.
  void (*run)(const std::any& packed, std::size_t rows, std::span<const TensorView> inputs,
              TensorSlot output);
  // What packing found out, for people: a line, or nothing. Null: there is never anything to tell.
  std::string (*describe)(const std::any& packed) = nullptr;
  // Whether what it writes is clamped to the range of its output tensor. Then a ReLU behind it can
  // be a narrower range (chapter 07).
  bool clamps = false;
  // Whether each row it writes depends on that row of its inputs alone. Then rows may be split
  // among threads (chapter 13).
  bool row_by_row = false;
};
// [/operation_kind]

// quantize, linear, relu, dequantize.
std::span<const OperationKind> static_operations();

// The row called `name`. Throws Error that begins with `where` and lists the rows there are.
const OperationKind& find_kind(std::span<const OperationKind> table, std::string_view name,
                               const std::string& where);

// A net made ready to run. Each operation has its backend; they need not be the same.
struct PackedOperation {
  OperationKind kind;
  Operation operation;
  std::any packed;
};
struct PackedNet {
  std::vector<TensorSpec> tensors;
  std::vector<PackedOperation> operations;
  const TensorSpec& input() const { return tensors.front(); }
  const TensorSpec& output() const { return tensors[operations.back().operation.output]; }
};
PackedNet pack(const QuantizedNet& net, const Backend& backend = ref_backend(),
               std::span<const OperationKind> table = static_operations());

// "operation 2 (linear): ..." for each that has something to tell of its packing.
std::vector<std::string> describe(const PackedNet& net);

// The numbers of every tensor, as the last batch has left them. Kept between batches, so that a
// batch of the same size allocates nothing.
struct NetBuffers {
  std::vector<Matrix<std::uint8_t>> u8;  // one per tensor; empty where its type is f32
  std::vector<Matrix<float>> f32;        // and the other way round; the input is not copied
  std::vector<TensorView> inputs;        // of the operation that runs
};

// One batch of `rows`. The input is not copied; every other tensor stands in buffers afterwards.
void run(const PackedNet& net, TensorView input, std::size_t rows, NetBuffers& buffers);

// The same for a net from reals to reals: B x K to the net's output, which stands in buffers.
const Matrix<float>& run(const PackedNet& net, const Matrix<float>& x, NetBuffers& buffers);

// The classes of all digits; of equal logits the first counts.
std::vector<std::uint8_t> classify_u8(const PackedNet& net, const Matrix<std::uint8_t>& pixels);

// How the numbers of a linear operation become 8 bits: folded biases (eq. 6.5), multipliers (eq.
// 6.4). Throws Error where the scales give no multiplier or a sum with its bias could leave 32
// bits.
ToU8 make_to_u8(const OperationParts& layer);

}  // namespace qfs
