// Answers to exercise 5.1.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch05_1_test.cpp"

// One end: where it goes from `end` when a batch has its extreme at `now`.
inline float toward(float end, float now, float c) { return end + c * (now - end); }

namespace number_by_number {
const Answer kAnswer = right("finds the extremes itself, and treats the first batch apart");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    float min = x[0], max = x[0];
    for (float value : x) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (!seen) {
      lo = min;
      hi = max;
    }
    seen = true;
    lo = min < lo ? min : c * (min - lo) + lo;
    if (max > hi)
      hi = max;
    else
      hi += c * (max - hi);
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace number_by_number

namespace widen_then_narrow {
const Answer kAnswer = right("narrows first and then widens to the batch");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    if (!seen) lo = hi = x.front();
    const float narrow_lo = lo + (min - lo) * c, narrow_hi = hi + (max - hi) * c;
    lo = !seen || !(min >= lo) ? min : narrow_lo;
    hi = !seen || !(max <= hi) ? max : narrow_hi;
    seen |= true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace widen_then_narrow

namespace never_narrows {
const Answer kAnswer = wrong("never narrows");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = !seen || min < lo ? min : lo;
    hi = !seen || max > hi ? max : hi;
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace never_narrows

namespace widens_slowly {
const Answer kAnswer = wrong("widens as slowly as it narrows");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = !seen ? min : toward(lo, min, c);
    hi = !seen ? max : toward(hi, max, c);
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace widens_slowly

namespace no_memory {
const Answer kAnswer = wrong("keeps the last batch alone");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = min;
    hi = max;
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace no_memory

namespace starts_at_0 {
const Answer kAnswer = wrong("begins with [0, 0]");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = min < lo ? min : toward(lo, min, c);
    hi = max > hi ? max : toward(hi, max, c);
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace starts_at_0

namespace contains_0 {
const Answer kAnswer = wrong("widens the first batch to contain 0");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = !seen ? std::min(min, 0.0F) : min < lo ? min : toward(lo, min, c);
    hi = !seen ? std::max(max, 0.0F) : max > hi ? max : toward(hi, max, c);
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace contains_0

namespace toward_0 {
const Answer kAnswer = wrong("narrows toward 0");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = !seen || min < lo ? min : toward(lo, 0.0F, c);
    hi = !seen || max > hi ? max : toward(hi, 0.0F, c);
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace toward_0

namespace other_share {
const Answer kAnswer = wrong("goes the share 1 - c of the way");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = !seen || min < lo ? min : toward(lo, min, 1.0F - c);
    hi = !seen || max > hi ? max : toward(hi, max, 1.0F - c);
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace other_share

namespace mean_of_both {
const Answer kAnswer = wrong("takes (1 - c) lo + c min");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = !seen || min < lo ? min : (1.0F - c) * lo + c * min;
    hi = !seen || max > hi ? max : (1.0F - c) * hi + c * max;
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace mean_of_both

namespace both_or_none {
const Answer kAnswer = wrong("widens both ends or none");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    const bool wider = !seen || (min < lo && max > hi);
    lo = wider ? min : toward(lo, min, c);
    hi = wider ? max : toward(hi, max, c);
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace both_or_none

namespace one_widens_both {
const Answer kAnswer = wrong("sets both ends when one is exceeded");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    const bool wider = !seen || min < lo || max > hi;
    lo = wider ? min : toward(lo, min, c);
    hi = wider ? max : toward(hi, max, c);
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace one_widens_both

namespace fixed_share {
const Answer kAnswer = wrong("takes 0.01 whatever c is");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = !seen || min < lo ? min : toward(lo, min, std::min(c, 0.01F));
    hi = !seen || max > hi ? max : toward(hi, max, std::min(c, 0.01F));
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace fixed_share

namespace never_seen {
const Answer kAnswer = wrong("does not note that it has seen a batch");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    lo = !seen || min < lo ? min : toward(lo, min, c);
    hi = !seen || max > hi ? max : toward(hi, max, c);
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace never_seen

namespace in_double {
const Answer kAnswer = wrong("moves in double");
namespace exercise {
struct SlowToNarrow {
  float c = 0.01F;
  bool seen = false;
  float lo = 0.0F, hi = 0.0F;
  void observe(std::span<const float> x) {
    const auto [min, max] = std::ranges::minmax(x);
    const auto move = [this](float end, float now) {
      return static_cast<float>(static_cast<double>(end) +
                                static_cast<double>(c) *
                                    (static_cast<double>(now) - static_cast<double>(end)));
    };
    lo = !seen || min < lo ? min : move(lo, min);
    hi = !seen || max > hi ? max : move(hi, max);
    seen = true;
  }
};
}  // namespace exercise
#include "tests/exercises/ch05_1_test.cpp"
}  // namespace in_double
