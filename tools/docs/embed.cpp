#include "docs/embed.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>

#include "common/check.hpp"
#include "docs/markdown.hpp"

namespace qfs::docs {
namespace {

bool is_marker(const std::string& line, const std::string& name) {
  return trimmed(line) == "// [" + name + "]";
}

// Removes the indentation all lines share.
void dedent(Lines& lines) {
  std::size_t shared = std::string::npos;
  for (const std::string& line : lines)
    if (!trimmed(line).empty()) shared = std::min(shared, line.find_first_not_of(' '));
  if (shared == std::string::npos) return;
  for (std::string& line : lines) line.erase(0, std::min(shared, line.size()));
}

// The lines between the region's marks; nothing when it does not exist.
std::optional<Lines> source_region(const Lines& source, const std::string& name) {
  const auto is_start = [&](const std::string& line) { return is_marker(line, name); };
  const auto is_end = [&](const std::string& line) { return is_marker(line, "/" + name); };
  const auto start = std::find_if(source.begin(), source.end(), is_start);
  const auto end = std::find_if(start, source.end(), is_end);
  if (start == source.end() || end == source.end()) return std::nullopt;
  Lines region(start + 1, end);
  dedent(region);
  return region;
}

// Section [number] of an output: from its heading to the line before the next heading.
std::optional<Lines> output_section(const Lines& output, const std::string& number) {
  static const std::regex heading(R"(\[\d+\] .*)");
  const auto is_heading = [](const std::string& line) { return std::regex_match(line, heading); };
  const auto start = std::find_if(output.begin(), output.end(), [&](const std::string& line) {
    return starts_with(line, "[" + number + "] ");
  });
  if (start == output.end()) return std::nullopt;
  Lines section(start, std::find_if(start + 1, output.end(), is_heading));
  while (!section.empty() && trimmed(section.back()).empty()) section.pop_back();
  return section;
}

struct Embed {
  std::string file, region;
  std::size_t first = 0, last = 0;  // 1-based lines; 0 means all
};

std::optional<Embed> parse_embed(const std::string& line) {
  static const std::regex form(
      R"(<!-- embed: ([^ #]+)(?:#([^ ]+))?(?: lines ([1-9]\d{0,5})-([1-9]\d{0,5}))? -->)");
  std::smatch match;
  const std::string text = trimmed(line);
  if (!std::regex_match(text, match, form)) return std::nullopt;
  Embed embed{match[1], match[2]};
  if (match[3].matched) embed.first = std::stoul(match[3]), embed.last = std::stoul(match[4]);
  return embed;
}

// The lines an embed shows. Throws Error when its file, region or lines do not exist.
Lines embedded_lines(const std::filesystem::path& directory, const Embed& embed) {
  const Lines source = lines_of(read_text((directory / embed.file).string()));
  std::optional<Lines> shown = source;
  if (!embed.region.empty())
    shown = std::filesystem::path(embed.file).extension() == ".txt"
                ? output_section(source, embed.region)
                : source_region(source, embed.region);
  require(shown.has_value(), embed.file + " has no region '" + embed.region + "'", "", "",
          "mark it with // [" + embed.region + "] ... // [/" + embed.region + "]");
  if (embed.first == 0) return *shown;
  require(embed.first <= embed.last && embed.last <= shown->size(),
          embed.file + "#" + embed.region + " does not have these lines",
          std::to_string(embed.first) + "-" + std::to_string(embed.last),
          "lines within 1-" + std::to_string(shown->size()), "count again");
  using Offset = Lines::difference_type;
  Lines part(shown->begin() + static_cast<Offset>(embed.first) - 1,
             shown->begin() + static_cast<Offset>(embed.last));
  dedent(part);
  return part;
}

bool shows_markdown(const Embed& embed) {
  return std::filesystem::path(embed.file).extension() == ".md";
}

// How the fence after an embed line opens: sources are shown as C++, outputs as text.
std::string opening(const Embed& embed) {
  return std::filesystem::path(embed.file).extension() == ".txt" ? "```text" : "```cpp";
}

// Walks through one text and rebuilds it with its embeds filled.
class Filler {
 public:
  Filler(const std::string& path, const std::string& text)
      : path_(path), directory_(std::filesystem::path(path).parent_path()), in_(lines_of(text)) {}

  Filled run() {
    while (at_ < in_.size()) {
      const std::string& line = in_[at_];
      if (const auto embed = parse_embed(line))
        fill(*embed);
      else if (const auto fence = opened_fence(line))
        check_fence(*fence);
      else
        copy_line(line);
    }
    return std::move(out_);
  }

 private:
  void emit(const std::string& line) { out_.text += line + "\n"; }
  void report(const std::string& what) { out_.findings.push_back({place(path_, at_) + what}); }

  void copy_line(const std::string& line) {
    static const std::regex nearly_embed(R"(<!--\s*/?\s*embed\b)", std::regex::icase);
    if (std::regex_search(line, nearly_embed))
      report(
          "this is no embed line: <!-- embed: file#region lines 1-2 -->, the last two if needed");
    if (line.find("<pre") != std::string::npos || is_indented_code(line))
      report("code or output without a fence: show it by an embed line and its fence");
    emit(line);
    ++at_;
  }

  // Four spaces or a tab after an empty line are code without any fence, counted in a list from
  // where its item's text begins.
  bool is_indented_code(const std::string& line) {
    static const std::regex item(R"([ \t]*(?:[-*+]|\d+[.)])[ \t]+)");
    const bool after_empty = at_ == 0 || trimmed(in_[at_ - 1]).empty();
    const std::size_t indent = line.find_first_not_of(" \t");
    if (indent == std::string::npos) return false;
    if (after_empty && indent < list_indent_) list_indent_ = 0;
    if (after_empty && (indent >= list_indent_ + 4 || line[0] == '\t')) return true;
    std::smatch match;
    if (std::regex_search(line, match, item, std::regex_constants::match_continuous))
      list_indent_ = static_cast<std::size_t>(match.length());
    return false;
  }

  void check_fence(const Fence& fence) {
    if (!is_typed_by_the_reader(fence.language))
      report("a fence of code or output without an embed line before it");
    copy_fence(fence);
  }

  void copy_fence(const Fence& fence) {
    const std::size_t begin = at_;
    do emit(in_[at_++]);
    while (at_ < in_.size() && !closes(fence, in_[at_]));
    if (at_ < in_.size()) return emit(in_[at_++]);
    at_ = begin;
    report("the fence is not closed");
    at_ = in_.size();
  }

  // The index of the line that ends what follows the embed line; in_.size() when there is none.
  std::size_t end_of_embed(bool fenced) const {
    const std::string end = fenced ? "```" : "<!-- /embed -->";
    std::size_t i = at_ + (fenced ? 2 : 1);
    while (i < in_.size() && trimmed(in_[i]) != end) ++i;
    return i;
  }

  void fill(const Embed& embed) {
    const bool fenced = !shows_markdown(embed);
    const std::string next = at_ + 1 < in_.size() ? in_[at_ + 1] : "";
    if (fenced && next != opening(embed)) {
      report("an embed line must be followed by its fence, " + opening(embed));
      emit(in_[at_++]);
      if (const auto fence = opened_fence(next)) copy_fence(*fence);
      return;
    }
    const std::size_t end = end_of_embed(fenced);
    if (end == in_.size()) {
      report(fenced ? "the fence is not closed" : "the embed lacks its <!-- /embed --> line");
      while (at_ < in_.size()) emit(in_[at_++]);
      return;
    }
    try {
      replace(embed, fenced, end);
    } catch (const Error& error) {
      report(error.what());
      while (at_ <= end) emit(in_[at_++]);
    }
  }

  void replace(const Embed& embed, bool fenced, std::size_t end) {
    const Lines shown = embedded_lines(directory_, embed);
    const std::size_t begin = at_ + (fenced ? 2 : 1);
    compare(shown, begin, end, embed);
    const auto source = (directory_ / embed.file).lexically_normal().string();
    if (!embed.region.empty()) out_.used.insert(source + "#" + embed.region);
    while (at_ < begin) emit(in_[at_++]);
    for (const std::string& line : shown) emit(line);
    at_ = end;
    emit(in_[at_++]);
  }

  void compare(const Lines& shown, std::size_t begin, std::size_t end, const Embed& embed) {
    for (std::size_t i = 0; i < std::max(shown.size(), end - begin); ++i) {
      const std::string got = begin + i < end ? in_[begin + i] : "(the fence ends)";
      const std::string expected = i < shown.size() ? shown[i] : "(the source ends)";
      if (got == expected) continue;
      out_.outdated.push_back(place(path_, begin + i) + "differs from " + embed.file +
                              (embed.region.empty() ? "" : "#" + embed.region) +
                              "\n  got:        " + got + "\n  expected:   " + expected +
                              "\n  what to do: ./learn docs");
      return;
    }
  }

  std::string path_;
  std::filesystem::path directory_;
  Lines in_;
  std::size_t at_ = 0;
  std::size_t list_indent_ = 0;  // where the text of the list item begins; 0 outside lists
  Filled out_;
};

}  // namespace

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  require(file.good(), "cannot read " + path, "", "a text file",
          "check the path in the embed line");
  return {std::istreambuf_iterator<char>(file), {}};
}

Filled fill_embeds(const std::string& path, const std::string& text) {
  return Filler(path, text).run();
}

Regions regions_of(const std::string& path, const std::string& text) {
  static const std::regex mark(R"(// \[(/?)([a-z][a-z0-9_]*)\])");
  Regions regions;
  std::string open;
  const Lines lines = lines_of(text);
  const auto report = [&](std::size_t i, const std::string& what) {
    regions.findings.push_back({place(path, i) + what});
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    const std::string line = trimmed(lines[i]);
    if (!std::regex_match(line, match, mark)) continue;
    const std::string name = match[2];
    if (match[1].length() > 0) {
      if (open != name) report(i, "region '" + name + "' ends here but did not begin");
      open.clear();
      continue;
    }
    if (!open.empty()) report(i, "region '" + name + "' begins inside '" + open + "'");
    if (std::count(regions.names.begin(), regions.names.end(), name) > 0)
      report(i, "region '" + name + "' stands twice");
    regions.names.push_back(name);
    open = name;
  }
  if (!open.empty()) report(lines.size(), "region '" + open + "' is not closed");
  if (regions.names.size() > 6) report(0, "more than six regions: cut the file or the text");
  return regions;
}

std::vector<Finding> check_headings(const std::string& path, const std::string& text) {
  static const Lines kHeadings = {
      "Goal",   "What you will see", "Before you start", "The idea by hand", "The code",
      "Run it", "Check yourself",    "What goes wrong",  "Exercises",        "Next"};
  Lines found;
  for (const std::string& line : lines_of(prose_of(text)))
    if (starts_with(line, "## ")) found.push_back(trimmed(line.substr(3)));
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < std::max(found.size(), kHeadings.size()); ++i) {
    const std::string got = i < found.size() ? found[i] : "(no heading)";
    const std::string expected = i < kHeadings.size() ? kHeadings[i] : "(no heading)";
    if (got == expected) continue;
    findings.push_back({path + ": heading " + std::to_string(i + 1) + " is '## " + got +
                        "', expected '## " + expected + "'"});
    break;
  }
  return findings;
}

std::vector<Finding> check_links(const std::string& path, const std::string& text) {
  static const std::regex link(R"(\]\(([^)\s]+)\))");
  const auto directory = std::filesystem::path(path).parent_path();
  std::vector<Finding> findings;
  const Lines lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::sregex_iterator match(lines[i].begin(), lines[i].end(), link), end; match != end;
         ++match) {
      std::string target = (*match)[1];
      target = target.substr(0, target.find('#'));
      if (target.empty() || target.find("://") != std::string::npos) continue;
      if (!std::filesystem::exists(directory / target))
        findings.push_back({place(path, i) + "the link's target does not exist: " + target});
    }
  }
  return findings;
}

}  // namespace qfs::docs
