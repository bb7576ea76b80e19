#include "docs/markdown.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <sstream>

namespace qfs::docs {
namespace {

// A line without what may stand before a fence: spaces, "> " of quotations, marks of list items.
std::string without_containers(const std::string& line) {
  static const std::regex containers(R"(^(?:[ \t]|>|[-*+][ \t]|\d+[.)][ \t])*)");
  return std::regex_replace(line, containers, "", std::regex_constants::format_first_only);
}

void blank(std::string& text, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < std::min(end, text.size()); ++i)
    if (text[i] != '\n') text[i] = ' ';
}

// Blanks what lies between `open` and the next `close` of the same paragraph, both included.
void blank_between(std::string& text, std::string_view open, std::string_view close) {
  std::size_t begin = text.find(open);
  while (begin != std::string::npos) {
    const std::size_t inside = begin + open.size();
    const std::size_t end = text.find(close, inside);
    const bool closed = end != std::string::npos && end < text.find("\n\n", inside);
    if (closed) blank(text, begin, end + close.size());
    begin = text.find(open, closed ? end + close.size() : inside);
  }
}

// Blanks the fences; or all but what a reader types in them.
void blank_fences(std::string& text, bool keep_typed) {
  std::optional<Fence> fence;
  std::size_t begin = 0;
  for (const std::string& line : lines_of(text)) {
    const std::size_t end = begin + line.size();
    const std::optional<Fence> opened = fence ? std::nullopt : opened_fence(line);
    const bool closed = fence && closes(*fence, line);
    const bool typed = fence && !closed && is_typed_by_the_reader(fence->language);
    if (keep_typed ? !typed : fence.has_value() || opened.has_value()) blank(text, begin, end);
    if (opened) fence = opened;
    if (closed) fence.reset();
    begin = end + 1;
  }
}

}  // namespace

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string place(const std::string& path, std::size_t index) {
  return path + ":" + std::to_string(index + 1) + ": ";
}

std::size_t line_at(const std::string& text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::string::difference_type>(offset);
  return static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

bool starts_with(const std::string& line, std::string_view start) {
  return line.rfind(start, 0) == 0;
}

std::string trimmed(const std::string& line) {
  const auto first = line.find_first_not_of(" \t");
  return first == std::string::npos ? ""
                                    : line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

std::optional<Fence> opened_fence(const std::string& line) {
  const std::string text = without_containers(line);
  const char mark = text.empty() ? ' ' : text[0];
  const std::size_t length = std::min(text.find_first_not_of(mark), text.size());
  if ((mark != '`' && mark != '~') || length < 3) return std::nullopt;
  const std::string language = trimmed(text.substr(length));
  // ```x``` in a line is not a fence but code in a sentence.
  if (mark == '`' && language.find('`') != std::string::npos) return std::nullopt;
  return Fence{mark, length, language};
}

bool closes(const Fence& fence, const std::string& line) {
  const std::string text = trimmed(without_containers(line));
  return text.size() >= fence.length && text.find_first_not_of(fence.mark) == std::string::npos;
}

bool is_typed_by_the_reader(const std::string& language) {
  static constexpr std::array<std::string_view, 2> kLanguages = {"sh", "python"};
  return std::find(kLanguages.begin(), kLanguages.end(), language) != kLanguages.end();
}

std::string without_fences(const std::string& text) {
  std::string rest = text;
  blank_fences(rest, false);
  return rest;
}

std::string prose_of(const std::string& text) {
  std::string prose = without_fences(text);
  blank_between(prose, "<!--", "-->");
  blank_between(prose, "`", "`");
  blank_between(prose, "$$", "$$");
  blank_between(prose, "$", "$");
  return prose;
}

std::string typed_by_the_reader(const std::string& text) {
  std::string typed = text;
  blank_fences(typed, true);
  return typed;
}

}  // namespace qfs::docs
