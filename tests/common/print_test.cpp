#include "common/print.hpp"

#include <limits>

#include "tests/common/scratch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/run_program.hpp"

using namespace qfs;

TEST_CASE("Numbers print as numbers, int8 too", "[hand]") {
  CHECK(number_text(std::int8_t{65}) == "65");
  CHECK(number_text(std::uint8_t{255}) == "255");
  CHECK(number_text(std::int64_t{-9000000000}) == "-9000000000");
  CHECK(number_text(0.1F) == "0.1");
  CHECK(number_text(0.1F, 9) == "0.100000001");
  CHECK(fixed(2.0 / 3.0, 3) == "0.667");
  CHECK(fixed(1e300, 0).size() == 301);  // not cut off
  CHECK(general(1234567.0, 3) == "1.23e+06");
  CHECK(measured(93.145, 1) == "~93.1");
  CHECK(measured("<0.001") == "~<0.001");
}

TEST_CASE("Bytes print in units of 1024", "[hand]") {
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1024) == "1.0 KB");
  CHECK(bytes_text(358440) == "350.0 KB");
  CHECK(bytes_text(3 << 20) == "3.0 MB");
  // 1023.95 KB are 1048524.8 bytes: from there on one decimal would say 1024.0 KB.
  CHECK(bytes_text(1048524) == "1023.9 KB");
  CHECK(bytes_text(1048525) == "1.0 MB");
  CHECK(bytes_text(1048575) == "1.0 MB");
}

TEST_CASE("A table aligns its columns", "[hand]") {
  Table table({"model", "bytes"});
  table.row({"fp32", "358440"}).row({"static_ptq", "90 KB"});
  CHECK(table.text() ==
        "  model        bytes\n"
        "  ----------  ------\n"
        "  fp32        358440\n"
        "  static_ptq   90 KB\n");
  CHECK(table.markdown() ==
        "| model | bytes |\n"
        "|---|---:|\n"
        "| fp32 | 358440 |\n"
        "| static_ptq | 90 KB |\n");
}

TEST_CASE("A table has no blanks at the end of a line", "[hand]") {
  Table table({"a", ""});
  table.row({"b", ""});
  CHECK(table.text() == "  a\n  -\n  b\n");
}

TEST_CASE("A table counts characters, not bytes", "[hand]") {
  Table table({"gain", "n"});
  table.row({"1 ± 2", "7"});  // five characters, six bytes
  CHECK(table.text() == "  gain   n\n  -----  -\n  1 ± 2  7\n");
}

TEST_CASE("A table refuses a row of another length", "[hand]") {
  Table table({"a", "b"});
  CHECK_THAT(test::message_of([&] { table.row({"1"}); }), QFS_CONTAINS("wrong number of cells"));
}

TEST_CASE("A bar is as full as its fraction, and never overflows", "[hand]") {
  CHECK(bar(0.5, 10) == "#####.....");
  CHECK(bar(0.0, 4) == "....");
  CHECK(bar(7.0, 4) == "####");
  CHECK(bar(-1.0, 4) == "....");
  CHECK(bar(std::numeric_limits<double>::quiet_NaN(), 4) == "....");
  CHECK(bar(0.375, 4) == "##..");  // 1.5 characters: half of one is one
  CHECK(bar(0.37, 4) == "#...");
}

TEST_CASE("Shares print in percent, with two decimals", "[hand]") {
  CHECK(percent(0.93154) == "93.15 %");
  CHECK(percent(1863, 2000) == "93.15 %");
  CHECK(percent(0, 7) == "0.00 %");
}

TEST_CASE("A histogram has a line for each count, the longest bar for the largest", "[hand]") {
  const auto said = [](const std::vector<std::size_t>& counts) {
    return test::stdout_of([&] { print_histogram("h", counts, -1.0, 1.0); });
  };
  const std::string full(40, '#'), half = std::string(20, '#') + std::string(20, '.'),
                                   none(40, '.');
  CHECK(said({1, 2, 0, 2}) ==
        "  h\n"
        "    -1.0000  " +
            half + " 1\n" + "    -0.5000  " + full + " 2\n" + "     0.0000  " + none + " 0\n" +
            "     0.5000  " + full + " 2\n");
  CHECK(said({0}) == "  h\n    -1.0000  " + none + " 0\n");
  CHECK(said({}) == "  h\n");
}

TEST_CASE("A matrix prints with its name, its shape and columns aligned to the right", "[hand]") {
  CHECK(test::stdout_of([] {
          print_matrix("W_q", Matrix<std::int8_t>{{1, -20}, {-128, 3}});
        }) == "  W_q (2 x 2)\n       1  -20\n    -128    3\n");
}

TEST_CASE("A section begins with an empty line and its number", "[hand]") {
  CHECK(test::stdout_of([] { section(3, "Title"); }) == "\n[3] Title\n");
}

TEST_CASE("A list stops after `most` numbers", "[hand]") {
  const std::vector<std::int8_t> numbers = {1, -2, 3};
  const std::span<const std::int8_t> span(numbers);
  CHECK(list_text(span) == "[1, -2, 3]");
  CHECK(list_text(span, 6, 2) == "[1, -2, ...]");
  CHECK(list_text(span.first(0)) == "[]");
}

TEST_CASE("Shapes print with x between extents", "[hand]") {
  CHECK(shape_text(make_tensor<float>({64, 784})) == "64 x 784");
  CHECK(shape_text(std::vector<std::size_t>{}) == "scalar");
  CHECK(element_count(std::vector<std::size_t>{2, 3, 4}) == 24);
  CHECK(element_count(std::vector<std::size_t>{}) == 1);
}

TEST_CASE("Rows and values are views of the tensor", "[hand]") {
  Matrix<int> matrix{{1, 2}, {3, 4}};
  row(matrix, 1)[0] = 7;
  CHECK(values(matrix)[2] == 7);
  CHECK(shape_of(matrix) == std::vector<std::size_t>{2, 2});
  CHECK(values(make_tensor<int>({2, 2}, 5))[3] == 5);
}

TEST_CASE("require_same_shape names both shapes", "[hand]") {
  const auto message = test::message_of([] {
    require_same_shape(make_tensor<int>({2, 3}), make_tensor<float>({3, 2}), "gradient");
  });
  CHECK_THAT(message, QFS_CONTAINS("gradient: shapes differ") && QFS_CONTAINS("3 x 2") &&
                          QFS_CONTAINS("2 x 3"));
}
