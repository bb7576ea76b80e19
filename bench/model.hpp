// Whole nets from float pixels to float logits, ours and the peers', in turn.
#pragma once

#include "bench/nets.hpp"
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
  std::string net;
  double products = 0;  // of one row
  std::size_t batch = 1;
  std::string isa;
  int bits = 8;
  int threads = 1;
  bool float_held_to_avx2 = false;  // the float nets but ONNX Runtime's, which then does not count
  std::size_t wrong = 0;            // logits of ours that differ from ref's
  std::optional<Timing> ours{}, onnxruntime{};
  std::optional<Timing> pytorch{}, pytorch_qnnpack{}, pytorch_dynamic{};
  std::vector<FloatTiming> floats{};
  std::optional<double> limit{};  // GMAC/s of the instructions of `isa`
};
// Of those that count. null where there is none.
const FloatTiming* fastest_float(const NetRow& row);

// GMAC/s of ours; nothing where it was not timed.
std::optional<double> gmacs(const NetRow& row);
// How many times as fast as the fastest float that counts.
std::optional<double> ratio(const NetRow& row);

// One batch size of a net, with so many threads: a row for every backend and number of bits. The
// peers find the net's files in their folder (nets.hpp).
std::vector<NetRow> measure_net(const TimedNet& net, std::size_t batch, int threads,
                                const std::vector<TimedBackend>& backends, PeerSet& peers,
                                std::span<const LimitRow> limits, const Effort& effort);

// Whether logits that a peer has sent, rows x outputs numbers, are those of this net: in float but
// for rounding, in integers but for what quantization does.
bool are_logits_of(const TimedNet& net, std::size_t batch, const std::string& text, bool in_float);

}  // namespace qfs::bench
