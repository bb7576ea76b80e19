#include "13_int8_engine/engine.hpp"

#include <algorithm>

#include "08_dynamic_quantization/dynamic.hpp"

namespace qfs {
namespace {

// Whether a row's numbers depend on that row alone: what the table says of each kind. A
// dynamic_linear (chapter 08) says it by an attribute: with one range for the batch it looks at all
// rows.
bool is_row_by_row(const QuantizedNet& net, std::span<const OperationKind> table) {
  return std::ranges::all_of(net.operations, [&](const Operation& operation) {
    if (operation.kind == "dynamic_linear")
      return dynamic_input_of(net, operation).options.granularity == InputGranularity::per_row;
    return find_kind(table, operation.kind, name_of(net, operation)).row_by_row;
  });
}

// Rows that go through the net together: as many as keep what the largest operation reads and
// writes within a thread's cache.
std::size_t rows_in_cache(const PackedNet& net) {
  const auto bytes = [&](std::size_t t) {
    const TensorSpec& tensor = net.tensors[t];
    return tensor.size() * (tensor.type == DType::u8 ? sizeof(std::uint8_t) : sizeof(float));
  };
  std::size_t largest = 1;
  for (const PackedOperation& one : net.operations) {
    std::size_t touched = bytes(one.operation.output);
    for (std::size_t t : one.operation.inputs) touched += bytes(t);
    largest = std::max(largest, touched);
  }
  return std::clamp<std::size_t>(kBytesTogether / largest, 1, kRowsTogether);
}

// How many threads get work. The number that was asked for must be one, whether rows are split or
// not.
std::size_t threads_used(bool row_by_row, int threads) {
  require_thread_count(threads);
  return row_by_row ? static_cast<std::size_t>(threads) : 1;
}

}  // namespace

Engine::Engine(const QuantizedNet& net, const Backend& backend,
               std::span<const OperationKind> table, int threads)
    : net_(pack(net, backend, table)),
      row_by_row_(is_row_by_row(net, table)),
      rows_together_(rows_in_cache(net_)),
      tensors_(threads_used(row_by_row_, threads)),
      share_([this](int worker) { run_share(worker); }),
      workers_(std::make_unique<Workers>(static_cast<int>(tensors_.size()))) {
  require(net_.input().type == DType::f32 && net_.output().type == DType::f32,
          "an engine takes reals and gives reals", "a net of integers", "quantize ... dequantize",
          "run it by pack and run (chapter 06)");
  for (Tensors& tensors : tensors_) {
    tensors.u8.resize(net_.tensors.size());
    tensors.f32.resize(net_.tensors.size());
  }
  reserve(rows_together_);
}

void Engine::reserve(std::size_t rows) {
  if (rows <= reserved_) return;
  reserved_ = rows;
  for (Tensors& tensors : tensors_)
    for (std::size_t t = 1; t < net_.tensors.size(); ++t)
      if (net_.tensors[t].type == DType::u8)
        tensors.u8[t].resize(rows * net_.tensors[t].size());
      else
        tensors.f32[t].resize(rows * net_.tensors[t].size());
}

void Engine::run(std::span<const float> x, std::size_t rows, std::span<float> y) {
  require(x.size() == rows * inputs() && y.size() == rows * outputs(),
          "the batch does not fit the net", x.size() + y.size(), rows * (inputs() + outputs()),
          "pass rows x inputs reals and room for rows x outputs");
  batch_ = {x, y, rows};
  if (!row_by_row_) {
    reserve(rows);
    run_rows(tensors_.front(), 0, rows);
  } else if (rows <= rows_together_) {
    run_rows(tensors_.front(), 0, rows);  // not worth waking anyone
  } else {
    workers_->run(share_);
  }
}

// [run_share]
// Thread t takes the t-th part of the blocks, each of which stays in its cache.
void Engine::run_share(int worker) {
  const auto count = static_cast<std::size_t>(workers_->count());
  const std::size_t block_rows = rows_together_;
  const std::size_t blocks = (batch_.rows + block_rows - 1) / block_rows;
  const auto me = static_cast<std::size_t>(worker);
  for (std::size_t block = blocks * me / count; block < blocks * (me + 1) / count; ++block)
    run_rows(tensors_[me], block * block_rows, std::min((block + 1) * block_rows, batch_.rows));
}
// [/run_share]

void Engine::run_rows(Tensors& tensors, std::size_t begin, std::size_t end) {
  const std::size_t rows = end - begin;
  const auto of_rows = [&](auto all, std::size_t first, std::size_t size) {
    return all.subspan(first * size, rows * size);
  };
  const std::size_t last = net_.operations.back().operation.output;
  for (const auto& [kind, operation, packed] : net_.operations) {
    tensors.inputs.clear();
    for (std::size_t t : operation.inputs) {
      const std::size_t size = net_.tensors[t].size();
      if (t == 0)
        tensors.inputs.push_back({.f32 = of_rows(batch_.x, begin, size)});
      else if (net_.tensors[t].type == DType::u8)
        tensors.inputs.push_back(
            {.u8 = of_rows(std::span<const std::uint8_t>(tensors.u8[t]), 0, size)});
      else
        tensors.inputs.push_back({.f32 = of_rows(std::span<const float>(tensors.f32[t]), 0, size)});
    }
    const std::size_t y = operation.output, size = net_.tensors[y].size();
    TensorSlot slot;
    if (y == last)
      slot.f32 = of_rows(batch_.y, begin, size);
    else if (net_.tensors[y].type == DType::u8)
      slot.u8 = of_rows(std::span(tensors.u8[y]), 0, size);
    else
      slot.f32 = of_rows(std::span(tensors.f32[y]), 0, size);
    kind.run(packed, rows, tensors.inputs, slot);
  }
}

}  // namespace qfs
