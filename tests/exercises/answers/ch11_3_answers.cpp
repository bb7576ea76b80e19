// Answers to exercise 11.3. What several of them share stands first: the solution with its
// decisions handed in.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch11_3_test.cpp"

namespace parts {

using ::exercise::Outlier;
using ::exercise::Split;
using Places = std::vector<std::size_t>;

inline qfs::LaneSums sums_of(const Split& split, std::size_t n, const Places& lane) {
  qfs::LaneSums sums;
  for (std::size_t k : lane) sums += qfs::sums_of(split.dense(n, k), 0);
  return sums;
}

inline void move(Split& split, std::size_t n, std::size_t k) {
  split.outliers.push_back({n, k, split.dense(n, k)});
  split.dense(n, k) = 0;
}

// The places of the weights k + offsets, as far as there are any.
inline Places lane_at(const Split& split, std::size_t k, const Places& offsets) {
  Places lane;
  for (std::size_t offset : offsets)
    if (k + offset < split.dense.shape(1)) lane.push_back(k + offset);
  return lane;
}

// Every lane of every output: use(split, n, places).
inline Split for_each_lane(const Weights& w, auto use, const Places& offsets = {0, 1, 4, 5},
                           std::size_t second = 2, std::size_t group = 8) {
  Split split{w, {}};
  for (std::size_t n = 0; n < w.shape(0); ++n)
    for (std::size_t k = 0; k < w.shape(1); k += group)
      for (std::size_t begin = k; begin <= k + second && begin < w.shape(1); begin += second)
        use(split, n, lane_at(split, begin, offsets));
  return split;
}

// Takes weights out of a lane until fits(sums); which one is pick(split, n, places, sums).
inline auto until(auto fits, auto pick) {
  return [=](Split& split, std::size_t n, const Places& lane) {
    for (qfs::LaneSums sums = sums_of(split, n, lane); !fits(sums);
         sums = sums_of(split, n, lane)) {
      move(split, n, pick(split, n, lane, sums));
    }
  };
}

inline auto fit(std::int32_t x_max) {
  return [=](qfs::LaneSums sums) { return qfs::fits_lane(sums, x_max); };
}

// The largest weight where the positive sum is too much, otherwise the smallest.
inline auto worst(std::int32_t x_max) {
  return [=](const Split& split, std::size_t n, const Places& lane, qfs::LaneSums sums) {
    const bool too_high = !qfs::fits_lane({sums.positive, 0}, x_max);
    return *std::ranges::max_element(lane, std::less(), [&](std::size_t k) {
      return too_high ? split.dense(n, k) : -split.dense(n, k);
    });
  };
}

inline Split solved(const Weights& w, std::int32_t x_max) {
  return for_each_lane(w, until(fit(x_max), worst(x_max)));
}

// The dense part's sums; the list is for use(acc, outlier).
inline Sums multiply(const Split& w, const Inputs& x, auto use) {
  Sums acc = expected(w.dense, x);
  for (const Outlier& outlier : w.outliers) use(acc, outlier);
  return acc;
}

inline Sums multiplied(const Split& w, const Inputs& x) {
  return multiply(w, x, [&](Sums& acc, const Outlier& outlier) {
    for (std::size_t m = 0; m < x.shape(0); ++m) acc(m, outlier.n) += x(m, outlier.k) * outlier.w;
  });
}

}  // namespace parts

namespace row_by_row {
const Answer kAnswer = right("multiplies row by row, the list for each");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::solved(w, x_max);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  auto acc = qfs::make_tensor<std::int32_t>({x.shape(0), w.dense.shape(0)});
  for (std::size_t m = 0; m < x.shape(0); ++m) {
    for (std::size_t n = 0; n < acc.shape(1); ++n) {
      acc(m, n) = 0;
      for (std::size_t k = 0; k < x.shape(1); ++k) acc(m, n) += x(m, k) * w.dense(n, k);
    }
    for (const Outlier& outlier : w.outliers) acc(m, outlier.n) += x(m, outlier.k) * outlier.w;
  }
  return acc;
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace row_by_row

namespace reversed {
const Answer kAnswer = right("gives the list the other way round");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  Split split = parts::solved(w, x_max);
  std::ranges::reverse(split.outliers);
  return split;
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace reversed

namespace in_part {
const Answer kAnswer = right("leaves in the lane what fits of a weight");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, [&](Split& split, std::size_t n, const parts::Places& lane) {
    const auto taken = split.outliers.size();
    parts::until(parts::fit(x_max), parts::worst(x_max))(split, n, lane);
    for (std::size_t i = taken; i < split.outliers.size(); ++i) {
      Outlier& outlier = split.outliers[i];
      const auto one = static_cast<std::int8_t>(outlier.w > 0 ? 1 : -1);
      while (outlier.w != one) {
        split.dense(n, outlier.k) = static_cast<std::int8_t>(split.dense(n, outlier.k) + one);
        if (!qfs::fits_lane(parts::sums_of(split, n, lane), x_max)) {
          split.dense(n, outlier.k) = static_cast<std::int8_t>(split.dense(n, outlier.k) - one);
          break;
        }
        outlier.w = static_cast<std::int8_t>(outlier.w - one);
      }
    }
  });
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace in_part

namespace smallest_first {
const Answer kAnswer = wrong("takes the smallest weight of the sign first");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  const auto smallest = [&](const Split& split, std::size_t n, const parts::Places& lane,
                            qfs::LaneSums sums) {
    const int sign = qfs::fits_lane({sums.positive, 0}, x_max) ? -1 : 1;
    return *std::ranges::min_element(lane, std::less(), [&](std::size_t k) {
      const int weight = sign * split.dense(n, k);
      return weight > 0 ? weight : 1000;
    });
  };
  return parts::for_each_lane(w, parts::until(parts::fit(x_max), smallest));
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace smallest_first

namespace largest_magnitude {
const Answer kAnswer = wrong("takes the largest magnitude, of whatever sign");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  const auto largest = [](const Split& split, std::size_t n, const parts::Places& lane,
                          qfs::LaneSums) {
    return *std::ranges::max_element(lane, std::less(), [&](std::size_t k) {
      return split.dense(n, k) < 0 ? -split.dense(n, k) : split.dense(n, k);
    });
  };
  return parts::for_each_lane(w, parts::until(parts::fit(x_max), largest));
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace largest_magnitude

namespace whole_lane {
const Answer kAnswer = wrong("takes all of a lane that does not fit");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, [&](Split& split, std::size_t n, const parts::Places& lane) {
    if (qfs::fits_lane(parts::sums_of(split, n, lane), x_max)) return;
    for (std::size_t k : lane) parts::move(split, n, k);
  });
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace whole_lane

namespace fixed_threshold {
const Answer kAnswer = wrong("takes every weight above a quarter of what fits");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, [&](Split& split, std::size_t n, const parts::Places& lane) {
    for (std::size_t k : lane)
      if (split.dense(n, k) * 4 * x_max > 32767 || split.dense(n, k) * 4 * x_max < -32768)
        parts::move(split, n, k);
  });
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace fixed_threshold

namespace one_a_lane {
const Answer kAnswer = wrong("takes one weight of a lane at most");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, [&](Split& split, std::size_t n, const parts::Places& lane) {
    const qfs::LaneSums sums = parts::sums_of(split, n, lane);
    if (!qfs::fits_lane(sums, x_max))
      parts::move(split, n, parts::worst(x_max)(split, n, lane, sums));
  });
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace one_a_lane

namespace positive_alone {
const Answer kAnswer = wrong("looks at the positive sums alone");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  const auto fits = [&](qfs::LaneSums sums) { return qfs::fits_lane({sums.positive, 0}, x_max); };
  return parts::for_each_lane(w, parts::until(fits, parts::worst(x_max)));
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace positive_alone

namespace signs_cancel {
const Answer kAnswer = wrong("lets weights of two signs make up for each other");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  const auto fits = [&](qfs::LaneSums sums) {
    const std::int32_t sum = (sums.positive + sums.negative) * x_max;
    return sum <= 32767 && sum >= -32768;
  };
  return parts::for_each_lane(w, parts::until(fits, parts::worst(x_max)));
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace signs_cancel

namespace neighbours {
const Answer kAnswer = wrong("takes four neighbours for a lane");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, parts::until(parts::fit(x_max), parts::worst(x_max)), {0, 1, 2, 3},
                              4);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace neighbours

namespace two_products {
const Answer kAnswer = wrong("looks at two products a lane, of one step");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, parts::until(parts::fit(x_max), parts::worst(x_max)), {0, 1}, 2,
                              4);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace two_products

namespace both_lanes {
const Answer kAnswer = wrong("takes a whole group for one lane");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, parts::until(parts::fit(x_max), parts::worst(x_max)),
                              {0, 1, 2, 3, 4, 5, 6, 7}, 8);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace both_lanes

namespace overlapping {
const Answer kAnswer = wrong("begins a group at every step");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, parts::until(parts::fit(x_max), parts::worst(x_max)), {0, 1, 4, 5},
                              2, 4);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace overlapping

namespace last_group_forgotten {
const Answer kAnswer = wrong("leaves out a last group that is shorter");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::for_each_lane(w, [&](Split& split, std::size_t n, const parts::Places& lane) {
    if (lane.size() == 4) parts::until(parts::fit(x_max), parts::worst(x_max))(split, n, lane);
  });
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace last_group_forgotten

namespace end_at_32768 {
const Answer kAnswer = wrong("lets 32768 pass");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  const auto fits = [&](qfs::LaneSums sums) {
    return sums.positive * x_max <= 32768 && sums.negative * x_max >= -32768;
  };
  return parts::for_each_lane(w, parts::until(fits, parts::worst(x_max)));
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace end_at_32768

namespace end_at_minus_32767 {
const Answer kAnswer = wrong("ends at -32767");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  const auto fits = [&](qfs::LaneSums sums) {
    return sums.positive * x_max <= 32767 && sums.negative * x_max >= -32767;
  };
  const auto pick = [&](const Split& split, std::size_t n, const parts::Places& lane,
                        qfs::LaneSums sums) {
    const bool too_high = sums.positive * x_max > 32767;
    return *std::ranges::max_element(lane, std::less(), [&](std::size_t k) {
      return too_high ? split.dense(n, k) : -split.dense(n, k);
    });
  };
  return parts::for_each_lane(w, parts::until(fits, pick));
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace end_at_minus_32767

namespace not_gone {
const Answer kAnswer = wrong("lists a weight and leaves it in the dense part");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  Split split = parts::solved(w, x_max);
  split.dense = w;
  return split;
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace not_gone

namespace k_of_the_lane {
const Answer kAnswer = wrong("lists the place in the group for the place in the row");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  Split split = parts::solved(w, x_max);
  for (Outlier& outlier : split.outliers) outlier.k %= 8;
  return split;
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace k_of_the_lane

namespace first_output {
const Answer kAnswer = wrong("lists every weight for output 0");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  Split split = parts::solved(w, x_max);
  for (Outlier& outlier : split.outliers) outlier.n = 0;
  return split;
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace first_output

namespace all_sparse {
const Answer kAnswer = wrong("takes all weights out");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t) {
  return parts::for_each_lane(w, [](Split& split, std::size_t n, const parts::Places& lane) {
    for (std::size_t k : lane) parts::move(split, n, k);
  });
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiplied(w, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace all_sparse

namespace dense_alone {
const Answer kAnswer = wrong("multiplies the dense part alone");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::solved(w, x_max);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return expected(w.dense, x);
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace dense_alone

namespace first_row_alone {
const Answer kAnswer = wrong("adds the list to the first row alone");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::solved(w, x_max);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiply(w, x, [&](qfs::Matrix<std::int32_t>& acc, const Outlier& outlier) {
    acc(0, outlier.n) += x(0, outlier.k) * outlier.w;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace first_row_alone

namespace subtracted {
const Answer kAnswer = wrong("subtracts the list");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::solved(w, x_max);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  return parts::multiply(w, x, [&](qfs::Matrix<std::int32_t>& acc, const Outlier& outlier) {
    for (std::size_t m = 0; m < x.shape(0); ++m) acc(m, outlier.n) -= x(m, outlier.k) * outlier.w;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace subtracted

namespace products_in_16_bits {
const Answer kAnswer = wrong("adds the list up in 16 bits");
namespace exercise {
using ::exercise::Outlier;
using ::exercise::Split;
inline Split take_out(const qfs::Matrix<std::int8_t>& w, std::int32_t x_max) {
  return parts::solved(w, x_max);
}
inline qfs::Matrix<std::int32_t> multiply(const Split& w, const qfs::Matrix<std::uint8_t>& x) {
  auto sparse = qfs::make_tensor<std::int16_t>({x.shape(0), w.dense.shape(0)});
  sparse.fill(0);
  for (const Outlier& outlier : w.outliers)
    for (std::size_t m = 0; m < x.shape(0); ++m)
      sparse(m, outlier.n) =
          static_cast<std::int16_t>(sparse(m, outlier.n) + x(m, outlier.k) * outlier.w);
  qfs::Matrix<std::int32_t> acc = expected(w.dense, x);
  acc += sparse;
  return acc;
}
}  // namespace exercise
#include "tests/exercises/ch11_3_test.cpp"
}  // namespace products_in_16_bits
