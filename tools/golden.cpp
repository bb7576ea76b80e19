// qfs_golden [--update] EXPECTED_FILE PROGRAM [ARGUMENTS...]
//
// Runs the program and compares its stdout with the file, line by line, every character of it, with
// one exception that can be seen in the text itself: a number behind "~" is measured, it follows
// from training or from the clock. Any number agrees with it, and so does any number of spaces
// before it; the rest of its line must be equal.
//       epoch  1: loss ~0.5399, right ~89.80 %, p ~<0.001
//
// --update writes the output to the file instead.
// Exit codes: 0 equal or updated, 1 different, 2 the program failed or a file cannot be read.

#include <sys/wait.h>

#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/cli.hpp"

namespace {

std::string shell_quoted(const std::string& word) {
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The program's stdout; its stderr passes through. An exit code other than 0 is an Error.
std::string output_of(const std::vector<std::string>& words) {
  std::string command, output;
  for (const std::string& word : words) command += shell_quoted(word) + " ";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  qfs::require(pipe != nullptr, "cannot start " + command, "", "", "check that it was built");
  char block[4096];
  for (std::size_t n = 0; (n = std::fread(block, 1, sizeof block, pipe)) > 0;)
    output.append(block, n);
  const int status = ::pclose(pipe);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (code != 0) std::fputs(output.c_str(), stdout);
  qfs::require(code == 0, "the program failed: " + command, "exit code " + std::to_string(code),
               "0", "read its output above");
  return output;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The first character behind the number that begins at `i`, as "12", "-0.5" or "<0.001" do; `i`
// where none does.
std::size_t end_of_number(const std::string& line, std::size_t i) {
  const auto digit = [&](std::size_t at) {
    return at < line.size() && std::isdigit(static_cast<unsigned char>(line[at])) != 0;
  };
  std::size_t end = i;
  if (end < line.size() && (line[end] == '<' || line[end] == '-')) ++end;
  if (!digit(end)) return i;
  while (digit(end)) ++end;
  if (end < line.size() && line[end] == '.' && digit(end + 1)) ++end;
  while (digit(end)) ++end;
  return end;
}

// Each measured number, "~12.5" with the spaces before it, becomes " ~".
std::string masked(const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t end = line[i] == '~' ? end_of_number(line, i + 1) : i + 1;
    if (line[i] == '~' && end > i + 1) {
      while (!text.empty() && text.back() == ' ') text.pop_back();
      text += " ~";
      i = end;
    } else {
      text += line[i++];
    }
  }
  return text;
}

std::string read_expected(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  qfs::require(file.good(), "cannot read " + path, "", "the output as it should be",
               "./learn docs");
  return {std::istreambuf_iterator<char>(file), {}};
}

int compare(const std::string& path, const std::string& output) {
  const auto got = lines_of(output), expected = lines_of(read_expected(path));
  for (std::size_t i = 0; i < got.size() || i < expected.size(); ++i) {
    const std::string got_line = i < got.size() ? got[i] : "(the output ended)";
    const std::string expected_line = i < expected.size() ? expected[i] : "(the file ended)";
    if (masked(got_line) == masked(expected_line)) continue;
    std::printf("%s:%zu: the program now prints something else\n", path.c_str(), i + 1);
    std::printf("  got:        %s\n  expected:   %s\n", got_line.c_str(), expected_line.c_str());
    std::printf("  what to do: mend the program, or accept the new output with ./learn docs\n");
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    std::vector<std::string> words(argv + 1, argv + argc);
    const bool update = !words.empty() && words[0] == "--update";
    if (update) words.erase(words.begin());
    qfs::require(words.size() >= 2,
                 "usage: qfs_golden [--update] EXPECTED_FILE PROGRAM [ARGUMENTS]", words.size(),
                 "at least two words", "name the file and the program");
    const std::string expected_file = words[0];
    words.erase(words.begin());
    const std::string output = output_of(words);
    if (!update) return compare(expected_file, output);
    qfs::write_file_atomically(expected_file, output);
    return 0;
  });
}
