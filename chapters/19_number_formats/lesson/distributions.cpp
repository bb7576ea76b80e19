// Section 3: known distributions, and which format each of them wants.
#include <cstdio>

#include "19_number_formats/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch19 {
namespace {

// sqnr[format][shape]: one value a seed.
using Values = std::array<std::array<std::vector<double>, std::size(kShapes)>, kFormats.size()>;

Values measure(std::uint64_t first_seed, std::size_t rows) {
  Values sqnr;
  for (std::size_t s = 0; s < std::size(kShapes); ++s)
    for (std::uint64_t seed = first_seed; seed < first_seed + kSeeds; ++seed) {
      const Matrix<float> w = draw(kShapes[s], seed, rows);
      for (std::size_t f = 0; f < kFormats.size(); ++f)
        sqnr[f][s].push_back(sqnr_db(w, kFormats[f].store(w)));
    }
  return sqnr;
}

// The dB that a gains over b, paired by seed.
MeanInterval gain(const Values& sqnr, Which a, Which b, std::size_t shape) {
  std::vector<double> gains;
  for (std::size_t i = 0; i < kSeeds; ++i) gains.push_back(sqnr[a][shape][i] - sqnr[b][shape][i]);
  return mean_interval(gains);
}

bool above(MeanInterval gain, double least) { return gain.mean - gain.half > least; }

// Whether `best` is above the three others that take 4.5 bits, beyond its interval.
bool is_best(const Values& sqnr, Which best, std::size_t shape) {
  bool all = true;
  for (Which other : {int4_32, e2m1_32, q4_0, nf4})
    all = all && (other == best || above(gain(sqnr, best, other, shape), 0.0));
  return all;
}

void check(const Values& sqnr, Lesson& lesson) {
  constexpr std::size_t uniform = 0, normal = 1, laplace = 2, outliers = 3;
  lesson.claims.expect(is_best(sqnr, q4_0, uniform) && is_best(sqnr, q4_0, normal),
                       "uniform and Gauss: Q4_0 is the best of the four with 4.5 bits");
  lesson.claims.expect(is_best(sqnr, e2m1_32, laplace) && is_best(sqnr, e2m1_32, outliers),
                       "Laplace and outliers: E2M1 is");
  lesson.claims.expect(
      above(gain(sqnr, int4_32, nf4, uniform), 2.0) && above(gain(sqnr, nf4, int4_32, normal), 0.0),
      "NF4: better than int4 on Gauss, over 2 dB worse on uniform");
  lesson.claims.expect(above(gain(sqnr, e4m3_tensor, int8_tensor, outliers), 5.0) &&
                           above(gain(sqnr, e4m3_channel, int8_channel, outliers), 1.0) &&
                           above(gain(sqnr, int8_channel, e4m3_channel, normal), 10.0),
                       "8 bits: E4M3 beats int8 where outliers are, int8 by over 10 dB on Gauss");
  double lowest[2] = {99.0, 99.0}, highest[2] = {0.0, 0.0};
  for (std::size_t s = 0; s < std::size(kShapes); ++s)
    for (int which = 0; which < 2; ++which)
      for (double db : sqnr[which == 0 ? e4m3 : e5m2][s]) {
        lowest[which] = std::min(lowest[which], db);
        highest[which] = std::max(highest[which], db);
      }
  std::printf("  (19.3) says: E4M3 %.1f dB, E5M2 %.1f dB, whatever the distribution\n",
              decibels(28.0 * 64.0), decibels(28.0 * 16.0));
  lesson.claims.expect(
      lowest[0] > 31.0 && highest[0] < 33.0 && lowest[1] > 25.0 && highest[1] < 27.0,
      "measured: 31 to 33 and 25 to 27 dB, on all 40 tensors");
}

}  // namespace

void distributions(Lesson& lesson) {
  const std::size_t rows = lesson.options.quick ? 4 : 64;
  section(3, "SQNR in dB of " + std::to_string(1024 * rows) + " numbers, mean of five seeds");
  const Values sqnr = measure(lesson.options.seed, rows);
  std::vector<std::string> header = {"format", "bits"};
  for (Shape shape : kShapes) header.push_back(name_of(shape));
  Table table(header);
  const Matrix<float> w = draw(Shape::normal, lesson.options.seed, rows);
  for (std::size_t f = 0; f < kFormats.size(); ++f) {
    std::vector<std::string> cells = {kFormats[f].name, fixed(kFormats[f].store(w).bits_each(), 2)};
    for (const auto& seeds : sqnr[f]) cells.push_back(fixed(mean_interval(seeds).mean, 2));
    table.row(cells);
  }
  table.print();
  header[0] = "gains over int4, 32";
  header.erase(header.begin() + 1);
  Table gains(header);
  for (Which f : {e2m1_32, q4_0, nf4}) {
    std::vector<std::string> cells = {kFormats[f].name};
    for (std::size_t s = 0; s < std::size(kShapes); ++s)
      cells.push_back(text_of(gain(sqnr, f, int4_32, s)));
    gains.row(cells);
  }
  std::printf("  all with 4.5 bits, dB, paired by seed, with the 95 %% interval:\n");
  gains.print();
  if (lesson.options.seed == 1 && !lesson.options.quick) check(sqnr, lesson);
}

}  // namespace qfs::ch19
