// Section 1: the digits, and how they are split.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "04_mnist_mlp/lesson/pictures.hpp"
#include "04_mnist_mlp/lesson/study.hpp"
#include "common/print.hpp"

namespace qfs::ch04 {

void the_data(const Dataset& data, Lesson& lesson) {
  section(1, "The digits, and the split");
  std::printf("  %s:\n  %zu x %zu pixels, 0 is paper, 255 is ink\n", data.name.c_str(),
              data.train.rows, data.train.cols);
  std::vector<std::string> header = {"class"}, train = {"train"}, test = {"test"};
  for (std::size_t c = 0; c < kClasses; ++c) {
    header.push_back(std::to_string(c));
    train.push_back(std::to_string(std::ranges::count(data.train.labels, c)));
    test.push_back(std::to_string(std::ranges::count(data.test.labels, c)));
  }
  header.push_back("all");
  train.push_back(std::to_string(data.train.size()));
  test.push_back(std::to_string(data.test.size()));
  Table(header).row(train).row(test).print();
  std::printf("  the first test picture, class %d:\n", data.test.labels[0]);
  std::fputs(ascii_picture(row(data.test.pixels, 0), data.test.rows, data.test.cols).c_str(),
             stdout);
  if (lesson.options.data_dir.empty())
    lesson.claims.expect(data.train.size() == 8000 && data.test.size() == 2000,
                         "8000 digits to learn from, 2000 others to be examined on");
}

}  // namespace qfs::ch04
