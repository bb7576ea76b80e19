// ./learn bench: products and whole nets, ours and the peers', alternated in one run.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "bench/results.hpp"
#include "common/bytes.hpp"
#include "common/cli.hpp"
#include "common/cpu.hpp"
#include "common/matmul_f32.hpp"
#include "common/signals.hpp"
#include "common/temporary.hpp"

namespace qfs::bench {
namespace {

struct Arguments {
  std::string json_file, markdown, figure;  // empty: not asked for
  int rounds = 11;
  bool quick = false;
  PeerPrograms programs;
};

// A path from an unset shell variable must not pass for none.
std::string not_empty(const std::string& value) {
  return value.empty() ? "the value is empty" : "";
}

// Nothing: --help was asked for, and has been printed.
std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Products and whole nets, ours and the peers', alternated in one run.",
               "./learn bench");
  app.add_option("--json", arguments.json_file, "write everything as one JSON object")
      ->check(not_empty);
  app.add_option("--markdown", arguments.markdown,
                 "write the tables as products.md and nets.md to this folder")
      ->check(not_empty);
  app.add_option("--figure", arguments.figure, "draw the roofline, an SVG, by gnuplot")
      ->check(not_empty);
  app.add_option("--rounds", arguments.rounds, "how often everybody takes a turn; 11")
      ->check(CLI::Range(1, 1000));
  app.add_flag("--quick", arguments.quick, "fewer products and less time: to see that it runs");
  const auto program = [&](const char* name, std::string& value, const char* help) {
    app.add_option(name, value, help)
        ->group("Peers, which ./learn bench looks for; \"\" leaves one out")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  };
  program("--onednn", arguments.programs.onednn, "oneDNN's program, qfs_bench_onednn");
  program("--openblas", arguments.programs.openblas, "OpenBLAS' program, qfs_bench_openblas");
  program("--python", arguments.programs.python, "a Python that has PyTorch");
  program("--node", arguments.programs.node, "a node that has onnxruntime-node");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    fail("the options are not understood", error.what(), "", "./learn bench --help lists them");
  }
  const bool rounds_given = app.count("--rounds") > 0;
  if (arguments.quick && !rounds_given) arguments.rounds = 3;
  return arguments;
}

// Lives as long as the run, and goes with it, also where a signal ends it. Removes what is in it.
class Folder {
 public:
  Folder() : path_(make_temporary_directory()) {
    std::vector<std::string> paths;
    for (int log = 0; log < 16; ++log) paths.push_back(path_ + "/" + std::to_string(log) + ".log");
    for (const char* name :
         {"x.npy", "float.onnx", "static.onnx", "points.csv", "roofs.csv", "roofline.svg"})
      paths.push_back(path_ + "/" + name);
    paths.push_back(path_);
    remove_at_signal(paths);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Results measure(const Arguments& arguments, const std::string& folder) {
  Results results{.effort = {arguments.rounds, arguments.quick ? 0.001 : 0.01},
                  .quick = arguments.quick};
  const std::vector<TimedBackend> backends = backends_here();
  write_model_files(folder);
  PeerSet peers(arguments.programs, folder, backends);
  std::fprintf(stderr, "the limits of the instructions\n");
  results.limits = measure_limits(results.effort);
  results.memory_gbs = measure_memory(results.effort, std::size_t{arguments.quick ? 1U : 8U} << 25);
  std::vector<GemmShape> shapes(kGemmShapes.begin(), kGemmShapes.end());
  if (arguments.quick) shapes = {{1, 784, 100}, {64, 784, 100}, {128, 128, 128}};
  std::vector<std::size_t> batches = {1, 64, 1000};
  if (arguments.quick) batches = {1, 64};
  results.gemm = measure_gemm(shapes, backends, peers, results.limits, results.effort);
  results.models = measure_models(batches, backends, peers, results.effort);
  for (const Peer* peer : peers.all())
    results.peers.push_back({peer->name(), peer->version(), peer->why()});
  results.missing = peers.missing();
  return results;
}

// 1: an integer of ours was wrong.
int run(const Arguments& arguments) {
  if (!arguments.json_file.empty()) require_file_place(arguments.json_file);
  if (!arguments.markdown.empty()) require_directory_place(arguments.markdown);
  if (!arguments.figure.empty()) {
    require_file_place(arguments.figure);
    require_gnuplot();
  }
  std::fprintf(stderr, "%s\n", cpu_text().c_str());
  const Folder folder;
  const Results results = measure(arguments, folder.path());
  print_tables(results);
  if (!arguments.json_file.empty()) write_file_atomically(arguments.json_file, json_text(results));
  if (!arguments.markdown.empty()) write_markdown(results, arguments.markdown);
  if (!arguments.figure.empty()) draw_roofline(results, folder.path(), arguments.figure);
  if (results.exact()) return 0;
  std::fprintf(stderr,
               "error: a product of ours is not exact: see ours_wrong_sums and ours_wrong_logits "
               "in --json\n");
  return 1;
}

}  // namespace
}  // namespace qfs::bench

int main(int argc, char** argv) {
  return qfs::run_guarded([&] {
    const auto arguments = qfs::bench::parse(argc, argv);
    return arguments ? qfs::bench::run(*arguments) : 0;
  });
}
