#include <cmath>
#include <memory>

#include "common/print.hpp"
#include "diff/rules.hpp"

namespace qfs::diff {
namespace {

enum : std::size_t { kRounding, kDivision, kZeroPoint, kParams, kClamp, kStorage, kLayout, kAxis };

// Other parameters than the ones given, that were perhaps used.
struct ParamSet {
  Choice choice;
  std::vector<QuantParams> params;
  QuantRange range;
};

std::vector<QuantParams> given_params(const QuantizeQuestion& question) {
  std::vector<QuantParams> params;
  const std::size_t count =
      std::max(question.scales.values.size(), question.zero_points.values.size());
  for (std::size_t c = 0; c < count; ++c)
    params.push_back(
        {static_cast<float>(question.scales.values[question.scales.of(c)]),
         static_cast<std::int32_t>(question.zero_points.values[question.zero_points.of(c)])});
  return params;
}

std::vector<QuantParams> scaled_params(std::vector<QuantParams> params, double factor) {
  for (QuantParams& p : params) p.scale = static_cast<float>(static_cast<double>(p.scale) * factor);
  return params;
}

std::string params_text(QuantParams p) {
  return "scale " + general(static_cast<double>(p.scale), 9) + ", zero point " +
         std::to_string(p.zero_point);
}

// What chapter 01 chooses from the floats themselves.
void add_chosen_params(const QuantizeQuestion& question, std::vector<ParamSet>& sets) {
  const Interval interval = min_max(question.floats);
  const QuantRange range = question.range, narrow{range.qmin + 1, range.qmax};
  const auto add = [&](const std::string& name, QuantRange r, Scheme scheme,
                       const std::string& advice) {
    const QuantParams p = choose_qparams(interval.min, interval.max, r, scheme);
    if (p == sets.front().params.front() && r == range) return;
    sets.push_back({{name + " of these floats: " + params_text(p), advice}, {p}, r});
  };
  const std::string other = "these parameters were used, not the ones you gave";
  add("affine, full range", range, Scheme::affine, other);
  add("affine, reduced range", reduced(range), Scheme::affine,
      other + "; PyTorch's reduce_range on x86");
  add("symmetric, full range", range, Scheme::symmetric, other + "; max|x| / 127.5 at 8 bits");
  add("symmetric, narrow range", narrow, Scheme::symmetric, other + "; max|x| / 127 at 8 bits");
}

std::vector<ParamSet> param_sets(const QuantizeQuestion& question) {
  const std::vector<QuantParams> given = given_params(question);
  std::vector<ParamSet> sets = {{{"as given", ""}, given, question.range}};
  if (given.size() == 1) add_chosen_params(question, sets);
  const double steps = question.range.qmax - question.range.qmin, half = std::floor(steps / 2.0);
  const std::string ratio = general(steps, 6) + "/" + general(half, 6);
  std::vector<QuantParams> wider = scaled_params(given, steps / half);
  for (QuantParams& p : wider)
    p.zero_point = reduced(question.range).qmin +
                   static_cast<std::int32_t>(
                       std::nearbyint((p.zero_point - question.range.qmin) * half / steps));
  sets.push_back(
      {{"the scale times " + ratio, "a reduced range of one bit less: PyTorch's reduce_range"},
       wider,
       reduced(question.range)});
  const auto add = [&](const std::string& text, double factor, const std::string& advice) {
    sets.push_back({{text, advice}, scaled_params(given, factor), question.range});
  };
  const std::string by_half_steps = "max|x| / " + general(steps / 2.0, 6),
                    by_largest = "max|x| / " + general(half, 6),
                    both =
                        "both are called symmetric: the largest |x| divided by half the number "
                        "of steps, or by the largest integer";
  add("the scale " + by_largest + ", where " + by_half_steps + " was given", steps / 2.0 / half,
      both);
  add("the scale " + by_half_steps + ", where " + by_largest + " was given", half / (steps / 2.0),
      both);
  std::vector<QuantParams> inverse = given;
  for (QuantParams& p : inverse) p.scale = 1.0F / p.scale;
  sets.push_back({{"1 / scale", "one side's scale multiplies where the other's divides"},
                  inverse,
                  question.range});
  return sets;
}

// x in steps of the scale; in_float32 says in which precision the rest is computed.
double steps_of(float x, float scale, std::size_t division) {
  if (division == 0) return static_cast<double>(x * (1.0F / scale));
  if (division == 1) return static_cast<double>(x / scale);
  return static_cast<double>(x) / static_cast<double>(scale);
}

std::vector<Dimension> dimensions_of(const QuantizeQuestion& question,
                                     const std::vector<ParamSet>& sets) {
  Dimension params{"parameters", {}};
  for (const ParamSet& set : sets) params.choices.push_back(set.choice);
  Dimension axis{"axis", {{"as given", ""}}};
  if (sets.front().params.size() > 1 && question.float_shape.size() == 2)
    axis.choices.push_back({"the other one", "the scales were used along the wrong axis"});
  Dimension storage{"storage", {{"in the type's own range", ""}}};
  if (bits_of(question.mine.storage) == bits_of(question.range) &&
      question.mine.storage == question.range)
    storage.choices.push_back({"computed for the other signedness, its bits reinterpreted",
                               "a cast between int8 and uint8 keeps the bits, not the number"});
  return {rounding_dimension(),
          {"division",
           {{"x * (1 / s) in float32", ""},
            {"x / s in float32", "ONNX's rule; PyTorch multiplies by the reciprocal"},
            {"x / s in float64", "NumPy and Python compute in double unless told otherwise"}}},
          zero_point_dimension(bits_of(question.range)),
          params,
          clamp_dimension(question.mine),
          storage,
          layout_dimension(),
          axis};
}

QuantRange other_signedness(QuantRange range) {
  const std::int32_t half = (range.qmax - range.qmin + 1) / 2;
  return range.qmin < 0 ? QuantRange{0, 2 * half - 1} : QuantRange{-half, half - 1};
}

}  // namespace

RuleSpace quantize_rules(const QuantizeQuestion& question) {
  const auto sets = std::make_shared<std::vector<ParamSet>>(param_sets(question));
  const auto q = std::make_shared<QuantizeQuestion>(question);
  const Shapes shapes{question.mine.shape, question.float_shape};
  require_comparable(shapes);
  const auto evaluate = [q, sets, shapes](const Rule& rule,
                                          std::size_t i) -> std::optional<std::int64_t> {
    const auto place = place_in_theirs(shapes, static_cast<Layout>(rule[kLayout]), i);
    if (!place) return std::nullopt;
    const ParamSet& set = (*sets)[rule[kParams]];
    std::size_t channel = 0;
    if (set.params.size() > 1) {
      channel = channel_of(q->float_shape, rule[kAxis] == 0 ? q->axis : 1 - q->axis, *place);
      if (channel >= set.params.size()) return std::nullopt;
    }
    const QuantParams p = set.params[channel];
    const bool in_float32 = rule[kDivision] != 2;
    const ZeroPoint z = apply_zero_point(rule[kZeroPoint], p.zero_point, bits_of(q->range));
    double steps = steps_of(q->floats[*place], p.scale, rule[kDivision]);
    if (z.inside != 0.0)
      steps = in_float32
                  ? static_cast<double>(static_cast<float>(steps) + static_cast<float>(z.inside))
                  : steps + z.inside;
    const double r = rounded(steps, static_cast<Round>(rule[kRounding]), in_float32);
    if (rule[kStorage] == 0) return apply_clamp(rule[kClamp], r, z, set.range, q->mine.storage);
    const std::int64_t other = apply_clamp(rule[kClamp], r, z, other_signedness(set.range),
                                           other_signedness(q->mine.storage));
    const std::int64_t size = std::int64_t{q->mine.storage.qmax} - q->mine.storage.qmin + 1;
    return other < q->mine.storage.qmin   ? other + size
           : other > q->mine.storage.qmax ? other - size
                                          : other;
  };
  return {dimensions_of(question, *sets), evaluate};
}

}  // namespace qfs::diff
