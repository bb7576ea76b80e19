// The parts of ./learn bench: taking turns, talking to peers, what is made of the numbers.
#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/onnx_file.hpp"
#include "bench/results.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/run_program.hpp"

namespace {

using namespace qfs;
using namespace qfs::bench;
using qfs::test::message_of;
using qfs::test::Scratch;
using qfs::test::stderr_of;

// A contender whose calls take `microseconds`, and that notes how often it is asked for what.
struct Asked {
  std::vector<std::size_t> repeats{};
  Contender contender(std::optional<double> microseconds) {
    return [this, microseconds](std::size_t count) {
      repeats.push_back(count);
      return microseconds;
    };
  }
};

Timing exactly(double microseconds) { return {microseconds, microseconds, microseconds}; }

// A peer that is a shell script.
PeerCommand script(const std::string& text) {
  return {.name = "Toy", .words = {"/bin/sh", "-c", text}};
}
const std::string kAnswers =
    "while read -r line; do case $line in "
    "hello) echo ok Toy 1;; number) echo ok 2.5;; none) echo ok;; no) echo error not that;; "
    "garbage) echo '{}';; word) echo ok many;; minus) echo ok -1;; nan) echo ok nan;; "
    "inf) echo ok inf;; more) echo ok 1 2;; end) echo goodbye >&2; exit 3;; late) sleep 60;; "
    "endless) cat /dev/zero;; esac; done";

}  // namespace

TEST_CASE("So many calls are made as are asked for", "[hand]") {
  for (const std::size_t repeats : {1U, 2U, 7U, 8U, 9U, 16U, 100U}) {
    std::size_t calls = 0;
    const double microseconds = time_calls(repeats, [&] { ++calls; });
    CHECK(calls == repeats);
    CHECK(microseconds >= 0);
  }
}

TEST_CASE("Quantiles are the nearest of the sorted numbers", "[hand]") {
  const std::vector<double> numbers = {5, 1, 4, 2, 3, 11, 7, 8, 9, 10, 6};
  CHECK(quantile(numbers, 0.0) == 1);
  CHECK(quantile(numbers, 0.1) == 2);
  CHECK(quantile(numbers, 0.9) == 10);
  CHECK(quantile(numbers, 1.0) == 11);
  CHECK(quantile({7}, 0.9) == 7);
}

TEST_CASE("All take turns, each with as much work, and who fails is out", "[hand]") {
  Asked quick, slow, broken;
  std::size_t calls = 0;
  const Contender fails_later = [&](std::size_t) {
    return ++calls < 5 ? std::optional(3.0) : std::nullopt;  // in its second round
  };
  const std::vector<Contender> contenders = {quick.contender(5.0), slow.contender(30000.0),
                                             broken.contender(std::nullopt), fails_later};
  const auto timings = alternate(contenders, {.rounds = 4, .seconds = 0.01});
  REQUIRE((timings[0] && timings[1]));
  CHECK((timings[0]->median == 5.0 && timings[0]->low == 5.0 && timings[0]->high == 5.0));
  CHECK(timings[1]->median == 30000.0);
  CHECK((!timings[2] && !timings[3]));
  // Three times to find how often: 1, then 10 000 us / 5 us. Then four rounds.
  CHECK(quick.repeats == std::vector<std::size_t>{1, 2000, 2000, 2000, 2000, 2000, 2000});
  CHECK(slow.repeats == std::vector<std::size_t>{1, 3, 3, 3, 3, 3, 3});
  CHECK(broken.repeats == std::vector<std::size_t>{1});
  CHECK(calls == 5);
}

TEST_CASE("Every round starts with another contender", "[hand]") {
  std::string order;
  std::vector<Contender> contenders;
  for (const char name : {'a', 'b', 'c'})
    contenders.push_back([&order, name](std::size_t) {
      order += name;
      return std::optional(1e5);
    });
  alternate(contenders, {.rounds = 4, .seconds = 0.01});
  CHECK(order ==
        "aaabbbccc"
        "abc"
        "bca"
        "cab"
        "abc");
}

TEST_CASE("A peer answers line by line", "[hand]") {
  const Scratch scratch;
  PeerCommand command = script(kAnswers);
  Peer peer(command, scratch.path("log"));
  REQUIRE(peer.is_there());
  CHECK((peer.version() == "Toy 1" && peer.why().empty()));
  CHECK(peer.ask("number") == "2.5");
  CHECK(peer.ask_number("number") == 2.5);
  CHECK(peer.ask("none") == "");
  CHECK(stderr_of([&] { CHECK(peer.ask("no") == std::nullopt); }) == "bench: Toy: no: not that\n");
  CHECK((peer.is_there() && peer.why() == "not that"));
  CHECK(peer.ask_number("number") == 2.5);
}

TEST_CASE("A peer that fails is named, and is there no more", "[hand]") {
  struct Failure {
    const char *request, *why;
  };
  for (const Failure& failure :
       {Failure{"garbage", "its answer to \"garbage\" is none: \"{}\""},
        Failure{"word", "is no number: \"many\""}, Failure{"minus", "is no number: \"-1\""},
        Failure{"nan", "is no number: \"nan\""}, Failure{"inf", "is no number: \"inf\""},
        Failure{"none", "is no number: \"\""}, Failure{"more", "is no number: \"1 2\""},
        Failure{"end", "it ended; the last line on its stderr: goodbye"},
        Failure{"late", "it gave no answer in 0.2 seconds"},
        Failure{"endless", "it sent a line without an end"}}) {
    const auto& request = failure.request;
    const auto& why = failure.why;
    INFO(request);
    const Scratch scratch;
    PeerCommand command = script(kAnswers);
    command.patience = request == std::string("late") ? 0.2 : 60;
    Peer peer(command, scratch.path("log"));
    REQUIRE(peer.is_there());
    const std::string said = stderr_of([&] { CHECK(peer.ask_number(request) == std::nullopt); });
    CHECK_THAT(said, QFS_CONTAINS("bench: Toy failed: ") && QFS_CONTAINS(why));
    CHECK_THAT(peer.why(), QFS_CONTAINS(why));
    CHECK_FALSE(peer.is_there());
    CHECK(stderr_of([&] { CHECK(peer.ask("number") == std::nullopt); }) == "");  // said once
  }
}

TEST_CASE("A peer that cannot start is not there", "[hand]") {
  const Scratch scratch;
  CHECK(stderr_of([&] {
          const Peer none({.name = "Toy"}, scratch.path("log"));
          CHECK((!none.is_there() && none.why() == "not installed"));
        }) == "");
  CHECK_THAT(stderr_of([&] {
               const Peer gone({.name = "Toy", .words = {"/nowhere/toy"}}, scratch.path("log"));
               CHECK((!gone.is_there() && gone.version().empty()));
             }),
             QFS_CONTAINS("bench: Toy failed: it ended"));
  stderr_of([&] {
    const Peer refuses(script("read -r line; echo error no library; cat"), scratch.path("log"));
    CHECK((!refuses.is_there() && refuses.why() == "no library"));
  });
}

TEST_CASE("A peer has its own environment, and ends with its object", "[hand]") {
  const Scratch scratch;
  const qfs::test::OtherVariable outer("QFS_TOY", "outer"), kept("QFS_KEPT", "kept");
  pid_t process = 0;
  {
    PeerCommand command =
        script("read -r l; echo \"ok $QFS_TOY $QFS_KEPT\"; read -r l; echo ok $$; read -r l");
    command.environment = {"QFS_TOY=inner"};
    Peer peer(command, scratch.path("log"));
    CHECK(peer.version() == "inner kept");
    process = static_cast<pid_t>(peer.ask_number("pid").value());
    CHECK(::kill(process, 0) == 0);
  }
  CHECK(::kill(process, 0) == -1);
}

TEST_CASE("The products are the same every time, over the whole range", "[prop]") {
  for (const int bits : {7, 8}) {
    const GemmTask task = make_gemm_task({20, 784, 100}, bits),
                   again = make_gemm_task({20, 784, 100}, bits);
    CHECK(count_different(task.x, again.x) == 0);
    CHECK(count_different(task.w.q, again.w.q) == 0);
    CHECK(task.w.scale.size() == 1);  // the trained layer
    CHECK(std::ranges::max(values(task.x)) == (bits == 7 ? 127 : 255));
    CHECK(std::ranges::min(values(task.x)) == 0);
    CHECK(task.input_range == unsigned_range(bits));
  }
  CHECK(make_gemm_task({2, 30, 7}, 8).w.scale.size() == 7);
  CHECK_THAT(message_of([] { make_gemm_task({2, 3, 4}, 9); }), QFS_CONTAINS("7 or 8"));
  CHECK_THAT(message_of([] { make_gemm_task({2, 0, 4}, 8); }), QFS_CONTAINS("2 x 0 x 4"));
}

TEST_CASE("Means over shapes are geometric, of the shapes that both have run", "[hand]") {
  const auto row = [](std::size_t M, int bits, double ours, std::optional<double> onednn) {
    GemmRow made{.shape = {M, 10, 10}, .isa = "avx2", .bits = bits, .ours = exactly(ours)};
    if (onednn) made.onednn = exactly(*onednn);
    return made;
  };
  const std::vector<GemmRow> rows = {row(1, 7, 10, 20), row(2, 7, 10, 80), row(3, 7, 1, {}),
                                     row(1, 8, 10, 5)};
  CHECK(gmacs(rows[0].shape, exactly(10)) == 0.01);  // 100 products in 10 us
  CHECK(ratio(rows[0]) == 2);
  CHECK(ratio(rows[2]) == std::nullopt);
  const std::vector<GemmSummary> all = summaries(rows);
  REQUIRE(all.size() == 2);
  // exp and log are right to a few units of 2e-16, relative.
  CHECK((all[0].bits == 7 && all[0].shapes == 2 && std::abs(all[0].mean - 4) < 1e-14));
  CHECK((all[0].lowest == 2 && all[0].lowest_shape.M == 1));
  CHECK((all[1].bits == 8 && all[1].shapes == 1 && all[1].lowest == 0.5));
}

TEST_CASE("The fastest float is one that keeps to the same instructions", "[hand]") {
  NetRow row{.batch = 1,
             .isa = "avx2",
             .floats = {{"openblas_us", "OpenBLAS", exactly(9)},
                        {"pytorch_float_us", "PyTorch", exactly(8)},
                        {"pytorch_frozen_us", "PyTorch, frozen"},
                        {"onnxruntime_float_us", "ONNX Runtime", exactly(7)}}};
  CHECK(fastest_float(row)->name == std::string("ONNX Runtime"));
  row.float_held_to_avx2 = true;
  CHECK(fastest_float(row)->name == std::string("PyTorch"));
  row.floats[0].timing = row.floats[1].timing = std::nullopt;
  CHECK(fastest_float(row) == nullptr);
}

TEST_CASE("What was not measured is null, and what was is as it was", "[hand]") {
  Results results{.effort = {.rounds = 5}};
  results.peers = {{"PyTorch", "", "not installed"}, {"OpenBLAS", "1", ""}, {"Odd", "\xff", ""}};
  results.limits = {{"vpmaddwd", "vpmaddwd, vpaddd", 94}};
  results.gemm = {
      {.shape = {1, 20, 50}, .isa = "avx2", .bits = 7, .ours = Timing{2, 1, 4}, .limit = 94.0}};
  results.models = {{.batch = 64, .isa = "avx2", .bits = 8, .threads = 2}};
  const auto json = nlohmann::json::parse(json_text(results));
  CHECK(json["limits_gmacs"] == nlohmann::json{{"vpmaddwd", 94}});
  CHECK((json["rounds"] == 5 && json["peers"]["PyTorch"]["version"].is_null()));
  const auto& gemm = json["gemm"][0];
  CHECK(gemm["shape"] == nlohmann::json{1, 20, 50});
  CHECK((gemm["isa"] == "avx2" && gemm["activation_bits"] == 7 && gemm["ours"] == 0.5));
  CHECK(gemm["spread"]["ours"] == nlohmann::json{0.25, 1});
  for (const char* key : {"onednn", "openblas_f32", "ratio", "onednn_wrong_sums"})
    CHECK(gemm[key].is_null());
  const auto& model = json["model"][0];
  CHECK((model["batch"] == 64 && model["isa"] == "avx2" && model["threads"] == 2));
  for (const char* key : {"ours_us", "onnxruntime_us", "pytorch_us", "fp32_us", "fp32_by"})
    CHECK(model[key].is_null());
  CHECK(results.exact());
  results.gemm[0].wrong = 1;
  CHECK_FALSE(results.exact());
  results.gemm[0].wrong = 0;
  results.models[0].wrong = 1;
  CHECK_FALSE(results.exact());
}

TEST_CASE("An ONNX file begins as a model of format 8, and holds the net's numbers", "[hand]") {
  Mlp mlp;
  mlp.layers.resize(1);
  mlp.layers[0].weight = Matrix<float>{{1.0F, 2.0F}};
  mlp.layers[0].bias = Vector<float>{0.5F};
  const std::string file = onnx_of(mlp);
  CHECK(file.substr(0, 3) == "\x08\x08\x3a");  // field 1: 8; field 7: the graph, a message
  for (const char* name : {"Gemm", "transB", "fc1_weight", "logits", "batch"})
    CHECK_THAT(file, QFS_CONTAINS(name));
  using namespace std::string_literals;
  // dims 1 and 2, float32, the name, 8 bytes: 1.0F and 2.0F.
  CHECK_THAT(file, QFS_CONTAINS("\x08\x01\x08\x02\x10\x01\x42\x0a"
                                "fc1_weight\x4a\x08"
                                "\0\0\x80\x3f\0\0\0\x40"s));
  CHECK(file.substr(file.size() - 6) == "\x42\x04\x0a\0\x10\x0d"s);  // operators: "", 13
}
