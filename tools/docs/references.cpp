#include "docs/references.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>

#include "common/check.hpp"
#include "docs/markdown.hpp"

namespace qfs::docs {
namespace {

namespace fs = std::filesystem;

const std::string kNumbered = R"(\d{1,4}\.\d{1,4})";
// What may stand between the numbers of a list.
const std::string kAnd = R"((?:,|\s+and|\s+to|\s+or)\s+)";

std::string two_digits(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

// Every place where `form` stands in `text`.
std::vector<std::smatch> matches(const std::string& text, const std::regex& form) {
  return {std::sregex_iterator(text.begin(), text.end(), form), std::sregex_iterator()};
}

// The form of "6.3", "6.3 and 6.4", "6.3, 6.4 to 6.6", of whatever numbers.
std::string list_of(const std::string& number) { return number + "(?:" + kAnd + number + ")*"; }

// "3, 5 and 7 to 9" is 3, 5, 7, 8, 9.
std::set<int> sections_in(const std::string& list) {
  static const std::regex range(R"((\d+)(?:\s+to\s+(\d+))?)");
  std::set<int> sections;
  for (const std::smatch& match : matches(list, range)) {
    const int first = std::stoi(match[1]), last = match[2].matched ? std::stoi(match[2]) : first;
    for (int section = first; section <= last; ++section) sections.insert(section);
  }
  return sections;
}

// A title as a folder's name writes it: "Static PTQ" is static_ptq.
std::string slug(std::string title) {
  for (char& c : title)
    c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return title;
}

// One line from words that a paragraph has wrapped.
std::string unwrapped(const std::string& text) {
  static const std::regex space(R"(\s+)");
  return std::regex_replace(text, space, " ");
}

// A source with the marks of its comments blanked, so that sentences run on from line to line.
std::string without_comment_marks(const std::string& source) {
  std::string text = source;
  for (std::size_t at = text.find("//"); at != std::string::npos; at = text.find("//", at + 2))
    text[at] = text[at + 1] = ' ';
  return text;
}

std::set<int> sections_printed_by(const std::string& source) {
  static const std::regex call(R"(\bsection\(\s*(\d{1,4}),)");
  std::set<int> sections;
  for (const std::smatch& match : matches(source, call)) sections.insert(std::stoi(match[1]));
  return sections;
}

Chapter read_chapter(const fs::path& folder) {
  static const std::regex heading(R"(\[(\d{1,4})\] (.+))"), exercise(R"((\d{1,4})_\w+\.hpp)");
  static const std::regex tag(R"(\\tag\{\d+\.(\d{1,4})\})");
  Chapter chapter{folder.filename().string(), {}, {}, {}, {}};
  std::smatch match;
  for (const std::string& line : lines_of(read_text((folder / "expected_output.txt").string())))
    if (std::regex_match(line, match, heading)) chapter.headings[std::stoi(match[1])] = match[2];
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".cpp")
      chapter.prints[name].merge(sections_printed_by(read_text(entry.path().string())));
    if (entry.path().parent_path().filename() == "exercises" &&
        std::regex_match(name, match, exercise))
      chapter.exercises.insert(std::stoi(match[1]));
  }
  const std::string text = read_text((folder / "README.md").string());
  for (const std::smatch& found : matches(text, tag)) chapter.equations.insert(std::stoi(found[1]));
  return chapter;
}

bool prints(const Chapter& chapter, int section) {
  const auto has = [&](const auto& file) { return file.second.count(section) > 0; };
  return std::any_of(chapter.prints.begin(), chapter.prints.end(), has);
}

// Collects the findings of one text.
class Checker {
 public:
  Checker(const Book& book, const std::string& path, const std::string& text, int chapter)
      : book_(book), path_(path), text_(text) {
    const auto found = book.chapters.find(chapter);
    if (found != book.chapters.end()) chapter_ = &found->second;
  }

  void equations(const std::string& text) {
    static const std::regex form(R"(\b[Ee]q(?:s|uations?)?\b\.?\s+\(?()" + list_of(kNumbered) +
                                 ")");
    numbered(text, form, "equation", &Chapter::equations);
  }

  // (6.3), as prose has it.
  void equations_in_parentheses(const std::string& text) {
    static const std::regex form(R"((?:^|\W)\(()" + kNumbered + R"()\))");
    numbered(text, form, "equation", &Chapter::equations);
  }

  void exercises(const std::string& text) {
    static const std::regex form(
        R"((?:\b[Ee]xercises?|\blearn (?:start|check|hint|solution))\s+()" + list_of(kNumbered) +
        ")");
    numbered(text, form, "exercise", &Chapter::exercises);
  }

  void chapters(const std::string& text) {
    static const std::regex form(R"(\b[Cc]hapters?\s+()" + list_of(R"(\d{1,4}\b)") + ")");
    static const std::regex one(R"(\d+)");
    for (const std::smatch& match : matches(text, form)) {
      const std::string list = match[1];
      for (const std::smatch& each : matches(list, one)) {
        const int number = std::stoi(each.str());
        if (book_.chapters.count(number) == 0 && book_.announced.count(number) == 0)
          report(match.position(1) + each.position(0),
                 "there is no chapter " + two_digits(number) +
                     ", nor does chapters/README.md announce it");
      }
    }
  }

  void links(const std::string& text) {
    static const std::regex link(
        R"(\[(?:[Cc]hapter )?(\d\d)( [^\]]*)?\]\((?:[^)]*/)?(\d\d)_(\w+)/)");
    for (const std::smatch& match : matches(text, link)) {
      const std::string title = match[2].matched ? match[2].str().substr(1) : "";
      if (match[1] != match[3] || (!title.empty() && slug(title) != match[4]))
        report(match.position(0), "the link says '" + match[1].str() + match[2].str() +
                                      "' and leads to " + match[3].str() + "_" + match[4].str());
    }
  }

  // Prose quotes a section by number and title; so a number that is off by one is noticed.
  void quoted_sections(const std::string& prose) {
    static const std::regex full(R"re(\b[Ss]ection\s+\[(\d{1,4})\],\s+"([^"]+)")re");
    static const std::regex short_form(R"(\b[Ss]ections?\s+\d|(?:^|[\s(])\[\d+\])");
    static const std::regex as_code(R"(`\[\d+\]`)");
    std::string rest = prose;
    for (const std::smatch& match : matches(prose, full)) {
      quoted_section(match.position(0), std::stoi(match[1]), unwrapped(match[2]));
      std::fill_n(rest.begin() + match.position(0), match.length(0), ' ');
    }
    const auto refuse = [&](const std::smatch& match) {
      report(match.position(0) + match.length(0) - 1,
             "a section is quoted by number and title: section [3], \"How it begins\"");
    };
    for (const std::smatch& match : matches(rest, short_form)) refuse(match);
    const std::string spans = without_fences(text_);
    for (const std::smatch& match : matches(spans, as_code)) refuse(match);
  }

  // What a reader types, and comments: every number must be one that the chapter prints.
  void printed_sections(const std::string& text) {
    for (const std::smatch& match : matches(text, section_list()))
      for (const int section : sections_in(match[2]))
        if (chapter_ == nullptr || !prints(*chapter_, section))
          report(match.position(2),
                 "no program of the chapter prints section " + std::to_string(section));
  }

  // "trace.cpp, section 7": this file prints it. At the top of a .cpp: this very file does.
  void sections_of_files(const std::string& text) {
    if (chapter_ == nullptr) return;
    for (const std::smatch& match : matches(text, section_list())) {
      const bool on_top = line_at(text, static_cast<std::size_t>(match.position(2))) == 0;
      const std::string own = fs::path(path_).filename().string();
      const std::string file = match[1].matched ? match[1].str() : on_top ? own : "";
      const auto printed = chapter_->prints.find(file);
      if (printed == chapter_->prints.end()) continue;
      for (const int section : sections_in(match[2]))
        if (printed->second.count(section) == 0)
          report(match.position(2), file + " does not print section " + std::to_string(section));
    }
  }

  void report(std::ptrdiff_t offset, const std::string& what) {
    const Finding finding{place(path_, line_at(text_, static_cast<std::size_t>(offset))) + what};
    const auto same = [&](const Finding& other) { return other.text == finding.text; };
    if (std::none_of(findings_.begin(), findings_.end(), same)) findings_.push_back(finding);
  }
  std::vector<Finding> findings() { return std::move(findings_); }

 private:
  // [1] a file named before, [2] the numbers.
  static const std::regex& section_list() {
    static const std::regex form(R"((?:(\w+\.cpp),\s+)?\b[Ss]ections?\s+\[?()" +
                                 list_of(R"(\d{1,4}\b)") + ")");
    return form;
  }

  // Every "N.M" of the lists that `form` finds must be one of chapter N's.
  void numbered(const std::string& text, const std::regex& form, const std::string& kind,
                std::set<int> Chapter::*members) {
    static const std::regex pair(R"((\d+)\.(\d+))");
    for (const std::smatch& match : matches(text, form)) {
      const std::string list = match[1];
      for (const std::smatch& each : matches(list, pair)) {
        const auto chapter = book_.chapters.find(std::stoi(each[1]));
        if (chapter == book_.chapters.end() ||
            (chapter->second.*members).count(std::stoi(each[2])) == 0)
          report(match.position(1) + each.position(0), "there is no " + kind + " " + each.str());
      }
    }
  }

  void quoted_section(std::ptrdiff_t offset, int section, const std::string& title) {
    const std::string name = "section [" + std::to_string(section) + "]";
    if (chapter_ == nullptr) return report(offset, name + " of which chapter? This is none's text");
    const auto begins = [&](const auto& heading) { return starts_with(heading.second, title); };
    const auto& headings = chapter_->headings;
    const auto heading = headings.find(section);
    if (heading == headings.end())
      report(offset, "expected_output.txt has no " + name);
    else if (!begins(*heading))
      report(offset, name + " is \"" + heading->second + "\", not \"" + title + "\"");
    else if (std::count_if(headings.begin(), headings.end(), begins) > 1)
      report(offset, "more than one section begins with \"" + title + "\"");
  }

  const Book& book_;
  const std::string& path_;
  const std::string& text_;
  const Chapter* chapter_ = nullptr;
  std::vector<Finding> findings_;
};

// The headings "**6.2 ..." of the exercises in a chapter's text.
std::vector<std::string> exercise_headings(const std::string& text) {
  static const std::regex heading(R"(\*\*(\d+\.\d+) .*)");
  std::vector<std::string> numbers;
  std::smatch match;
  for (const std::string& line : lines_of(prose_of(text)))
    if (std::regex_match(line, match, heading)) numbers.push_back(match[1]);
  return numbers;
}

std::vector<std::string> tags(const std::string& text) {
  static const std::regex tag(R"(\\tag\{([^}]*)\})");
  std::vector<std::string> numbers;
  for (const std::smatch& match : matches(text, tag)) numbers.push_back(match[1]);
  return numbers;
}

// `numbers` must be "6.1", "6.2", ... up to `count`; the finding where they are not.
std::vector<Finding> must_count_up(const std::string& path, const std::string& kind, int chapter,
                                   const std::vector<std::string>& numbers, std::size_t count) {
  for (std::size_t i = 0; i < std::max(numbers.size(), count); ++i) {
    const std::string got = i < numbers.size() ? numbers[i] : "nothing";
    const std::string expected =
        i < count ? std::to_string(chapter) + "." + std::to_string(i + 1) : "nothing";
    if (got != expected)
      return {{path + ": " + kind + " number " + std::to_string(i + 1) + " is " + got +
               ", expected " + expected}};
  }
  return {};
}

// The exercise whose file this is ("6.2"), or nothing.
std::string exercise_of(const std::string& path) {
  static const std::regex form(
      R"(.*(?:chapters/0?(\d+)_\w+/(?:exercises|solutions)/(\d+)_\w+\.hpp|)"
      R"(tests/exercises/ch0?(\d+)_(\d+)_test\.cpp))");
  std::smatch match;
  if (!std::regex_match(path, match, form)) return "";
  return match[1].str() + match[3].str() + "." + match[2].str() + match[4].str();
}

}  // namespace

Book read_book(const std::string& root) {
  static const std::regex folder(R"((\d\d)_\w+)"), row(R"(\| (\d\d) .*)");
  Book book;
  std::smatch match;
  for (const auto& entry : fs::directory_iterator(fs::path(root) / "chapters")) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && std::regex_match(name, match, folder))
      book.chapters[std::stoi(match[1])] = read_chapter(entry.path());
  }
  for (const std::string& line : lines_of(read_text(root + "/chapters/README.md")))
    if (std::regex_match(line, match, row)) book.announced.insert(std::stoi(match[1]));
  return book;
}

std::vector<Finding> check_text_references(const Book& book, const std::string& path,
                                           const std::string& text, int chapter) {
  Checker checker(book, path, text, chapter);
  const std::string prose = prose_of(text), typed = typed_by_the_reader(text);
  checker.equations(prose);
  checker.equations_in_parentheses(prose);
  checker.quoted_sections(prose);
  checker.links(prose);
  checker.chapters(prose);
  checker.exercises(prose);
  checker.printed_sections(typed);
  checker.chapters(typed);
  checker.exercises(typed);
  return checker.findings();
}

std::vector<Finding> check_source_references(const Book& book, const std::string& path,
                                             const std::string& text, int chapter) {
  Checker checker(book, path, text, chapter);
  const std::string sentences = without_comment_marks(text);
  checker.equations(sentences);
  checker.chapters(sentences);
  checker.exercises(sentences);
  if (chapter > 0) checker.printed_sections(sentences);
  checker.sections_of_files(sentences);
  const std::string exercise = exercise_of(path), first = text.substr(0, text.find('\n'));
  if (!exercise.empty() && first.find("xercise " + exercise) == std::string::npos)
    checker.report(0, "this is exercise " + exercise + ", and the first line does not say so");
  return checker.findings();
}

std::vector<Finding> check_numbering(const Book& book, const std::string& root, int chapter) {
  const Chapter& own = book.chapters.at(chapter);
  const fs::path folder = fs::path(root) / "chapters" / own.folder;
  const std::string path = (folder / "README.md").lexically_normal().string();
  const std::string text = read_text(path), output = (folder / "expected_output.txt").string();
  const std::string title = text.substr(0, text.find('\n'));
  std::vector<Finding> findings;
  if (!starts_with(title, "# " + two_digits(chapter) + " "))
    findings.push_back({place(path, 0) + "the title does not begin with # " + two_digits(chapter)});
  if (title != "# " + lines_of(read_text(output)).at(0))
    findings.push_back({place(path, 0) + "the title is not the first line of expected_output.txt"});
  const auto append = [&](const std::vector<Finding>& more) {
    findings.insert(findings.end(), more.begin(), more.end());
  };
  append(must_count_up(path, "equation", chapter, tags(text), own.equations.size()));
  append(must_count_up(path, "exercise", chapter, exercise_headings(text), own.exercises.size()));
  return findings;
}

}  // namespace qfs::docs
