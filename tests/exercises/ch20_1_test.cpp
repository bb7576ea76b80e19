// Judges exercise 20.1.
#include "1_receptive_field.hpp"

#include <vector>

#include "common/rng.hpp"
#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(215);

using qfs::Window;

TEST_CASE("20.1 no window, and one alone") {
  CHECK(exercise::seen_through({}) == Window{1, 1, 1, 0});
  const std::vector<Window> one = {{3, 5, 2, 1}};
  CHECK(exercise::seen_through(one) == one[0]);
}

TEST_CASE("20.1 two of 3 x 3 see 5 x 5; with stride 2 first, 7 x 7") {
  const std::vector<Window> plain = {{3, 3, 1, 1}, {3, 3, 1, 1}};
  CHECK(exercise::seen_through(plain) == Window{5, 5, 1, 2});
  const std::vector<Window> first = {{3, 3, 2, 1}, {3, 3, 1, 1}};
  CHECK(exercise::seen_through(first) == Window{7, 7, 2, 3});  // 1 + 2 + 2 2; 1 + 1 2
  const std::vector<Window> second = {{3, 3, 1, 1}, {3, 3, 2, 1}};
  CHECK(exercise::seen_through(second) == Window{5, 5, 2, 2});
}

TEST_CASE("20.1 the small CNN: convolution, pooling, convolution, pooling") {
  const std::vector<Window> net = {{3, 3, 1, 1}, {2, 2, 2, 0}, {3, 3, 1, 1}, {2, 2, 2, 0}};
  // 1 + 2; + 1 = 4, distance 2; + 2 2 = 8; + 1 2 = 10, distance 4; padding 1 + 2
  CHECK(exercise::seen_through(net) == Window{10, 10, 4, 3});
}

TEST_CASE("20.1 height and width apart; a stride that leaves pixels out") {
  const std::vector<Window> windows = {{1, 4, 3, 0}, {2, 1, 5, 0}, {3, 2, 1, 1}};
  // height 1, + 1 3 = 4, + 2 15 = 34; width 4, + 0, + 1 15 = 19; padding 1 15
  CHECK(exercise::seen_through(windows) == Window{34, 19, 15, 15});
}

TEST_CASE("20.1 random windows, one axis at a time, by marking what is seen") {
  qfs::Rng rng(201);
  for (int draw = 0; draw < 104; ++draw) {
    std::vector<Window> windows;
    for (std::uint64_t count = 1 + rng.below(4); count > 0; --count)
      windows.push_back({1 + rng.below(4), 1 + rng.below(4), 1 + rng.below(3), 0});
    for (Window& window : windows) window.padding = rng.below(2);
    // Outputs 0 and 1 of the last window, followed back to the pixels of an endless picture.
    const auto reach = [&](long output, auto extent) {
      long low = output, high = output;
      for (std::size_t i = windows.size(); i-- > 0;) {
        const long stride = static_cast<long>(windows[i].stride);
        low = low * stride - static_cast<long>(windows[i].padding);
        high = high * stride - static_cast<long>(windows[i].padding) +
               static_cast<long>(windows[i].*extent) - 1;
      }
      return std::pair(low, high);
    };
    const auto rows = reach(0, &Window::height), columns = reach(0, &Window::width);
    const auto next = reach(1, &Window::height);
    const Window expected = {static_cast<std::size_t>(rows.second - rows.first + 1),
                             static_cast<std::size_t>(columns.second - columns.first + 1),
                             static_cast<std::size_t>(next.first - rows.first),
                             static_cast<std::size_t>(-rows.first)};
    INFO("draw " << draw);
    CHECK(exercise::seen_through(windows) == expected);
    CHECK(expected.stride > 0);
  }
}
