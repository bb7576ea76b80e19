// Exercise 9.3, solved.
#pragma once

namespace exercise {

// [solution]
inline int bits_at(int epoch, int epochs, int from, int to) {
  const int stages = from - to + 1, still_to_come = epochs - epoch;
  return to + still_to_come * stages / epochs;
}

inline float keep_interval(float s, int before, int after) {
  const auto steps = [](int bits) { return static_cast<float>((1 << bits) - 1); };
  return s * steps(before) / steps(after);
}
// [/solution]

}  // namespace exercise
