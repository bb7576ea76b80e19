// Section 2: which numbers the formats have.
#include <cstdio>

#include "19_number_formats/lesson/study.hpp"
#include "common/print.hpp"
#include "common/report.hpp"

namespace qfs::ch19 {
namespace {

struct Counts {
  int finite = 0, infinite = 0, nan = 0;
};

Counts count_codes(FloatFormat f) {
  Counts counts;
  for (std::uint32_t code = 0; code < 2 * f.sign_bit(); ++code) {
    const float x = decode_float(code, f);
    ++(std::isnan(x) ? counts.nan : std::isinf(x) ? counts.infinite : counts.finite);
  }
  return counts;
}

// The code points of a format of four bits, the largest magnitude 1.
struct Points {
  const char* name;
  std::vector<float> at;
};
std::vector<Points> four_bits() {
  std::vector<Points> all = {
      {"int4", {}}, {"Q4_0", {}}, {"NF4", {kNf4.begin(), kNf4.end()}}, {"E2M1", {}}};
  for (int q = -7; q <= 7; ++q) all[0].at.push_back(static_cast<float>(q) / 7.0F);
  for (int q = -8; q <= 7; ++q) all[1].at.push_back(static_cast<float>(q) / 8.0F);
  for (std::uint32_t code = 0; code < 16; ++code)
    all[3].at.push_back(decode_float(code, kE2M1) / 6.0F);
  return all;
}

// A line of 65 places from -1 to 1 with a mark for each point.
std::string drawn(const Points& points) {
  std::string line(65, '.');
  for (float x : points.at) line[static_cast<std::size_t>(std::lround(x * 32.0F) + 32)] = '|';
  return line;
}

}  // namespace

void code_points(Lesson& lesson) {
  section(2, "Which numbers the formats have");
  Table table({"format", "largest", "normal from", "smallest", "finite", "infinite", "NaN"});
  for (const auto& [name, f] :
       {std::pair{"float16", kFloat16}, {"E4M3", kE4M3}, {"E5M2", kE5M2}, {"E2M1", kE2M1}}) {
    const Counts counts = count_codes(f);
    table.row({name, general(decode_float(f.largest_code(), f), 6),
               general(decode_float(1U << f.mantissa_bits, f), 4), general(decode_float(1, f), 4),
               std::to_string(counts.finite), std::to_string(counts.infinite),
               std::to_string(counts.nan)});
  }
  table.print();
  lesson.claims.expect(decode_float(0x7E, kE4M3) == 448.0F && decode_float(1, kE4M3) == 0x1p-9F &&
                           decode_float(0x7B, kE5M2) == 57344.0F &&
                           decode_float(1, kE5M2) == 0x1p-16F,
                       "E4M3 from 2^-9 to 448, E5M2 from 2^-16 to 57344: ONNX's table");
  std::printf("  four bits, the largest magnitude at 1:\n");
  std::vector<std::vector<double>> rows;
  const std::vector<Points> all = four_bits();
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::printf("  %-6s -1 %s 1\n", all[i].name, drawn(all[i]).c_str());
    for (float x : all[i].at) rows.push_back({static_cast<double>(i), static_cast<double>(x)});
  }
  lesson.report.csv("code_points", {"format", "point"}, rows);
}

}  // namespace qfs::ch19
