// Sections 3 and 4: the same as PyTorch, and as ONNX.
#include <algorithm>
#include <cstdio>

#include "08_dynamic_quantization/lesson/pytorch_logits.hpp"
#include "08_dynamic_quantization/lesson/study.hpp"

namespace qfs::ch08 {
void same_as_pytorch(const Study& study, Lesson& lesson) {
  section(3, "The first digit in the batch of the first hundred: logits");
  const std::size_t some = std::min(kDynamicBatch, study.x.shape(0));
  const Matrix<float> logits = run_in_batches(pack_dynamic(quantize_dynamic(study.mlp)),
                                              rows_of(study.x, 0, some)),
                      real = forward_ref(study.mlp, rows_of(study.x, 0, 1));
  Table table({"logit", "float", "this program", "PyTorch"});
  for (std::size_t n = 0; n < logits.shape(1); ++n)
    table.row({std::to_string(n), fixed(real(0, n), 3), fixed(logits(0, n), 3),
               study.as_pytorch ? fixed(pytorch::kLogits[n], 3) : "-"});
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
  std::printf("  x %s\n    scale %.9g, zero point %d\n    y %s\n",
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
