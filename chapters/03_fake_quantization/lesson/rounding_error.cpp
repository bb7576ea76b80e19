// Section 3: the rounding error is uniform, and s^2/12.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "03_fake_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch03 {

void rounding_error(Lesson& lesson) {
  section(3, "Rounding error: uniform, s^2/12, 6.02 dB a bit");
  const std::vector<float> x = uniform_draws(lesson.options.seed);
  std::vector<float> y(x.size());
  Table table({"bits", "s", "s^2/12", "measured MSE", "measured / theory", "SQNR dB", "gain dB"});
  double last = 0.0;
  bool holds = true;
  for (int bits = 2; bits <= 8; ++bits) {
    const QuantRange range = unsigned_range(bits);
    const QuantParams p = choose_qparams(-1.0F, 1.0F, range);
    fake_quantize(x, p, range, y);
    const ErrorMeasures error = measure_error(x, y);
    const double theory = rounding_noise(static_cast<double>(p.scale));
    // The mean of n squares of a uniform error has a standard deviation of sqrt(0.8 / n) of itself,
    // 0.28 %: five of them are 1.4 %.
    holds = holds && std::fabs(error.mse / theory - 1.0) < 0.0142;
    table.row({std::to_string(bits), fixed(static_cast<double>(p.scale), 6), general(theory, 4),
               general(error.mse, 4), fixed(error.mse / theory, 3), fixed(error.sqnr_db, 2),
               bits == 2 ? "" : fixed(error.sqnr_db - last, 2)});
    last = error.sqnr_db;
    if (bits != 4) continue;
    std::array<std::size_t, 8> counts{};
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float eighth = ((x[i] - y[i]) / p.scale + 0.5F) * 8.0F;
      ++counts[static_cast<std::size_t>(std::clamp(eighth, 0.0F, 7.0F))];
    }
    print_histogram("error x - y in steps, 4 bits, 100 000 uniform numbers", counts, -0.5, 0.5);
  }
  table.print();
  lesson.claims.expect(holds, "measured and s^2/12 agree within 1.4 % at every number of bits");
  std::printf("  half the step, a quarter of the noise: 10 log10(4) = %.2f dB a bit\n",
              decibels(4.0));  // (eq. 3.6)
}

}  // namespace qfs::ch03
