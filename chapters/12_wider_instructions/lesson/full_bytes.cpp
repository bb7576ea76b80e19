// Section 2: the bytes that break 16 bits most.
#include <cstdio>

#include "10_kernel_ladder/saturation.hpp"
#include "12_wider_instructions/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch12 {

void full_bytes(Lesson& lesson) {
  section(2, "64 inputs of 255 times 64 weights of 127, and of -128");
  constexpr std::size_t kInputs = 64;
  const auto x = make_tensor<std::uint8_t>({1, kInputs}, std::uint8_t{255});
  auto w = make_tensor<std::int8_t>({2, kInputs}, std::int8_t{127});
  std::ranges::fill(row(w, 1), std::int8_t{-128});
  Table table({"added", "255 * 127", "255 * -128"});
  table.row({"pairs in 16 bits (chapter 10)", std::to_string(dot_saturating(row(x, 0), row(w, 0))),
             std::to_string(dot_saturating(row(x, 0), row(w, 1)))});
  const Matrix<std::int32_t> exact = exact_product(w, x);
  table.row({"fours in 32 bits", std::to_string(exact(0, 0)), std::to_string(exact(0, 1))});
  table.print();
  bool same = true;
  for (const fours::Kernel* kernel : fours::kernels_here())
    same = same && product_of(*kernel, pack_fours(w), x) == exact;
  lesson.claims.expect(same, "every kernel here gives the second line");
  lesson.claims.expect(exact(0, 0) == 64 * 255 * 127 && exact(0, 1) == 64 * 255 * -128,
                       "which is 64 * 32385, and 64 * -32640");
}

}  // namespace qfs::ch12
