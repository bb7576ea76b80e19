// Exercise 14.2, solved.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace exercise {

// [solution]
// One step towards 0 costs 1 - 2 (what rounding has added), and the next of the same integer 2
// more.
inline void take_cheapest(std::span<std::int32_t> q, std::span<const double> t, std::int32_t sign) {
  std::size_t cheapest = q.size();
  double most_added = 0.0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const double added = sign * (q[i] - t[i]);
    if (sign * q[i] > 0 && (cheapest == q.size() || added > most_added)) {
      cheapest = i;
      most_added = added;
    }
  }
  q[cheapest] -= sign;
}

inline void bring_within(std::span<std::int32_t> q, std::span<const double> t, std::int32_t most) {
  for (std::int32_t sign : {1, -1}) {
    std::int32_t sum = 0;
    for (std::int32_t value : q) sum += std::max(sign * value, 0);
    for (; sum > most; --sum) take_cheapest(q, t, sign);
  }
}
// [/solution]

}  // namespace exercise
