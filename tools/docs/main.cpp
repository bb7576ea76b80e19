// qfs_docs check ROOT   fails, naming file and line, where a text is out of step with its sources
// qfs_docs write ROOT   rewrites every embed of every text below ROOT
//
// Looks at every *.md below ROOT, and at the sources: their regions (below ROOT/chapters) and what
// their comments refer to by number.
// Exit codes: 0 in step, 1 findings, 2 bad usage.

#include <cstdio>
#include <filesystem>
#include <regex>
#include <set>

#include "common/bytes.hpp"
#include "common/cli.hpp"
#include "docs/embed.hpp"
#include "docs/references.hpp"

namespace {

namespace fs = std::filesystem;
using qfs::docs::Finding;

// Files below `root` with one of these extensions, sorted; build trees, work/ and .git
// are left out.
std::set<std::string> files_below(const fs::path& root, const std::set<std::string>& extensions) {
  std::set<std::string> files;
  if (!fs::exists(root)) return files;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::end(entry); ++entry) {
    const std::string name = entry->path().filename().string();
    const bool skipped = name == ".git" || name == "work" || name.rfind("build", 0) == 0;
    if (entry->is_directory() && skipped)
      entry.disable_recursion_pending();
    else if (entry->is_regular_file() && extensions.count(entry->path().extension().string()) > 0)
      files.insert(entry->path().lexically_normal().string());
  }
  return files;
}

// The chapter that a file belongs to, by its folder or, for a test, by its name; 0 where it is
// none's.
int chapter_of(const fs::path& root, const std::string& path) {
  static const std::regex form(R"((?:chapters/|tests/chapters/ch|tests/exercises/ch)(\d\d)_.*)");
  const std::string relative = fs::path(path).lexically_relative(root).string();
  std::smatch match;
  return std::regex_match(relative, match, form) ? std::stoi(match[1]) : 0;
}

void append(std::vector<Finding>& all, const std::vector<Finding>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

std::vector<Finding> process_texts(const fs::path& root, bool write, const qfs::docs::Book& book,
                                   std::set<std::string>& used) {
  std::vector<Finding> findings;
  for (const std::string& path : files_below(root, {".md"})) {
    const std::string text = qfs::docs::read_text(path);
    const auto filled = qfs::docs::fill_embeds(path, text);
    append(findings, filled.findings);
    if (!write)
      for (const std::string& what : filled.outdated) findings.push_back({what});
    if (write && filled.text != text) qfs::write_file_atomically(path, filled.text);
    const std::string& now = write ? filled.text : text;
    append(findings, qfs::docs::check_links(path, now));
    const int chapter = chapter_of(root, path);
    append(findings, qfs::docs::check_text_references(book, path, now, chapter));
    if (chapter > 0 && fs::path(path).filename() == "README.md")
      append(findings, qfs::docs::check_headings(path, now));
    used.insert(filled.used.begin(), filled.used.end());
  }
  return findings;
}

// tests/docs and tests/learn hold references that are wrong on purpose.
std::vector<Finding> check_sources(const fs::path& root, const qfs::docs::Book& book) {
  std::vector<Finding> findings;
  for (const char* folder : {"chapters", "common", "tools", "tests/chapters", "tests/exercises"})
    for (const std::string& path : files_below(root / folder, {".hpp", ".cpp"}))
      append(findings, qfs::docs::check_source_references(book, path, qfs::docs::read_text(path),
                                                          chapter_of(root, path)));
  for (const auto& [number, chapter] : book.chapters)
    append(findings, qfs::docs::check_numbering(book, root.string(), number));
  return findings;
}

std::vector<Finding> check_regions(const fs::path& root, const std::set<std::string>& used) {
  std::vector<Finding> findings;
  for (const std::string& path : files_below(root / "chapters", {".hpp", ".cpp"})) {
    const auto regions = qfs::docs::regions_of(path, qfs::docs::read_text(path));
    append(findings, regions.findings);
    for (const std::string& name : regions.names)
      if (used.count(path + "#" + name) == 0)
        findings.push_back({path + ": no text shows region '" + name + "'"});
  }
  return findings;
}

}  // namespace

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    const std::string verb = argc == 3 ? argv[1] : "";
    qfs::require(verb == "check" || verb == "write", "usage: qfs_docs check|write ROOT", verb,
                 "check or write, and the repository", "run ./learn docs");
    const fs::path root = fs::path(argv[2]).lexically_normal();
    const qfs::docs::Book book = qfs::docs::read_book(root.string());
    std::set<std::string> used;
    auto findings = process_texts(root, verb == "write", book, used);
    append(findings, check_regions(root, used));
    append(findings, check_sources(root, book));
    for (const Finding& finding : findings) std::printf("%s\n", finding.text.c_str());
    return findings.empty() ? 0 : 1;
  });
}
