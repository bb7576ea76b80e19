// Section 4: what a 16-bit lane holds, and that the kernel is exact.
#include <cstdio>

#include "17_int4_weights/group_linear.hpp"
#include "17_int4_weights/lesson/study.hpp"
#include "common/cpu.hpp"
#include "common/print.hpp"

namespace qfs::ch17 {
namespace {

constexpr bool fits(int low, int high) { return low >= -32768 && high <= 32767; }

// A lane of eight pairs, all inputs 255 and all weights `q`: where it starts, what is added to it,
// and where it ends; and what 16 bits make of the codes alone.
void print_lane(Table& table, int q) {
  const int start = -8 * 16 * 255, added = 16 * 255 * (q + 8);
  const auto wrapped = static_cast<std::int16_t>(start + added);
  const auto without = static_cast<std::int16_t>(added);
  table.row({std::to_string(q), std::to_string(16 * 255 * q), std::to_string(q + 8),
             std::to_string(start), std::to_string(added), std::to_string(without),
             std::to_string(wrapped)});
}

// Inputs that are full where output n of layer 1 has a positive weight, or a negative one.
Matrix<std::uint8_t> worst_inputs(const GroupWeight& w) {
  auto x = make_tensor<std::uint8_t>({2 * w.outputs(), w.inputs()});
  for (std::size_t m = 0; m < x.shape(0); ++m)
    for (std::size_t k = 0; k < w.inputs(); ++k)
      x(m, k) = (w.q(m / 2, k) > 0) == (m % 2 == 0) ? std::uint8_t{255} : std::uint8_t{0};
  return x;
}

std::size_t count_other(u8s4::Multiply* multiply, const GroupWeight& w,
                        const Matrix<std::uint8_t>& x, std::int32_t zero_point) {
  const std::vector<float> bias(w.outputs(), 0.25F);
  const QuantParams params{0.01F, zero_point};
  const Matrix<float> expected = group_linear_ref(x, params, w, bias);
  auto y = make_tensor<float>({x.shape(0), w.outputs()});
  InputChunks chunks;
  group_linear(multiply, pack_int4(w), values(x), params, bias, chunks, values(y));
  return count_other_bits(y, expected);
}

}  // namespace

void the_lane(const Study& study, Lesson& lesson) {
  section(4, "What a 16-bit lane holds: inputs to 255, weights of 4 bits");
  Table depth({"pairs", "least", "greatest", "fits"});
  int deepest = 0;
  for (int pairs : {1, 2, 4, 8, 9}) {
    const int least = pairs * 2 * 255 * -8, greatest = pairs * 2 * 255 * 7;
    depth.row({std::to_string(pairs), std::to_string(least), std::to_string(greatest),
               fits(least, greatest) ? "yes" : "no"});
    if (fits(least, greatest)) deepest = pairs;
  }
  depth.print();
  std::printf("\n  a lane of eight pairs, every input 255, every weight q_w: u = q_w + 8\n");
  Table lanes({"q_w", "exact", "u", "start", "added", "from 0, 16 bits", "from the start"});
  bool exact = true;
  for (int q = -8; q <= 7; ++q) {
    if (q == -8 || q == -1 || q == 0 || q == 7) print_lane(lanes, q);
    exact = exact && static_cast<std::int16_t>(-8 * 16 * 255 + 16 * 255 * (q + 8)) == 16 * 255 * q;
  }
  lanes.print();
  lesson.claims.expect(deepest == 8 && exact,
                       "eight pairs fit, and from its start a lane ends at the exact sum");
  const GroupMlp net = quantize_groups(study.start.mlp, study.start.intervals, {});
  std::size_t plain = 0, avx2 = 0;
  for (const GroupLayer& layer : net.layers)
    for (std::int32_t zero_point : {0, 255}) {
      const Matrix<std::uint8_t> x = worst_inputs(layer.weight);
      plain += count_other(u8s4::multiply_plain, layer.weight, x, zero_point);
#if defined(__x86_64__)
      if (cpu_features().avx2)
        avx2 += count_other(u8s4::multiply_avx2, layer.weight, x, zero_point);
#endif
    }
  lesson.claims.expect(plain == 0, "the worst inputs of every output: plain kernel = reference");
  if (cpu_features().avx2)
    lesson.claims.expect(avx2 == 0, "= 16-bit lanes, every bit of every output", "avx2");
}

}  // namespace qfs::ch17
