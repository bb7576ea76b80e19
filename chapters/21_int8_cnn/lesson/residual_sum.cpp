// Section 4: two inputs of different scales, by two rules.
#include <cstdio>

#include "21_int8_cnn/lesson/paper_example.hpp"
#include "21_int8_cnn/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch21 {
namespace {

// The pairs of bytes whose sums the two rules round apart.
std::size_t pairs_apart(const AddU8& one, const AddU8& other) {
  std::size_t apart = 0;
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b)
      apart += add_one(one, static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)) !=
                       add_one(other, static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b))
                   ? 1
                   : 0;
  return apart;
}

void paper_sum_line(Lesson& lesson) {
  const AddU8 onnx = make_add(kA, kB, kSum, unsigned_range(8), AddRule::onnx_runtime);
  const AddU8 qnnpack = make_add(kA, kB, kSum, unsigned_range(8), AddRule::qnnpack);
  const int by_onnx = add_one(onnx, kQa, kQb), by_qnnpack = add_one(qnnpack, kQa, kQb);
  std::printf("  4 + 1.5 = 5.5:  a = 9 (0.5, 1), b = 10 (0.25, 4), y (1, 3); r_a %g, r_b %g\n",
              static_cast<double>(onnx.a_ratio), static_cast<double>(onnx.b_ratio));
  std::printf("  ONNX Runtime: %g a + (%g b + %g) = 8.5, to even %d, real %d\n",
              static_cast<double>(onnx.a_ratio), static_cast<double>(onnx.b_ratio),
              static_cast<double>(onnx.offset), by_onnx, by_onnx - kSum.zero_point);
  std::printf("  qnnpack: (%d a + %d b - %d) / 2^%d = 5.5, away from 0 6, + 3 = %d, real %d\n",
              qnnpack.a_multiplier, qnnpack.b_multiplier, -qnnpack.bias, qnnpack.shift, by_qnnpack,
              by_qnnpack - kSum.zero_point);
  lesson.claims.expect(by_onnx == 8 && by_qnnpack == 9,
                       "by hand = this program; a tie, and the "
                       "rules part");
}

}  // namespace

void residual_sum(const Study& study, Lesson& lesson) {
  section(4, "A residual's sum: two scales in, a third out, two rules");
  paper_sum_line(lesson);
  const QuantizedNet net = fused(study.residual());
  const std::size_t digits = std::min<std::size_t>(study.data.test.size(), 50);
  const Matrix<float> x = normalized(study.data.test.pixels, 0, digits);
  const NetBuffers ours = tensors_of(net, x, choose_backend());
  const NetBuffers theirs = tensors_of(with_rule(net, AddRule::qnnpack), x, choose_backend());
  Table table({"add", "s_a / s_y", "s_b / s_y", "of 65536 pairs", "of its integers", "apart"});
  std::size_t number = 0, pairs = 0;
  for (const Operation& operation : net.operations) {
    if (operation.kind != "add") continue;
    const TensorSpec& a = net.tensors[operation.inputs[0]];
    const TensorSpec& b = net.tensors[operation.inputs[1]];
    const TensorSpec& y = net.tensors[operation.output];
    const AddU8 one = make_add(a.params, b.params, y.params, y.range, AddRule::onnx_runtime);
    const std::size_t apart =
        pairs_apart(one, make_add(a.params, b.params, y.params, y.range, AddRule::qnnpack));
    pairs += apart;
    const auto& q = ours.u8[operation.output];
    table.row({std::to_string(++number), fixed(static_cast<double>(one.a_ratio), 4),
               fixed(static_cast<double>(one.b_ratio), 4), std::to_string(apart),
               std::to_string(q.size()),
               std::to_string(count_different(q, theirs.u8[operation.output]))});
  }
  table.print();
  lesson.claims.expect(pairs < 65536 / 100,
                       "the rules part near ties alone: less than 1 pair in "
                       "100");
}

}  // namespace qfs::ch21
