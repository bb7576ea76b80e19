// Contenders that take turns, and where the time of each belongs.
#pragma once

#include <string>
#include <utility>

#include "bench/peer.hpp"
#include "bench/timing.hpp"

namespace qfs::bench {

class Race {
 public:
  using Results = std::vector<std::optional<Timing>*>;

  // Work of this process. All results must stay where they are until run() is done.
  template <class Work>
  void ours(Work work, Results results) {
    contenders_.push_back(
        [work](std::size_t repeats) { return std::optional(time_calls(repeats, work)); });
    results_.push_back(std::move(results));
  }
  // What `request` has made ready there.
  void peer(Peer& peer, const std::string& request, Results results) {
    contenders_.push_back([&peer, request](std::size_t repeats) {
      return peer.ask_number("run " + std::to_string(repeats) + " " + request);
    });
    results_.push_back(std::move(results));
  }
  void run(const Effort& effort) {
    const auto timings = alternate(contenders_, effort);
    for (std::size_t i = 0; i < timings.size(); ++i)
      for (std::optional<Timing>* result : results_[i]) *result = timings[i];
  }

 private:
  std::vector<Contender> contenders_;
  std::vector<Results> results_;
};

}  // namespace qfs::bench
