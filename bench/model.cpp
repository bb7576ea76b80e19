#include "bench/model.hpp"

#include <cstdio>
#include <deque>

#include "04_mnist_mlp/plumbing/latency.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "13_int8_engine/engine.hpp"
#include "bench/onnx_file.hpp"
#include "bench/race.hpp"
#include "common/bytes.hpp"
#include "common/npy.hpp"

namespace qfs::bench {
namespace {

constexpr std::string_view kOnnxruntimeFloat = "onnxruntime_float_us";

struct Nets {
  Mlp mlp;
  Matrix<float> x;                    // as many rows as the largest batch
  QuantizedNet eight, seven;          // fused, by the bits of their activations
  std::vector<std::uint8_t> classes;  // of the rows of x, by the float net
};

const Nets& nets() {
  static const Nets once = [] {
    const Dataset data = load_dataset("");
    Nets made;
    made.mlp = load_mlp(datasets_dir() + "/pretrained");
    made.x = batch_to_time(data.test, kBatchesToTime.back());
    const ActivationIntervals intervals = calibrate<MinMaxObserver>(
        made.mlp, CalibrationSet(data.train), OutputPoint::after_relu, 100);
    made.eight = quantize_fused_mlp(made.mlp, intervals, {.activations = unsigned_range(8)});
    made.seven = quantize_fused_mlp(made.mlp, intervals, {.activations = unsigned_range(7)});
    made.classes = argmax_rows(forward_ref(made.mlp, made.x));
    return made;
  }();
  return once;
}

Matrix<float> first_rows(std::size_t count) {
  auto x = make_tensor<float>({count, nets().x.shape(1)});
  std::ranges::copy(values(nets().x).first(x.size()), values(x).begin());
  return x;
}

// A net of ours with its input and room for its logits.
struct OurNet {
  OurNet(const QuantizedNet& net, const Backend& backend, int threads, const Matrix<float>& input)
      : engine(net, backend, static_operations(), threads),
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

std::string request_of(const std::string& kind, std::size_t batch, int threads) {
  return "model " + kind + " " + std::to_string(batch) + " " + std::to_string(threads);
}

// Quantized nets may take a few digits for others; one that takes more than 5 % computes
// something else.
bool is_this_net(const std::string& classes, std::size_t batch) {
  if (classes.size() != batch) return false;
  std::size_t other = 0;
  for (std::size_t i = 0; i < batch; ++i)
    other += classes[i] == static_cast<char>('0' + nets().classes[i]) ? 0 : 1;
  return other <= batch / 20;
}

// Makes `kind` ready there, checks what it computes, and lets it race.
void add_peer(Race& race, Peer* peer, const std::string& kind, const NetRow& row,
              Race::Results results) {
  if (peer == nullptr || results.empty()) return;
  const std::string request = request_of(kind, row.batch, row.threads);
  const std::optional<std::string> classes = peer->ask(request);
  if (!classes) return;
  if (is_this_net(*classes, row.batch))
    race.peer(*peer, request, std::move(results));
  else
    std::fprintf(stderr, "bench: %s: %s: these are not the classes of this net; not timed\n",
                 peer->name().c_str(), request.c_str());
}

FloatTiming& float_called(NetRow& row, std::string_view key) {
  return *std::ranges::find(row.floats, key, [](const FloatTiming& f) { return f.key; });
}

// The peers of all rows that are held to AVX2, or of all others.
void add_peers(Race& race, PeerSet& peers, std::span<NetRow> rows, bool held) {
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
  add_peer(race, peers.openblas(held), "float", any, blas);
  add_peer(race, peers.pytorch(held), "float", any, eager);
  add_peer(race, peers.pytorch(held), "frozen", any, frozen);
  add_peer(race, peers.pytorch(held), "static_onednn", any, quantized);
  add_peer(race, peers.pytorch(held), "static_qnnpack", any, qnnpack);
  add_peer(race, peers.pytorch(held), "dynamic", any, dynamic);
}

void add_onnxruntime(Race& race, PeerSet& peers, std::span<NetRow> rows) {
  Race::Results quantized, real;
  for (NetRow& row : rows) {
    quantized.push_back(&row.onnxruntime);
    real.push_back(&float_called(row, kOnnxruntimeFloat).timing);
  }
  add_peer(race, peers.onnxruntime(), "float", rows.front(), real);
  add_peer(race, peers.onnxruntime(), "static", rows.front(), quantized);
}

NetRow empty_row(std::size_t batch, const TimedBackend& backend, int bits, int threads) {
  return {.batch = batch,
          .isa = std::string(backend.backend().name),
          .bits = bits,
          .threads = threads,
          .float_held_to_avx2 = backend.float_held_to_avx2,
          .floats = {{"openblas_us", "OpenBLAS"},
                     {"pytorch_float_us", "PyTorch"},
                     {"pytorch_frozen_us", "PyTorch, frozen"},
                     {"onnxruntime_float_us", "ONNX Runtime"}}};
}

// One batch with so many threads, on every backend, with either number of bits.
std::vector<NetRow> measure_batch(std::size_t batch, int threads,
                                  const std::vector<TimedBackend>& backends, PeerSet& peers,
                                  const Effort& effort) {
  const Matrix<float> x = first_rows(batch);
  std::vector<NetRow> rows;
  std::deque<OurNet> ours;  // which stay where they are
  for (const TimedBackend& entry : backends)
    for (const int bits : {7, 8}) {
      const QuantizedNet& net = bits == 8 ? nets().eight : nets().seven;
      rows.push_back(empty_row(batch, entry, bits, threads));
      ours.emplace_back(net, entry.backend(), threads, x);
      OurNet ref(net, ref_backend(), 1, x);
      rows.back().wrong = count_different(ref.run(), ours.back().run());
    }
  Race race;
  for (std::size_t i = 0; i < rows.size(); ++i)
    race.ours([net = &ours[i]] { net->run(); }, {&rows[i].ours});
  add_peers(race, peers, rows, true);
  add_peers(race, peers, rows, false);
  add_onnxruntime(race, peers, rows);
  race.run({effort.rounds, effort.seconds, threads > 1 ? kThreadsRest : 0.0});
  peers.forget();
  return rows;
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

std::vector<std::string> write_model_files(const std::string& folder) {
  const std::string x = folder + "/x.npy", real = folder + "/float.onnx",
                    quantized = folder + "/static.onnx";
  save_npy(x, nets().x);
  write_file_atomically(real, onnx_of(nets().mlp));
  write_file_atomically(quantized, onnx_of(nets().eight));
  return {x, real, quantized};
}

std::vector<NetRow> measure_models(std::span<const std::size_t> batches,
                                   const std::vector<TimedBackend>& backends, PeerSet& peers,
                                   const Effort& effort) {
  std::vector<int> threads = {1};
  if (cores_here() > 1) threads.push_back(cores_here());
  std::vector<NetRow> rows;
  for (const int count : threads)
    for (const std::size_t batch : batches) {
      std::fprintf(stderr, "the MLP, batch of %zu, threads: %d\n", batch, count);
      const std::vector<NetRow> some = measure_batch(batch, count, backends, peers, effort);
      rows.insert(rows.end(), some.begin(), some.end());
    }
  return rows;
}

}  // namespace qfs::bench
