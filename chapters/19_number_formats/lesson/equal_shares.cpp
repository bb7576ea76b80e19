// Section 4: why. What each code point of NF4 carries of the numbers and of the error.
#include <cstdio>

#include "19_number_formats/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch19 {
namespace {

// One cell: the numbers that go to one code point.
struct Cell {
  double width = 0.0;               // between the midpoints; of the outermost only up to the point
  double share = 0.0, error = 0.0;  // of all numbers; the mean of (x - c)^2 over all numbers
  double theory = 0.0;              // share * width^2 / 12 (eq. 19.8)
};

// Gaussian numbers, each block of 64 divided by its largest magnitude.
std::vector<float> normalized_blocks(std::uint64_t seed) {
  const Matrix<float> w = draw(Shape::normal, seed);
  std::vector<float> x(w.begin(), w.end());
  for (std::size_t begin = 0; begin < x.size(); begin += kNf4Block) {
    const auto block = std::span(x).subspan(begin, kNf4Block);
    const float inverse = 1.0F / std::fabs(largest_signed(block));
    for (float& value : block) value *= inverse;
  }
  return x;
}

std::vector<Cell> cells_of(std::span<const float> x, std::span<const float> points) {
  std::vector<Cell> cells(points.size());
  const double each = 1.0 / static_cast<double>(x.size());
  for (float value : x) {
    const std::size_t i = nearest_code(value, points);
    Cell& cell = cells[i];
    const double error = static_cast<double>(value) - static_cast<double>(points[i]);
    cell.share += each;
    cell.error += error * error * each;
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const float low = i > 0 ? (points[i - 1] + points[i]) / 2.0F : points[i];
    const float high = i + 1 < points.size() ? (points[i] + points[i + 1]) / 2.0F : points[i];
    cells[i].width = static_cast<double>(high - low);
    cells[i].theory = cells[i].share * cells[i].width * cells[i].width / 12.0;
  }
  return cells;
}

double sum_of(const std::vector<Cell>& cells, double Cell::*part, std::size_t begin,
              std::size_t end) {
  double sum = 0.0;
  for (std::size_t i = begin; i < end; ++i) sum += cells[i].*part;
  return sum;
}

}  // namespace

void equal_shares(Lesson& lesson) {
  section(4, "Why: Gaussian blocks of 64, what each code point of NF4 carries");
  const std::vector<float> x = normalized_blocks(lesson.options.seed);
  std::vector<float> equal;
  for (int q = -7; q <= 7; ++q) equal.push_back(static_cast<float>(q) / 7.0F);
  const std::vector<Cell> nf = cells_of(x, kNf4), even = cells_of(x, equal);
  const double error = sum_of(nf, &Cell::error, 0, 16);
  Table table({"point", "cell", "numbers", "error", ""});
  for (std::size_t i = 0; i < nf.size(); ++i)
    table.row({fixed(kNf4[i], 4), fixed(nf[i].width, 4), percent(nf[i].share),
               percent(nf[i].error / error), bar(nf[i].error / error * 5.0, 20)});
  table.print();
  const double theory = sum_of(nf, &Cell::theory, 1, 15), inner = sum_of(nf, &Cell::error, 1, 15);
  std::printf("  mean squared error: NF4 %.6f, equal steps of 1/7 %.6f\n", error,
              sum_of(even, &Cell::error, 0, 15));
  std::printf("  the 14 inner cells: measured %.6f, by (19.8) %.6f\n", inner, theory);
  lesson.claims.expect(std::fabs(theory / inner - 1.0) < 0.1,
                       "(19.8) is right within 10 % for them");
  const double outer = sum_of(nf, &Cell::error, 0, 4) + sum_of(nf, &Cell::error, 12, 16);
  const double outer_share = sum_of(nf, &Cell::share, 0, 4) + sum_of(nf, &Cell::share, 12, 16);
  std::printf("  the 8 outer points carry %s of the numbers and %s of the error\n",
              percent(outer_share).c_str(), percent(outer / error).c_str());
  lesson.claims.expect(outer / error > 1.5 * outer_share,
                       "the outer cells carry far more of the error than of the numbers");
}

}  // namespace qfs::ch19
