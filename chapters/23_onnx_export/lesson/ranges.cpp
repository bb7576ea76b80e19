// Sections 4 to 6: what u8 does not say, what reals between the edges cost, and one multiplier.
#include <algorithm>
#include <bit>
#include <cstdio>

#include "02_integer_products/requantize.hpp"
#include "23_onnx_export/lesson/study.hpp"
#include "23_onnx_export/portable_scales.hpp"
#include "common/print.hpp"

namespace qfs::ch23 {
namespace {

// The same net with every tensor as wide as its type.
QuantizedNet unclipped(QuantizedNet net) {
  for (TensorSpec& tensor : net.tensors)
    if (tensor.type == DType::u8) tensor.range = unsigned_range(8);
  return net;
}

std::size_t count_above(const Matrix<std::uint8_t>& q, int limit) {
  return static_cast<std::size_t>(
      std::ranges::count_if(values(q), [&](std::uint8_t value) { return value > limit; }));
}

std::size_t count_other_classes(const Matrix<std::uint8_t>& a, const Matrix<std::uint8_t>& b) {
  const auto x = classes_of(a), y = classes_of(b);
  std::size_t count = 0;
  for (std::size_t i = 0; i < x.size(); ++i) count += x[i] != y[i] ? 1 : 0;
  return count;
}

}  // namespace

void narrow_ranges(const Study& study, Lesson& lesson) {
  section(4, "Seven bits: u8 says 0..255, and the range 0..127 must be said beside it");
  OnnxModel model = to_onnx(study.seven_bits);
  for (std::size_t i = 0; i < 2; ++i) std::printf("    %s\n", line_of(model.nodes[i]).c_str());
  const auto with = run_in_integers(study.seven_bits, study.x),
             without = run_in_integers(unclipped(study.seven_bits), study.x);
  Table table({"layer", "integers", "with Clip, above 127", "without", "largest"});
  std::size_t above = 0, still = 0;
  int most = 0;  // that a layer reads: of the last layer nobody does
  for (std::size_t i = 0; i < with.size(); ++i) {
    const std::size_t wide = count_above(without[i], 127);
    const int largest = *std::ranges::max_element(values(without[i]));
    above += wide;
    if (i + 1 < without.size()) most = std::max(most, largest);
    still += count_above(with[i], 127);
    table.row({std::to_string(i + 1), std::to_string(with[i].size()),
               std::to_string(count_above(with[i], 127)), std::to_string(wide),
               std::to_string(largest)});
  }
  table.print();
  lesson.claims.expect(still == 0, "with Clip no integer leaves 0..127");
  if (study.by_default)
    lesson.claims.expect(above > 0 && 2 * 127 * most > 32767,  // two products in 16 bits
                         "without it some do: a kernel that counts on 7 bits can saturate");
}

void as_it_stands(const Study& study, Lesson& lesson) {
  section(5, "The QDQ graph as it stands: float32 between the edges");
  const auto integers = run_in_integers(study.fused, study.x),
             reals = run_as_written(study.fused, dequantized_layers(study.fused), study.x);
  Table table({"layer", "integers", "differ", "by at most"});
  std::size_t differ = 0;
  int most = 0;
  for (std::size_t i = 0; i < integers.size(); ++i) {
    int largest = 0;
    for (std::size_t e = 0; e < integers[i].size(); ++e)
      largest = std::max(largest, std::abs(values(integers[i])[e] - values(reals[i])[e]));
    const std::size_t count = count_different(integers[i], reals[i]);
    differ += count;
    most = std::max(most, largest);
    table.row({std::to_string(i + 1), std::to_string(integers[i].size()), std::to_string(count),
               std::to_string(largest)});
  }
  table.print();
  const std::size_t classes = count_other_classes(integers.back(), reals.back());
  std::printf("  classes that differ: %zu of %zu\n", classes, study.x.shape(0));
  lesson.report.figure("as it stands, integers that differ", static_cast<double>(differ));
  if (study.by_default)
    lesson.claims.expect(differ <= 20 && most <= 1 && classes == 0,
                         "a handful of integers differ, by 1, and no class");
}

namespace {

// How far a scale has moved, in units of its last place.
int units_between(float a, float b) {
  return std::abs(std::bit_cast<std::int32_t>(a) - std::bit_cast<std::int32_t>(b));
}

int largest_move(const QuantizedNet& a, const QuantizedNet& b) {
  int most = 0;
  for (std::size_t t = 0; t < a.tensors.size(); ++t)
    most = std::max(most, units_between(a.tensors[t].params.scale, b.tensors[t].params.scale));
  for (std::size_t w = 0; w < a.weights.size(); ++w)
    for (std::size_t c = 0; c < a.weights[w].weight.scale.size(); ++c)
      most =
          std::max(most, units_between(a.weights[w].weight.scale(c), b.weights[w].weight.scale(c)));
  return most;
}

// The smallest sum of `layer` that the two rules bring to different integers, and its multipliers.
struct Dispute {
  std::int32_t sum = 0;
  float ours = 0.0F, theirs = 0.0F;
};
Dispute smallest_dispute(const OperationParts& layer) {
  Dispute smallest;
  const auto& [params, range] = std::pair(layer.output.params, layer.output.range);
  for (const float scale : layer.weights->weight.scale) {
    const float x_scale = layer.input.params.scale,
                ours = output_multiplier(x_scale, scale, params.scale),
                theirs = multiplier_by_division(x_scale, scale, params.scale);
    const std::int32_t last = smallest.sum == 0 ? 2000000 : smallest.sum;
    for (std::int32_t sum = 1; ours != theirs && sum < last; ++sum)
      if (requantize_float(sum, ours, params.zero_point, range) !=
          requantize_float(sum, theirs, params.zero_point, range)) {
        smallest = {sum, ours, theirs};
        break;
      }
  }
  return smallest;
}

}  // namespace

void one_multiplier(const Study& study, Lesson& lesson) {
  section(6, "One multiplier, computed in two ways");
  const QuantizedNet &before = study.as_calibrated, &after = study.fused;
  std::size_t all = 0;
  for (const OperationParts& layer : layers_of(before)) all += layer.weights->weight.scale.size();
  std::printf(
      "  multipliers on which (s_x s_w) (1 / s_y) and (s_x s_w) / s_y differ:\n"
      "    as calibrated %zu of %zu, with portable scales %zu\n",
      count_disputed(before), all, count_disputed(after));
  for (std::size_t i = 0; i < layers_of(before).size(); ++i) {
    const Dispute dispute = smallest_dispute(layers_of(before)[i]);
    if (dispute.sum == 0) continue;
    std::printf("  layer %zu, m %.9g or %.9g: the sum %d gives %.7f or %.7f\n", i + 1,
                static_cast<double>(dispute.ours), static_cast<double>(dispute.theirs), dispute.sum,
                static_cast<double>(static_cast<float>(dispute.sum) * dispute.ours),
                static_cast<double>(static_cast<float>(dispute.sum) * dispute.theirs));
    break;
  }
  std::printf("  the largest move of a scale, in units of its last place: %d\n",
              largest_move(before, after));
  const auto a = run_in_integers(before, study.x), b = run_in_integers(after, study.x);
  std::size_t differ = 0, of = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    differ += count_different(a[i], b[i]);
    of += a[i].size();
  }
  std::printf("  our own integers that the move changes: %zu of %zu\n", differ, of);
  lesson.claims.expect(count_disputed(after) == 0,
                       "afterwards both rules agree on every multiplier");
  if (study.by_default)
    lesson.claims.expect(count_other_classes(a.back(), b.back()) == 0,
                         "and no digit changes class");
}

}  // namespace qfs::ch23
