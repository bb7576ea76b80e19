// Where the time of a net goes: its operations one by one, each with what it had just been given.
#pragma once

#include "bench/backends.hpp"
#include "bench/limits/measure.hpp"
#include "bench/nets.hpp"

namespace qfs::bench {

struct LayerRow {
  std::string net;
  std::string isa;
  int bits = 8;
  std::string kind;                            // "conv2d 3 x 3 / 2"
  std::vector<std::size_t> input{}, output{};  // shapes of one row
  std::size_t depth = 0;                       // inputs of an output of a product; 0: it is none
  double products = 0;                         // of one row
  Timing timing{};                             // microseconds
  std::optional<double> limit{};               // GMAC/s of the instructions of `isa`
};

// GMAC/s; nothing where it is no product.
std::optional<double> gmacs(const LayerRow& row);

// One row of the net, by one thread. Passes over the whole net are timed operation by operation, so
// that each finds in the caches what it finds there when the net runs.
std::vector<LayerRow> measure_layers(const TimedNet& net, const TimedBackend& backend, int bits,
                                     std::span<const LimitRow> limits, const Effort& effort);

}  // namespace qfs::bench
