// Judges exercise 10.1.
#include "1_first_to_saturate.hpp"

#include <string>
#include <utility>

#include "tests/exercises/judge.hpp"

const qfs::test::Assertions kAssertions(16);

namespace {

bool leaves_16_bits(int sum) { return sum > 32767 || sum < -32768; }

// Only the extremes need a look: x0 w0 + x1 w1 with one input held still is a straight line in the
// other, so that it is largest, and smallest, where that input is 0 or x_max; and then the same
// holds for the one held still.
bool extremes_leave(int w0, int w1, int x_max) {
  for (int x0 : {0, x_max})
    for (int x1 : {0, x_max})
      if (leaves_16_bits(x0 * w0 + x1 * w1)) return true;
  return false;
}

bool some_inputs_leave(int w0, int w1, int x_max) {
  for (int x0 = 0; x0 <= x_max; ++x0)
    for (int x1 = 0; x1 <= x_max; ++x1)
      if (leaves_16_bits(x0 * w0 + x1 * w1)) return true;
  return false;
}

int first_by_search(int w0, int w1, bool (*can_leave)(int, int, int)) {
  int x_max = 0;
  while (x_max <= 255 && !can_leave(w0, w1, x_max)) ++x_max;
  return x_max;
}

// Empty, or the first of all pairs of weights for which the answer is not what the search finds.
std::string first_difference() {
  for (int w0 = -128; w0 <= 127; ++w0)
    for (int w1 = -128; w1 <= 127; ++w1) {
      const std::int32_t got =
          exercise::first_to_saturate(static_cast<std::int8_t>(w0), static_cast<std::int8_t>(w1));
      const int expected = first_by_search(w0, w1, extremes_leave);
      if (got != expected)
        return "weights " + std::to_string(w0) + " and " + std::to_string(w1) + ": got " +
               std::to_string(got) + ", expected " + std::to_string(expected);
    }
  return "";
}

}  // namespace

TEST_CASE("10.1 on paper: both weights positive") {
  CHECK(exercise::first_to_saturate(127, 127) == 130);  // 129 * 254 = 32766 fits
  CHECK(exercise::first_to_saturate(65, 64) == 255);    // 254 * 129 = 32766 fits
  CHECK(exercise::first_to_saturate(64, 64) == 256);    // 255 * 128 = 32640 fits
}

TEST_CASE("10.1 on paper: both weights negative, where 32768 fits") {
  CHECK(exercise::first_to_saturate(-128, -128) == 129);  // 128 * -256 = -32768 fits
  CHECK(exercise::first_to_saturate(-64, -65) == 255);    // 254 * -129 = -32766 fits
  CHECK(exercise::first_to_saturate(-64, -64) == 256);
}

TEST_CASE("10.1 weights of two signs, and zeros, never saturate") {
  CHECK(exercise::first_to_saturate(127, -128) == 256);
  CHECK(exercise::first_to_saturate(-128, 127) == 256);
  CHECK(exercise::first_to_saturate(-128, 0) == 256);  // 255 * -128 = -32640 fits
  CHECK(exercise::first_to_saturate(0, 0) == 256);
}

TEST_CASE("10.1 all 65 536 pairs of weights") { CHECK(first_difference() == ""); }

TEST_CASE("10.1 what all inputs find, and not their extremes alone") {
  for (const auto& [w0, w1] : {std::pair<std::int8_t, std::int8_t>(127, 126),
                               {-128, -127},
                               {-100, -90},
                               {70, 127},
                               {127, -1}})
    CHECK(exercise::first_to_saturate(w0, w1) == first_by_search(w0, w1, some_inputs_leave));
}
