// Answers to exercise 21.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch21_2_test.cpp"

#include <array>
#include <cmath>

namespace by_hand {
const Answer kAnswer = right("rounds by itself");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = static_cast<std::uint8_t>(
          std::clamp(std::nearbyint(static_cast<float>(part.q[i] - part.params.zero_point) * ratio),
                     static_cast<float>(range.qmin - output.zero_point),
                     static_cast<float>(range.qmax - output.zero_point)) +
          static_cast<float>(output.zero_point));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace by_hand

namespace table {
const Answer kAnswer = right("makes a table of 256 integers for each input");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    std::array<std::uint8_t, 256> table{};
    for (int q = 0; q < 256; ++q)
      table[static_cast<std::size_t>(q)] = static_cast<std::uint8_t>(
          qfs::requantize_float(q - part.params.zero_point, ratio, output.zero_point, range));
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = table[part.q[i]];
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace table

namespace copies {
const Answer kAnswer = wrong("moves the integers as they are");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    if (output.scale <= 0.0F) return;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] =
          static_cast<std::uint8_t>(std::clamp<std::int32_t>(part.q[i], range.qmin, range.qmax));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace copies

namespace no_input_zero {
const Answer kAnswer = wrong("forgets the zero point of the input");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = static_cast<std::uint8_t>(
          qfs::requantize_float(part.q[i], ratio, output.zero_point, range));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace no_input_zero

namespace no_output_zero {
const Answer kAnswer = wrong("forgets the zero point of the output");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = static_cast<std::uint8_t>(
          qfs::requantize_float(part.q[i] - part.params.zero_point, ratio, 0, range));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace no_output_zero

namespace ratio_upside_down {
const Answer kAnswer = wrong("divides the other way round");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = output.scale / part.params.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] =
          static_cast<std::uint8_t>(qfs::requantize_float(part.q[i] - part.params.zero_point, ratio,
                                                          output.zero_point, range));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace ratio_upside_down

namespace one_ratio {
const Answer kAnswer = wrong("takes the scale of a for b, too");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = a.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] =
          static_cast<std::uint8_t>(qfs::requantize_float(part.q[i] - part.params.zero_point, ratio,
                                                          output.zero_point, range));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace one_ratio

namespace one_zero_point {
const Answer kAnswer = wrong("takes the zero point of a for b, too");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = static_cast<std::uint8_t>(
          qfs::requantize_float(part.q[i] - a.params.zero_point, ratio, output.zero_point, range));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace one_zero_point

namespace one_after_the_other {
const Answer kAnswer = wrong("writes all of a, then all of b");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[(first > 0 ? a.q.size() : 0) + i + 0 * all] =
          static_cast<std::uint8_t>(qfs::requantize_float(part.q[i] - part.params.zero_point, ratio,
                                                          output.zero_point, range));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace one_after_the_other

namespace b_first {
const Answer kAnswer = wrong("puts b first");
namespace exercise {
using ::exercise::Part;

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
  place(b, 0);
  place(a, b.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace b_first

namespace not_clamped {
const Answer kAnswer = wrong("clamps to 0..255, whatever the range");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = static_cast<std::uint8_t>(
          qfs::requantize_float(part.q[i] - part.params.zero_point, ratio, output.zero_point,
                                qfs::QuantRange{0, 255 + 0 * range.qmin}));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace not_clamped

namespace ties_away {
const Answer kAnswer = wrong("rounds ties away from 0");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = static_cast<std::uint8_t>(std::clamp(
          static_cast<std::int32_t>(std::round(std::clamp(
              static_cast<float>(part.q[i] - part.params.zero_point) * ratio, -1e6F, 1e6F))) +
              output.zero_point,
          range.qmin, range.qmax));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace ties_away

namespace in_double {
const Answer kAnswer = wrong("multiplies in double");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const double ratio = static_cast<double>(part.params.scale / output.scale);
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = static_cast<std::uint8_t>(std::clamp(
          static_cast<std::int32_t>(
              std::nearbyint(std::clamp((part.q[i] - part.params.zero_point) * ratio, -1e6, 1e6))) +
              output.zero_point,
          range.qmin, range.qmax));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace in_double

namespace zero_point_first {
const Answer kAnswer = wrong("adds the zero point before it rounds");
namespace exercise {
using ::exercise::Part;

inline void concat(const Part& a, const Part& b, qfs::QuantParams output, qfs::QuantRange range,
                   std::span<std::uint8_t> y) {
  const std::size_t all = a.channels + b.channels;
  const auto place = [&](const Part& part, std::size_t first) {
    const float ratio = part.params.scale / output.scale;
    for (std::size_t i = 0; i < part.q.size(); ++i)
      y[i / part.channels * all + first + i % part.channels] = static_cast<std::uint8_t>(
          std::clamp(static_cast<std::int32_t>(std::nearbyint(
                         std::clamp(static_cast<float>(part.q[i] - part.params.zero_point) * ratio +
                                        static_cast<float>(output.zero_point),
                                    -1e6F, 1e6F))),
                     range.qmin, range.qmax));
  };
  place(a, 0);
  place(b, a.channels);
}
}  // namespace exercise
#include "tests/exercises/ch21_2_test.cpp"
}  // namespace zero_point_first
