// Exercise 21.2, solved.
#pragma once

#include <cstdint>
#include <span>

#include "02_integer_products/requantize.hpp"

namespace exercise {

// [solution]
struct Part {
  std::span<const std::uint8_t> q;  // pixels x channels
  std::size_t channels;
  qfs::QuantParams params;
};

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] =
          static_cast<std::uint8_t>(qfs::requantize_float(part.q[i] - part.params.zero_point, ratio,
                                                          output.zero_point, range));
  };
  place(a, 0);
  place(b, a.channels);
}
// [/solution]

}  // namespace exercise
