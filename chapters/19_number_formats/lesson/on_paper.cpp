// Section 1: 0.3 in nine formats, beside what was worked out by hand.
#include <algorithm>
#include <cstdio>

#include "19_number_formats/lesson/paper_example.hpp"
#include "19_number_formats/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch19 {
namespace {

struct InProgram {
  double scale, scaled, below, above, becomes;
};

// The neighbours of x among ascending points.
InProgram between(float scale, float x, std::span<const float> points, float becomes) {
  const float scaled = x / scale;
  const auto above = std::ranges::upper_bound(points, scaled);
  return {scale, scaled, *(above - 1), *above, becomes};
}

std::vector<float> all_numbers(FloatFormat f) {
  std::vector<float> numbers;
  for (std::uint32_t code = f.largest_code(); code > 0; --code)
    numbers.push_back(-decode_float(code, f));
  for (std::uint32_t code = 0; code <= f.largest_code(); ++code)
    numbers.push_back(decode_float(code, f));
  return numbers;
}

std::vector<float> integers_to(int qmax) {
  std::vector<float> numbers;
  for (int q = -qmax; q <= qmax; ++q) numbers.push_back(static_cast<float>(q));
  return numbers;
}

// All nine, in the order of paper_example.hpp.
std::vector<InProgram> by_program() {
  Matrix<float> w = make_tensor<float>({1, paper::kBlock.size()});
  std::ranges::copy(paper::kBlock, values(w).begin());
  const float x = w(0, 0);
  const auto first = [&](Stored stored) { return stored.y[0]; };
  const auto d4 = to_blocks<BlockQ4_0>(values(w))[0].scale;
  const float X = decode_e8m0(to_blocks<BlockMxfp4>(values(w))[0].scale);
  const float s2 = from_float16(float16_scale(1.0F / 6.0F));
  const auto e2m1 = all_numbers(kE2M1);
  return {between(1.0F, x, all_numbers(kFloat16), round_to_format(x, kFloat16)),
          between(1.0F, x, all_numbers(kE4M3), round_to_format(x, kE4M3)),
          between(1.0F, x, all_numbers(kE5M2), round_to_format(x, kE5M2)),
          between(1.0F / 127.0F, x, integers_to(127), first(as_blocks<BlockQ8_0>(w))),
          between(1.0F / 7.0F, x, integers_to(7), first(as_integers(w, 4, kWholeTensor))),
          between(from_float16(d4), x, integers_to(8), first(as_blocks<BlockQ4_0>(w))),
          between(1.0F, x, kNf4, first(as_nf4(w))),
          between(s2, x, e2m1, first(as_scaled_floats(w, kE2M1, 32))),
          between(X, x, e2m1, first(as_blocks<BlockMxfp4>(w)))};
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "0.3 in nine formats, as on paper; -1 has the largest magnitude of its block");
  const std::vector<InProgram> found = by_program();
  Table table(
      {"format", "scale", "0.3 / scale", "below", "above", "0.3 becomes", "by hand", "NumPy"});
  bool equal = true, numpy = true;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const paper::ByHand& hand = paper::kByHand[i];
    const InProgram& program = found[i];
    const double off =
        std::max({std::fabs(program.scale - hand.scale), std::fabs(program.scaled - hand.scaled),
                  std::fabs(program.below - hand.below), std::fabs(program.above - hand.above),
                  std::fabs(program.becomes - hand.becomes)});
    equal = equal && off <= 5.1e-5;  // half of the fourth decimal
    table.row({hand.format, fixed(program.scale, 4), fixed(program.scaled, 4),
               general(program.below, 4), general(program.above, 4), fixed(program.becomes, 4),
               fixed(hand.becomes, 4), fixed(hand.by_numpy, 4)});
    numpy = numpy && static_cast<float>(program.becomes) == hand.by_numpy;
  }
  table.print();
  lesson.claims.expect(equal, "by hand = this program, all 45 numbers, to four decimals");
  lesson.claims.expect(numpy, "and what 0.3 becomes = NumPy and PyTorch, to the last bit");
}

}  // namespace qfs::ch19
