// References by number: to a chapter, a section of its output, an equation, an exercise. What they
// name must exist; where the same thing is said twice (a number and a title, a number and a
// folder), both must agree.
//
//   section [3], "Eight bits down to two"   prose of a chapter: a section of its
//   expected_output.txt,
//                                           by number and the beginning of its title
//   // Sections 4 and 5 of the lesson       comment at the top of a .cpp: the sections it prints
//   // trace.cpp, section 7                 comment: a section that this file prints
//   (6.3), eq. 6.3, equations 6.3 and 6.4   a \tag{6.3} of that chapter's README
//   exercise 6.2, ./learn start 6.2         an exercise in that chapter's folder
//   chapter 06                              a chapter that is written, or announced in
//   chapters/README.md [06 Static PTQ](06_static_ptq/README.md), [chapter 06](...)   the number and
//   title of the folder
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "docs/embed.hpp"

namespace qfs::docs {

// What a chapter has for others to refer to.
struct Chapter {
  std::string folder;                           // "06_static_ptq"
  std::map<int, std::string> headings;          // of expected_output.txt: number and title
  std::map<std::string, std::set<int>> prints;  // file name -> sections; also those of options
  std::set<int> equations;                      // M of every \tag{N.M}
  std::set<int> exercises;                      // M of every exercises/M_name.hpp
};

struct Book {
  std::map<int, Chapter> chapters;
  std::set<int> announced;  // rows "| 10 Title |" of chapters/README.md: not written yet
};

// Reads the chapters below ROOT. Throws Error where a chapter lacks its README or its output.
Book read_book(const std::string& root);

// Findings for the references of a Markdown text. `chapter` is the one it belongs to, or 0.
std::vector<Finding> check_text_references(const Book& book, const std::string& path,
                                           const std::string& text, int chapter);

// Findings for the references in a source's comments and strings.
std::vector<Finding> check_source_references(const Book& book, const std::string& path,
                                             const std::string& text, int chapter);

// Findings for a chapter itself: title, order of tags, a heading per exercise.
std::vector<Finding> check_numbering(const Book& book, const std::string& root, int chapter);

}  // namespace qfs::docs
