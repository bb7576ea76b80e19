// Section 2: units rescaled by powers of ten, in eight bits; and equalized.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "07_layer_fusion/fuse.hpp"
#include "18_better_rounding/equalize.hpp"
#include "18_better_rounding/lesson/study.hpp"

namespace qfs::ch18 {
namespace {

// [rescaled]
// Every hidden unit divided by 0.01, 0.1, 1, 10 or 100, drawn from the seed: another net on paper,
// the same function.
Mlp rescaled(Mlp mlp, std::uint64_t seed) {
  constexpr float kPowers[] = {0.01F, 0.1F, 1.0F, 10.0F, 100.0F};
  Rng rng(seed);
  for (std::size_t i = 0; i + 1 < mlp.layers.size(); ++i) {
    std::vector<float> s(mlp.layers[i].outputs());
    for (float& factor : s) factor = kPowers[rng.below(std::size(kPowers))];
    rescale_units(mlp.layers[i], mlp.layers[i + 1], s);
  }
  return mlp;
}
// [/rescaled]

constexpr WeightGranularity kBoth[] = {WeightGranularity::per_tensor,
                                       WeightGranularity::per_channel};

// All in integers: chapter 07's fused net, weights and activations in eight bits.
std::vector<std::uint8_t> classes_in_int8(const Study& study, const Mlp& mlp, WeightGranularity w) {
  const auto intervals = calibrate<MinMaxObserver>(mlp, CalibrationSet(study.data.train),
                                                   OutputPoint::after_relu, 100);
  return classify_u8(pack(quantize_fused_mlp(mlp, intervals, {.weights = w})),
                     study.data.test.pixels);
}

// The weights of one layer alone in eight bits, all else in float.
std::vector<std::uint8_t> classes_of_one_layer(const Study& study, Mlp mlp, std::size_t i,
                                               WeightGranularity granularity) {
  Matrix<float>& weight = mlp.layers[i].weight;
  weight = dequantized(quantize_weight(weight, granularity));
  return classify_ref(mlp, study.data.test.pixels);
}

struct Compared {
  std::size_t flips = 0;
  double right = 0.0, p = 1.0;
};
Compared compared(const Study& study, const std::vector<std::uint8_t>& by_float,
                  const std::vector<std::uint8_t>& classes) {
  const auto& labels = study.data.test.labels;
  const PairedResult pair = compare_classes(by_float, classes, labels);
  return {pair.classes_differ,
          100.0 * static_cast<double>(count_correct(classes, labels)) /
              static_cast<double>(labels.size()),
          pair.p};
}

double largest_difference(const Matrix<float>& a, const Matrix<float>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(
        largest, std::fabs(static_cast<double>(values(a)[i]) - static_cast<double>(values(b)[i])));
  return largest;
}

void one_layer_at_a_time(const Study& study, const std::vector<std::uint8_t>& by_float,
                         const Mlp& rescaled, const Mlp& equalized) {
  std::printf("  the weights of one layer alone in eight bits: flips\n");
  Table table({"", "rescaled, per tensor", "per channel", "equalized, per tensor"});
  for (std::size_t i = 0; i < rescaled.layers.size(); ++i) {
    std::vector<std::string> cells = {"layer " + std::to_string(i + 1)};
    for (auto granularity : kBoth)
      cells.push_back(std::to_string(
          compared(study, by_float, classes_of_one_layer(study, rescaled, i, granularity)).flips));
    cells.push_back(std::to_string(
        compared(study, by_float, classes_of_one_layer(study, equalized, i, kBoth[0])).flips));
    table.row(cells);
  }
  table.print();
}

}  // namespace

void equalization(const Study& study, Lesson& lesson) {
  section(2, "Hidden units rescaled by powers of ten: weights and activations in eight bits");
  const Mlp other = rescaled(study.as_trained, lesson.options.seed);
  Mlp equalized = other;
  const int passes = equalize(equalized);
  const auto by_float = classify_ref(study.as_trained, study.data.test.pixels);
  std::printf("  p: McNemar, against the float net as it was trained\n");
  Table table({"net", "float, flips", "per tensor", "flips", "p", "per channel", "flips", "p"});
  std::vector<Compared> int8;
  const std::pair<const char*, const Mlp*> nets[] = {
      {"as trained", &study.as_trained}, {"rescaled", &other}, {"equalized", &equalized}};
  std::size_t float_flips = 0;
  for (const auto& [name, net] : nets) {
    const auto in_float = compared(study, by_float, classify_ref(*net, study.data.test.pixels));
    float_flips += in_float.flips;
    std::vector<std::string> cells = {name, std::to_string(in_float.flips)};
    for (auto granularity : kBoth) {
      int8.push_back(compared(study, by_float, classes_in_int8(study, *net, granularity)));
      cells.insert(cells.end(), {fixed(int8.back().right, 2) + " %",
                                 std::to_string(int8.back().flips), p_text(int8.back().p)});
    }
    table.row(cells);
  }
  table.print();
  const Matrix<float> x = normalized(study.data.test.pixels, 0, study.data.test.size());
  const double moved = largest_difference(forward_ref(study.as_trained, x), forward_ref(other, x));
  std::printf("  in float no logit of the rescaled net has moved by more than %.0e\n", moved);
  std::printf("  equalized in %d passes\n", passes);
  lesson.report.figure("equalized_int8_p", int8[4].p);
  one_layer_at_a_time(study, by_float, other, equalized);
  if (!lesson.options.is_default_run()) return;
  lesson.claims.expect(float_flips == 0, "in float all three nets give every digit the same class");
  lesson.claims.expect(int8[2].right < 50.0 && int8[3].right < 50.0,
                       "rescaled, eight bits lose more than half of the digits either way");
  lesson.claims.expect(int8[4].p > 0.05 && std::fabs(int8[4].right - int8[0].right) <= 0.5,
                       "equalized, per tensor: from float it differs by chance (p > 0.05)");
}

}  // namespace qfs::ch18
