// Section 2: all pairs of products there are, and the smallest input that breaks them.
#include <cstdio>
#include <vector>

#include "10_kernel_ladder/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch10 {
namespace {

constexpr std::int64_t kLowest = 255 * -128, kHighest = 255 * 127;

// How many pairs (x, w), x from 0 to x_max, have the product p: at index p - kLowest.
std::vector<std::uint64_t> count_products(int x_max) {
  std::vector<std::uint64_t> count(static_cast<std::size_t>(kHighest - kLowest + 1));
  for (int x = 0; x <= x_max; ++x)
    for (int w = -128; w <= 127; ++w) ++count[static_cast<std::size_t>(x * w - kLowest)];
  return count;
}

struct Saturated {
  std::uint64_t above = 0, below = 0, all = 0;
};

// Of all (x0, w0, x1, w1): every product p once with every product q, of which p + q matters.
Saturated count_saturated(int x_max) {
  const std::vector<std::uint64_t> count = count_products(x_max);
  std::vector<std::uint64_t> up_to(count.size() + 1);  // up_to[i]: products with an index below i
  for (std::size_t i = 0; i < count.size(); ++i) up_to[i + 1] = up_to[i] + count[i];
  const std::uint64_t products = up_to.back();
  Saturated result{.all = products * products};
  for (std::int64_t p = kLowest; p <= kHighest; ++p) {
    const std::uint64_t times = count[static_cast<std::size_t>(p - kLowest)];
    const std::int64_t too_high = std::clamp(32768 - p, kLowest, kHighest + 1);  // q from here on
    const std::int64_t too_low = std::clamp(-32768 - p, kLowest, kHighest + 1);  // q below this
    result.above += times * (products - up_to[static_cast<std::size_t>(too_high - kLowest)]);
    result.below += times * up_to[static_cast<std::size_t>(too_low - kLowest)];
  }
  return result;
}

}  // namespace

void every_pair(Lesson& lesson) {
  section(2, "Every pair of products there is");
  Table table({"inputs", "pairs", "above 32767", "below -32768", "share"});
  for (int x_max : {255, 127}) {
    const Saturated s = count_saturated(x_max);
    table.row({"0.." + std::to_string(x_max), std::to_string(s.all), std::to_string(s.above),
               std::to_string(s.below),
               percent(static_cast<double>(s.above + s.below) / static_cast<double>(s.all))});
  }
  table.print();
  const Saturated eight = count_saturated(255), seven = count_saturated(127);
  std::printf(
      "  closest to the edge: 2 * 255 * 64 = %d fits, 255 * 65 + 255 * 64 = %d becomes %d\n",
      add_pair(255, 64, 255, 64), 255 * 65 + 255 * 64, add_pair(255, 65, 255, 64));
  lesson.claims.expect(eight.above > 0 && eight.below > 0 && seven.above + seven.below == 0,
                       "inputs of eight bits can saturate, of seven bits never");
}

}  // namespace qfs::ch10
