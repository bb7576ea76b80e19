#include "common/cli.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "common/bytes.hpp"
#include "common/cpu.hpp"
#include "common/matmul_f32.hpp"

namespace qfs {

struct Program::Parser {
  // "01 Affine math" is run by "./learn 1".
  Parser(const std::string& title, const std::string& goal)
      : app(goal, "./learn " + title.substr(title.find_first_not_of('0'), title.find(' ') - 1)),
        name(title) {}
  CLI::App app;
  std::string name;
  Options options;
  std::string csv_dir, json_file;
  std::vector<const std::string*> output_files, output_dirs;

  // Throws Error where a place to write to was given that cannot be written.
  void require_places() const {
    for (const std::string* file : output_files)
      if (!file->empty()) require_file_place(*file);
    for (const std::string* directory : output_dirs)
      if (!directory->empty()) require_directory_place(*directory);
  }
};

namespace {

// An option whose value is an empty text, as from an unset shell variable, must not pass for none.
std::string not_empty(const std::string& value) {
  return value.empty() ? "the value is empty" : "";
}

}  // namespace

Program::Program(std::string name, std::string goal)
    : parser_(std::make_unique<Parser>(name, goal)) {
  CLI::App& app = parser_->app;
  Options& options = parser_->options;
  app.add_option("--data", options.data_dir,
                 "directory of the four MNIST-format files, plain or .gz (default: bundled digits)")
      ->check(CLI::ExistingDirectory);
  app.add_option("--weights", options.weights_dir,
                 "directory of an MLP's weights as .npy (default: datasets/pretrained)")
      ->check(CLI::ExistingDirectory);
  app.add_option("--seed", options.seed, "seed of every random choice")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000'000'000'000}));
  app.add_option("--threads", options.threads, "threads for float products")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
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
}

void Program::option(const std::string& flag, int& value, const std::string& help, int low,
                     int high) {
  parser_->app.add_option(flag, value, help)->capture_default_str()->check(CLI::Range(low, high));
}

void Program::flag(const std::string& flag, bool& value, const std::string& help) {
  parser_->app.add_flag(flag, value, help);
}

void Program::output_file(const std::string& flag, std::string& value, const std::string& help) {
  option(flag, value, help);
  parser_->output_files.push_back(&value);
}

void Program::output_dir(const std::string& flag, std::string& value, const std::string& help) {
  option(flag, value, help);
  parser_->output_dirs.push_back(&value);
}

void Program::needs(const std::string& flag, const std::string& other) {
  parser_->app.get_option(flag)->needs(parser_->app.get_option(other));
}

void Program::excludes(const std::string& flag, std::initializer_list<const char*> others) {
  for (const char* other : others)
    parser_->app.get_option(flag)->excludes(parser_->app.get_option(other));
}

int Program::run(int argc, char** argv, const std::function<void(Lesson&)>& body) {
  return run_guarded([&] {
    restart_with_fitting_blas(argv);
    try {
      parser_->app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return parser_->app.exit(error);  // --help
      fail("the options are not understood: " + std::string(error.what()), "", "",
           parser_->app.get_name() + " --help lists them");
    }
    parser_->require_places();
    Claims claims;
    Report report(parser_->json_file, parser_->csv_dir);
    std::fprintf(stderr, "%s; OpenBLAS for %s\n", cpu_text().c_str(), blas_kernels().c_str());
    set_blas_threads(parser_->options.threads);
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

namespace {

// A closed stdin or stderr becomes /dev/null, so that no file gets its number and with it what was
// meant for the terminal; a closed stdout is an Error.
void require_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    require(stream != STDOUT_FILENO, "stdout is closed", "", "", "leave out >&-");
    ::open("/dev/null", O_RDWR);
  }
}

}  // namespace

int run_guarded(const std::function<int()>& body) {
  try {
    require_standard_streams();
    const int code = body();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      fail("cannot write to stdout", "", "", "check the pipe or disk");
    return code;
  } catch (const std::bad_alloc&) {
    std::fflush(stdout);
    std::fprintf(stderr, "error: out of memory\n");
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "error: %s\n", error.what());
  }
  return 2;
}

}  // namespace qfs
