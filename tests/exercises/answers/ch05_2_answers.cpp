// Answers to exercise 5.2.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch05_2_test.cpp"

using qfs::QuantParams;

inline QuantParams in_range(std::span<const float> y, qfs::QuantRange range, float lowest,
                            float highest = 3e38F, qfs::Scheme scheme = qfs::Scheme::affine) {
  const auto [min, max] = qfs::min_max(y);
  return qfs::choose_qparams(std::clamp(min, lowest, highest), std::clamp(max, lowest, highest),
                             range, scheme);
}

inline float lowest_of(bool fused) { return fused ? 0.0F : -3e38F; }

namespace number_by_number {
const Answer kAnswer = right("applies the ReLU to every number, from the interval [0, 0] on");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  float lo = 0.0F, hi = 0.0F;
  for (float value : y) {
    const float out = fused && value < 0.0F ? 0.0F : value;
    lo = std::fmin(lo, out);
    hi = std::fmax(hi, out);
  }
  return qfs::choose_qparams(lo, hi, qfs::unsigned_range(8));
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace number_by_number

namespace by_the_formula {
const Answer kAnswer = right("computes scale and zero point itself");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  const auto [min, max] = qfs::min_max(y);
  const float lo = fused || min > 0.0F ? 0.0F : min, hi = max > 0.0F ? max : 0.0F;
  const float scale = std::max((hi - lo) / 255.0F, qfs::kSmallestScale);
  return {scale, -static_cast<std::int32_t>(std::nearbyint(lo / scale))};
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace by_the_formula

namespace fused_forgotten {
const Answer kAnswer = wrong("ignores `fused`");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  return in_range(y, {0, 255}, lowest_of(fused && y.empty()));
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace fused_forgotten

namespace always_fused {
const Answer kAnswer = wrong("applies the ReLU always");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  return in_range(y, {0, 255}, lowest_of(fused || !y.empty()));
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace always_fused

namespace the_wrong_way_round {
const Answer kAnswer = wrong("applies the ReLU where it is not fused");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  return in_range(y, {0, 255}, lowest_of(!fused));
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace the_wrong_way_round

namespace signed_integers {
const Answer kAnswer = wrong("takes signed integers");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  return in_range(y, {-128, 127}, lowest_of(fused));
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace signed_integers

namespace seven_bits {
const Answer kAnswer = wrong("takes 7 bits");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  return in_range(y, {0, 127}, lowest_of(fused));
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace seven_bits

namespace one_step_more {
const Answer kAnswer = wrong("takes 256 for the number of steps");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  QuantParams p = in_range(y, {0, 255}, lowest_of(fused));
  p.scale = p.scale * 255.0F / 256.0F;
  return p;
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace one_step_more

namespace symmetric {
const Answer kAnswer = wrong("takes a symmetric scale");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  return in_range(y, {0, 255}, lowest_of(fused), 3e38F, qfs::Scheme::symmetric);
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace symmetric

namespace only_the_zero_point {
const Answer kAnswer = wrong("sets the zero point to 0 and keeps the scale");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  const QuantParams p = in_range(y, {0, 255}, lowest_of(false));
  return {p.scale, fused ? 0 : p.zero_point};
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace only_the_zero_point

namespace magnitudes {
const Answer kAnswer = wrong("takes |y| for the ReLU");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  std::vector<float> out(y.begin(), y.end());
  for (float& value : out) value = fused ? std::fabs(value) : value;
  return in_range(out, {0, 255}, lowest_of(false));
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace magnitudes

namespace not_widened {
const Answer kAnswer = wrong("does not widen the interval to 0");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  const auto [min, max] = qfs::min_max(y);
  const float lo = fused ? std::max(min, 0.0F) : min, hi = fused ? std::max(max, 0.0F) : max;
  const float scale = std::max((hi - lo) / 255.0F, qfs::kSmallestScale);
  return {scale, std::clamp(-static_cast<std::int32_t>(std::nearbyint(lo / scale)), 0, 255)};
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace not_widened

namespace dead_layer_has_scale_1 {
const Answer kAnswer = wrong("gives a dead layer the scale 1");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  const QuantParams p = in_range(y, {0, 255}, lowest_of(fused));
  return {p.scale > qfs::kSmallestScale ? p.scale : 1.0F, p.zero_point};
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace dead_layer_has_scale_1

namespace zero_point_cut_off {
const Answer kAnswer = wrong("cuts the zero point off");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  const QuantParams p = in_range(y, {0, 255}, lowest_of(fused));
  return {p.scale, std::min(p.zero_point, static_cast<std::int32_t>(
                                              -std::min(qfs::min_max(y).min, 0.0F) / p.scale))};
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace zero_point_cut_off

namespace zero_point_ties_away {
const Answer kAnswer = wrong("rounds ties of the zero point away from 0");
namespace exercise {
inline qfs::QuantParams output_params(std::span<const float> y, bool fused) {
  const QuantParams p = in_range(y, {0, 255}, lowest_of(fused));
  return {p.scale, fused ? 0
                         : static_cast<std::int32_t>(
                               std::round(-std::min(qfs::min_max(y).min, 0.0F) / p.scale))};
}
}  // namespace exercise
#include "tests/exercises/ch05_2_test.cpp"
}  // namespace zero_point_ties_away
