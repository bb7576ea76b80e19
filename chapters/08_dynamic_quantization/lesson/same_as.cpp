// Sections 2 to 4: what is found at run time, and whom it agrees with.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "08_dynamic_quantization/lesson/pytorch_logits.hpp"
#include "08_dynamic_quantization/lesson/study.hpp"
#include "common/print.hpp"

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

void parameters_at_run_time(const Study& study, Lesson& lesson) {
  section(2, "Parameters found at run time: scale, zero point of each layer's input");
  const std::size_t some = std::min(kDynamicBatch, study.x.shape(0));
  const Matrix<float> x = rows_of(study.x, 0, some);
  std::vector<QuantizedInput> batch, rows;
  for (const Matrix<float>& input : layer_inputs(pack_dynamic(study.with(kPerTensor)), x))
    batch.push_back(quantize_input(input, study.input.range, kPerTensor));
  for (const Matrix<float>& input : layer_inputs(pack_dynamic(study.with(kPerRow)), x))
    rows.push_back(quantize_input(input, study.input.range, kPerRow));
  const std::vector<OperationParts> fixed = layers_of(study.fixed);
  Table table({"input of", "static (06)", "batch of " + std::to_string(some), "row 0", "row 1",
               "smallest row scale", "largest"});
  const auto both = [](QuantParams p) {
    return scale_text(p) + ", " + std::to_string(p.zero_point);
  };
  bool nonnegative = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto less = [](QuantParams a, QuantParams b) { return a.scale < b.scale; };
    const auto [least, most] = std::ranges::minmax_element(rows[i].params, less);
    table.row({"layer " + std::to_string(i + 1), both(fixed[i].input.params),
               both(batch[i].params[0]), both(rows[i].params[0]),
               some > 1 ? both(rows[i].params[1]) : "-", scale_text(*least), scale_text(*most)});
    for (QuantParams p : rows[i].params)
      nonnegative = nonnegative && (i == 0 || p.zero_point == study.input.range.qmin);
  }
  table.print();
  lesson.claims.expect(nonnegative,
                       "after a ReLU nothing is negative: the zero point is the lowest");
  print_rules(study);
}

void same_as_pytorch(const Study& study, Lesson& lesson) {
  section(3, "The first digit in the batch of the first hundred: logits");
  const std::size_t some = std::min(kDynamicBatch, study.x.shape(0));
  const Matrix<float> logits = run_in_batches(pack_dynamic(quantize_dynamic(study.mlp)),
                                              rows_of(study.x, 0, some)),
                      real = forward_ref(study.mlp, rows_of(study.x, 0, 1));
  std::vector<std::string> header = {""};
  for (std::size_t n = 0; n < logits.shape(1); ++n) header.push_back(std::to_string(n));
  Table table(header);
  const auto add = [&](const char* name, std::span<const float> z) {
    std::vector<std::string> cells = {name};
    for (float logit : z) cells.push_back(fixed(static_cast<double>(logit), 3));
    table.row(cells);
  };
  add("float", row(real, 0));
  add("this program", row(logits, 0));
  if (study.as_pytorch) add("PyTorch", pytorch::kLogits);
  table.print();
  if (study.as_pytorch)
    lesson.claims.expect(std::ranges::equal(row(logits, 0), pytorch::kLogits),
                         "this program = PyTorch (quantize_dynamic, qnnpack), every bit");
}

namespace {

// An example of ONNX's tests of DynamicQuantizeLinear.
struct OnnxExample {
  std::vector<float> x;
  float scale = 0.0F;
  std::int32_t zero_point = 0;
  std::vector<std::uint8_t> y;
};
const OnnxExample kOnnxExamples[] = {
    {{0, 2, -3, -2.5F, 1.34F, 0.5F}, 0.0196078438F, 153, {153, 255, 0, 26, 221, 179}},
    {{-1, -2.1F, -1.3F, -2.5F, -3.34F, -4}, 0.0156862754F, 255, {191, 121, 172, 96, 42, 0}},
    {{1, 2.1F, 1.3F, 2.5F, 3.34F, 4, 1.5F, 2.6F, 3.9F, 4, 3, 2.345F},
     0.0156862754F,
     0,
     {64, 134, 83, 159, 213, 255, 96, 166, 249, 255, 191, 149}}};

bool print_onnx_example(const OnnxExample& example) {
  auto x = make_tensor<float>({1, example.x.size()});
  std::ranges::copy(example.x, values(x).begin());
  const QuantizedInput input =
      quantize_input(x, unsigned_range(8), {InputGranularity::per_tensor, RangeRule::onnx});
  std::printf("  x %s\n    scale %.9g, zero point %d, y %s\n",
              list_text(std::span<const float>(example.x)).c_str(),
              static_cast<double>(input.params[0].scale), input.params[0].zero_point,
              list_text(values(input.q)).c_str());
  return input.params[0] == QuantParams{example.scale, example.zero_point} &&
         std::ranges::equal(values(input.q), example.y);
}

}  // namespace

void same_as_onnx(Lesson& lesson) {
  section(4, "ONNX: DynamicQuantizeLinear and MatMulInteger on their own examples");
  bool equal = true;
  for (const OnnxExample& example : kOnnxExamples) equal = print_onnx_example(example) && equal;
  lesson.claims.expect(equal, "= ONNX, three examples of DynamicQuantizeLinear");
  // (A - 12) B, where A is u8. B is stored as one row per output, its transpose.
  const Matrix<std::uint8_t> a = {{11, 7, 3}, {10, 6, 2}, {9, 5, 1}, {8, 4, 0}};
  const QuantizedWeight b = {{{1, 2, 3}, {4, 5, 6}}, {1.0F}};
  const Matrix<std::int32_t> expected = {{-38, -83}, {-44, -98}, {-50, -113}, {-56, -128}};
  auto acc = make_tensor<std::int32_t>({4, 2});
  const Backend& ref = ref_backend();
  ref.run_s32(ref.pack({.weight = &b, .input_range = unsigned_range(8)}),
              matrix_left_side(values(a), 4), values(acc));
  const Vector<std::int32_t> sums = row_sums(b.q);
  for (std::size_t m = 0; m < 4; ++m)
    for (std::size_t n = 0; n < 2; ++n) acc(m, n) -= 12 * sums(n);
  print_matrix("(A - 12) B", acc);
  lesson.claims.expect(acc == expected, "= ONNX, the example of MatMulInteger");
}

}  // namespace qfs::ch08
