#include "14_training_for_the_kernel/throughout.hpp"

#include "14_training_for_the_kernel/throughout_kernel.hpp"

namespace qfs {
namespace {

// Lanes of 16 bits that saturate and wrap as the registers do.
void multiply_plain(const panel::Panel& panel, const std::uint8_t* x, std::size_t strip_bytes,
                    std::size_t strips, const std::int32_t* start, std::int32_t* sums) {
  const std::size_t steps = panel::steps_of_output(panel);
  for (std::size_t i = 0; i < panel.outputs; ++i)
    for (std::size_t r = 0; r < strips * panel::kStripRows; ++r) {
      const std::size_t n = panel.output[i];
      const std::uint8_t* row =
          x + r / panel::kStripRows * strip_bytes + 4 * (r % panel::kStripRows);
      std::int32_t& sum = sums[n * panel::kRows + r];
      sum = (start != nullptr ? start[n] : sum) +
            sum_in_16_bits({panel.steps + i * steps, steps}, row);
    }
}

panel::Kernel with_multiply(panel::Kernel kernel, const char* name,
                            decltype(panel::Kernel::multiply) multiply) {
  kernel.name = name;
  kernel.multiply = multiply;
  return kernel;
}

}  // namespace

bool fits_throughout(const PackedPanels& panels, std::int32_t x_max) {
  for (const PackedPanels::Place& place : panels.panels) {
    const panel::Panel panel{place.counts.data(), place.outputs, nullptr, nullptr};
    const std::size_t steps = panel::steps_of_output(panel);
    for (std::size_t i = 0; i < place.outputs; ++i) {
      Lanes lanes{};
      for (const Step& step : std::span(panels.steps).subspan(place.first_step + i * steps, steps))
        lanes += lanes_of(step);
      if (!fit(lanes, x_max)) return false;
    }
  }
  return true;
}

const panel::Kernel& plain_throughout_kernel() {
  static const panel::Kernel kernel =
      with_multiply(plain_kernel(), "plain, 16 bits throughout", multiply_plain);
  return kernel;
}

const panel::Kernel& avx2_throughout_kernel() {
#if defined(__x86_64__)
  static const panel::Kernel kernel =
      with_multiply(avx2_kernel(), "avx2, 16 bits throughout", panel::multiply_throughout_avx2);
  return kernel;
#else
  return avx2_kernel();  // an Error
#endif
}

}  // namespace qfs
