// Section 7: what goes wrong.
#include <cstdio>

#include "19_number_formats/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch19 {
namespace {

Matrix<float> times(const Matrix<float>& w, float factor) {
  Matrix<float> scaled = w;
  for (float& x : values(scaled)) x *= factor;
  return scaled;
}

// Weights that are small, in E4M3 as they are.
void without_a_scale(const Study& study, Lesson& lesson) {
  std::printf("  E4M3 without a scale, layer 1 made smaller: E4M3 and E5M2 in dB\n");
  Table table({"weights", "below 2^-6", "E4M3", "E4M3, tensor", "E5M2"});
  const Matrix<float>& layer = study.mlp.layers[0].weight;
  std::vector<double> as_it_is, scaled;
  for (int power : {0, 2, 4, 6, 8}) {
    const Matrix<float> w = times(layer, power_of_two(-power));
    std::size_t subnormal = 0;
    for (float x : values(w)) subnormal += std::fabs(x) < power_of_two(-6) ? 1 : 0;
    as_it_is.push_back(sqnr_db(w, kFormats[e4m3].store(w)));
    scaled.push_back(sqnr_db(w, kFormats[e4m3_tensor].store(w)));
    table.row({power == 0 ? "as trained" : "/ " + std::to_string(1 << power),
               percent(subnormal, w.size()), fixed(as_it_is.back(), 2), fixed(scaled.back(), 2),
               fixed(sqnr_db(w, kFormats[e5m2].store(w)), 2)});
  }
  table.print();
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(as_it_is.back() < 1.0 && scaled.back() == scaled.front(),
                       "divided by 256, E4M3 keeps less than 1 dB; with a scale nothing changes");
}

// What a power of two as a scale costs. All blocks are scaled to the same largest magnitude, in
// [4, 8): so X is 1 in each.
void power_of_two_scales(Lesson& lesson) {
  std::printf("  E2M1, every block's largest magnitude at a / X: a power of two against a float\n");
  Table table({"a / X", "MXFP4", "E2M1, 32", "lost, dB"});
  Matrix<float> w = draw(Shape::normal, lesson.options.seed);
  double worst = 0.0, best = 99.0;
  for (float top : {4.0F, 4.5F, 5.0F, 5.5F, 6.0F, 6.5F, 7.0F, 7.5F, 7.99F}) {
    for (std::size_t begin = 0; begin < w.size(); begin += kBlock) {
      const auto block = values(w).subspan(begin, kBlock);
      const float factor = top / std::fabs(largest_signed(block));
      for (float& x : block) x *= factor;
    }
    const double mx = sqnr_db(w, kFormats[mxfp4].store(w));
    const double free = sqnr_db(w, kFormats[e2m1_32].store(w));
    worst = std::max(worst, free - mx);
    best = std::min(best, free - mx);
    table.row({fixed(top, 2), fixed(mx, 2), fixed(free, 2), fixed(free - mx, 2)});
  }
  table.print();
  std::vector<double> lost;
  for (std::uint64_t seed = lesson.options.seed; seed < lesson.options.seed + kSeeds; ++seed) {
    const Matrix<float> gauss = draw(Shape::normal, seed);
    lost.push_back(sqnr_db(gauss, kFormats[e2m1_32].store(gauss)) -
                   sqnr_db(gauss, kFormats[mxfp4].store(gauss)));
  }
  std::printf("  Gaussian blocks as they come, five seeds: %s dB lost\n",
              text_of(mean_interval(lost)).c_str());
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(std::fabs(best) < 0.01 && worst > 3.0,
                       "nothing is lost where a / X is 6, over 3 dB at the worst place");
}

// A block with the largest magnitude on both sides.
void lopsided(Lesson& lesson) {
  BlockValues x{};
  x[0] = 1.0F;
  x[1] = -1.0F;
  BlockQ4_0 block;
  quantize_block(x, block);
  BlockValues y{};
  dequantize_block(block, y);
  std::printf("  Q4_0 of a block with 1 and -1: %g and %g; d = %g, and there is no +8\n", y[0],
              y[1], from_float16(block.scale));
  lesson.claims.expect(y[0] == 1.0F && y[1] == -0.875F,
                       "the first of two equal magnitudes is exact, the other an eighth too small");
}

}  // namespace

void mistakes(const Study& study, Lesson& lesson) {
  section(7, "What goes wrong");
  without_a_scale(study, lesson);
  power_of_two_scales(lesson);
  lopsided(lesson);
}

}  // namespace qfs::ch19
