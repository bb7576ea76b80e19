// The checker of the texts: what it fills, and what it must notice.
#include "docs/embed.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"

namespace fs = std::filesystem;
using namespace qfs::docs;

namespace {

// A directory with one source, one output and a place for a text.
class Sandbox {
 public:
  Sandbox() : root_(fs::temp_directory_path() / ("qfs_embed_" + std::to_string(::getpid()))) {
    fs::create_directories(root_);
    write(
        "a.hpp",
        "int x;\n  // [half]\n  int half(int v) {\n    return v / 2;\n  }\n  // [/half]\nint y;\n");
    write("expected_output.txt", "Title\n\n[1] One\n  first\n  second\n\n[2] Two\n  third\n");
    write("table.md", "| a |\n|---|\n");
  }
  ~Sandbox() { fs::remove_all(root_); }
  std::string readme() const { return (root_ / "README.md").string(); }

 private:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name) << text;
  }
  fs::path root_;
};

const std::string kHalf = "int half(int v) {\n  return v / 2;\n}\n";

std::string embed(const std::string& spec, const std::string& content) {
  const std::string language = spec.find(".txt") != std::string::npos ? "text" : "cpp";
  return "<!-- embed: " + spec + " -->\n```" + language + "\n" + content + "```\n";
}

}  // namespace

TEST_CASE("a region is filled in without its common indentation") {
  const Sandbox sandbox;
  const Filled filled =
      fill_embeds(sandbox.readme(), "Text\n" + embed("a.hpp#half", "old\n") + "End\n");
  CHECK(filled.text == "Text\n" + embed("a.hpp#half", kHalf) + "End\n");
  CHECK(filled.findings.empty());
  REQUIRE(filled.outdated.size() == 1);
  CHECK_THAT(filled.outdated[0], QFS_CONTAINS("README.md:4: differs from a.hpp#half"));
  CHECK(filled.used.size() == 1);
}

TEST_CASE("a text in step has nothing outdated") {
  const Sandbox sandbox;
  const Filled filled = fill_embeds(sandbox.readme(), embed("a.hpp#half", kHalf));
  CHECK(filled.outdated.empty());
  CHECK(filled.text == embed("a.hpp#half", kHalf));
}

TEST_CASE("a section of an output ends where the next begins, without its last empty line") {
  const Sandbox sandbox;
  CHECK(fill_embeds(sandbox.readme(), embed("expected_output.txt#1", "")).text ==
        embed("expected_output.txt#1", "[1] One\n  first\n  second\n"));
  CHECK(fill_embeds(sandbox.readme(), embed("expected_output.txt#2", "")).text ==
        embed("expected_output.txt#2", "[2] Two\n  third\n"));
  CHECK(fill_embeds(sandbox.readme(), embed("expected_output.txt#1 lines 2-3", "")).text ==
        embed("expected_output.txt#1 lines 2-3", "first\nsecond\n"));
}

TEST_CASE("a Markdown file is filled in without a fence") {
  const Sandbox sandbox;
  const std::string open = "<!-- embed: table.md -->\n", close = "<!-- /embed -->\n";
  CHECK(fill_embeds(sandbox.readme(), open + "old\n" + close).text ==
        open + "| a |\n|---|\n" + close);
  CHECK(fill_embeds(sandbox.readme(), open + "old\n").findings.size() == 1);
}

TEST_CASE("what cannot be embedded is named with file and line") {
  const Sandbox sandbox;
  const auto finding = [&](const std::string& text) {
    const Filled filled = fill_embeds(sandbox.readme(), text);
    REQUIRE(filled.findings.size() == 1);
    return filled.findings[0].text;
  };
  CHECK_THAT(finding("\n" + embed("a.hpp#third", "")),
             QFS_CONTAINS(":2: a.hpp has no region 'third'"));
  CHECK_THAT(finding(embed("b.hpp#half", "")), QFS_CONTAINS("cannot read"));
  CHECK_THAT(finding(embed("expected_output.txt#3", "")), QFS_CONTAINS("no region '3'"));
  CHECK_THAT(finding(embed("expected_output.txt#1 lines 2-9", "")),
             QFS_CONTAINS("does not have these"));
  CHECK_THAT(finding("```cpp\nint x;\n```\n"),
             QFS_CONTAINS(":1: a fence of code or output without"));
  CHECK_THAT(finding("<!-- embed: a.hpp#half -->\nno fence\n"),
             QFS_CONTAINS("followed by its fence"));
  CHECK_THAT(finding("<!-- embed: a.hpp#half -->\n```cpp\n"), QFS_CONTAINS("not closed"));
}

TEST_CASE("a fence of shell commands needs no embed") {
  const Sandbox sandbox;
  CHECK(fill_embeds(sandbox.readme(), "```sh\n./learn 1\n```\n").findings.empty());
}

TEST_CASE("regions must be closed, flat, unique and few") {
  CHECK(regions_of("f", "// [a]\n// [/a]\n// [b]\n// [/b]\n").names ==
        std::vector<std::string>{"a", "b"});
  CHECK(regions_of("f", "// [a]\n// [/a]\n").findings.empty());
  CHECK(regions_of("f", "// [a]\n").findings.size() == 1);
  CHECK(regions_of("f", "// [a]\n// [b]\n// [/b]\n").findings.size() == 1);
  CHECK(regions_of("f", "// [/a]\n").findings.size() == 1);
  CHECK(regions_of("f", "// [a]\n// [/a]\n// [a]\n// [/a]\n").findings.size() == 1);
  std::string seven;
  for (char c = 'a'; c <= 'g'; ++c) seven += std::string("// [") + c + "]\n// [/" + c + "]\n";
  CHECK(regions_of("f", seven).findings.size() == 1);
}

TEST_CASE("a chapter has its ten headings in order") {
  const std::string all =
      "## Goal\n## What you will see\n## Before you start\n## The idea by hand\n## The code\n## "
      "Run it\n"
      "## Check yourself\n## What goes wrong\n## Exercises\n## Next\n";
  CHECK(check_headings("f", all).empty());
  CHECK(check_headings("f", "## Goal\n").size() == 1);
  CHECK(check_headings("f", all + "## More\n").size() == 1);
}

TEST_CASE("a link must lead somewhere") {
  const Sandbox sandbox;
  CHECK(
      check_links(sandbox.readme(), "[a](a.hpp) [b](table.md#x) [c](https://example.org) [d](#e)\n")
          .empty());
  CHECK(check_links(sandbox.readme(), "see [a](gone.hpp)\n").size() == 1);
}
