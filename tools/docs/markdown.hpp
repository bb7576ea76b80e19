// Reads Markdown as far as the checks need it: lines, fences, and the prose between them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qfs::docs {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text);

// "path:line: ", the line counted from 1 for index 0.
std::string place(const std::string& path, std::size_t index);
// The index of the line that holds the character `offset` of `text`.
std::size_t line_at(const std::string& text, std::size_t offset);

bool starts_with(const std::string& line, std::string_view start);
std::string trimmed(const std::string& line);  // without spaces and tabs at both ends

// The line that opens a fence, however it is written: ```cpp, ~~~, "``` sh", indented, in a list
// ("- ```") or in a quotation ("> ```").
struct Fence {
  char mark = '`';
  std::size_t length = 3;  // of the run of marks
  std::string language;    // all that follows the marks
};
std::optional<Fence> opened_fence(const std::string& line);
bool closes(const Fence& fence, const std::string& line);

// The languages of what a reader types: such a fence needs no embed. Every other fence shows code
// or output, which has a source.
bool is_typed_by_the_reader(const std::string& language);

// Parts of a text, of its own length: all other characters are spaces, so that offsets stay.
std::string without_fences(const std::string& text);
std::string prose_of(const std::string& text);  // no fences, `code`, $math$ or <!-- comments -->
std::string typed_by_the_reader(const std::string& text);  // only what stands in such fences

}  // namespace qfs::docs
