// Section 2: the ranges that are found at run time, and whether it matters by which rule.
#include <algorithm>

#include "08_dynamic_quantization/lesson/study.hpp"

namespace qfs::ch08 {
namespace {

std::string scale_text(QuantParams p) { return fixed(static_cast<double>(p.scale), 6); }

// How often a rule gives other parameters, and other integers, than PyTorch's.
struct RuleDifference {
  std::size_t scales = 0, zero_points = 0, integers = 0;
};

Matrix<std::uint8_t> quantize_rows(const Matrix<float>& x, std::span<const QuantParams> params,
                                   QuantRange range, Rounding rounding) {
  auto q = make_tensor<std::uint8_t>({x.shape(0), x.shape(1)});
  for (std::size_t m = 0; m < x.shape(0); ++m)
    quantize(row(x, m), params[m], range, row(q, m), rounding);
  return q;
}

void compare_rules(const Matrix<float>& x, const QuantizedInput& expected,
                   const QuantizedInput& other, RuleDifference& found) {
  for (std::size_t m = 0; m < x.shape(0); ++m) {
    found.scales += expected.params[m].scale != other.params[m].scale ? 1 : 0;
    found.zero_points += expected.params[m].zero_point != other.params[m].zero_point ? 1 : 0;
  }
  found.integers += count_different(expected.q, other.q);
}

// Chapter 01's choose_qparams, as observers use it.
QuantizedInput observed(const Matrix<float>& x, QuantRange range) {
  std::vector<QuantParams> params;
  for (std::size_t m = 0; m < x.shape(0); ++m) {
    const Interval interval = min_max(row(x, m));
    params.push_back(choose_qparams(interval.min, interval.max, range));
  }
  return {params, quantize_rows(x, params, range, Rounding::half_even)};
}

void print_rules(const Study& study) {
  RuleDifference observers, onnx;
  std::size_t pairs = 0, integers = 0;
  const QuantRange range = study.input.range;
  for (const Matrix<float>& x : layer_inputs(pack_dynamic(study.with(kPerRow)), study.x)) {
    const QuantizedInput expected = quantize_input(x, range, kPerRow);
    compare_rules(x, expected, observed(x, range), observers);
    compare_rules(x, expected,
                  quantize_input(x, range, {InputGranularity::per_row, RangeRule::onnx}), onnx);
    pairs += x.shape(0);
    integers += x.size();
  }
  const auto print = [&](const char* rule, const RuleDifference& found) {
    std::printf("  %s: other scales %zu, zero points %zu of %zu; integers %zu of %zu\n", rule,
                found.scales, found.zero_points, pairs, found.integers, integers);
  };
  std::printf("  every row of every layer by two other rules, what differs:\n");
  print("observers", observers);
  print("ONNX     ", onnx);
}

}  // namespace

namespace {

// Of each layer's input the parameters: of the static net, of a batch, of its first two rows; and
// how far the scales of its rows lie apart.
void print_parameters(const Study& study, std::span<const QuantizedInput> batch,
                      std::span<const QuantizedInput> rows) {
  const std::vector<OperationParts> layers = layers_of(study.fixed);
  const auto both = [](QuantParams p) {
    return scale_text(p) + ", " + std::to_string(p.zero_point);
  };
  const std::size_t some = rows[0].params.size();
  Table table({"input of", "static (06)", "batch of " + std::to_string(some), "row 0", "row 1"}),
      spread({"scales of the rows", "smallest", "largest"});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string name = "layer " + std::to_string(i + 1);
    const auto [least, most] = std::ranges::minmax_element(rows[i].params, {}, &QuantParams::scale);
    table.row({name, both(layers[i].input.params), both(batch[i].params[0]),
               both(rows[i].params[0]), some > 1 ? both(rows[i].params[1]) : "-"});
    spread.row({name, scale_text(*least), scale_text(*most)});
  }
  table.print();
  spread.print();
}

}  // namespace

void parameters_at_run_time(const Study& study, Lesson& lesson) {
  section(2, "Parameters found at run time: scale, zero point of each layer's input");
  const Matrix<float> x = rows_of(study.x, 0, std::min(kDynamicBatch, study.x.shape(0)));
  std::vector<QuantizedInput> batch, rows;
  for (const Matrix<float>& input : layer_inputs(pack_dynamic(study.with(kPerTensor)), x))
    batch.push_back(quantize_input(input, study.input.range, kPerTensor));
  for (const Matrix<float>& input : layer_inputs(pack_dynamic(study.with(kPerRow)), x))
    rows.push_back(quantize_input(input, study.input.range, kPerRow));
  print_parameters(study, batch, rows);
  bool lowest = true;
  for (std::size_t i = 1; i < rows.size(); ++i)
    for (QuantParams p : rows[i].params) lowest = lowest && p.zero_point == study.input.range.qmin;
  lesson.claims.expect(lowest, "after a ReLU nothing is negative: the zero point is the lowest");
  print_rules(study);
}

}  // namespace qfs::ch08
