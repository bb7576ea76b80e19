// Keeps the texts in step with what they show.
//
//   <!-- embed: affine.hpp#quantize -->      a region of a source file, in the fence that follows
//   <!-- embed: expected_output.txt#3 -->    section [3] of a program's output
//   <!-- embed: expected_output.txt#3 lines 2-6 -->
//   <!-- embed: measured/table.md -->        a whole Markdown file, up to <!-- /embed -->
//
// Regions of sources are the lines between "// [name]" and "// [/name]".
#pragma once

#include <set>
#include <string>
#include <vector>

namespace qfs::docs {

// One thing wrong, ready to print: "file:line: what", and what was got and expected.
struct Finding {
  std::string text;
};

// A Markdown text with every embed filled from its source.
struct Filled {
  std::string text;
  std::vector<Finding> findings;      // what could not be filled, and fences that lack an embed
  std::vector<std::string> outdated;  // "file:line: ..." for embeds that differed from their source
  std::set<std::string> used;         // "path#region" of every source region shown
};

// `path` is the Markdown file; embed paths are relative to its directory.
Filled fill_embeds(const std::string& path, const std::string& text);

// Regions of a source file: names in order, and findings for regions that are not closed, nested,
// defined twice, or more than six.
struct Regions {
  std::vector<std::string> names;
  std::vector<Finding> findings;
};
Regions regions_of(const std::string& path, const std::string& text);

// Findings for a chapter's README: its ten headings, in order.
std::vector<Finding> check_headings(const std::string& path, const std::string& text);

// Findings for relative links and pictures whose target does not exist.
std::vector<Finding> check_links(const std::string& path, const std::string& text);

std::string read_text(const std::string& path);  // throws Error

}  // namespace qfs::docs
