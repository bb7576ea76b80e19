// qfs_golden [--update] [--isa "NAME ..."] EXPECTED_FILE PROGRAM [ARGUMENTS...]
//
// Runs the program and compares its stdout with the file, line by line, every character of it, with
// two exceptions that can be seen in the text itself:
//
// - A number behind "~" is measured: it follows from training or from the clock. Any number agrees
//   with it, and so does any number of spaces before it; the rest of its line must be equal.
//       epoch  1: loss ~0.5399, right ~89.80 %, p ~<0.001
//   A table (a head, a rule of dashes, rows up to an empty line) that holds such numbers is as wide
//   as they are: between its cells any number of spaces agrees, and so does any length of its rule.
// - A line that begins with an instruction set in brackets holds where the CPU has it, and is left
//   out elsewhere: there the program must not print it. The names stand in instruction_sets().
//       [avx2] 16-bit products: 1.9 times the plain loops
//
// --isa names what the CPU is to be taken to have, in place of what it has.
// --update writes the output to the file instead. It refuses where the file has lines for an
// instruction set that is not there, for they would be lost.
// Exit codes: 0 equal or updated, 1 different, 2 the program failed or a file cannot be read.

#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/cli.hpp"
#include "common/cpu.hpp"

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

struct InstructionSet {
  std::string name;
  bool present = false;
};
using InstructionSets = std::vector<InstructionSet>;

InstructionSets instruction_sets() {
  const qfs::CpuFeatures cpu = qfs::cpu_features();
  return {{"avx2", cpu.avx2},
          {"avx_vnni", cpu.avx_vnni},
          {"avx512_vnni", cpu.avx512_vnni},
          {"vnni", cpu.avx_vnni || cpu.avx512_vnni},
          {"amx", cpu.amx_int8}};
}

// The same names, but present is what `names` lists.
InstructionSets taken_to_be(const std::string& names) {
  InstructionSets sets = instruction_sets();
  for (InstructionSet& set : sets) set.present = false;
  std::istringstream words(names);
  for (std::string name; words >> name;) {
    const auto set = std::ranges::find(sets, name, &InstructionSet::name);
    qfs::require(set != sets.end(), "--isa: no such instruction set", name,
                 "avx2, avx_vnni, avx512_vnni, vnni or amx", "mend the name");
    set->present = true;
  }
  return sets;
}

struct Line {
  std::size_t number = 0;
  std::string text;
};

std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back({lines.size() + 1, line});
  return lines;
}

// Whether the line begins with the name of an instruction set that is not there.
bool is_left_out(const Line& line, const InstructionSets& sets) {
  std::string word;
  std::istringstream(line.text) >> word;
  return std::ranges::any_of(sets, [&](const InstructionSet& set) {
    return !set.present && word == "[" + set.name + "]";
  });
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

// Whether a line is the rule under the head of a table.
bool is_rule(const std::string& line) {
  return line.find('-') != std::string::npos && line.find_first_not_of(" -") == std::string::npos;
}

// For each line, whether it belongs to a table with a measured number.
std::vector<bool> in_measured_tables(const std::vector<Line>& lines) {
  std::vector<bool> result(lines.size(), false);
  for (std::size_t head = 0; head + 1 < lines.size(); ++head) {
    if (!is_rule(lines[head + 1].text)) continue;
    std::size_t end = head;
    bool measured = false;
    for (; end < lines.size() && !lines[end].text.empty(); ++end)
      measured = measured || masked(lines[end].text) != lines[end].text;
    if (measured)
      std::fill(result.begin() + static_cast<std::ptrdiff_t>(head),
                result.begin() + static_cast<std::ptrdiff_t>(end), true);
  }
  return result;
}

// A line of such a table, whatever the widths of its columns: one space for many, one dash for many
// of a rule.
std::string squeezed(const std::string& line) {
  std::string text;
  for (char c : masked(line)) {
    const bool is_repeated = !text.empty() && text.back() == c && (c == ' ' || is_rule(line));
    if (!is_repeated) text += c;
  }
  return text;
}

std::string read_expected(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  qfs::require(file.good(), "cannot read " + path, "", "the output as it should be",
               "./learn docs");
  return {std::istreambuf_iterator<char>(file), {}};
}

int compare(const std::string& path, const std::string& output, const InstructionSets& sets) {
  const std::vector<Line> got = lines_of(output);
  std::vector<Line> expected = lines_of(read_expected(path));
  const std::size_t end = expected.size() + 1;
  std::erase_if(expected, [&](const Line& line) { return is_left_out(line, sets); });
  const std::vector<bool> may_be_squeezed = in_measured_tables(expected);
  for (std::size_t i = 0; i < got.size() || i < expected.size(); ++i) {
    const Line got_line = i < got.size() ? got[i] : Line{0, "(the output ended)"};
    const Line expected_line = i < expected.size() ? expected[i] : Line{end, "(the file ended)"};
    if (masked(got_line.text) == masked(expected_line.text)) continue;
    if (i < expected.size() && may_be_squeezed[i] &&
        squeezed(got_line.text) == squeezed(expected_line.text))
      continue;
    std::printf("%s:%zu: the program now prints something else\n", path.c_str(),
                expected_line.number);
    std::printf("  got:        %s\n  expected:   %s\n", got_line.text.c_str(),
                expected_line.text.c_str());
    std::printf("  what to do: mend the program, or accept the new output with ./learn docs\n");
    return 1;
  }
  return 0;
}

void update(const std::string& path, const std::string& output, const InstructionSets& sets) {
  if (std::ifstream(path).good())
    for (const Line& line : lines_of(read_expected(path)))
      qfs::require(!is_left_out(line, sets),
                   path + ":" + std::to_string(line.number) +
                       ": this line holds for an instruction set that this CPU has not",
                   line.text, "a CPU that prints every line", "update the file on such a CPU");
  qfs::write_file_atomically(path, output);
}

// The words of the command line after its options.
struct Command {
  bool update = false;
  std::optional<std::string> isa;
  std::string expected_file;
  std::vector<std::string> program;
};

Command parse(std::vector<std::string> words) {
  Command command;
  const auto take = [&] {
    const std::string word = words.front();
    words.erase(words.begin());
    return word;
  };
  while (words.size() > 1 && (words[0] == "--update" || words[0] == "--isa")) {
    if (take() == "--update")
      command.update = true;
    else
      command.isa = take();
  }
  qfs::require(
      words.size() >= 2,
      "usage: qfs_golden [--update] [--isa \"NAME ...\"] EXPECTED_FILE PROGRAM [ARGUMENTS]",
      std::to_string(words.size()) + " words", "at least two words",
      "name the file and the program");
  command.expected_file = take();
  command.program = std::move(words);
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    const Command command = parse({argv + 1, argv + argc});
    const InstructionSets sets = command.isa ? taken_to_be(*command.isa) : instruction_sets();
    const std::string output = output_of(command.program);
    if (!command.update) return compare(command.expected_file, output, sets);
    update(command.expected_file, output, sets);
    return 0;
  });
}
