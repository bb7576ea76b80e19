// Products of integers: our kernels, oneDNN's and OpenBLAS' float, in turn.
#pragma once

#include "bench/gemm_task.hpp"
#include "bench/limits/measure.hpp"
#include "bench/peer_set.hpp"

namespace qfs::bench {

// One product on one backend. Times are microseconds of a call; nothing: that peer is missing.
struct GemmRow {
  GemmShape shape;
  std::string isa;
  int bits = 8;           // of the activations
  std::size_t wrong = 0;  // sums of ours that are not exact
  std::optional<Timing> ours{}, onednn{}, openblas{};
  std::optional<double> onednn_wrong{};  // sums of oneDNN's that are not exact
  std::optional<double> limit{};         // GMAC/s of the instructions of `isa`
};

// GMAC/s.
double gmacs(GemmShape shape, const Timing& timing);
std::optional<double> gmacs(GemmShape shape, const std::optional<Timing>& timing);
// How many times as fast as oneDNN.
std::optional<double> ratio(const GemmRow& row);

std::vector<GemmRow> measure_gemm(std::span<const GemmShape> shapes,
                                  const std::vector<TimedBackend>& backends, PeerSet& peers,
                                  std::span<const LimitRow> limits, const Effort& effort);

// Over all shapes of one backend and number of bits.
struct GemmSummary {
  std::string isa;
  int bits = 8;
  std::size_t shapes = 0;  // those that oneDNN ran too
  double mean = 0;         // geometric mean of the ratios
  double lowest = 0;
  GemmShape lowest_shape{};
};
// Without those that have no ratio.
std::vector<GemmSummary> summaries(std::span<const GemmRow> rows);

}  // namespace qfs::bench
