#include <cmath>
#include <memory>

#include "01_affine_math/granularity.hpp"
#include "common/print.hpp"
#include "diff/fit.hpp"
#include "diff/questions.hpp"
#include "diff/steps.hpp"

namespace qfs::diff {
namespace {

enum : std::size_t { kDivision = kFirstOwn, kParams, kAxis };

struct DivisionRule {
  Choice choice;
  bool in_float32;  // the precision of what follows
  double (*steps)(float x, float scale);
};

// A row of the table of parameters: other ones than given, that were perhaps used.
struct ParamsRule {
  Choice choice;
  std::vector<QuantParams> params;  // one, or one per index of `axis`
  QuantRange range;
  std::size_t axis = 0;
};

struct Tables {
  QuantizeQuestion question;
  Shapes shapes;
  StepRules steps;
  std::vector<DivisionRule> divisions;
  std::vector<ParamsRule> params;
  std::vector<Choice> axes;
};

std::vector<DivisionRule> division_rules() {
  return {{{"x * (1 / s) in float32", ""},
           true,
           [](float x, float s) { return static_cast<double>(x * (1.0F / s)); }},
          {{"x / s in float32", "ONNX's rule; PyTorch multiplies by the reciprocal"},
           true,
           [](float x, float s) { return static_cast<double>(x / s); }},
          {{"x / s in float64", "NumPy and Python compute in double unless told otherwise"},
           false,
           [](float x, float s) { return static_cast<double>(x) / static_cast<double>(s); }}};
}

std::vector<QuantParams> given_params(const QuantizeQuestion& question) {
  std::vector<QuantParams> params;
  const std::size_t count =
      std::max(question.scales.values.size(), question.zero_points.values.size());
  for (std::size_t c = 0; c < count; ++c)
    params.push_back({static_cast<float>(question.scales.of(c)),
                      static_cast<std::int32_t>(question.zero_points.of(c))});
  return params;
}

using ScaleChange = float (*)(float scale, double steps, double half);

std::vector<QuantParams> with_scales(std::vector<QuantParams> params, double steps, double half,
                                     ScaleChange change) {
  for (QuantParams& p : params) p.scale = change(p.scale, steps, half);
  return params;
}

float times(float scale, double factor) {
  return static_cast<float>(static_cast<double>(scale) * factor);
}

// The given scales, confused with those of another convention. `steps` is qmax - qmin, `half` half
// of it rounded down: 255 and 127 at 8 bits.
void add_changed_scales(const QuantizeQuestion& question, std::vector<ParamsRule>& rules) {
  const double steps = question.range.qmax - question.range.qmin, half = std::floor(steps / 2.0);
  const std::string by_half_steps = "max|x| / " + general(steps / 2.0, 6),
                    by_largest = "max|x| / " + general(half, 6),
                    both =
                        "half the number of steps, or the largest integer: both are called "
                        "symmetric";
  struct Row {
    Choice choice;
    ScaleChange change;
  };
  const std::vector<Row> rows = {
      {{"the scale " + by_largest + ", where " + by_half_steps + " was given", both},
       [](float s, double all, double middle) { return times(s, all / 2.0 / middle); }},
      {{"the scale " + by_half_steps + ", where " + by_largest + " was given", both},
       [](float s, double all, double middle) { return times(s, middle / (all / 2.0)); }},
      {{"1 / scale", "one side's scale multiplies where the other's divides"},
       [](float s, double, double) { return 1.0F / s; }},
      {{"the scale, larger by its last bit", "computed in another order or precision", 1},
       [](float s, double, double) { return std::nextafter(s, 2.0F * s); }},
      {{"the scale, smaller by its last bit", "computed in another order or precision", 1},
       [](float s, double, double) { return std::nextafter(s, 0.0F); }}};
  const std::vector<QuantParams> given = rules.front().params;
  for (const Row& row : rows)
    rules.push_back(
        {row.choice, with_scales(given, steps, half, row.change), question.range, question.axis});
}

// The given scale, made for a range of one bit less: 255/127 of it, its zero point moved along.
void add_reduced_scales(const QuantizeQuestion& question, std::vector<ParamsRule>& rules) {
  const QuantRange range = question.range, fewer = reduced(range);
  const double steps = range.qmax - range.qmin, half = fewer.qmax - fewer.qmin;
  std::vector<QuantParams> wider = rules.front().params;
  for (QuantParams& p : wider) {
    p.scale = times(p.scale, steps / half);
    p.zero_point = fewer.qmin + static_cast<std::int32_t>(
                                    std::nearbyint((p.zero_point - range.qmin) * half / steps));
  }
  const std::string ratio = "the scale times " + general(steps, 6) + "/" + general(half, 6);
  rules.push_back({{ratio, "a reduced range: the scale and the clamp of one bit less"},
                   wider,
                   fewer,
                   question.axis});
  rules.push_back({{ratio + ", clamped to the full range",
                    "PyTorch's reduce_range: it narrows the scale, and not the clamp"},
                   wider,
                   range,
                   question.axis});
}

// Several scales, of which one was used for all.
void add_one_for_all(std::vector<ParamsRule>& rules) {
  const std::vector<QuantParams> given = rules.front().params;
  const QuantRange range = rules.front().range;
  if (given.size() < 2) return;
  const auto largest = std::ranges::max_element(
      given, [](QuantParams a, QuantParams b) { return a.scale < b.scale; });
  const std::string note = "per tensor, where the scales are per channel";
  rules.push_back({{"the largest of the scales for all channels", note}, {*largest}, range});
  rules.push_back({{"the first of the scales for all channels", note}, {given.front()}, range});
}

struct SchemeRow {
  std::string name;
  QuantRange range;
  Scheme scheme;
};

std::vector<SchemeRow> scheme_rows(QuantRange range) {
  return {{"affine", range, Scheme::affine},
          {"affine, reduced range", reduced(range), Scheme::affine},
          {"symmetric", range, Scheme::symmetric},
          {"symmetric, narrow range", {range.qmin + 1, range.qmax}, Scheme::symmetric}};
}

std::string granularity_text(std::span<const std::size_t> shape, Granularity granularity,
                             QuantParams first) {
  if (granularity.kind == GranularityKind::per_tensor)
    return "per tensor: scale " + general(static_cast<double>(first.scale), 9) + ", zero point " +
           std::to_string(first.zero_point);
  const std::string axis = std::to_string(granularity.axis);
  if (shape.size() != 2) return "one scale per index of axis " + axis;
  return "one scale per " + std::string(granularity.axis == 0 ? "row" : "column");
}

// Whether float32 cannot say the width: then no scale exists.
bool is_too_wide(Interval interval) {
  return !std::isfinite(std::max(interval.max, 0.0F) - std::min(interval.min, 0.0F));
}

// What chapter 01 chooses from the floats themselves, for the tensor or along an axis.
void add_chosen_params(const QuantizeQuestion& question, Granularity granularity,
                       std::vector<ParamsRule>& rules) {
  const ParamLayout layout = make_layout(question.float_shape, granularity);
  const std::vector<Interval> intervals = min_max_per_param(question.floats, layout);
  if (std::ranges::any_of(intervals, is_too_wide)) return;
  const bool per_tensor = granularity.kind == GranularityKind::per_tensor;
  for (const SchemeRow& row : scheme_rows(question.range)) {
    const std::vector<QuantParams> params = choose_qparams(intervals, row.range, row.scheme);
    const auto is_same = [&](const ParamsRule& known) {
      return known.params == params && known.range == row.range &&
             (params.size() == 1 || known.axis == granularity.axis);
    };
    if (std::ranges::any_of(rules, is_same)) continue;
    rules.push_back({{row.name + ", of these floats, " +
                          granularity_text(question.float_shape, granularity, params.front()),
                      per_tensor ? "these parameters were used, not the ones you gave"
                                 : "per channel, or per row as some dynamic quantization does"},
                     params,
                     row.range,
                     granularity.axis});
  }
}

std::vector<ParamsRule> params_rules(const QuantizeQuestion& question) {
  std::vector<ParamsRule> rules = {
      {{"as given", ""}, given_params(question), question.range, question.axis}};
  add_one_for_all(rules);
  add_chosen_params(question, {}, rules);
  const std::span<const std::size_t> shape = question.float_shape;
  // A scale for each element, or for all of them, is no scale per channel.
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] > 1 && shape[axis] < question.floats.size())
      add_chosen_params(question, {GranularityKind::per_channel, axis}, rules);
  add_reduced_scales(question, rules);
  add_changed_scales(question, rules);
  return rules;
}

// One scale, perhaps with another zero point, that gives all of these integers.
void add_fitted_params(Tables& tables) {
  const QuantizeQuestion& q = tables.question;
  const QuantParams given = tables.params.front().params.front();
  if (!tables.shapes.same()) return;
  std::vector<double> steps;
  for (const float x : q.floats) steps.push_back(static_cast<double>(x * (1.0F / given.scale)));
  const auto fitted = fitted_affine({steps, q.mine.values, q.range}, given.zero_point);
  if (!fitted) return;
  const double scale = simplest_between(static_cast<double>(given.scale) / fitted->factors.high,
                                        static_cast<double>(given.scale) / fitted->factors.low);
  const auto z = static_cast<std::int32_t>(fitted->zero_point);
  const bool same_z = z == given.zero_point;
  tables.params.push_back({{"another scale, of about " + general(scale, 6) +
                                (same_z ? "" : ", and the zero point " + std::to_string(z)),
                            "of another tensor, or of an earlier calibration", same_z ? 1U : 2U},
                           {{static_cast<float>(scale), z}},
                           q.range});
}

// What the rule makes of the float at this place.
std::optional<Bounds> quantized(const Tables& t, const Rule& rule, std::size_t place) {
  const ParamsRule& set = t.params[rule[kParams]];
  std::size_t channel = 0;
  if (set.params.size() > 1) {
    const std::size_t axis = rule[kAxis] == 0 ? set.axis : 1 - set.axis;
    channel = channel_of(t.question.float_shape, axis, place);
    if (channel >= set.params.size()) return std::nullopt;
  }
  const QuantParams p = set.params[channel];
  const DivisionRule& division = t.divisions[rule[kDivision]];
  return t.steps.finish(rule, division.steps(t.question.floats[place], p.scale),
                        division.in_float32, p.zero_point, set.range, t.question.mine.storage);
}

std::optional<Bounds> evaluate(const Tables& t, const Rule& rule, std::size_t element) {
  return at_place(t.steps.layouts[rule[kLayout]], t.shapes, element,
                  [&](std::size_t place) { return quantized(t, rule, place); });
}

RuleSpace space_of(std::shared_ptr<const Tables> tables) {
  std::vector<Dimension> dimensions = tables->steps.dimensions();
  dimensions.push_back(dimension_of("division", tables->divisions));
  dimensions.push_back(dimension_of("parameters", tables->params));
  dimensions.push_back({"axis", tables->axes});
  return {dimensions,
          [tables](const Rule& rule, std::size_t i) { return evaluate(*tables, rule, i); }};
}

}  // namespace

RuleSpace quantize_rules(const QuantizeQuestion& question) {
  const Shapes shapes{question.mine.shape, question.float_shape};
  require_comparable(shapes);
  const auto tables =
      std::make_shared<Tables>(Tables{question,
                                      shapes,
                                      step_rules(question.mine, shapes, question.range),
                                      division_rules(),
                                      params_rules(question),
                                      {{"as given", ""}}});
  if (tables->params.front().params.size() > 1 && question.float_shape.size() == 2)
    tables->axes.push_back({"the other one", "the scales were used along the wrong axis"});
  const auto expected = expected_by_course(space_of(tables), question.mine.values.size());
  add_fitted(question.mine, shapes, expected, question.range, tables->steps);
  add_fitted_params(*tables);
  return space_of(tables);
}

}  // namespace qfs::diff
