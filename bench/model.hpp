// Whole nets: the MLP 784-100-100-10 from float pixels to float logits, ours and the peers', in
// turn.
#pragma once

#include "bench/peer_set.hpp"
#include "bench/timing.hpp"

namespace qfs::bench {

// A net in float.
struct FloatTiming {
  const char* key;   // in the JSON: "pytorch_float_us"
  const char* name;  // for people
  std::optional<Timing> timing{};
};

// One batch on one backend, threads and bits of the activations. The peers' nets have 8-bit
// activations in every row. Microseconds; nothing: missing.
struct NetRow {
  std::size_t batch = 1;
  std::string isa;
  int bits = 8;
  int threads = 1;
  bool float_held_to_avx2 = false;  // the float nets but ONNX Runtime's, which then does not count
  std::size_t wrong = 0;            // logits of ours that differ from ref's
  std::optional<Timing> ours{}, onnxruntime{};
  std::optional<Timing> pytorch{}, pytorch_qnnpack{}, pytorch_dynamic{};
  std::vector<FloatTiming> floats{};
};
// Of those that count. null where there is none.
const FloatTiming* fastest_float(const NetRow& row);

// The rows that the peers read, in FOLDER/x.npy; and their nets float.onnx and static.onnx.
// Returns the files.
std::vector<std::string> write_model_files(const std::string& folder);

std::vector<NetRow> measure_models(std::span<const std::size_t> batches,
                                   const std::vector<TimedBackend>& backends, PeerSet& peers,
                                   const Effort& effort);

}  // namespace qfs::bench
