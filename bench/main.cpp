// ./learn bench: products and whole nets, ours and the peers', alternated in one run.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>

#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "bench/onnx_files.hpp"
#include "bench/results.hpp"
#include "common/bytes.hpp"
#include "common/cli.hpp"
#include "common/cpu.hpp"
#include "common/dataset.hpp"
#include "common/npy.hpp"
#include "common/signals.hpp"
#include "common/temporary.hpp"

namespace qfs::bench {
namespace {

constexpr const char* kProducts = "products";
constexpr const char* kLargest = "resnet18_224";  // takes as long as all the other nets

std::vector<std::string> all_parts() {
  std::vector<std::string> parts = {kProducts, "mlp"};
  parts.insert(parts.end(), kConvNets.begin(), kConvNets.end());
  return parts;
}

struct Arguments {
  std::string json_file, markdown, figure;  // empty: not asked for
  std::vector<std::string> parts = all_parts();
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
                 "write the tables as products.md, nets.md, cnns.md, layers.md to this folder")
      ->check(not_empty);
  app.add_option("--figure", arguments.figure, "draw the roofline, an SVG, by gnuplot")
      ->check(not_empty);
  app.add_option("--rounds", arguments.rounds, "how often everybody takes a turn; 11")
      ->check(CLI::Range(1, 1000));
  app.add_option("--parts", arguments.parts, "what to measure; all of it: products, mlp, ...")
      ->delimiter(',')
      ->check(CLI::IsMember(all_parts()));
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
  const bool rounds_given = app.count("--rounds") > 0, parts_given = app.count("--parts") > 0;
  if (arguments.quick && !rounds_given) arguments.rounds = 3;
  if (arguments.quick && !parts_given) std::erase(arguments.parts, kLargest);
  return arguments;
}

// Lives as long as the run, and goes with it, also where a signal ends it. Removes what is in it.
class Folder {
 public:
  Folder() : path_(make_temporary_directory()) {
    for (int log = 0; log < 16; ++log) file(std::to_string(log) + ".log");
    for (const char* name : {"points.csv", "roofs.csv", "roofline.svg"}) file(name);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  // The path of a file that is to be written there.
  std::string file(const std::string& name) {
    files_.push_back(path_ + "/" + name);
    std::vector<std::string> paths = files_;
    paths.push_back(path_);
    remove_at_signal(paths);
    return files_.back();
  }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

bool is_asked_for(const Arguments& arguments, const std::string& part) {
  return std::ranges::find(arguments.parts, part) != arguments.parts.end();
}

// What the peers read of a net, while it is measured: ResNet-18 takes 50 MB.
struct NetFiles {
  std::vector<std::string> paths;
  ~NetFiles() {
    std::error_code ignored;
    for (const std::string& path : paths) std::filesystem::remove(path, ignored);
  }
  // Returns the path.
  const std::string& add(Folder& folder, const TimedNet& net, const std::string& ending) {
    return paths.emplace_back(folder.file(net.name + "." + ending));
  }
};

// One net at all batches and with all numbers of threads.
void measure_batches(const TimedNet& net, std::span<const std::size_t> batches,
                     std::span<const int> threads, const Effort& effort, PeerSet& peers,
                     Results& results) {
  for (const int count : threads)
    for (const std::size_t batch : batches) {
      std::fprintf(stderr, "%s, batch of %zu, threads: %d\n", net.name.c_str(), batch, count);
      for (NetRow& row :
           measure_net(net, batch, count, backends_here(), peers, results.limits, effort))
        results.models.push_back(std::move(row));
    }
}

void measure_mlp(const Arguments& arguments, Folder& folder, PeerSet& peers, Results& results) {
  const Mlp mlp = load_mlp(datasets_dir() + "/pretrained");
  const TimedNet net = make_mlp();
  NetFiles files;
  save_npy(files.add(folder, net, "npy"), net.x);
  write_onnx(files.add(folder, net, "float.onnx"), mlp);
  write_onnx(files.add(folder, net, "static.onnx"), net.eight);
  std::vector<int> threads = {1};
  if (cores_here() > 1) threads.push_back(cores_here());
  std::vector<std::size_t> batches = {1, 64, 1000};
  if (arguments.quick) batches.pop_back();
  measure_batches(net, batches, threads, results.effort, peers, results);
}

void measure_cnn(const Arguments& arguments, const std::string& name, Folder& folder,
                 PeerSet& peers, Results& results) {
  const Cnn cnn = load_conv_net(name);
  const TimedNet net = make_conv_net(name, cnn);
  NetFiles files;
  save_npy(files.add(folder, net, "npy"), net.x);
  save_cnn(cnn, files.add(folder, net, "qfs"));
  write_onnx(files.add(folder, net, "float.onnx"), cnn);
  write_onnx(files.add(folder, net, "static.onnx"), net.eight);
  std::vector<std::size_t> batches = {1};
  if (net.x.shape(0) > 1 && !arguments.quick) batches.push_back(net.x.shape(0));
  Effort effort = results.effort;
  if (name == kLargest) effort.rounds = (effort.rounds + 1) / 2;
  measure_batches(net, batches, std::array{1}, effort, peers, results);
  for (const TimedBackend& backend : backends_here()) {
    const int bits = backend.float_held_to_avx2 ? 7 : 8;  // as PyTorch has it there
    for (LayerRow& row : measure_layers(net, backend, bits, results.limits, results.effort))
      results.layers.push_back(std::move(row));
  }
}

Results measure(const Arguments& arguments, Folder& folder) {
  Results results{.effort = {arguments.rounds, arguments.quick ? 0.001 : 0.01},
                  .quick = arguments.quick};
  const std::vector<TimedBackend> backends = backends_here();
  PeerSet peers(arguments.programs, folder.path(), backends);
  std::fprintf(stderr, "the limits of the instructions\n");
  results.limits = measure_limits(results.effort);
  results.memory_gbs = measure_memory(results.effort, std::size_t{arguments.quick ? 1U : 8U} << 25);
  std::vector<GemmShape> shapes(kGemmShapes.begin(), kGemmShapes.end());
  if (arguments.quick) shapes = {{1, 784, 100}, {64, 784, 100}, {128, 128, 128}};
  if (is_asked_for(arguments, kProducts))
    results.gemm = measure_gemm(shapes, backends, peers, results.limits, results.effort);
  if (is_asked_for(arguments, "mlp")) measure_mlp(arguments, folder, peers, results);
  for (const std::string& name : kConvNets)
    if (is_asked_for(arguments, name)) measure_cnn(arguments, name, folder, peers, results);
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
    require(is_asked_for(arguments, kProducts), "the figure shows products", "--parts without them",
            kProducts, "leave out --figure, or ask for products too");
    require_file_place(arguments.figure);
    require_gnuplot();
  }
  std::fprintf(stderr, "%s\n", cpu_text().c_str());
  Folder folder;
  const Results results = measure(arguments, folder);
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
