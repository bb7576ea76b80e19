#include "bench/model.hpp"

#include <cmath>
#include <cstdio>
#include <deque>
#include <sstream>

#include "13_int8_engine/engine.hpp"
#include "21_int8_cnn/cnn_operations.hpp"
#include "bench/race.hpp"

namespace qfs::bench {
namespace {

constexpr std::string_view kOnnxruntimeFloat = "onnxruntime_float_us";

Matrix<float> first_rows(const Matrix<float>& all, std::size_t count) {
  auto x = make_tensor<float>({count, all.shape(1)});
  std::ranges::copy(values(all).first(x.size()), values(x).begin());
  return x;
}

// A net of ours with its input and room for its logits.
struct OurNet {
  OurNet(const QuantizedNet& net, const Backend& backend, int threads, const Matrix<float>& input)
      : engine(net, backend, cnn_operations(), threads),
        x(&input),
        y(make_tensor<float>({input.shape(0), engine.outputs()})) {}
  Engine engine;
  const Matrix<float>* x;
  Matrix<float> y;
  const Matrix<float>& run() {
    engine.run(values(*x), x->shape(0), values(y));
    return y;
  }
};

std::string request_of(const NetRow& row, const std::string& kind) {
  return "model " + row.net + " " + kind + " " + std::to_string(row.batch) + " " +
         std::to_string(row.threads);
}

// Numbers between spaces; nothing where there is anything else.
std::optional<std::vector<double>> numbers_in(const std::string& text) {
  std::vector<double> numbers;
  std::istringstream words(text);
  for (double number = 0; words >> number;) numbers.push_back(number);
  return words.eof() ? std::optional(numbers) : std::nullopt;
}

// Makes `kind` ready there, checks what it computes, and lets it race.
void add_peer(Race& race, const TimedNet& net, Peer* peer, const std::string& kind,
              const NetRow& row, Race::Results results) {
  if (peer == nullptr || results.empty()) return;
  const std::string request = request_of(row, kind);
  const std::optional<std::string> logits = peer->ask(request);
  if (!logits) return;
  if (are_logits_of(net, row.batch, *logits, kind == "float" || kind == "frozen"))
    race.peer(*peer, request, std::move(results));
  else
    std::fprintf(stderr, "bench: %s: %s: these are not the logits of this net; not timed\n",
                 peer->name().c_str(), request.c_str());
}

FloatTiming& float_called(NetRow& row, std::string_view key) {
  return *std::ranges::find(row.floats, key, [](const FloatTiming& f) { return f.key; });
}

// The peers of all rows that are held to AVX2, or of all others.
void add_peers(Race& race, const TimedNet& net, PeerSet& peers, std::span<NetRow> rows, bool held) {
  Race::Results quantized, qnnpack, dynamic, blas, eager, frozen;
  for (NetRow& row : rows) {
    if (row.float_held_to_avx2 != held) continue;
    quantized.push_back(&row.pytorch);
    qnnpack.push_back(&row.pytorch_qnnpack);
    dynamic.push_back(&row.pytorch_dynamic);
    blas.push_back(&float_called(row, "openblas_us").timing);
    eager.push_back(&float_called(row, "pytorch_float_us").timing);
    frozen.push_back(&float_called(row, "pytorch_frozen_us").timing);
  }
  const NetRow& any = rows.front();
  add_peer(race, net, peers.openblas(held), "float", any, blas);
  add_peer(race, net, peers.pytorch(held), "float", any, eager);
  add_peer(race, net, peers.pytorch(held), "frozen", any, frozen);
  add_peer(race, net, peers.pytorch(held), "static_onednn", any, quantized);
  add_peer(race, net, peers.pytorch(held), "static_qnnpack", any, qnnpack);
  // Of a net of convolutions only the last layer is one that PyTorch quantizes so.
  if (net.name == "mlp") add_peer(race, net, peers.pytorch(held), "dynamic", any, dynamic);
}

void add_onnxruntime(Race& race, const TimedNet& net, PeerSet& peers, std::span<NetRow> rows) {
  Race::Results quantized, real;
  for (NetRow& row : rows) {
    quantized.push_back(&row.onnxruntime);
    real.push_back(&float_called(row, kOnnxruntimeFloat).timing);
  }
  add_peer(race, net, peers.onnxruntime(), "float", rows.front(), real);
  add_peer(race, net, peers.onnxruntime(), "static", rows.front(), quantized);
}

NetRow empty_row(const TimedNet& net, std::size_t batch, int threads, const TimedBackend& backend,
                 int bits) {
  return {.net = net.name,
          .products = net.products,
          .batch = batch,
          .isa = std::string(backend.backend().name),
          .bits = bits,
          .threads = threads,
          .float_held_to_avx2 = backend.float_held_to_avx2,
          .floats = {{"openblas_us", "OpenBLAS"},
                     {"pytorch_float_us", "PyTorch"},
                     {"pytorch_frozen_us", "PyTorch, frozen"},
                     {"onnxruntime_float_us", "ONNX Runtime"}}};
}

}  // namespace

const FloatTiming* fastest_float(const NetRow& row) {
  const FloatTiming* fastest = nullptr;
  for (const FloatTiming& one : row.floats) {
    const bool counts = !row.float_held_to_avx2 || one.key != kOnnxruntimeFloat;
    if (!one.timing || !counts) continue;
    if (fastest == nullptr || one.timing->median < fastest->timing->median) fastest = &one;
  }
  return fastest;
}

std::optional<double> gmacs(const NetRow& row) {
  if (!row.ours) return std::nullopt;
  return row.products * static_cast<double>(row.batch) / (row.ours->median * 1e3);
}

std::optional<double> ratio(const NetRow& row) {
  const FloatTiming* best = fastest_float(row);
  if (!row.ours || best == nullptr) return std::nullopt;
  return best->timing->median / row.ours->median;
}

// Reals: another order of summation, and batch norm folded or not, moves a logit by a few units of
// 2^-24 of what its sums hold; a thousandth of the largest logit is far above that. Integers: the
// noise of 7 bits has 4 % of the power of ResNet-18's logits, a thousandth of the others'; another
// net's logits differ by about twice the power.
bool are_logits_of(const TimedNet& net, std::size_t batch, const std::string& text, bool in_float) {
  const std::optional<std::vector<double>> logits = numbers_in(text);
  const std::span<const float> expected = values(net.logits).first(batch * net.logits.shape(1));
  if (!logits || logits->size() != expected.size()) return false;
  double largest = 0, furthest = 0, power = 0, noise = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double e = expected[i], d = (*logits)[i] - e;
    largest = std::max(largest, std::abs(e));
    furthest = std::max(furthest, std::abs(d));
    power += e * e;
    noise += d * d;
  }
  return in_float ? furthest <= 1e-3 * largest : noise <= 0.1 * power;
}

std::vector<NetRow> measure_net(const TimedNet& net, std::size_t batch, int threads,
                                const std::vector<TimedBackend>& backends, PeerSet& peers,
                                std::span<const LimitRow> limits, const Effort& effort) {
  const Matrix<float> x = first_rows(net.x, batch);
  std::vector<NetRow> rows;
  std::deque<OurNet> ours;  // which stay where they are
  for (const int bits : {7, 8}) {
    const QuantizedNet& quantized = bits == 8 ? net.eight : net.seven;
    OurNet ref(quantized, ref_backend(), 1, x);
    ref.run();
    for (const TimedBackend& entry : backends) {
      rows.push_back(empty_row(net, batch, threads, entry, bits));
      rows.back().limit = limit_of(entry, limits);
      ours.emplace_back(quantized, entry.backend(), threads, x);
      rows.back().wrong = count_different(ref.y, ours.back().run());
    }
  }
  Race race;
  for (std::size_t i = 0; i < rows.size(); ++i)
    race.ours([our = &ours[i]] { our->run(); }, {&rows[i].ours});
  add_peers(race, net, peers, rows, true);
  add_peers(race, net, peers, rows, false);
  add_onnxruntime(race, net, peers, rows);
  race.run({effort.rounds, effort.seconds, threads > 1 ? kThreadsRest : 0.0});
  peers.forget();
  std::ranges::stable_sort(rows, {}, [&](const NetRow& row) {
    return std::ranges::find(backends, row.isa, [](auto& b) { return b.backend().name; }) -
           backends.begin();
  });
  return rows;
}

}  // namespace qfs::bench
