// Answers to exercise 20.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch20_1_test.cpp"

namespace from_the_end {
const Answer kAnswer = right("goes from the last window to the first");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (std::size_t i = windows.size(); i > 0; --i) {
    const qfs::Window& window = windows[i - 1];
    all = {(all.height - 1) * window.stride + window.height,
           (all.width - 1) * window.stride + window.width, all.stride * window.stride,
           all.padding * window.stride + window.padding};
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace from_the_end

namespace with_a_distance {
const Answer kAnswer = right("keeps the distance in a variable of its own");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  std::size_t distance = 1, rows = 0, columns = 0, padding = 0;
  for (const auto& [height, width, stride, border] : windows) {
    rows += distance * (height - 1);
    columns += distance * (width - 1);
    padding += distance * border;
    distance *= stride;
  }
  return {rows + 1, columns + 1, distance, padding};
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace with_a_distance

namespace no_strides {
const Answer kAnswer = wrong("forgets the strides of the windows before");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (const qfs::Window& window : windows) {
    all.height = all.height + window.height - 1;
    all.width = all.width + window.width - 1;
    all.padding = all.padding + window.padding;
    all.stride = all.stride * window.stride;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace no_strides

namespace own_stride_first {
const Answer kAnswer = wrong("counts the window's own stride too");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (const qfs::Window& window : windows) {
    all.stride *= window.stride;
    all.height = all.height + (window.height - 1) * all.stride;
    all.width = all.width + (window.width - 1) * all.stride;
    all.padding = all.padding + window.padding * all.stride;
    all.stride = all.stride;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace own_stride_first

namespace no_minus_one {
const Answer kAnswer = wrong("a window reaches its whole height further");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (const qfs::Window& window : windows) {
    all.height = all.height + window.height * all.stride;
    all.width = all.width + window.width * all.stride;
    all.padding = all.padding + window.padding * all.stride;
    all.stride = all.stride * window.stride;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace no_minus_one

namespace starts_at_none {
const Answer kAnswer = wrong("starts with no pixel");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{0, 0, 1, 0};
  for (const qfs::Window& window : windows) {
    all.height = all.height + (window.height - 1) * all.stride;
    all.width = all.width + (window.width - 1) * all.stride;
    all.padding = all.padding + window.padding * all.stride;
    all.stride = all.stride * window.stride;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace starts_at_none

namespace sum_of_strides {
const Answer kAnswer = wrong("adds the strides");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (const qfs::Window& window : windows) {
    all.height = all.height + (window.height - 1) * all.stride;
    all.width = all.width + (window.width - 1) * all.stride;
    all.padding = all.padding + window.padding * all.stride;
    all.stride = all.stride + window.stride - 1;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace sum_of_strides

namespace padding_as_it_is {
const Answer kAnswer = wrong("adds the paddings without their distance");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (const qfs::Window& window : windows) {
    all.height = all.height + (window.height - 1) * all.stride;
    all.width = all.width + (window.width - 1) * all.stride;
    all.padding = all.padding + window.padding;
    all.stride = all.stride * window.stride;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace padding_as_it_is

namespace square {
const Answer kAnswer = wrong("takes the height for the width");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (const qfs::Window& window : windows) {
    all.height = all.height + (window.height - 1) * all.stride;
    all.width = all.width + (window.height - 1) * all.stride;
    all.padding = all.padding + window.padding * all.stride;
    all.stride = all.stride * window.stride;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace square

namespace last_padding {
const Answer kAnswer = wrong("keeps the padding of the last window");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (const qfs::Window& window : windows) {
    all.height = all.height + (window.height - 1) * all.stride;
    all.width = all.width + (window.width - 1) * all.stride;
    all.padding = window.padding * all.stride;
    all.stride = all.stride * window.stride;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace last_padding

namespace backwards {
const Answer kAnswer = wrong("lets the last window run first");
namespace exercise {
inline qfs::Window seen_through(std::span<const qfs::Window> windows) {
  qfs::Window all{1, 1, 1, 0};
  for (std::size_t i = windows.size(); i-- > 0;) {
    all.height += (windows[i].height - 1) * all.stride;
    all.width += (windows[i].width - 1) * all.stride;
    all.padding += windows[i].padding * all.stride;
    all.stride *= windows[i].stride;
  }
  return all;
}
}  // namespace exercise
#include "tests/exercises/ch20_1_test.cpp"
}  // namespace backwards
