#include <algorithm>
#include <memory>

#include "diff/rules.hpp"

namespace qfs::diff {
namespace {

enum : std::size_t { kValue, kLayout };
enum : std::size_t { kEqual, kOffset, kNegated, kClamped, kReinterpreted };

}  // namespace

RuleSpace relation_rules(const Integers& mine, const Integers& theirs) {
  const Shapes shapes{mine.shape, theirs.shape};
  require_comparable(shapes);
  const std::int64_t offset = mine.values[0] - theirs.values[0];
  const auto [low, high] = std::minmax_element(mine.values.begin(), mine.values.end());
  const std::int64_t smallest = *low, largest = *high;
  const std::string range = std::to_string(smallest) + ".." + std::to_string(largest);
  Dimension value{
      "value",
      {{"equal", ""},
       {"theirs + " + std::to_string(offset),
        offset == 128 || offset == -128
            ? "one side is signed, the other unsigned: z differs by 128 too"
            : "the zero points differ by this much"},
       {"theirs, negated", "a sign: real = s * (q - z) on one side, s * (z - q) on the other"},
       {"theirs, clamped to " + range,
        "one side has a smaller range: narrow, reduced, or a fused ReLU"},
       {"the same bits as the other signedness", "a cast between int8 and uint8 keeps the bits"}}};
  const auto data = std::make_shared<std::vector<std::int64_t>>(theirs.values);
  const auto evaluate = [=](const Rule& rule, std::size_t i) -> std::optional<std::int64_t> {
    const auto place = place_in_theirs(shapes, static_cast<Layout>(rule[kLayout]), i);
    if (!place) return std::nullopt;
    const std::int64_t other = (*data)[*place];
    switch (rule[kValue]) {
      case kOffset:
        return other + offset;
      case kNegated:
        return -other;
      case kClamped:
        return std::clamp(other, smallest, largest);
      case kReinterpreted:
        return other < 0 ? other + 256 : other > 127 ? other - 256 : other;
      default:
        return other;
    }
  };
  return {{value, layout_dimension()}, evaluate};
}

}  // namespace qfs::diff
