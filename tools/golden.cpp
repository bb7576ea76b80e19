// qfs_golden [--update] EXPECTED_FILE PROGRAM [ARGUMENTS...]
//
// Runs the program and compares its stdout with the file, line by line. On lines that contain
// "(measured)" every number is masked and spaces are squeezed: times differ from run to run.
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

// Each number becomes "#" and each run of spaces one space, on measured lines only.
std::string masked(const std::string& line) {
  if (line.find("(measured)") == std::string::npos) return line;
  std::string text;
  for (char c : line) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.';
    const char shown = digit ? '#' : c;
    if ((shown == '#' || shown == ' ') && !text.empty() && text.back() == shown) continue;
    text += shown;
  }
  return text;
}

int compare(const std::string& path, const std::string& output) {
  std::ifstream file(path, std::ios::binary);
  qfs::require(file.good(), "cannot read " + path, "", "the output as it should be",
               "./learn docs");
  const std::string expected_text(std::istreambuf_iterator<char>(file), {});
  const auto got = lines_of(output), expected = lines_of(expected_text);
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
