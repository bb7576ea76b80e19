// The programs of ./learn bench: options, peers that are missing or broken, Ctrl-C.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "bench/backends.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_program.hpp"

namespace {

using qfs::test::Outcome;
using qfs::test::run_program;
using qfs::test::Scratch;
using Json = nlohmann::json;

const std::string kQuick = "--quick --rounds 1 --parts products,mlp ";

// The oneDNN, Python and node of this machine are not asked: no peer is there that is not given.
Outcome bench(const std::string& arguments) {
  const qfs::test::OtherVariable path("PATH", "/nowhere");
  return run_program(QFS_BENCH_PROGRAM, arguments);
}

Json json_in(const Scratch& scratch) { return Json::parse(scratch.text_of("f.json")); }

void check_number_or_null(const Json& row, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    INFO(key);
    REQUIRE(row.contains(key));
    CHECK((row[key].is_null() || (row[key].is_number() && row[key] >= 0)));
  }
}

// A program for --python, which gets a script and folders that it does not look at.
std::string write_peer(const Scratch& scratch, const std::string& text) {
  const std::string file = scratch.write("peer", "#!/bin/sh\n" + text);
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

// Whether a process runs; one that has ended and that nobody has waited for does not.
bool runs(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string number, name, state;
  return static_cast<bool>(stat >> number >> name >> state) && state != "Z";
}

// Whether `holds` comes true within a minute.
template <class Condition>
bool comes_true(Condition&& holds) {
  for (int i = 0; i < 3000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

}  // namespace

TEST_CASE("Without peers every key is there, and theirs are null", "[prop]") {
  const Scratch scratch;
  // ResNet-18 at 224 x 224 alone would take as long as everything else.
  const Outcome run =
      bench(kQuick + "--parts small,residual,resnet18_32 --json '" + scratch.path("f.json") +
            "' --markdown '" + scratch.path("tables") + "'");
  INFO(run.err);
  REQUIRE(run.code == 0);
  const Json json = json_in(scratch);
  CHECK((json["cpu"].is_string() && json["compiler"].is_string() && json["date"].is_string()));
  CHECK((json["quick"] == true && json["rounds"] == 1 && json["memory_gbs"] > 0));
  for (const auto& [name, limit] : json["limits_gmacs"].items()) CHECK(limit > 0);
  for (const auto& [name, peer] : json["peers"].items())
    CHECK((peer["version"].is_null() && peer["why"] == "not installed"));
  const std::size_t backends = qfs::bench::backends_here().size();
  REQUIRE(json["gemm"].size() == 3 * 2 * backends);
  for (const Json& row : json["gemm"]) {
    CHECK((row["shape"].is_array() && row["shape"].size() == 3 && row["isa"].is_string()));
    CHECK((row["activation_bits"] == 7 || row["activation_bits"] == 8));
    CHECK((row["ours"] > 0 && row["ours_wrong_sums"] == 0));
    for (const char* key : {"onednn", "openblas_f32", "ratio", "onednn_wrong_sums"})
      CHECK((row.contains(key) && row[key].is_null()));
  }
  REQUIRE(json["model"].size() % (2 * 2 * backends) == 0);
  for (const Json& row : json["model"]) {
    CHECK((row["batch"].is_number() && row["isa"].is_string() && row["threads"] >= 1));
    CHECK(row["ours_us"] > 0);
    CHECK(row["ours_wrong_logits"] == 0);
    for (const char* key : {"onnxruntime_us", "pytorch_us", "fp32_us"})
      CHECK((row.contains(key) && row[key].is_null()));
  }
  REQUIRE(json["cnn"].size() == 3 * 2 * backends);
  for (const Json& row : json["cnn"]) {
    CHECK((row["ours_us"] > 0 && row["ours_gmacs"] > 0 && row["ours_wrong_logits"] == 0));
    CHECK(row["threads"] == 1);
    for (const char* key :
         {"onnxruntime_us", "pytorch_us", "pytorch_qnnpack_us", "fp32_us", "ratio"})
      CHECK((row.contains(key) && row[key].is_null()));
  }
  std::map<std::string, int> layers;
  for (const Json& row : json["cnn_layers"]) {
    CHECK((row["us"] > 0 && row["gmacs"].is_null() == (row["products"] == 0)));
    ++layers[row["net"].get<std::string>()];
  }
  CHECK((layers.size() == 3 && layers["small"] == static_cast<int>(7 * backends)));
  CHECK(json["gemm_summary"].empty());
  for (const char* missing : {"oneDNN", "PyTorch", "ONNX Runtime"})
    CHECK_THAT(run.out, QFS_CONTAINS(std::string("  ") + missing));
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  const std::string date = json["date"].get<std::string>().substr(0, 10);
  const std::string products = scratch.text_of("tables/products.md"),
                    nets = scratch.text_of("tables/nets.md"),
                    cnns = scratch.text_of("tables/cnns.md"),
                    of_layers = scratch.text_of("tables/layers.md");
  CHECK_THAT(products, QFS_CONTAINS("| 128 x 128 x 128 |") && QFS_CONTAINS("; " + date + ".\n"));
  CHECK_THAT(nets, QFS_CONTAINS("| batch | threads |") && QFS_CONTAINS("; " + date + ".\n"));
  CHECK_THAT(cnns, QFS_CONTAINS("| resnet18_32 | 1 |") && QFS_CONTAINS("; " + date + ".\n"));
  CHECK_THAT(of_layers, QFS_CONTAINS("| conv2d 7 x 7 / 2 | 32 x 32 x 3 | 16 x 16 x 64 | 147 |"));
}

TEST_CASE("A peer that is there is measured, and its product was right", "[prop]") {
  const Scratch scratch;
  const Outcome run =
      bench(kQuick + "--openblas '" QFS_BENCH_OPENBLAS "' --json '" + scratch.path("f.json") + "'");
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK_THAT(run.err, !QFS_CONTAINS("bench:"));
  const Json json = json_in(scratch);
  for (const Json& row : json["gemm"]) CHECK(row["openblas_f32"] > 0);
  for (const Json& row : json["model"]) {
    CHECK((row["openblas_us"] > 0 && row["fp32_us"] == row["openblas_us"]));
    CHECK(row["fp32_by"] == "OpenBLAS");
    check_number_or_null(row, {"ours_us", "pytorch_us", "pytorch_float_us", "onnxruntime_us"});
  }
}

TEST_CASE("A peer runs the nets of convolutions, and only what is asked for is measured",
          "[prop]") {
  const Scratch scratch;
  const Outcome run = bench(
      "--quick --rounds 1 --parts small,residual --openblas '" QFS_BENCH_OPENBLAS "' --json '" +
      scratch.path("f.json") + "' --markdown '" + scratch.path("tables") + "'");
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK_THAT(run.err, !QFS_CONTAINS("bench:"));
  const Json json = json_in(scratch);
  CHECK((json["gemm"].empty() && json["model"].empty()));
  REQUIRE(!json["cnn"].empty());
  for (const Json& row : json["cnn"]) {
    CHECK((row["openblas_us"] > 0 && row["fp32_by"] == "OpenBLAS"));
    const double ratio = row["openblas_us"].get<double>() / row["ours_us"].get<double>();
    CHECK(row["ratio"] == ratio);
  }
  CHECK(!std::filesystem::exists(scratch.path("tables/products.md")));
  CHECK(!std::filesystem::exists(scratch.path("tables/nets.md")));
  CHECK(std::filesystem::exists(scratch.path("tables/cnns.md")));
}

TEST_CASE("A float peer whose logits are a little off is not timed, one in integers is", "[hand]") {
  // The OpenBLAS peer's float logits, told as those of every kind; and with the first one doubled,
  // the integers' as they are.
  const std::string program =
      "folder=$3\nask() { printf 'model small float 1 1\\n' | '" QFS_BENCH_OPENBLAS
      "' \"$folder\" | sed 's/^ok //'; }\n"
      "while read -r line; do case $line in\n"
      "model*static*) echo ok $(ask);;\n"
      "model*) set -- $(ask); first=$1; shift; echo ok \"${first}9e1\" \"$@\";;\n"
      "run*) echo ok 2;;\n*) echo ok 1;; esac; done";
  const Scratch scratch;
  const Outcome run =
      run_program(QFS_BENCH_PROGRAM, "--quick --rounds 1 --parts small --python '" +
                                         write_peer(scratch, program) + "' --json '" +
                                         scratch.path("f.json") + "'");
  REQUIRE(run.code == 0);
  CHECK_THAT(run.err, QFS_CONTAINS("model small float 1 1: these are not the logits of this net"));
  const Json json = json_in(scratch);
  REQUIRE(!json["cnn"].empty());
  for (const Json& row : json["cnn"]) {
    CHECK((row["pytorch_float_us"].is_null() && row["pytorch_frozen_us"].is_null()));
    CHECK(row["pytorch_us"] == 2);
    CHECK(row["pytorch_dynamic_us"].is_null());
  }
}

TEST_CASE("A broken peer is named, its times are null, and the others go on", "[hand]") {
  struct Broken {
    const char *program, *said;
  };
  for (const auto& [program, said] :
       {Broken{"echo Segmentation fault\nexec cat", "failed: its answer to \"hello\" is none"},
        Broken{"echo no module >&2\nexit 1", "the last line on its stderr: no module"},
        Broken{"read -r l\necho ok 1\nwhile read -r l; do echo ok 5; done",
               "these are not the logits of this net"},
        Broken{"read -r l\necho ok 1\nread -r l\nkill -SEGV $$", "failed: it ended"}}) {
    INFO(said);
    const Scratch scratch;
    const Outcome run = bench(kQuick + "--python '" + write_peer(scratch, program) + "' --json '" +
                              scratch.path("f.json") + "'");
    REQUIRE(run.code == 0);
    CHECK_THAT(run.err, QFS_CONTAINS("bench: PyTorch") && QFS_CONTAINS(said));
    const Json json = json_in(scratch);
    REQUIRE(!json["model"].empty());
    for (const Json& row : json["model"]) {
      CHECK((row["pytorch_us"].is_null() && row["pytorch_float_us"].is_null()));
      CHECK((row["threads"] != 1 || row["ours_us"] > 0));
    }
  }
}

TEST_CASE("Wrong sums are counted: oneDNN is timed with them, float is not", "[hand]") {
  // Seven wrong sums, 2 microseconds a call.
  const std::string toy =
      "while read -r line; do case $line in gemm*) echo ok 7;; run*) echo ok 2;; *) echo ok;; "
      "esac; done";
  const Scratch scratch;
  const std::string peer = write_peer(scratch, toy);
  const Outcome run = bench(kQuick + "--onednn '" + peer + "' --openblas '" + peer + "' --json '" +
                            scratch.path("f.json") + "'");
  REQUIRE(run.code == 0);
  CHECK_THAT(run.err, QFS_CONTAINS("gemm 1 784 100 7: 7 wrong sums, not timed"));
  const Json json = json_in(scratch);
  for (const Json& row : json["gemm"]) {
    CHECK(row["openblas_f32"].is_null());
    if (row["isa"] == "ref") continue;  // oneDNN is not run beside it
    const double products = row["shape"][0].get<double>() * row["shape"][1].get<double>() *
                            row["shape"][2].get<double>();
    CHECK((row["onednn_wrong_sums"] == 7 && row["onednn"] == products / 2e3));
  }
}

TEST_CASE("Bad usage ends with 2 before anything is measured", "[hand]") {
  for (const char* arguments : {"--rounds 0", "--rounds many", "--round 3", "7", "--json ''",
                                "--json", "--quick=maybe", "--json /nowhere/f.json", "--json /",
                                "--figure /nowhere/f.svg", "--markdown /dev/null/tables",
                                "--markdown ''", "--parts cnn", "--parts small,x", "--parts"}) {
    INFO(arguments);
    const Outcome run = bench(arguments);
    CHECK(run.code == 2);
    CHECK(run.out == "");
    CHECK_THAT(run.err, QFS_CONTAINS("what to do:"));
  }
  const Outcome figure = bench("--figure f.svg");  // PATH has no gnuplot
  CHECK(figure.code == 2);
  CHECK_THAT(figure.err, QFS_CONTAINS("gnuplot"));
  const Outcome no_products = bench("--figure f.svg --parts mlp,small");
  CHECK(no_products.code == 2);
  CHECK_THAT(no_products.err, QFS_CONTAINS("the figure shows products"));
  const Outcome help = bench("--help");
  CHECK((help.code == 0 && help.err == ""));
  CHECK_THAT(help.out, QFS_CONTAINS("--json") && QFS_CONTAINS("--rounds"));
}

TEST_CASE("Ctrl-C ends the peers too, and leaves no file", "[hand]") {
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    INFO(signal);
    const Scratch scratch, temporary;
    const std::string pid_file = scratch.path("pid");
    const std::string peer = write_peer(
        scratch, "read -r l\necho ok 1\nread -r l\necho $$ >'" + pid_file + "'\nexec sleep 600");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (const int number : {SIGINT, SIGTERM}) ::signal(number, SIG_DFL);
      ::setenv("TMPDIR", temporary.path().c_str(), 1);
      if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(98);
      ::execl(QFS_BENCH_PROGRAM, "qfs_bench", "--quick", "--python", peer.c_str(), nullptr);
      ::_exit(99);
    }
    pid_t process = 0;
    REQUIRE(comes_true([&] { return static_cast<bool>(std::ifstream(pid_file) >> process); }));
    CHECK(runs(process));
    ::kill(child, signal);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == signal));
    CHECK(comes_true([&] { return !runs(process); }));
    if (signal != SIGKILL) CHECK(temporary.count_of_files() == 0);
  }
}

TEST_CASE("The OpenBLAS peer answers every line", "[hand]") {
  const Scratch scratch;
  scratch.write("in",
                "hello\nnonsense\ngemm 2 3 4 8\nrun 5 gemm 2 3 4 8\nrun 0 gemm 2 3 4 8\n"
                "run 5 gemm 9 9 9 8\ngemm 2 3\ngemm 2 3 4 9\nforget\nrun 5 gemm 2 3 4 8\n"
                "model small float 1 1\nmodel resnet50 float 1 1\nmodel small static 1 1\n");
  const Outcome run =
      run_program(QFS_BENCH_OPENBLAS, "'" + scratch.path() + "' <'" + scratch.path("in") + "'");
  CHECK(run.code == 0);
  std::istringstream lines(run.out);
  std::vector<std::string> answers;
  for (std::string line; std::getline(lines, line);) answers.push_back(line);
  REQUIRE(answers.size() == 13);
  CHECK_THAT(answers[0], QFS_CONTAINS("ok OpenBLAS"));
  CHECK(answers[2] == "ok 0");
  CHECK_THAT(answers[3], Catch::Matchers::StartsWith("ok "));
  CHECK(std::stod(answers[3].substr(3)) > 0);
  for (const std::size_t error : {1U, 4U, 5U, 6U, 7U, 9U, 10U, 11U, 12U})
    CHECK_THAT(answers[error], Catch::Matchers::StartsWith("error "));
  CHECK(answers[8] == "ok ");
}
