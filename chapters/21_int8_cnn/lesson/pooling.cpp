// Section 3: the largest of four integers, and their mean.
#include <cstdio>

#include "21_int8_cnn/lesson/paper_example.hpp"
#include "21_int8_cnn/lesson/study.hpp"
#include "21_int8_cnn/pool_u8.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {

void pooling(Lesson& lesson) {
  section(3, "Pooling: 3 7 6 1, scale 0.5 and zero point 2");
  const Window window{2, 2, 2, 0};
  std::array<std::uint8_t, 1> most{}, mean{};
  max_pool_u8(window, {2, 2, 1}, kFour, most);
  const float m = average_multiplier(kFourParams.scale, 4, kMeanParams.scale);
  average_pool_u8({window, {2, 2, 1}, kFourParams.zero_point, m, kMeanParams, unsigned_range(8)},
                  kFour, mean);
  std::printf("  the largest: %d, the same scale and zero point, real %g\n", most[0],
              static_cast<double>(dequantize_value(most[0], kFourParams)));
  std::printf("  the mean: sum %d of q - 2, * %g = %g, to even %d, scale 0.25, real %g\n",
              3 + 7 + 6 + 1 - 4 * 2, static_cast<double>(m), 9 * static_cast<double>(m), mean[0],
              static_cast<double>(dequantize_value(mean[0], kMeanParams)));
  lesson.claims.expect(most[0] == 7 && m == 0.5F && mean[0] == 4, "by hand = this program");
}

}  // namespace qfs::ch21
