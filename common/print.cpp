#include "common/print.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace qfs {
namespace {

std::string formatted(const char* format, int precision, double value) {
  char buffer[400];
  const int length = std::snprintf(buffer, sizeof buffer, format, precision, value);
  return std::string(buffer, static_cast<std::size_t>(std::clamp(length, 0, 399)));
}

// Columns of UTF-8 text on a terminal: one per character, whose later bytes are 10xxxxxx.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::vector<std::size_t> column_widths(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& cells : rows) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t c = 0; c < cells.size(); ++c)
      widths[c] = std::max(widths[c], columns(cells[c]));
  }
  return widths;
}

std::string padding(std::size_t width, std::size_t used) {
  return std::string(width > used ? width - used : 0, ' ');
}

}  // namespace

void section(int number, std::string_view title) {
  std::printf("\n[%d] %.*s\n", number, static_cast<int>(title.size()), title.data());
}

std::string fixed(double value, int decimals) { return formatted("%.*f", decimals, value); }

std::string general(double value, int digits) { return formatted("%.*g", digits, value); }

std::string measured(std::string_view number) { return "~" + std::string(number); }
std::string measured(double value, int decimals) { return measured(fixed(value, decimals)); }
std::string percent(double share) { return fixed(100.0 * share, 2) + " %"; }
std::string percent(std::size_t part, std::size_t whole) {
  return percent(static_cast<double>(part) / static_cast<double>(whole));
}

std::string bytes_text(std::size_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  // What would round to 1024.0 KB is 1.0 MB.
  const double kilobytes = static_cast<double>(bytes) / 1024.0;
  return kilobytes < 1023.95 ? fixed(kilobytes, 1) + " KB" : fixed(kilobytes / 1024.0, 1) + " MB";
}

Table::Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

Table& Table::row(std::vector<std::string> cells) {
  require(cells.size() == rows_.front().size(), "a table row has the wrong number of cells",
          cells.size(), rows_.front().size(), "give one cell for every column");
  rows_.push_back(std::move(cells));
  return *this;
}

std::string Table::text() const {
  const auto widths = column_widths(rows_);
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t c = 0; c < widths.size(); ++c) line += "  " + cell_of(c);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    add_line([&](std::size_t c) {
      const std::string& cell = rows_[r][c];
      const std::string space = padding(widths[c], columns(cell));
      return c == 0 ? cell + space : space + cell;
    });
    if (r == 0) add_line([&](std::size_t c) { return std::string(widths[c], '-'); });
  }
  return text;
}

std::string Table::markdown() const {
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    text += "|";
    for (const std::string& cell : rows_[r]) text += " " + cell + " |";
    text += "\n";
    if (r > 0) continue;
    text += "|";
    for (std::size_t c = 0; c < rows_[r].size(); ++c) text += c == 0 ? "---|" : "---:|";
    text += "\n";
  }
  return text;
}

void Table::print() const { std::fputs(text().c_str(), stdout); }

std::string bar(double fraction, int width) {
  const double share = std::isnan(fraction) ? 0.0 : std::clamp(fraction, 0.0, 1.0);
  const int full = static_cast<int>(share * width + 0.5);
  return std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(width - full), '.');
}

void print_histogram(std::string_view label, std::span<const std::size_t> counts, double low,
                     double high) {
  std::printf("  %.*s\n", static_cast<int>(label.size()), label.data());
  const std::size_t largest = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double left =
        low + (high - low) * static_cast<double>(i) / static_cast<double>(counts.size());
    const double share =
        largest == 0 ? 0.0 : static_cast<double>(counts[i]) / static_cast<double>(largest);
    std::printf("  %9.4f  %s %zu\n", left, bar(share, 40).c_str(), counts[i]);
  }
}

namespace detail {

void print_rows(std::string_view name, const std::vector<std::vector<std::string>>& rows) {
  const auto widths = column_widths(rows);
  std::printf("  %.*s\n", static_cast<int>(name.size()), name.data());
  for (const auto& cells : rows) {
    std::string line = "    ";
    for (std::size_t c = 0; c < cells.size(); ++c)
      line += (c > 0 ? "  " : "") + padding(widths[c], columns(cells[c])) + cells[c];
    std::printf("%s\n", line.c_str());
  }
}

}  // namespace detail
}  // namespace qfs
