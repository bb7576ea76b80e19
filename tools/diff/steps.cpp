#include "diff/steps.hpp"

#include <algorithm>
#include <cmath>

#include "diff/fit.hpp"

namespace qfs::diff {
namespace {

std::vector<RoundingRule> rounding_rules() {
  return {{{"ties to even", ""}, [](double steps, bool) { return std::nearbyint(steps); }},
          {{"ties away from zero", "std::round and lround do this; use nearbyint"},
           [](double steps, bool) { return std::round(steps); }},
          {{"ties up: floor(steps + 0.5)", "use nearbyint"},
           [](double steps, bool in_float32) {
             return std::floor(in_float32 ? static_cast<double>(static_cast<float>(steps) + 0.5F)
                                          : steps + 0.5);
           }},
          {{"truncated toward zero", "a conversion to int without rounding"},
           [](double steps, bool) { return std::trunc(steps); }},
          {{"always down", "floor, or an integer shift, without rounding"},
           [](double steps, bool) { return std::floor(steps); }}};
}

std::vector<ZeroPointRule> zero_point_rules(int bits) {
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  const std::string text = std::to_string(half);
  return {
      {{"added after rounding", ""}, 1, 0},
      {{"added before rounding", "round(x / s + z): move z out of the rounding"}, 1, 0, true},
      {{"left out", "nothing is added: is z lost, or meant to be 0?"}, 0, 0},
      {{"subtracted", "real = s * (q - z), so q = x / s + z"}, -1, 0},
      {{"added twice", "z is in the steps, or in the bias, already"}, 2, 0},
      {{"larger by " + text, "the integers are unsigned and z belongs to signed ones"}, 1, half},
      {{"smaller by " + text, "the integers are signed and z belongs to unsigned ones"}, 1, -half}};
}

using I64 = std::int64_t;

std::vector<ClampRule> clamp_rules(const Integers& mine, QuantRange range) {
  const bool wraps = is_narrow_type(mine.storage);
  std::vector<ClampRule> rules = {
      {{"to the range, after the zero point", ""},
       [](I64 steps, I64 z, I64, QuantRange r, QuantRange) {
         return std::clamp<I64>(steps + z, r.qmin, r.qmax);
       }},
      {{wraps ? "missing: the integer wraps around in its type" : "missing",
        "clamp to qmin..qmax before the conversion to the stored type"},
       [](I64 steps, I64 z, I64, QuantRange, QuantRange s) { return wrapped(steps + z, s); }},
      {{"only from above", "the lower clamp is missing: the integer wraps around"},
       [](I64 steps, I64 z, I64, QuantRange r, QuantRange s) {
         return wrapped(std::min<I64>(steps + z, r.qmax), s);
       }},
      {{"only from below", "the upper clamp is missing: the integer wraps around"},
       [](I64 steps, I64 z, I64, QuantRange r, QuantRange s) {
         return wrapped(std::max<I64>(steps + z, r.qmin), s);
       }},
      {{"to the range, before the zero point is added", "add z first, then clamp"},
       [](I64 steps, I64 z, I64, QuantRange r, QuantRange s) {
         return wrapped(std::clamp<I64>(steps, r.qmin, r.qmax) + z, s);
       }},
      {{"to the range without its lowest integer",
        "a narrow (symmetric) range, as TensorRT's -127..127"},
       [](I64 steps, I64 z, I64, QuantRange r, QuantRange) {
         return std::clamp<I64>(steps + z, r.qmin + 1, r.qmax);
       }},
      {{"to half the range", "a reduced range of one bit less, as PyTorch's on x86"},
       [](I64 steps, I64 z, I64, QuantRange r, QuantRange) {
         return std::clamp<I64>(steps + z, reduced(r).qmin, reduced(r).qmax);
       }},
      {{"from the zero point up", "a ReLU is fused into this operation"},
       [](I64 steps, I64 z, I64 zero, QuantRange r, QuantRange) {
         return std::clamp<I64>(steps + z, std::clamp<I64>(zero, r.qmin, r.qmax), r.qmax);
       }}};
  if (wraps && range != mine.storage)
    rules.push_back(
        {{"to the whole range of the type", "a ReLU, or the range of fewer bits, is missing"},
         [](I64 steps, I64 z, I64, QuantRange, QuantRange s) {
           return std::clamp<I64>(steps + z, s.qmin, s.qmax);
         }});
  return rules;
}

std::vector<StorageRule> storage_rules(const Integers& mine, QuantRange range) {
  std::vector<StorageRule> rules = {{{"in the type's own range and byte order", ""}}};
  if (mine.storage == range)
    rules.push_back({{"computed for the other signedness, its bits reinterpreted",
                      "a cast between int8 and uint8 keeps the bits, not the number"},
                     true});
  if (bits_of(mine.storage) > 8)
    rules.push_back(
        {{"with its bytes in the other order", "one side is big-endian: numpy's '>i2' or '>i4'"},
         false,
         true});
  return rules;
}

}  // namespace

std::vector<Dimension> StepRules::dimensions() const {
  return {dimension_of("rounding", roundings), dimension_of("zero point", zero_points),
          dimension_of("clamp", clamps), dimension_of("storage", storages),
          dimension_of("layout", layouts)};
}

std::int64_t StepRules::finish(const Rule& rule, double steps, bool in_float32,
                               std::int64_t zero_point, QuantRange range,
                               QuantRange storage) const {
  const ZeroPointRule& rules_z = zero_points[rule[kZeroPoint]];
  const auto z = static_cast<double>(rules_z.of(zero_point));
  if (rules_z.before_rounding)
    steps = in_float32 ? static_cast<double>(static_cast<float>(steps) + static_cast<float>(z))
                       : steps + z;
  const double rounded = roundings[rule[kRounding]].round(steps, in_float32);
  return finish_rounded(rule, rounded, zero_point, range, storage);
}

std::int64_t StepRules::finish_rounded(const Rule& rule, double rounded, std::int64_t zero_point,
                                       QuantRange range, QuantRange storage) const {
  // NaN cannot occur; what passes 2^53 is far outside every range.
  const auto steps = static_cast<std::int64_t>(std::clamp(rounded, -0x1p53, 0x1p53));
  const ZeroPointRule& rules_z = zero_points[rule[kZeroPoint]];
  const std::int64_t zero = rules_z.of(zero_point), z = rules_z.before_rounding ? 0 : zero;
  const StorageRule& store = storages[rule[kStorage]];
  const auto clamp = clamps[rule[kClamp]].clamp;
  if (store.as_other_signedness)
    return wrapped(clamp(steps, z, zero, other_signedness(range), other_signedness(storage)),
                   storage);
  const std::int64_t q = clamp(steps, z, zero, range, storage);
  return store.swaps_bytes ? bytes_swapped(q, storage) : q;
}

StepRules step_rules(const Integers& mine, const Shapes& shapes, QuantRange range) {
  return {rounding_rules(), zero_point_rules(bits_of(range)), clamp_rules(mine, range),
          storage_rules(mine, range), layout_rules(shapes)};
}

void add_fitted(const Integers& mine, const Shapes& shapes, std::span<const std::int64_t> expected,
                QuantRange range, StepRules& rules) {
  if (expected.empty()) return;
  add_permutations(shapes, mine.values, expected, rules.layouts);
  const Ends ends{range.qmin, range.qmax};
  const auto offset = fitted_offset(mine.values, ends, expected, ends);
  if (!offset) return;
  rules.zero_points.push_back(
      {{(*offset > 0 ? "larger by " : "smaller by ") + std::to_string(std::abs(*offset)),
        "z is off: rounded in another way, of another tensor, or moved by hand", 1},
       1,
       *offset});
}

std::vector<std::int64_t> expected_by_course(const RuleSpace& space, std::size_t elements) {
  const Rule ours(space.dimensions.size(), 0);
  std::vector<std::int64_t> expected;
  for (std::size_t i = 0; i < elements; ++i) {
    const auto given = space.evaluate(ours, i);
    if (!given) return {};
    expected.push_back(given->low);
  }
  return expected;
}

}  // namespace qfs::diff
