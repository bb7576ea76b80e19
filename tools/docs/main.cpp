// qfs_docs check ROOT   fails, naming file and line, where a text is out of step with its sources
// qfs_docs write ROOT   rewrites every embed of every text below ROOT
//
// Looks at README.md files (and other *.md) below ROOT and at the sources below ROOT/chapters.
// Exit codes: 0 in step, 1 findings, 2 bad usage.

#include <cstdio>
#include <filesystem>
#include <set>

#include "common/bytes.hpp"
#include "common/cli.hpp"
#include "docs/embed.hpp"

namespace {

namespace fs = std::filesystem;
using qfs::docs::Finding;

// Files below `root` with one of these extensions, sorted; build trees, work/ and .git
// are left out.
std::set<std::string> files_below(const fs::path& root, const std::set<std::string>& extensions) {
  std::set<std::string> files;
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

bool is_chapter_text(const fs::path& path) {
  const std::string folder = path.parent_path().filename().string();
  return path.filename() == "README.md" && folder.size() > 3 && std::isdigit(folder[0]) != 0 &&
         path.parent_path().parent_path().filename() == "chapters";
}

void append(std::vector<Finding>& all, const std::vector<Finding>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

std::vector<Finding> process_texts(const fs::path& root, bool write, std::set<std::string>& used) {
  std::vector<Finding> findings;
  for (const std::string& path : files_below(root, {".md"})) {
    const std::string text = qfs::docs::read_text(path);
    const auto filled = qfs::docs::fill_embeds(path, text);
    append(findings, filled.findings);
    if (!write)
      for (const std::string& what : filled.outdated) findings.push_back({what});
    if (write && filled.text != text) qfs::write_file_atomically(path, filled.text);
    append(findings, qfs::docs::check_links(path, filled.text));
    if (is_chapter_text(path)) append(findings, qfs::docs::check_headings(path, text));
    used.insert(filled.used.begin(), filled.used.end());
  }
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
    std::set<std::string> used;
    auto findings = process_texts(argv[2], verb == "write", used);
    append(findings, check_regions(argv[2], used));
    for (const Finding& finding : findings) std::printf("%s\n", finding.text.c_str());
    return findings.empty() ? 0 : 1;
  });
}
