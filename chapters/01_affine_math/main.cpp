// Chapter 01: how a real number becomes an 8-bit integer, and back.

#include <cstdio>

#include "01_affine_math/experiments.hpp"
#include "01_affine_math/paper_example.hpp"
#include "01_affine_math/paper_trace.hpp"
#include "01_affine_math/your_tensor.hpp"
#include "common/cli.hpp"
#include "common/print.hpp"

namespace {

using qfs::QuantParams;
using qfs::QuantRange;

void on_paper(qfs::Lesson& lesson) {
  qfs::section(1, "Six reals in four bits, as on paper");
  const QuantRange range = qfs::paper_affine::kRange;
  const auto [min, max] = qfs::min_max(qfs::paper_affine::kX);
  const QuantParams p = qfs::choose_qparams(min, max, range);
  std::printf("  the interval [%g, %g] onto the integers %d to %d\n", min, max, range.qmin,
              range.qmax);
  std::printf("  scale s = (%g - %g) / %d = %g, zero point z = %d - round(%g / %g) = %d\n", max,
              min, range.qmax - range.qmin, p.scale, range.qmin, min, p.scale, p.zero_point);
  qfs::Table table({"x", "x/s", "round", "+ z", "q", "by hand", "PyTorch", "s(q - z)", "error"});
  bool all_equal = true;
  float largest_error = 0.0F;
  for (std::size_t i = 0; i < qfs::paper_affine::kX.size(); ++i) {
    const float x = qfs::paper_affine::kX[i];
    const std::int32_t q = qfs::quantize_value(x, p, range);
    const float back = qfs::dequantize_value(q, p);
    const float steps = x * (1.0F / p.scale);
    all_equal =
        all_equal && q == qfs::paper_affine::kByHand[i] && q == qfs::paper_affine::kByPyTorch[i];
    largest_error = std::max(largest_error, std::fabs(x - back));
    table.row({qfs::fixed(x, 2), qfs::fixed(steps, 2), qfs::fixed(std::nearbyint(steps), 0),
               qfs::fixed(std::nearbyint(steps) + static_cast<float>(p.zero_point), 0),
               std::to_string(q), std::to_string(qfs::paper_affine::kByHand[i]),
               std::to_string(qfs::paper_affine::kByPyTorch[i]), qfs::fixed(back, 2),
               qfs::fixed(x - back, 2)});
  }
  table.print();
  lesson.claims.expect_equal(p.scale, qfs::paper_affine::kScale, "the scale is 0.2");
  lesson.claims.expect_equal(p.zero_point, qfs::paper_affine::kZeroPoint, "the zero point is 5");
  lesson.claims.expect(all_equal, "by hand = this program = PyTorch, all six");
  lesson.claims.expect(qfs::dequantize_value(p.zero_point, p) == 0.0F, "0 comes back as exactly 0");
  // (eq. 1.3) The factor leaves room for the two float32 roundings of s (q - z) and of the
  // difference, 2^-24 each.
  lesson.claims.expect(!(largest_error > p.scale / 2.0F * 1.000001F),
                       "no error exceeds half a step, 0.1");
  std::printf("  a later 3.1 lies outside: 15.5 -> 16, + 5 = 21, clamped to %d, back %g\n",
              qfs::quantize_value(3.1F, p, range),
              qfs::dequantize_value(qfs::quantize_value(3.1F, p, range), p));
}

void what_goes_wrong(qfs::Lesson& lesson) {
  qfs::section(6, "What goes wrong: an interval without 0");
  const float min = 1.0F, max = 4.0F;
  const QuantRange range = qfs::signed_range(8);
  const float wrong_scale = (max - min) / 255.0F;
  const int wanted = range.qmin - static_cast<int>(std::nearbyint(min / wrong_scale));
  const QuantParams wrong{wrong_scale, std::clamp(wanted, range.qmin, range.qmax)};
  const QuantParams right = qfs::choose_qparams(min, max, range);
  std::printf("  reals in [1, 4]: the zero point would be %d, and is clamped to %d\n", wanted,
              wrong.zero_point);
  qfs::Table table({"", "scale", "zero point", "3.0 becomes", "3.5 becomes", "4.0 becomes"});
  const auto back = [&](float x, QuantParams p) {
    return qfs::dequantize_value(qfs::quantize_value(x, p, range), p);
  };
  const auto add = [&](const std::string& name, QuantParams p) {
    table.row({name, qfs::fixed(p.scale, 6), std::to_string(p.zero_point),
               qfs::fixed(back(3.0F, p), 3), qfs::fixed(back(3.5F, p), 3),
               qfs::fixed(back(4.0F, p), 3)});
  };
  add("without 0", wrong);
  add("widened to 0", right);
  table.print();
  lesson.claims.expect(std::fabs(4.0F - back(4.0F, wrong)) > 0.99F,
                       "without 0 everything above 3 saturates: the error reaches 1");
  lesson.claims.expect(std::fabs(3.5F - back(3.5F, right)) < right.scale,
                       "widened, the error stays below a step");
}

}  // namespace

int main(int argc, char** argv) {
  qfs::TensorOptions tensor;
  qfs::Program program("01 Affine math", "How a real number becomes an 8-bit integer, and back.");
  qfs::add_tensor_options(program, tensor);
  return program.run(argc, argv, [&](qfs::Lesson& lesson) {
    if (!tensor.tensor.empty()) return qfs::run_on_your_tensor(tensor, lesson.claims);
    on_paper(lesson);
    qfs::who_shares_a_scale(lesson);
    qfs::fewer_bits(lesson);
    qfs::conventions(lesson);
    qfs::rounding_rules(lesson);
    what_goes_wrong(lesson);
    if (lesson.options.trace) qfs::trace_paper_example();
    qfs::write_staircase(lesson.report);
  });
}
