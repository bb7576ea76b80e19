// Lines of a table of times: everything in turn, round after round, so that a burst of other work
// meets all lines, and no median.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/print.hpp"
#include "common/stopwatch.hpp"

namespace qfs::ch17 {

struct Line {
  std::string set, name, id;                // "[avx2]", or nothing where every CPU has it
  std::function<void(std::size_t i)> work;  // with the i-th number of rows
  std::vector<std::vector<double>> microseconds{};
};

inline void time_in_turn(std::vector<Line>& lines, std::size_t count, int rounds, double seconds) {
  for (Line& line : lines) line.microseconds.assign(count, {});
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < count; ++i)
      for (Line& line : lines)
        line.microseconds[i].push_back(median_microseconds([&] { line.work(i); }, 1, seconds));
}

// shown(microseconds, i): what a cell says.
template <class Shown>
void print_lines(const std::vector<Line>& lines, std::span<const std::size_t> rows, Shown&& shown) {
  std::string head = "  needs   rows                ", rule = "  ------  --------------------";
  for (std::size_t r : rows) {
    const std::string text = std::to_string(r);
    head += std::string(text.size() < 9 ? 9 - text.size() : 1, ' ') + text;
    rule += "  -------";
  }
  std::printf("%s\n%s\n", head.c_str(), rule.c_str());
  for (const Line& line : lines) {
    std::printf("  %-6s  %-20s", line.set.c_str(), line.name.c_str());
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::printf("  %7s", measured(shown(median(line.microseconds[i]), i), 1).c_str());
    std::printf("\n");
  }
}

// The microseconds of the lines, for a committed table.
inline Table table_of(const std::vector<Line>& lines, std::span<const std::size_t> rows,
                      int decimals) {
  std::vector<std::string> header = {"microseconds, rows:"};
  for (std::size_t r : rows) header.push_back(std::to_string(r));
  Table table(header);
  for (const Line& line : lines) {
    std::vector<std::string> cells = {line.name};
    for (const auto& times : line.microseconds) cells.push_back(fixed(median(times), decimals));
    table.row(cells);
  }
  return table;
}

}  // namespace qfs::ch17
