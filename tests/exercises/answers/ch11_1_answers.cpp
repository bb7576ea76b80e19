// Answers to exercise 11.1. What several of them share stands first: the solution in parts.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch11_1_test.cpp"

#include <cstdlib>

namespace parts {

using Weights = std::span<const std::int8_t>;

inline qfs::LaneSums sums_of(Weights block) {
  qfs::LaneSums sums;
  for (std::int8_t weight : block) sums += qfs::sums_of(weight, 0);
  return sums;
}

inline bool fits(Weights block, std::int32_t x_max) {
  return qfs::fits_lane(sums_of(block), x_max);
}

// Whether all blocks of d fit, by what `fits` says of one.
inline bool all_fit(Weights w, std::size_t d, auto fits_one) {
  for (std::size_t begin = 0; begin < w.size(); begin += d)
    if (!fits_one(w.subspan(begin, std::min(d, w.size() - begin)))) return false;
  return true;
}

inline std::size_t largest(std::size_t length, auto fits_at) {
  std::size_t d = length;
  while (d > 1 && !fits_at(d)) --d;
  return d;
}

// The largest d by another rule for one block.
inline std::size_t deepest_by(Weights w, auto fits_one) {
  return largest(w.size(), [&](std::size_t d) { return all_fit(w, d, fits_one); });
}

}  // namespace parts

namespace upwards {
const Answer kAnswer = right("tries every depth from below, and keeps the last that fits");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  std::size_t best = w.empty() ? 0 : 1;
  for (std::size_t d = 1; d <= w.size(); ++d)
    if (parts::all_fit(w, d, [&](auto block) { return parts::fits(block, x_max); })) best = d;
  return best;
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace upwards

namespace by_prefix_sums {
const Answer kAnswer = right("takes the sums of a block from sums over the row");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  std::vector<qfs::LaneSums> before(1);
  for (std::int8_t weight : w) {
    before.push_back(before.back());
    before.back() += qfs::sums_of(weight, 0);
  }
  return parts::largest(w.size(), [&](std::size_t d) {
    for (std::size_t begin = 0; begin < w.size(); begin += d) {
      const qfs::LaneSums from = before[begin], to = before[std::min(begin + d, w.size())];
      if (!qfs::fits_lane({to.positive - from.positive, to.negative - from.negative}, x_max))
        return false;
    }
    return true;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace by_prefix_sums

namespace worst_inputs {
const Answer kAnswer =
    right("adds the products of the inputs that make the sum largest, and smallest");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::deepest_by(w, [&](auto block) {
    std::int32_t highest = 0, lowest = 0;
    for (std::int8_t weight : block) (weight > 0 ? highest : lowest) += weight * x_max;
    return highest <= 32767 && lowest >= -32768;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace worst_inputs

namespace by_halves {
const Answer kAnswer = wrong("searches by halves");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  std::size_t low = w.empty() ? 0 : 1, high = w.size();
  while (low < high) {
    const std::size_t d = (low + high + 1) / 2;
    if (parts::all_fit(w, d, [&](auto block) { return parts::fits(block, x_max); }))
      low = d;
    else
      high = d - 1;
  }
  return low;
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace by_halves

namespace first_failure {
const Answer kAnswer = wrong("stops at the first depth that fails");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  std::size_t d = w.empty() ? 0 : 1;
  while (d < w.size() &&
         parts::all_fit(w, d + 1, [&](auto block) { return parts::fits(block, x_max); }))
    ++d;
  return d;
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace first_failure

namespace powers_of_two {
const Answer kAnswer = wrong("tries powers of two, and the whole row");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  if (parts::fits(w, x_max)) return w.size();
  std::size_t best = 1;
  for (std::size_t d = 2; d < w.size(); d *= 2)
    if (parts::all_fit(w, d, [&](auto block) { return parts::fits(block, x_max); })) best = d;
  return best;
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace powers_of_two

namespace divisors {
const Answer kAnswer = wrong("tries the divisors of the row's length alone");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::largest(w.size(), [&](std::size_t d) {
    return w.size() % d == 0 &&
           parts::all_fit(w, d, [&](auto block) { return parts::fits(block, x_max); });
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace divisors

namespace windows {
const Answer kAnswer = wrong("wants every window of d weights to fit, wherever it begins");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::largest(w.size(), [&](std::size_t d) {
    for (std::size_t begin = 0; begin + d <= w.size(); ++begin)
      if (!parts::fits(w.subspan(begin, d), x_max)) return false;
    return true;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace windows

namespace last_block_forgotten {
const Answer kAnswer = wrong("leaves out a last block that is shorter");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::largest(w.size(), [&](std::size_t d) {
    return parts::all_fit(w.first(w.size() / d * d), d,
                          [&](auto block) { return parts::fits(block, x_max); });
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace last_block_forgotten

namespace first_block_alone {
const Answer kAnswer = wrong("looks at the first block alone");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::largest(w.size(), [&](std::size_t d) { return parts::fits(w.first(d), x_max); });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace first_block_alone

namespace greedy_shortest {
const Answer kAnswer =
    wrong("cuts a block where the next weight does not fit: the shortest of these");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  std::size_t best = w.size(), begin = 0;
  for (std::size_t k = 0; k < w.size(); ++k)
    if (!parts::fits(w.subspan(begin, k + 1 - begin), x_max)) {
      best = std::min(best, k - begin);
      begin = k;
    }
  return best;
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace greedy_shortest

namespace signed_sums {
const Answer kAnswer = wrong("lets weights of the other sign make up for those of one");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::deepest_by(w, [&](auto block) {
    std::int32_t sum = 0;
    for (std::int8_t weight : block) sum += weight;
    return sum * x_max <= 32767 && sum * x_max >= -32768;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace signed_sums

namespace magnitudes {
const Answer kAnswer = wrong("adds the magnitudes of both signs");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::deepest_by(w, [&](auto block) {
    const qfs::LaneSums sums = parts::sums_of(block);
    return (sums.positive - sums.negative) * x_max <= 32767;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace magnitudes

namespace largest_weight {
const Answer kAnswer = wrong("takes the largest weight for all of a block");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::deepest_by(w, [&](auto block) {
    std::int32_t most = 0;
    for (std::int8_t weight : block) most = std::max(most, std::abs(std::int32_t{weight}));
    return most * x_max * static_cast<std::int32_t>(block.size()) <= 32767;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace largest_weight

namespace ends_at_32768 {
const Answer kAnswer = wrong("lets 32768 pass");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::deepest_by(w, [&](auto block) {
    const qfs::LaneSums sums = parts::sums_of(block);
    return sums.positive * x_max <= 32768 && sums.negative * x_max >= -32768;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace ends_at_32768

namespace ends_at_minus_32767 {
const Answer kAnswer = wrong("ends at -32767");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::deepest_by(w, [&](auto block) {
    const qfs::LaneSums sums = parts::sums_of(block);
    return sums.positive * x_max <= 32767 && sums.negative * x_max >= -32767;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace ends_at_minus_32767

namespace upper_end_alone {
const Answer kAnswer = wrong("looks at the upper end alone");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::deepest_by(
      w, [&](auto block) { return parts::sums_of(block).positive * x_max <= 32767; });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace upper_end_alone

namespace always_255 {
const Answer kAnswer = wrong("takes 255 for the largest input");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return parts::deepest_by(w, [&](auto block) { return parts::fits(block, std::max(x_max, 255)); });
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace always_255

namespace one_of_none {
const Answer kAnswer = wrong("returns 1 for a row without weights");
namespace exercise {
inline std::size_t deepest(std::span<const std::int8_t> w, std::int32_t x_max) {
  return std::max<std::size_t>(
      parts::deepest_by(w, [&](auto block) { return parts::fits(block, x_max); }), 1);
}
}  // namespace exercise
#include "tests/exercises/ch11_1_test.cpp"
}  // namespace one_of_none
