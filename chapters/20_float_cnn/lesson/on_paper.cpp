// Section 1: the example of the text, forward and backward: by hand, by this program, by PyTorch.
#include <cmath>

#include "20_float_cnn/lesson/paper_example.hpp"
#include "20_float_cnn/lesson/study.hpp"

namespace qfs::ch20 {
namespace {

std::string text(std::span<const double> numbers, int decimals) {
  std::string all;
  for (const double number : numbers)
    all += " " + fixed(std::fabs(number) < 5e-7 ? 0.0 : number, decimals);
  return all;
}

// Less than twenty roundings of numbers up to 4: 20 * 2^-24 * 4 = 5e-6.
bool equal(std::span<const double> a, std::span<const double> b) {
  return std::ranges::equal(a, b, [](double x, double y) { return std::fabs(x - y) <= 5e-6; });
}

}  // namespace

void on_paper(Lesson& lesson) {
  section(1, "A 4 x 4 picture, one kernel of 3 x 3, as on paper");
  Table table({"", "by hand", "this program", "PyTorch"});
  bool same = true;
  for (const paper::Row& row : paper::rows()) {
    table.row({row.name, text(row.by_hand, row.decimals), text(row.program, row.decimals),
               text(row.pytorch, row.decimals)});
    same = same && equal(row.program, row.by_hand) && equal(row.program, row.pytorch) &&
           equal(row.by_hand, row.pytorch);
  }
  table.print();
  lesson.claims.expect(same, "by hand = this program = PyTorch, to 5e-6");
}

}  // namespace qfs::ch20
