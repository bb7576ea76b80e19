// Section 8: what goes wrong without the clip mask.
#include <array>
#include <cstdio>

#include "03_fake_quantization/lesson/clipped_training.hpp"
#include "03_fake_quantization/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch03 {

void mistakes(Lesson& lesson) {
  section(8, "What goes wrong: the backward pass without the clip mask");
  std::printf("  two weights, one fixed scale 1/8, integers -7 to 7; targets 1.5 and 0.25\n");
  std::array<float, 2> masked = {0.5F, 0.5F}, unmasked = masked;
  Table table({"step", "no mask: w0", "w1", "loss", "mask: w0", "w1", "loss"});
  ToyStep last_masked, last_unmasked;
  bool same_losses = true;
  for (int step = 0; step <= 200; ++step) {
    last_unmasked = toy_step(unmasked, false);
    last_masked = toy_step(masked, true);
    same_losses = same_losses && last_masked.loss == last_unmasked.loss;
    if (step > 7 && step != 20 && step != 200) continue;
    table.row({std::to_string(step), fixed(last_unmasked.w[0], 6), fixed(last_unmasked.w[1], 4),
               fixed(last_unmasked.loss, 4), fixed(last_masked.w[0], 6), fixed(last_masked.w[1], 4),
               fixed(last_masked.loss, 4)});
  }
  table.print();
  lesson.claims.expect(same_losses,
                       "both losses are the same in every step: training shows nothing");
  std::printf("  then the weights are converted, with a scale from their largest magnitude:\n");
  std::array<float, 2> kept{};
  std::array<std::array<float, 2>, 2> trained = {last_unmasked.w, last_masked.w};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto y = fake_quantize_min_max(trained[i], {.inner = 2, .group_size = 2}, kToyRange);
    kept[i] = y[1];
    std::printf("    %-8s w = (%.4f, %.4f) becomes (%.4f, %.4f)\n",
                i == 0 ? "no mask:" : "mask:", trained[i][0], trained[i][1], y[0], y[1]);
  }
  lesson.claims.expect(kept[0] == 0.0F && kept[1] != 0.0F,
                       "without the mask one weight ran away and the other became 0");
}

}  // namespace qfs::ch03
