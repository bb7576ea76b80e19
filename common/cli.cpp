#include "common/cli.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "common/bytes.hpp"
#include "common/cpu.hpp"
#include "common/dataset.hpp"

namespace qfs {

namespace {

// "1" of "01 Affine math", "10" of "10 Kernel ladder".
std::string number_of(const std::string& title) {
  const std::size_t first = title.find_first_not_of('0');
  return title.substr(first, title.find(' ') - first);
}

}  // namespace

std::string data_name(const Options& options) {
  if (options.data_dir == kFashionDir) return "Fashion-MNIST";
  return options.data_dir.empty() ? "MNIST, bundled" : options.data_dir;
}

struct Program::Parser {
  // "01 Affine math" is run by "./learn 1".
  Parser(const std::string& title, const std::string& goal)
      : app(goal, "./learn " + number_of(title)), name(title) {}
  CLI::App app;
  std::string name;
  Options options;
  std::string csv_dir, json_file;
  std::vector<const std::string*> output_files, output_dirs;

  std::vector<const std::string*> inputs;  // files and folders, and other texts
  std::function<std::string(const Options&)> before_lesson;

  void parse(int argc, char** argv);
  // Throws Error where a place to write to was given that cannot be written, or is read too.
  void require_places() const;
};

namespace {

// An option whose value is an empty text, as from an unset shell variable, must not pass for none.
std::string not_empty(const std::string& value) {
  return value.empty() ? "the value is empty" : "";
}

// CLI11 would read 010 as 8 and 0x10 as 16: whole numbers are decimal here, and zeros before them
// mean nothing.
std::string make_decimal(std::string& text) {
  const bool negative = text.starts_with('-');
  const std::string digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
    return text + " is not a whole number in decimal digits";
  const auto first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  text = (negative ? "-" : "") + digits.substr(first);
  return "";
}

// CLI11 would take nan, inf and 0x1p-3, and NaN lies within any bounds: reals are decimal, with a
// point in every locale.
std::string not_decimal(const std::string& text) {
  double value = 0.0;
  const char* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, value);
  const bool is_number = error == std::errc() && read == end && std::isfinite(value);
  return is_number ? "" : text + " is not a number in decimal digits";
}

// The words of a command line, as its errors show them.
std::string words_of(int argc, char** argv) {
  std::string words;
  for (int i = 1; i < argc; ++i) words += (i > 1 ? " " : "") + std::string(argv[i]);
  return words;
}

// `fashion` is a name for a directory that Debian's package makes.
std::string name_to_directory(std::string& text) {
  if (text != "fashion") return "";
  std::error_code ignored;
  if (!std::filesystem::is_directory(kFashionDir, ignored))
    return "`fashion` is Debian's package dataset-fashion-mnist, which is not installed: apt-get "
           "install dataset-fashion-mnist";
  text = kFashionDir;
  return "";
}

bool is_same_place(const std::string& a, const std::string& b) {
  std::error_code neither;  // where one of them does not exist, they are not the same
  return std::filesystem::equivalent(a, b, neither);
}

void require_not_read(const std::string& output, const std::vector<const std::string*>& inputs) {
  for (const std::string* input : inputs)
    require(
        input->empty() || !is_same_place(output, *input), "cannot write " + output,
        [&] { return "the same place as " + *input + ", which is read"; }, "a place of its own",
        "choose another place");
}

}  // namespace

void Program::Parser::parse(int argc, char** argv) {
  std::string problem;
  for (int i = 1; i + 1 < argc && problem.empty(); ++i) {
    const CLI::Option* option = app.get_option_no_throw(argv[i]);
    const std::string_view next = argv[i + 1];
    if (option != nullptr && option->get_items_expected_max() > 0 && next.starts_with("--"))
      problem = std::string(argv[i]) + " lacks its value; a value that begins with -- is written " +
                argv[i] + "=" + argv[i + 1];
  }
  try {
    if (problem.empty()) app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) throw;  // --help
    problem = error.what();
  }
  require(problem.empty(), "the options are not understood: " + problem, words_of(argc, argv),
          "options that --help lists", app.get_name() + " --help");
}

void Program::Parser::require_places() const {
  for (const std::string* file : output_files) {
    if (file->empty()) continue;
    require_file_place(*file);
    require_not_read(*file, inputs);
    for (const std::string* other : output_files)
      require(other == file || *other != *file, "two files to write have one name", *file,
              "a name for each", "choose another name");
  }
  for (const std::string* directory : output_dirs) {
    if (directory->empty()) continue;
    require_directory_place(*directory);
    require_not_read(*directory, inputs);
  }
}

Program::Program(std::string name, std::string goal)
    : parser_(std::make_unique<Parser>(name, goal)) {
  CLI::App& app = parser_->app;
  Options& options = parser_->options;
  app.add_option("--data", options.data_dir,
                 "directory of the four MNIST-format files, plain or .gz; or fashion, which is "
                 "Debian's dataset-fashion-mnist (default: bundled digits)")
      ->transform(CLI::Validator(name_to_directory, ""))
      ->check(CLI::ExistingDirectory);
  parser_->inputs = {&options.data_dir, &options.weights_dir};
  parser_->output_files = {&parser_->json_file};
  app.add_option("--weights", options.weights_dir,
                 "directory of an MLP's weights as .npy (default: datasets/pretrained)")
      ->check(CLI::ExistingDirectory);
  app.add_option("--seed", options.seed, "seed of every random choice")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000'000'000'000}))
      ->transform(CLI::Validator(make_decimal, ""));
  app.add_option("--threads", options.threads, "threads for float products")
      ->capture_default_str()
      ->check(CLI::Range(1, 256))
      ->transform(CLI::Validator(make_decimal, ""));
  app.add_option("--csv", parser_->csv_dir, "write the curves of this chapter to this directory")
      ->check(not_empty);
  app.add_option("--json", parser_->json_file, "write the figures of this chapter to this file")
      ->check(not_empty);
  app.add_flag("--trace", options.trace, "follow one number end to end");
  app.add_flag("--quick", options.quick, "less work, without the claims about accuracy");
}

Program::~Program() = default;

void Program::option(const std::string& flag, std::string& value, const std::string& help) {
  parser_->app.add_option(flag, value, help)->check(not_empty);
  parser_->inputs.push_back(&value);
}

void Program::option(const std::string& flag, int& value, const std::string& help, int low,
                     int high) {
  parser_->app.add_option(flag, value, help)
      ->capture_default_str()
      ->check(CLI::Range(low, high))
      ->transform(CLI::Validator(make_decimal, ""));
}

void Program::option(const std::string& flag, double& value, const std::string& help, double low,
                     double high) {
  parser_->app.add_option(flag, value, help)
      ->capture_default_str()
      ->check(not_decimal)
      ->check(CLI::Range(low, high));
}

void Program::flag(const std::string& flag, bool& value, const std::string& help) {
  parser_->app.add_flag(flag, value, help);
}

void Program::output_file(const std::string& flag, std::string& value, const std::string& help) {
  parser_->app.add_option(flag, value, help)->check(not_empty);
  parser_->output_files.push_back(&value);
}

void Program::output_dir(const std::string& flag, std::string& value, const std::string& help) {
  parser_->app.add_option(flag, value, help)->check(not_empty);
  parser_->output_dirs.push_back(&value);
}

void Program::needs(const std::string& flag, const std::string& other) {
  parser_->app.get_option(flag)->needs(parser_->app.get_option(other));
}

void Program::excludes(const std::string& flag, std::initializer_list<const char*> others) {
  for (const char* other : others)
    parser_->app.get_option(flag)->excludes(parser_->app.get_option(other));
}

void Program::before_lesson(std::function<std::string(const Options&)> prepare) {
  parser_->before_lesson = std::move(prepare);
}

int Program::run(int argc, char** argv, const std::function<void(Lesson&)>& body) {
  return run_guarded([&] {
    try {
      parser_->parse(argc, argv);
    } catch (const CLI::Success& help) {
      return parser_->app.exit(help);
    }
    parser_->require_places();
    Claims claims;
    Report report(parser_->json_file, parser_->csv_dir);
    const auto& prepare = parser_->before_lesson;
    const std::string prepared = prepare ? "; " + prepare(parser_->options) : "";
    std::fprintf(stderr, "%s%s\n", cpu_text().c_str(), prepared.c_str());
    std::printf("%s\n", parser_->name.c_str());
    Lesson lesson{parser_->options, claims, report};
    body(lesson);
    report.write_json();
    if (claims.failed() == 0) return 0;
    std::fflush(stdout);
    std::fprintf(stderr, "\n%d claim(s) of this lesson failed: look for [FAILED] above\n",
                 claims.failed());
    return 1;
  });
}

}  // namespace qfs
