// Answers to exercise 16.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch16_3_test.cpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace from_above {
const Answer kAnswer = right("counts down, and lets equal ones replace");
namespace sorted {
const Answer kAnswer = right("sorts all choices that meet the target");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  if (!std::has_single_bit(lost.size()) ||
      static_cast<std::size_t>(std::countr_zero(lost.size())) != weights.size())
    qfs::fail("sizes", "", "", "measure them all");
  std::vector<std::tuple<std::uint64_t, double, std::size_t>> fit;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    std::uint64_t sum = 0;
    for (std::size_t bits = choice; bits != 0; bits &= bits - 1)
      sum += weights[static_cast<std::size_t>(std::countr_zero(bits))];
    if (lost[choice] <= target) fit.emplace_back(sum, lost[choice], choice);
  }
  if (fit.empty()) qfs::fail("no choice meets the target", "", "", "take more bits");
  std::sort(fit.begin(), fit.end());
  return std::get<2>(fit.front());
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace sorted

namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = lost.size(); choice-- > 0;) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(!(smallest < now))) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace from_above

namespace fewest_layers {
const Answer kAnswer = wrong("counts layers, not weights");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += 1;
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace fewest_layers

namespace least_loss {
const Answer kAnswer = wrong("takes the choice that loses least");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(now.second < smallest.second)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace least_loss

namespace first_that_fits {
const Answer kAnswer = wrong("takes the first choice that meets the target");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(false)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace first_that_fits

namespace most_weights {
const Answer kAnswer = wrong("leaves the most weights in float");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(smallest < now)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace most_weights

namespace below_the_target {
const Answer kAnswer = wrong("wants less than the target");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] < target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace below_the_target

namespace ties_by_number {
const Answer kAnswer = wrong("of equal weights keeps the first, whatever it loses");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(now.first < smallest.first)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace ties_by_number

namespace last_of_equals {
const Answer kAnswer = wrong("of equal choices takes the last");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(!(smallest < now))) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace last_of_equals

namespace bits_backwards {
const Answer kAnswer = wrong("reads the layers from the last");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> (weights.size() - 1 - i) & 1) != 0) now.first += weights[i];
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace bits_backwards

namespace never_all_in_bits {
const Answer kAnswer = wrong("never leaves all layers in bits");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 1; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace never_all_in_bits

namespace in_32_bits {
const Answer kAnswer = wrong("counts weights in 32 bits");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint32_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint32_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += static_cast<std::uint32_t>(weights[i]);
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace in_32_bits

namespace in_double {
const Answer kAnswer = wrong("counts weights in double");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<double, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<double, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += static_cast<double>(weights[i]);
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace in_double

namespace gives_up_silently {
const Answer kAnswer = wrong("takes all in float where nothing meets the target");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  if (!best) return lost.size() - 1;
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace gives_up_silently

namespace nan_passes {
const Answer kAnswer = wrong("lets NaN pass for met");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (lost[choice] > target) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace nan_passes

namespace counts_the_bits {
const Answer kAnswer = wrong("counts the weights in bits, not in float");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  qfs::require(lost.size() == std::size_t{1} << weights.size(), "sizes", lost.size(), 0, "measure");
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (((choice >> i & 1) == 0) != 0) now.first += weights[i];
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace counts_the_bits

namespace unchecked {
const Answer kAnswer = wrong("does not look how many losses there are");
namespace exercise {
inline std::size_t best_choice(std::span<const double> lost, std::span<const std::uint64_t> weights,
                               double target) {
  std::optional<std::size_t> best;
  std::pair<std::uint64_t, double> smallest;
  for (std::size_t choice = 0; choice < lost.size(); ++choice) {
    if (!(lost[choice] <= target)) continue;
    std::pair<std::uint64_t, double> now = {0, lost[choice]};
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((choice >> i & 1) != 0) now.first += weights[i];
    if (best && !(now < smallest)) continue;
    best = choice;
    smallest = now;
  }
  qfs::require(best.has_value(), "none", target, "a larger one", "take more bits");
  return *best;
}
}  // namespace exercise
#include "tests/exercises/ch16_3_test.cpp"
}  // namespace unchecked
