// The limits of this CPU, measured.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/timing.hpp"

namespace qfs::bench {

struct LimitRow {
  std::string name;         // "vpmaddubsw_4": the key in the JSON
  std::string instruction;  // what runs, for people
  double gmacs = 0;         // products a nanosecond
};

// All that this CPU can run, in turn.
std::vector<LimitRow> measure_limits(const Effort& effort);

// GMAC/s of one of them; nothing where it was not measured.
std::optional<double> limit_called(std::span<const LimitRow> limits, std::string_view name);

// GB/s at which one thread reads memory that no cache holds.
double measure_memory(const Effort& effort, std::size_t bytes);

}  // namespace qfs::bench
