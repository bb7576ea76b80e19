// The real program, qfs_docs, on a small tree that is in step, and on the same tree with one fault
// at a time: the finding it must print, word for word, and its exit code.
#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/support/catch.hpp"
#include "tests/support/run_program.hpp"

namespace fs = std::filesystem;

namespace {

const std::string kOne = "chapters/01_halves/README.md";
const std::string kTwo = "chapters/02_sums/README.md";

// The line numbers in the expected findings are those of this text.
const char* const kChapterOne = R"text(# 01 Halves

## Goal
Halve by (1.1), as in `x (1.7)` and $x (1.8)$. Chapter 02 goes on; chapters 02 to 10 too.
<!-- a comment may say (1.9), chapter 77 and exercise 1.9 -->
## What you will see
<!-- embed: expected_output.txt#1 -->
```text
[1] A half: of four
  two

  2 = 4 / 2
```
## Before you start
[Chapter 02](../02_sums/README.md) is not needed. Section [2], "What goes
wrong", comes later.
## The idea by hand
$$ h = (1.9) x / 3.8 \tag{1.1} $$
$$ r = \mathrm{round}(h) \tag{1.2} $$
## The code
Equations (1.1) and (1.2), or eq. 1.1 and 1.2, in code:
<!-- embed: half.hpp#half -->
```cpp
int half(int v) {
  // Rounds down (eq. 1.2).
  return v / 2;
}
```
## Run it
```sh
./learn 1            # chapter 01
./learn 1 --trace    # section 3 too
```
## Check yourself
<!-- embed: expected_output.txt#1 lines 2-4 -->
```text
two

2 = 4 / 2
```
<!-- embed: measured/table.md -->
| a |
|---|
<!-- /embed -->
## What goes wrong
- a list

    continued
## Exercises
**1.1 A third.** Do it. `./learn start 1.1`

<details><summary>Solution</summary>

<!-- embed: solutions/1_third.hpp#third -->
```cpp
int third(int v) { return v / 3; }
```
</details>

## Next
[02 Sums](../02_sums/README.md) comes after exercise 1.1.
)text";

const char* const kChapterTwo = R"text(# 02 Sums

## Goal
Add.
## What you will see
## Before you start
## The idea by hand
## The code
## Run it
## Check yourself
## What goes wrong
## Exercises
## Next
)text";

// A tree that is in step, and the program's words about it.
class Tree {
 public:
  Tree() {
    write("README.md",
          "[01 Halves](chapters/01_halves/README.md)\n```sh\n./learn check 1.1\n```\n```python\n"
          "print(1)\n```\n");
    write("chapters/README.md", "[02 Sums](02_sums/README.md)\n\n| 10 Products | to come |\n");
    write(kOne, kChapterOne);
    write("chapters/01_halves/half.hpp",
          "#pragma once\n  // [half]\n  int half(int v) {\n    // Rounds down (eq. 1.2).\n"
          "    return v / 2;\n  }\n  // [/half]\n");
    write(
        "chapters/01_halves/main.cpp",
        "// Sections 1 and 2 of the lesson; trace.cpp, section 3.\n"
        "void f() {\n  section(1, \"A half: of four\");\n  section(2, \"What goes wrong\");\n}\n");
    write("chapters/01_halves/trace.cpp",
          "// Section 3 of the lesson.\n// As eq.\n// 1.2 and section 1.\n"
          "void g() {\n  qfs::section(\n      3, \"Trace\");\n  subsection(9, \"none\");\n}\n");
    write("chapters/01_halves/expected_output.txt",
          "01 Halves\n\n[1] A half: of four\n  two\n\n  2 = 4 / 2\n\n[2] What goes wrong\n  odd\n");
    write("chapters/01_halves/exercises/1_third.hpp", "// Exercise 1.1: a third.\n");
    write(
        "chapters/01_halves/solutions/1_third.hpp",
        "// Exercise 1.1, solved.\n// [third]\nint third(int v) { return v / 3; }\n// [/third]\n");
    write("chapters/01_halves/measured/table.md", "| a |\n|---|\n");
    write(kTwo, kChapterTwo);
    write("chapters/02_sums/expected_output.txt", "02 Sums\n");
    write("common/check.hpp", "// As chapter 02 does (eq. 1.1).\n");
    write("tests/exercises/ch01_1_test.cpp", "// Judges exercise 1.1.\n");
    write("build/old/README.md", "```cpp\nstale\n```\n");
    write("work/README.md", "```cpp\nthe reader's own\n```\n");
  }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(scratch_.path(name)).parent_path());
    scratch_.write(name, std::string_view(text));
  }
  std::string text_of(const std::string& name) const { return scratch_.text_of(name); }

  // Replaces `from`, which must stand in the file exactly once.
  void change(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = text_of(name);
    const auto at = text.find(from);
    INFO(name << " has not once: " << from);
    REQUIRE(at != std::string::npos);
    REQUIRE(text.find(from, at + 1) == std::string::npos);
    write(name, text.replace(at, from.size(), to));
  }

  // The findings without the path of the tree and without the line that names our own source.
  qfs::test::Outcome run(const std::string& verb) const {
    auto outcome = qfs::test::run_program(QFS_DOCS_PROGRAM, verb + " '" + scratch_.path() + "'");
    const std::string root = scratch_.path() + "/";
    for (auto at = outcome.out.find(root); at != std::string::npos; at = outcome.out.find(root))
      outcome.out.erase(at, root.size());
    outcome.out =
        std::regex_replace(outcome.out, std::regex("\n  \\(noticed in [a-z]+\\.cpp:[0-9]+\\)"), "");
    return outcome;
  }

 private:
  qfs::test::Scratch scratch_;
};

struct Fault {
  std::string file, from, to;
  std::string finding;  // all that is printed, without the last newline
};

void expect_findings(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    const Tree tree;
    tree.change(fault.file, fault.from, fault.to);
    const auto outcome = tree.run("check");
    INFO(fault.file << ": '" << fault.from << "' became '" << fault.to << "'");
    CHECK(outcome.out == fault.finding + "\n");
    CHECK(outcome.err.empty());
    CHECK(outcome.code == 1);
  }
}

std::string at(const std::string& file, int line) {
  return file + ":" + std::to_string(line) + ": ";
}

std::string differs(const std::string& place, const std::string& source, const std::string& got,
                    const std::string& expected) {
  return place + "differs from " + source + "\n  got:        " + got +
         "\n  expected:   " + expected + "\n  what to do: ./learn docs";
}

const std::string kNoEmbed = "a fence of code or output without an embed line before it";
const std::string kNoFence =
    "code or output without a fence: show it by an embed line and its fence";
const std::string kNoMark =
    "this is no embed line: <!-- embed: file#region lines 1-2 -->, the last two if needed";
const std::string kQuote =
    "a section is quoted by number and title: section [3], \"How it begins\"";

}  // namespace

TEST_CASE("a tree in step: nothing is printed, and nothing is rewritten") {
  const Tree tree;
  for (const char* verb : {"check", "write", "check"}) {
    const auto outcome = tree.run(verb);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.empty());
    CHECK(outcome.code == 0);
    CHECK(tree.text_of(kOne) == kChapterOne);
  }
}

TEST_CASE("bad usage is exit code 2") {
  const Tree tree;
  CHECK(tree.run("look").code == 2);
  CHECK_THAT(tree.run("check .").err, QFS_CONTAINS("usage: qfs_docs check|write ROOT"));
  CHECK(tree.run("").code == 2);
}

TEST_CASE("a fence that differs from its source, in whatever line") {
  const std::string half = "half.hpp#half";
  expect_findings({
      {kOne, "int half(int v) {", "int halve(int v) {",
       differs(at(kOne, 24), half, "int halve(int v) {", "int half(int v) {")},
      {kOne, "  return v / 2;\n}", "  return v / 3;\n}",
       differs(at(kOne, 26), half, "  return v / 3;", "  return v / 2;")},
      {kOne, "v / 2;\n}", "v / 2;\n};", differs(at(kOne, 27), half, "};", "}")},
      {kOne, "v / 2;\n}\n", "v / 2;\n}\n\n", differs(at(kOne, 28), half, "", "(the source ends)")},
      {kOne, "  return v / 2;\n}\n", "  return v / 2;\n",
       differs(at(kOne, 27), half, "(the fence ends)", "}")},
      {kOne, "  return v / 2;", " return v / 2;",
       differs(at(kOne, 26), half, " return v / 2;", "  return v / 2;")},
      {kOne, "int half(int v) {\n  // Rounds down (eq. 1.2).\n  return v / 2;\n}\n", "",
       differs(at(kOne, 24), half, "(the fence ends)", "int half(int v) {")},
      {"chapters/01_halves/half.hpp", "v / 2;", "v / 4;",
       differs(at(kOne, 26), half, "  return v / 2;", "  return v / 4;")},
  });
}

TEST_CASE("an output that differs from its section, and a table from its file") {
  expect_findings({
      {kOne, "```text\n[1] A half: of four\n  two", "```text\n[1] A half: of four\n  2",
       differs(at(kOne, 10), "expected_output.txt#1", "  2", "  two")},
      {kOne, "  two\n\n  2 = 4 / 2\n", "  two\n",
       differs(at(kOne, 11), "expected_output.txt#1", "(the fence ends)", "")},
      {kOne, "```text\ntwo\n", "```text\n",
       differs(at(kOne, 37), "expected_output.txt#1", "", "two")},
      {kOne, "|---|\n", "|---|\n| 1 |\n",
       differs(at(kOne, 44), "measured/table.md", "| 1 |", "(the source ends)")},
      {kOne, "| a |\n|---|\n", "| a |\n",
       differs(at(kOne, 43), "measured/table.md", "(the fence ends)", "|---|")},
  });
}

TEST_CASE("embed lines that lead nowhere, and marks that are none") {
  const std::string third = "<!-- embed: solutions/1_third.hpp#third -->";
  const std::string unused =
      "\nchapters/01_halves/solutions/1_third.hpp: no text shows region 'third'";
  expect_findings({
      {kOne, "#1 lines 2-4 -->", "#1 lines 2-9 -->",
       at(kOne, 35) + "expected_output.txt#1 does not have these lines\n  got:        2-9\n"
                      "  expected:   lines within 1-4\n  what to do: count again"},
      {kOne, "#1 lines 2-4 -->", "#1 lines 3-2 -->",
       at(kOne, 35) + "expected_output.txt#1 does not have these lines\n  got:        3-2\n"
                      "  expected:   lines within 1-4\n  what to do: count again"},
      {kOne, "#1 lines 2-4 -->", "#1 lines 0-4 -->",
       at(kOne, 35) + kNoMark + "\n" + at(kOne, 36) + kNoEmbed},
      {kOne, "#1 lines 2-4 -->", "#3 lines 2-4 -->",
       at(kOne, 35) + "expected_output.txt has no region '3'\n"
                      "  what to do: mark it with // [3] ... // [/3]"},
      {kOne, third, "<!-- embed: solutions/1_third.hpp#fourth -->",
       at(kOne, 54) +
           "solutions/1_third.hpp has no region 'fourth'\n"
           "  what to do: mark it with // [fourth] ... // [/fourth]" +
           unused},
      {kOne, third, "<!--embed: solutions/1_third.hpp#third -->",
       at(kOne, 54) + kNoMark + "\n" + at(kOne, 55) + kNoEmbed + unused},
      {kOne, third, "<!-- Embed solutions/1_third.hpp -->",
       at(kOne, 54) + kNoMark + "\n" + at(kOne, 55) + kNoEmbed + unused},
      {kOne, third, third + "\n",
       at(kOne, 54) + "an embed line must be followed by its fence, ```cpp\n" + at(kOne, 56) +
           kNoEmbed + unused},
      {kOne, "<!-- /embed -->", "",
       at(kOne, 41) + "the embed lacks its <!-- /embed --> line" + unused},
      {kOne, "<!-- embed: measured/table.md -->\n", "", at(kOne, 43) + kNoMark},
      {kTwo, "Add.\n", "Add.\n<!-- embed: gone.hpp#x -->\n```cpp\n```\n",
       at(kTwo, 5) + "cannot read chapters/02_sums/gone.hpp\n  expected:   a text file\n"
                     "  what to do: check the path in the embed line"},
  });
}

TEST_CASE("a fence of code or output needs an embed line, however it is written") {
  const std::vector<std::string> openings = {
      "```cpp",    "```c",      "```C++",  "```",        "```text",  "``` cpp",
      "````cpp",   "```Python", "~~~",     "~~~cpp",     "  ```cpp", "> ```cpp",
      "- ```c",    "1. ```c",   "```sh x", "```console", "\t```cpp", "```{.cpp}",
      "``` sh -x", "> > ~~~",   "```json", "```\tcpp",   "```SH",    "~~~~c"};
  for (const std::string& opening : openings) {
    const auto end = opening.find_last_of("`~");
    const std::string closing = opening.substr(0, end + 1);
    expect_findings({{kTwo, "Add.\n", "Add.\n" + opening + "\nint x;\n" + closing + "\n",
                      at(kTwo, 5) + kNoEmbed}});
  }
}

TEST_CASE("what is closed by another mark is not closed; code may also stand without a fence") {
  expect_findings({
      {kTwo, "Add.\n", "Add.\n```cpp\nint x;\n~~~\n```\n", at(kTwo, 5) + kNoEmbed},
      {kTwo, "Add.\n", "Add.\n````cpp\n```\n````\n", at(kTwo, 5) + kNoEmbed},
      {kTwo, "Add.\n", "Add.\n~~~~cpp\n~~~\n~~~~~\n", at(kTwo, 5) + kNoEmbed},
      {kTwo, "## Next\n", "## Next\n```sh\n./learn 1\n", at(kTwo, 14) + "the fence is not closed"},
      {kTwo, "## Next\n", "## Next\n<!-- embed: expected_output.txt -->\n```text\n02 Sums\n",
       at(kTwo, 14) + "the fence is not closed"},
      {kTwo, "## Next\n", "## Next\n<!-- embed: expected_output.txt -->\n",
       at(kTwo, 14) + "an embed line must be followed by its fence, ```text"},
      {kTwo, "Add.\n", "Add.\n<!-- embed: expected_output.txt -->\n```cpp\n02 Sums\n```\n",
       at(kTwo, 5) + "an embed line must be followed by its fence, ```text"},
      {kOne, "```cpp\nint half", "``` cpp\nint half",
       at(kOne, 22) + "an embed line must be followed by its fence, ```cpp\n"
                      "chapters/01_halves/half.hpp: no text shows region 'half'"},
      {kTwo, "Add.\n", "Add.\n\n    int x;\n", at(kTwo, 6) + kNoFence},
      {kTwo, "Add.\n", "Add.\n\n\tint x;\n", at(kTwo, 6) + kNoFence},
      {kTwo, "Add.\n", "- Add.\n\n      int x;\n", at(kTwo, 6) + kNoFence},
      {kTwo, "Add.\n", "- Add.\n\nNo list.\n\n    int x;\n", at(kTwo, 8) + kNoFence},
      {kTwo, "Add.\n", "1. Add.\n\n       int x;\n", at(kTwo, 6) + kNoFence},
      {kTwo, "Add.\n", "Add. <pre>int x;</pre>\n", at(kTwo, 4) + kNoFence},
  });
}

TEST_CASE("what looks like a fence in a sentence, or a code in a list, is none") {
  for (const char* text : {"```x``` is code\n", "1. one\n\n   and more\n", "wrapped\n    text\n",
                           "  -  x\n\n        more\n", "~~struck~~\n", "`` ` ``\n",
                           "```sh\n./learn 1\n## no heading\n```\n"}) {
    const Tree tree;
    tree.change(kTwo, "Add.\n", text);
    INFO(text);
    CHECK(tree.run("check").out.empty());
  }
}

TEST_CASE("regions that no text shows, and marks that do not pair") {
  const std::string half = "chapters/01_halves/half.hpp";
  expect_findings({
      {half, "#pragma once\n", "// [unused]\n// [/unused]\n",
       half + ": no text shows region 'unused'"},
      {half, "  // [/half]\n", "  // [/half]\n  // [half]\n  // [/half]\n",
       at(half, 8) + "region 'half' stands twice"},
      {half, "#pragma once\n", "// [/other]\n",
       at(half, 1) + "region 'other' ends here but did not begin"},
      {half, "  // [/half]\n", "",
       at(kOne, 22) +
           "half.hpp has no region 'half'\n  what to do: mark it with // [half] ... // [/half]\n" +
           at(half, 7) + "region 'half' is not closed\n" + half + ": no text shows region 'half'"},
      {half, "    return", "    // [in]\n    return",
       differs(at(kOne, 26), "half.hpp#half", "  return v / 2;", "  // [in]") + "\n" + at(half, 5) +
           "region 'in' begins inside 'half'\n" + at(half, 8) +
           "region 'half' ends here but did not begin\n" + half + ": no text shows region 'in'"},
  });
}

TEST_CASE("headings and links") {
  const std::string link = "the link's target does not exist: ";
  expect_findings({
      {kTwo, "## Goal\n", "## Aim\n", kTwo + ": heading 1 is '## Aim', expected '## Goal'"},
      {kTwo, "## Next\n", "", kTwo + ": heading 10 is '## (no heading)', expected '## Next'"},
      {kTwo, "## Next\n", "## Next\n## More\n",
       kTwo + ": heading 11 is '## More', expected '## (no heading)'"},
      {kTwo, "## Run it\n## Check yourself\n", "## Check yourself\n## Run it\n",
       kTwo + ": heading 6 is '## Check yourself', expected '## Run it'"},
      {"README.md", "```sh\n", "[a](gone.md)\n```sh\n", "README.md:2: " + link + "gone.md"},
      {kTwo, "Add.", "![a](figures/a.svg) and [b](../b#c)",
       at(kTwo, 4) + link + "figures/a.svg\n" + at(kTwo, 4) + link + "../b"},
  });
}

TEST_CASE("a section is quoted by its number and the beginning of its title") {
  const auto two = [](const std::string& text, int line, const std::string& finding) {
    return Fault{kOne, "is not needed. Section [2], \"What goes\nwrong\", comes later.", text,
                 at(kOne, line) + finding};
  };
  expect_findings({
      two("Section [1], \"What goes wrong\".", 15,
          "section [1] is \"A half: of four\", not \"What goes wrong\""),
      two("Section [3], \"Trace\".", 15, "expected_output.txt has no section [3]"),
      two("Section [2], \"What went\".", 15,
          "section [2] is \"What goes wrong\", not \"What went\""),
      two("\nSection 2.", 16, kQuote),
      two("\nThe output (section 2).", 16, kQuote),
      two("Section [2] shows.", 15, kQuote),
      two("Sections [1] and [2].", 15, kQuote),
      two("See [2].", 15, kQuote),
      two("See `[2]`.", 15, kQuote),
      two("\n[2] shows.", 16, kQuote),
      two("Section\n2.", 16, kQuote),
      {kOne, "./learn 1 --trace    # section 3 too", "./learn 1 --trace    # section 4 too",
       at(kOne, 32) + "no program of the chapter prints section 4"},
      {kOne, "section 3 too", "sections 2 to 4",
       at(kOne, 32) + "no program of the chapter prints section 4"},
      {kTwo, "Add.", "Section [1], \"A half\".",
       at(kTwo, 4) + "expected_output.txt has no section [1]"},
      {"README.md", "```sh\n", "Section [1], \"A half\".\n```sh\n",
       "README.md:2: section [1] of which chapter? This is none's text"},
  });
  const Tree tree;
  tree.write("chapters/02_sums/expected_output.txt", "02 Sums\n\n[1] What is\n\n[2] What was\n");
  tree.change(kTwo, "Add.", "Section [2], \"What\".");
  CHECK(tree.run("check").out == at(kTwo, 4) + "more than one section begins with \"What\"\n");
}

TEST_CASE("sections in comments are those that the file prints") {
  const std::string main = "chapters/01_halves/main.cpp", trace = "chapters/01_halves/trace.cpp";
  expect_findings({
      {main, "Sections 1 and 2 of", "Sections 1 and 3 of",
       at(main, 1) + "main.cpp does not print section 3"},
      {main, "Sections 1 and 2 of", "Sections 1 to 3 of",
       at(main, 1) + "main.cpp does not print section 3"},
      {main, "trace.cpp, section 3", "trace.cpp, section 2",
       at(main, 1) + "trace.cpp does not print section 2"},
      {main, "trace.cpp, section 3", "trace.cpp, section 4",
       at(main, 1) + "no program of the chapter prints section 4\n" + at(main, 1) +
           "trace.cpp does not print section 4"},
      {trace, "Section 3", "Section 2", at(trace, 1) + "trace.cpp does not print section 2"},
      {trace, "section 1.", "section 9.",
       at(trace, 3) + "no program of the chapter prints section 9"},
      {"chapters/01_halves/half.hpp", "#pragma once", "// Sections 2 to 4.",
       at("chapters/01_halves/half.hpp", 1) + "no program of the chapter prints section 4"},
  });
}

TEST_CASE("equations, exercises and chapters that do not exist") {
  const std::string trace = "chapters/01_halves/trace.cpp", check = "common/check.hpp";
  const std::string no_chapter_3 =
      "there is no chapter 03, nor does chapters/README.md announce it";
  expect_findings({
      {kOne, "Equations (1.1) and (1.2),", "Equations (1.1) and (1.3),",
       at(kOne, 21) + "there is no equation 1.3"},
      {kOne, "Equations (1.1) and", "Equations (3.1) and",
       at(kOne, 21) + "there is no equation 3.1"},
      {kOne, "eq. 1.1 and 1.2,", "eq. 1.1 and 1.4,", at(kOne, 21) + "there is no equation 1.4"},
      {kOne, "eq. 1.1 and 1.2,", "eq. 1.0 to 1.2,", at(kOne, 21) + "there is no equation 1.0"},
      {kOne, "Halve by (1.1)", "\n(2.1) halves", at(kOne, 5) + "there is no equation 2.1"},
      {kTwo, "Add.\n", "One $ here.\n\nThen (1.9), and one $ there.\n",
       at(kTwo, 6) + "there is no equation 1.9"},
      {trace, "// 1.2 and", "// 1.5 and", at(trace, 3) + "there is no equation 1.5"},
      {check, "eq. 1.1", "eq. 1.10", at(check, 1) + "there is no equation 1.10"},
      {check, "eq. 1.1", "eq. 1.1, 1.2 or 1.3", at(check, 1) + "there is no equation 1.3"},
      {check, "chapter 02", "chapter 03", at(check, 1) + no_chapter_3},
      {check, "chapter 02", "chapters 02, 10 and\n// 03", at(check, 2) + no_chapter_3},
      {kOne, "Chapter 02 goes on", "Chapter 11 goes on",
       at(kOne, 4) + "there is no chapter 11, nor does chapters/README.md announce it"},
      {kOne, "chapters 02 to 10", "chapters 02 to 12",
       at(kOne, 4) + "there is no chapter 12, nor does chapters/README.md announce it"},
      {kOne, "# chapter 01", "# chapter 00",
       at(kOne, 31) + "there is no chapter 00, nor does chapters/README.md announce it"},
      {kOne, "after exercise 1.1", "after exercise 1.2", at(kOne, 61) + "there is no exercise 1.2"},
      {kOne, "after exercise 1.1", "after exercises 1.1 and 2.1",
       at(kOne, 61) + "there is no exercise 2.1"},
      {check, "As chapter 02 does", "As exercise 4.1 does",
       at(check, 1) + "there is no exercise 4.1"},
      {"README.md", "learn check 1.1", "learn check 1.3", "README.md:3: there is no exercise 1.3"},
  });
}

TEST_CASE("a number must agree with the folder, the title and the file beside it") {
  const std::string third = "chapters/01_halves/exercises/1_third.hpp";
  const std::string solved = "chapters/01_halves/solutions/1_third.hpp";
  const std::string judge = "tests/exercises/ch01_1_test.cpp";
  const std::string who = "this is exercise 1.1, and the first line does not say so";
  const std::string output = "the title is not the first line of expected_output.txt";
  expect_findings({
      {kOne, "[Chapter 02](../02", "[Chapter 01](../02",
       at(kOne, 15) + "the link says '01' and leads to 02_sums"},
      {kOne, "[02 Sums]", "[03 Sums]",
       at(kOne, 61) + "the link says '03 Sums' and leads to 02_sums"},
      {kOne, "[02 Sums]", "[02 Products]",
       at(kOne, 61) + "the link says '02 Products' and leads to 02_sums"},
      {"README.md", "[01 Halves]", "[02 Halves]",
       "README.md:1: the link says '02 Halves' and leads to 01_halves"},
      {"chapters/README.md", "[02 Sums]", "[01 Sums]",
       "chapters/README.md:1: the link says '01 Sums' and leads to 02_sums"},
      {kTwo, "# 02 Sums", "# 02 Summands", at(kTwo, 1) + output},
      {kTwo, "# 02 Sums", "# 01 Sums",
       at(kTwo, 1) + "the title does not begin with # 02\n" + at(kTwo, 1) + output},
      {third, "1.1", "2.1", at(third, 1) + "there is no exercise 2.1\n" + at(third, 1) + who},
      {third, "Exercise 1.1: a", "A", at(third, 1) + who},
      {solved, "Exercise 1.1", "It is", at(solved, 1) + who},
      {judge, "exercise 1.1", "it", at(judge, 1) + who},
      {kOne, "**1.1 A third.**", "**1.2 A third.**",
       kOne + ": exercise number 1 is 1.2, expected 1.1"},
      {kOne, "**1.1 A third.**", "A third.", kOne + ": exercise number 1 is nothing, expected 1.1"},
      {kOne, "**1.1 A third.**", "**1.1 A third.**\n**1.2 More.**",
       kOne + ": exercise number 2 is 1.2, expected nothing"},
      {kOne, "\\tag{1.2}", "\\tag{2.2}", kOne + ": equation number 2 is 2.2, expected 1.2"},
      {kTwo, "Add.", "$$ x \\tag{2.1} $$\n$$ y \\tag{2.1} $$",
       kTwo + ": equation number 2 is 2.1, expected nothing"},
  });
}

TEST_CASE("write mends what has a source, and says what it cannot mend") {
  const Tree tree;
  tree.change(kOne, "int half(int v) {\n", "int halve() {\nmore\n");
  tree.change(kOne, "```text\n[1] A half: of four\n", "```text\n");
  tree.change(kOne, "|---|\n", "");
  REQUIRE(tree.run("check").code == 1);
  CHECK(tree.text_of(kOne) != kChapterOne);
  const auto mended = tree.run("write");
  CHECK(mended.out.empty());
  CHECK(mended.code == 0);
  CHECK(tree.text_of(kOne) == kChapterOne);
  CHECK(tree.run("check").code == 0);

  tree.change(kOne, "  return v / 2;", "");
  tree.change(kOne, "Halve by (1.1)", "Halve by (1.3)");
  tree.change(kTwo, "Add.\n", "Add.\n```cpp\nint x;\n```\n");
  const std::string left =
      at(kOne, 4) + "there is no equation 1.3\n" + at(kTwo, 5) + kNoEmbed + "\n";
  for (const char* verb : {"write", "check"}) {
    const auto outcome = tree.run(verb);
    CHECK(outcome.out == left);
    CHECK(outcome.code == 1);
  }
  CHECK(tree.text_of(kOne).find("  return v / 2;") != std::string::npos);
}

TEST_CASE("a finding names the line of the text as it is, below an outdated fence too") {
  const Tree tree;
  tree.change(kOne, "  two\n\n  2 = 4 / 2\n", "  two\n");
  tree.change(kOne, "Equations (1.1)", "Equations (1.3)");
  CHECK(tree.run("check").out ==
        differs(at(kOne, 11), "expected_output.txt#1", "(the fence ends)", "") + "\n" +
            at(kOne, 19) + "there is no equation 1.3\n");
}
