// Exercise 15.3: why did the calibrator return the maximum?
//
// A colleague's entropy calibrator is "as on the slides", and yet returns the largest magnitude for
// every tensor, as min-max would. This is its divergence, of the first i bins of `counts`:
//
//   std::vector<double> p(counts.begin(), counts.end()), q(counts.size(), 0.0);
//   for (std::size_t k = 0; k < levels; ++k) {
//     double sum = 0.0, members = 0.0;
//     for (std::size_t j = 0; j < i; ++j)
//       if (j * levels / i == k) sum += p[j], members += 1.0;
//     for (std::size_t j = 0; j < i; ++j)
//       if (j * levels / i == k) q[j] = sum / members;
//   }
//   const double all_p = std::accumulate(p.begin(), p.end(), 0.0);
//   const double all_q = std::accumulate(q.begin(), q.end(), 0.0);
//   double sum = 0.0;
//   for (std::size_t j = 0; j < p.size(); ++j)
//     if (p[j] > 0.0) sum += p[j] / all_p * std::log(p[j] / all_p / (q[j] / all_q));
//   return sum;
//
// Two things differ from (eq. 15.4) to (eq. 15.7): one makes nearly every divergence infinite, the
// other gives numbers to bins that have none. Find both, and write the divergence as the chapter
// has it; infinite where Q is 0 and P is not, or where nothing lies inside. 1 <= i <=
// counts.size(); at least one count is above 0.
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "common/exercise.hpp"

namespace exercise {

inline double divergence([[maybe_unused]] const std::vector<std::uint64_t>& counts,
                         [[maybe_unused]] std::size_t i, [[maybe_unused]] std::size_t levels) {
  // TODO: return the divergence in nats.
  qfs::not_written_yet("15.3: divergence");
}

}  // namespace exercise
