// The parts of ./learn bench: taking turns, talking to peers, what is made of the numbers.
#include <cmath>
#include <nlohmann/json.hpp>

#include "20_float_cnn/plumbing/cnn_file.hpp"
#include "21_int8_cnn/cnn_operations.hpp"
#include "bench/resnet18.hpp"
#include "bench/results.hpp"
#include "common/print.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/message_of.hpp"
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
  NetRow row{.net = "mlp",
             .batch = 1,
             .isa = "avx2",
             .floats = {{"openblas_us", "OpenBLAS", exactly(9)},
                        {"pytorch_float_us", "PyTorch", exactly(8)},
                        {"pytorch_frozen_us", "PyTorch, frozen"},
                        {"onnxruntime_float_us", "ONNX Runtime", exactly(7)}}};
  CHECK(fastest_float(row)->name == std::string("ONNX Runtime"));
  row.float_held_to_avx2 = true;
  CHECK(fastest_float(row)->name == std::string("PyTorch"));
  CHECK(ratio(row) == std::nullopt);
  row.ours = exactly(4);
  CHECK(ratio(row) == 2);
  row.floats[0].timing = row.floats[1].timing = std::nullopt;
  CHECK(fastest_float(row) == nullptr);
  CHECK(ratio(row) == std::nullopt);
}

TEST_CASE("What was not measured is null, and what was is as it was", "[hand]") {
  Results results{.effort = {.rounds = 5}};
  results.peers = {{"PyTorch", "", "not installed"}, {"OpenBLAS", "1", ""}, {"Odd", "\xff", ""}};
  results.limits = {{"vpmaddwd", "vpmaddwd, vpaddd", 94}};
  results.gemm = {
      {.shape = {1, 20, 50}, .isa = "avx2", .bits = 7, .ours = Timing{2, 1, 4}, .limit = 94.0}};
  results.models = {{.net = "mlp", .batch = 64, .isa = "avx2", .bits = 8, .threads = 2},
                    {.net = "small",
                     .products = 5000,
                     .batch = 2,
                     .isa = "vnni",
                     .ours = exactly(4),
                     .limit = 10}};
  results.layers = {{.net = "small",
                     .isa = "vnni",
                     .kind = "conv2d 3 x 3 / 1",
                     .input = {28, 28, 1},
                     .output = {28, 28, 8},
                     .depth = 9,
                     .products = 8000,
                     .timing = Timing{2, 1, 4}}};
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
  CHECK(json["model"].size() == 1);
  const auto& cnn = json["cnn"][0];
  CHECK((cnn["net"] == "small" && cnn["ours_gmacs"] == 2.5 && cnn["limit_gmacs"] == 10));
  CHECK((cnn["ratio"].is_null() && cnn["ours_us"] == 4));
  const auto& layer = json["cnn_layers"][0];
  CHECK((layer["net"] == "small" && layer["kind"] == "conv2d 3 x 3 / 1" && layer["us"] == 2));
  CHECK((layer["gmacs"] == 4 && layer["limit_gmacs"].is_null()));
  CHECK(layer["output"] == nlohmann::json{28, 28, 8});
  CHECK(results.exact());
  results.gemm[0].wrong = 1;
  CHECK_FALSE(results.exact());
  results.gemm[0].wrong = 0;
  results.models[0].wrong = 1;
  CHECK_FALSE(results.exact());
}

namespace {

// As a peer sends them.
std::string text_of(std::span<const float> logits) {
  std::string text;
  for (const float logit : logits) text += (text.empty() ? "" : " ") + general(logit, 9);
  return text;
}

// The product with the window laid out by hand: no patch, no group.
std::size_t count_products(const Cnn& cnn) {
  std::size_t products = 0;
  for (const CnnLayer& layer : cnn.layers) {
    const PictureShape &in = cnn.tensors[layer.inputs[0]], &out = cnn.tensors[layer.output];
    if (layer.kind == LayerKind::linear) products += in.size() * out.size();
    if (layer.kind == LayerKind::conv2d)
      products += out.size() * cnn.convs[layer.index].window.pixels() * in.channels;
  }
  return products;
}

}  // namespace

TEST_CASE("ResNet-18 has torchvision's layers", "[hand]") {
  const Cnn cnn = make_resnet18({224, 224, 3});
  CHECK((cnn.convs.size() == 20 && cnn.norms.size() == 20 && cnn.linears.size() == 1));
  // 11 689 512 parameters (torchvision's documentation): 11 166 912 of convolutions, 9 600 of batch
  // norm, 513 000 of the Linear.
  std::size_t parameters = cnn.linears[0].weight.size() + cnn.linears[0].bias.size();
  for (const Conv2d& conv : cnn.convs) parameters += conv.weight.size() + conv.bias.size();
  for (const BatchNorm& norm : cnn.norms) parameters += norm.gamma.size() + norm.beta.size();
  CHECK(parameters == 11'689'512);
  std::vector<PictureShape> pictures;  // before a layer that makes them smaller, and the last
  for (const CnnLayer& layer : cnn.layers)
    if (cnn.tensors[layer.inputs[0]].pixels() != cnn.tensors[layer.output].pixels() &&
        (pictures.empty() || pictures.back() != cnn.tensors[layer.output]))
      pictures.push_back(cnn.tensors[layer.output]);
  CHECK(std::ranges::count(pictures, PictureShape{112, 112, 64}) == 1);
  CHECK(std::ranges::count(pictures, PictureShape{56, 56, 64}) == 1);
  CHECK(std::ranges::count(pictures, PictureShape{7, 7, 512}) >= 1);
  CHECK(cnn.output() == PictureShape{1, 1, 1000});
  CHECK(count_products(cnn) == 1'814'073'344);  // the 1.81 GMAC of its description
  CHECK(make_resnet18({32, 32, 3}).tensors.back() == PictureShape{1, 1, 1000});
}

TEST_CASE("The nets of convolutions are those of their files, and their logits are finite",
          "[prop]") {
  for (const std::string& name : kConvNets) {
    if (name == "resnet18_224") continue;  // the same numbers as resnet18_32, for larger pictures
    INFO(name);
    const Cnn cnn = load_conv_net(name);
    CHECK(describe(cnn) == describe(shape_of_conv_net(name)));
    const TimedNet net = make_conv_net(name, cnn);
    CHECK(net.products == static_cast<double>(count_products(cnn)));
    CHECK((net.logits.shape(0) == net.x.shape(0) && net.logits.shape(1) == cnn.output().size()));
    for (const float logit : values(net.logits)) CHECK(std::isfinite(logit));
    for (const int bits : {7, 8}) {
      const QuantizedNet& quantized = bits == 8 ? net.eight : net.seven;
      CHECK(quantized.tensors[1].range == unsigned_range(bits));
      const PackedNet packed = pack(quantized, ref_backend(), cnn_operations());
      NetBuffers buffers;
      CHECK(
          are_logits_of(net, net.x.shape(0), text_of(values(run(packed, net.x, buffers))), false));
    }
  }
  CHECK_THAT(message_of([] { shape_of_conv_net("resnet50"); }), QFS_CONTAINS("resnet50"));
}

TEST_CASE("Logits of another net are found", "[hand]") {
  TimedNet net{.name = "toy"};
  net.logits = Matrix<float>{{4, -2}, {1, 0.5F}};
  const auto are = [&](const char* text, bool in_float) {
    return are_logits_of(net, 2, text, in_float);
  };
  CHECK((are("4 -2 1 0.5", true) && are("4 -2 1 0.5", false)));
  CHECK(are("4.0039 -2 1 0.5", true));  // a thousandth of the largest, 0.004
  CHECK_FALSE(are("4.0041 -2 1 0.5", true));
  CHECK(are("4.0041 -2 1 0.5", false));
  // The power is 16 + 4 + 1 + 0.25 = 21.25, a tenth of it 2.125; 1.45 squared is 2.1025.
  CHECK(are("5.45 -2 1 0.5", false));
  CHECK_FALSE(are("5.46 -2 1 0.5", false));
  CHECK_FALSE(are("0 0 0 0", false));
  CHECK_FALSE(are("1 0.5 4 -2", false));  // the rows of others
  for (const char* text : {"", "4 -2 1", "4 -2 1 0.5 0", "4 -2 1 nan", "4 -2 1 x", "4 -2 1 inf"}) {
    INFO(text);
    CHECK_FALSE((are(text, true) || are(text, false)));
  }
  CHECK(are_logits_of(net, 1, "4 -2", true));  // of a batch that is smaller
}

TEST_CASE("All operations of a net are timed, and those that are products have a speed", "[prop]") {
  const TimedNet net = make_conv_net("small", load_conv_net("small"));
  const std::vector<LimitRow> limits = {{"vpmaddubsw_16", "", 188},
                                        {"vpdpbusd_zmm", "", 456},
                                        {"vpdpbusd_ymm", "", 228},
                                        {"tdpbusd", "", 2000}};
  for (const TimedBackend& backend : backends_here()) {
    const std::vector<LayerRow> rows = measure_layers(net, backend, 8, limits, {2, 0.0001});
    REQUIRE(rows.size() == net.eight.operations.size());
    CHECK((rows[1].kind == "conv2d 3 x 3 / 1" && rows[1].depth == 9));
    CHECK((rows[1].input == std::vector<std::size_t>{28, 28, 1} &&
           rows[1].output == std::vector<std::size_t>{28, 28, 8}));
    CHECK(rows[2].kind == "max_pool 2 x 2 / 2");
    CHECK((rows[0].kind == "quantize" && gmacs(rows[0]) == std::nullopt));
    double products = 0;
    for (const LayerRow& row : rows) {
      CHECK((row.timing.median > 0 && row.timing.low <= row.timing.median));
      CHECK(row.isa == backend.backend().name);
      products += row.products;
    }
    CHECK(products == net.products);
    CHECK(gmacs(rows[1]) == 28 * 28 * 8 * 9 / (rows[1].timing.median * 1e3));
  }
}
