// Answers to exercise 9.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch09_3_test.cpp"

#include <cmath>

inline int right_bits(int epoch, int epochs, int from, int to) {
  return to + (epochs - epoch) * (from - to + 1) / epochs;
}

inline float right_scale(float s, int before, int after) {
  return s * static_cast<float>((1 << before) - 1) / static_cast<float>((1 << after) - 1);
}

namespace stage_by_stage {
const Answer kAnswer = right("counts through the stages, the first ones longer");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  const int stages = std::min(from - to + 1, epochs), shortest = epochs / stages,
            longer = epochs % stages;
  int last = 0, bits = to + stages;
  while (last < epoch) {
    --bits;
    last += shortest + (to + stages - bits <= longer ? 1 : 0);
  }
  return bits;
}
inline float keep_interval(float s, int before, int after) {
  const float share = static_cast<float>((1 << before) - 1) / static_cast<float>((1 << after) - 1);
  return share * s;
}
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace stage_by_stage

namespace by_the_middle {
const Answer kAnswer = right("places every epoch by its middle, in reals");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  const int stages = std::min(from - to + 1, epochs);
  const double still = (epochs - epoch + 0.5) / epochs;
  return to + static_cast<int>(std::floor(still * stages));
}
inline float keep_interval(float s, int before, int after) {
  return static_cast<float>(static_cast<double>(s) * (std::exp2(before) - 1.0) /
                            (std::exp2(after) - 1.0));
}
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace by_the_middle

namespace from_the_front {
const Answer kAnswer = wrong("counts the epochs from the front: the last one may not have `to`");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return from - (epoch - 1) * (from - to + 1) / epochs;
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace from_the_front

namespace one_per_epoch {
const Answer kAnswer = wrong("takes one bit away in every epoch");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return std::max(to, from - epoch + 1 + 0 * epochs);
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace one_per_epoch

namespace whole_stages {
const Answer kAnswer = wrong("gives the last stage all epochs that are left over");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  const int length = std::max(epochs / (from - to + 1), 1);
  return std::max(to, from - (epoch - 1) / length);
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace whole_stages

namespace first_stage_longest {
const Answer kAnswer = wrong("gives the first stage all epochs that are left over");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  const int length = std::max(epochs / (from - to + 1), 1);
  return std::min(from, to + (epochs - epoch) / length);
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace first_stage_longest

namespace a_stage_too_few {
const Answer kAnswer = wrong("counts from - to stages");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return to + (epochs - epoch) * (from - to) / epochs;
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace a_stage_too_few

namespace straight_line {
const Answer kAnswer = wrong("rounds a straight line, whose first and last stage are half as long");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return epochs == 1
             ? to
             : from - static_cast<int>(std::lround((epoch - 1.0) * (from - to) / (epochs - 1.0)));
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace straight_line

namespace divided_first {
const Answer kAnswer = wrong("divides before it multiplies");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return to + (epochs - epoch) / std::max(epochs / (from - to + 1), 1);
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace divided_first

namespace at_once {
const Answer kAnswer = wrong("goes to the last number of bits at once");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return epoch + epochs + from > 0 ? to : from;
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace at_once

namespace at_the_end {
const Answer kAnswer = wrong("stays at the first number of bits until the last epoch");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) { return epoch == epochs ? to : from; }
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace at_the_end

namespace upward {
const Answer kAnswer = wrong("goes up");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return from + to - right_bits(epoch, epochs, from, to);
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace upward

namespace counted_from_0 {
const Answer kAnswer = wrong("takes the first epoch for number 0");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return right_bits(epoch - 1, epochs, from, to);
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, before, after); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace counted_from_0

namespace integers_not_steps {
const Answer kAnswer = wrong("takes 2^bits for the number of steps");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return right_bits(epoch, epochs, from, to);
}
inline float keep_interval(float s, int before, int after) {
  return s * static_cast<float>(1 << before) / static_cast<float>(1 << after);
}
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace integers_not_steps

namespace upside_down {
const Answer kAnswer = wrong("divides by the steps of before");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return right_bits(epoch, epochs, from, to);
}
inline float keep_interval(float s, int before, int after) { return right_scale(s, after, before); }
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace upside_down

namespace by_the_bits {
const Answer kAnswer = wrong("takes the bits for the number of steps");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return right_bits(epoch, epochs, from, to);
}
inline float keep_interval(float s, int before, int after) {
  return s * static_cast<float>(before) / static_cast<float>(after);
}
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace by_the_bits

namespace scale_kept {
const Answer kAnswer = wrong("keeps the scale");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return right_bits(epoch, epochs, from, to);
}
inline float keep_interval(float s, int before, int after) {
  return before == after ? right_scale(s, before, after) : s;
}
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace scale_kept

namespace signed_steps {
const Answer kAnswer = wrong("takes 2^(bits - 1) - 1 for the number of steps");
namespace exercise {
inline int bits_at(int epoch, int epochs, int from, int to) {
  return right_bits(epoch, epochs, from, to);
}
inline float keep_interval(float s, int before, int after) {
  return before == after || after == 1 ? s : right_scale(s, before - 1, after - 1);
}
}  // namespace exercise
#include "tests/exercises/ch09_3_test.cpp"
}  // namespace signed_steps
