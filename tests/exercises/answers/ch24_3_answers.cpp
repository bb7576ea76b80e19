// Answers to exercise 24.3.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch24_3_test.cpp"

namespace by_remainder {
const Answer kAnswer = right("looks at the remainder, as TensorFlow does");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t rest = extent % stride == 0 ? stride : extent % stride;
  const std::size_t all = window > rest ? window - rest : 0;
  const std::size_t half = all / 2;
  return upper ? Pads{half, all - half} : Pads{all - half, half};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace by_remainder

namespace one_by_one {
const Answer kAnswer = right("adds zeros until there are places enough");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  std::size_t before = 0, behind = 0;
  const auto enough = [&] {
    const std::size_t padded = before + extent + behind;
    return padded >= window && (padded - window) / stride + 1 >= (extent + stride - 1) / stride;
  };
  for (bool last = upper; !enough(); last = !last) ++(last ? behind : before);
  return {before, behind};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace one_by_one

namespace rounds_down {
const Answer kAnswer = wrong("rounds the places down");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t places = std::max<std::size_t>(extent / stride, 1);
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = needed > extent ? needed - extent : 0;
  const std::size_t less = all / 2, more = all - less;
  return upper ? Pads{less, more} : Pads{more, less};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace rounds_down

namespace wraps {
const Answer kAnswer = wrong("lets the difference wrap around");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t places = (extent + stride - 1) / stride;
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = needed - extent;
  const std::size_t less = all / 2, more = all - less;
  return upper ? Pads{less, more} : Pads{more, less};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace wraps

namespace swapped {
const Answer kAnswer = wrong("takes UPPER for LOWER");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t places = (extent + stride - 1) / stride;
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = needed > extent ? needed - extent : 0;
  const std::size_t less = all / 2, more = all - less;
  return !upper ? Pads{less, more} : Pads{more, less};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace swapped

namespace ignores_name {
const Answer kAnswer = wrong("leaves the last one behind the picture always");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t places = (extent + stride - 1) / stride;
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = needed > extent ? needed - extent : 0;
  return {all / 2, all - all / 2};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace ignores_name

namespace drops_the_odd {
const Answer kAnswer = wrong("drops the one that is left over");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t places = (extent + stride - 1) / stride;
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = needed > extent ? needed - extent : 0;
  return {all / 2, all / 2};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace drops_the_odd

namespace one_more {
const Answer kAnswer = wrong("pads both sides by the larger half");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t places = (extent + stride - 1) / stride;
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = needed > extent ? needed - extent : 0;
  return {(all + 1) / 2, (all + 1) / 2};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace one_more

namespace ignores_stride {
const Answer kAnswer = wrong("pads as if the stride were 1");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t all = window - 1;
  const std::size_t less = all / 2, more = all - less;
  return upper ? Pads{less, more} : Pads{more, less};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace ignores_stride

namespace half_a_window {
const Answer kAnswer = wrong("pads by half a window");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  return {window / 2, window / 2};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace half_a_window

namespace both_sides_whole {
const Answer kAnswer = wrong("puts all of it on both sides");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t places = (extent + stride - 1) / stride;
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = needed > extent ? needed - extent : 0;
  return {all, all};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace both_sides_whole

namespace one_place_more {
const Answer kAnswer = wrong("counts a place too many where the stride divides");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t places = extent / stride + 1;
  const std::size_t needed = (places - 1) * stride + window;
  const std::size_t all = needed > extent ? needed - extent : 0;
  const std::size_t less = all / 2, more = all - less;
  return upper ? Pads{less, more} : Pads{more, less};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace one_place_more

namespace window_only {
const Answer kAnswer = wrong("never pads a picture larger than the window");
namespace exercise {
using ::exercise::Pads;
inline Pads same_pads([[maybe_unused]] std::size_t extent, std::size_t window,
                      [[maybe_unused]] std::size_t stride, [[maybe_unused]] bool upper) {
  const std::size_t all = window > extent ? window - extent : 0;
  const std::size_t less = all / 2, more = all - less;
  return upper ? Pads{less, more} : Pads{more, less};
}
}  // namespace exercise
#include "tests/exercises/ch24_3_test.cpp"
}  // namespace window_only
