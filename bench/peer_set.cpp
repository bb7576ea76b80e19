#include "bench/peer_set.hpp"

#include <algorithm>

#include "bench/onnx_files.hpp"
#include "common/dataset.hpp"

namespace qfs::bench {
namespace {

const char* const kPeersDir = QFS_BENCH_DIR "/peers";

// The first words of a peer's name, and how to have it.
struct HowTo {
  const char* library;
  const char* line;
};
constexpr HowTo kHowTo[] = {{"oneDNN", "apt-get install libdnnl-dev"},
                            {"OpenBLAS", "./learn bench builds it"},
                            {"PyTorch", "apt-get install python3-torch python3-numpy"},
                            {"ONNX Runtime", "tests/onnxruntime/install.sh"}};
constexpr const char* kNoFiles = "apt-get install libonnx-dev libprotobuf-dev, then build again";

std::string onednn_name(const char* isa) { return std::string("oneDNN, ") + isa; }

constexpr std::size_t kLongestReason = 70;  // of what is printed

// `words`, or none where the program is left out.
std::vector<std::string> words_of(const std::string& program, std::vector<std::string> arguments) {
  if (program.empty()) return {};
  arguments.insert(arguments.begin(), program);
  return arguments;
}

}  // namespace

PeerSet::PeerSet(const PeerPrograms& programs, const std::string& folder,
                 const std::vector<TimedBackend>& backends)
    : folder_(folder) {
  for (const TimedBackend& backend : backends)
    if (backend.onednn_isa != nullptr)
      add({.name = onednn_name(backend.onednn_isa),
           .words = words_of(programs.onednn, {}),
           .environment = {std::string("DNNL_MAX_CPU_ISA=") + backend.onednn_isa,
                           "OMP_NUM_THREADS=1"}});
  for (const bool held : {true, false}) {
    if (std::ranges::none_of(backends, [&](auto& b) { return b.float_held_to_avx2 == held; }))
      continue;
    const std::vector<std::string> no_limit,
        avx2 = {"OPENBLAS_CORETYPE=Haswell", "ATEN_CPU_CAPABILITY=avx2", "DNNL_MAX_CPU_ISA=AVX2",
                "MKL_ENABLE_INSTRUCTIONS=AVX2"};
    add({.name = held ? kOpenblasHeld : kOpenblas,
         .words = words_of(programs.openblas, {folder}),
         .environment = held ? avx2 : no_limit});
    add({.name = held ? kPytorchHeld : kPytorch,
         .words = words_of(programs.python, {std::string(kPeersDir) + "/pytorch.py",
                                             datasets_dir() + "/pretrained", folder}),
         .environment = held ? avx2 : no_limit});
  }
  add({.name = kOnnxruntime,
       .words = words_of(can_write_onnx() ? programs.node : "",
                         {std::string(kPeersDir) + "/onnxruntime.cjs", folder})});
}

void PeerSet::add(PeerCommand command) {
  const std::string log = folder_ + "/" + std::to_string(peers_.size()) + ".log";
  peers_.push_back(std::make_unique<Peer>(std::move(command), log));
}

Peer* PeerSet::find(const std::string& name) {
  const auto peer = std::ranges::find_if(peers_, [&](auto& p) { return p->name() == name; });
  return peer == peers_.end() ? nullptr : peer->get();
}

Peer* PeerSet::onednn(const TimedBackend& backend) {
  return backend.onednn_isa == nullptr ? nullptr : find(onednn_name(backend.onednn_isa));
}

std::vector<const Peer*> PeerSet::all() const {
  std::vector<const Peer*> all;
  for (const auto& peer : peers_) all.push_back(peer.get());
  return all;
}

std::vector<std::string> PeerSet::missing() const {
  std::vector<std::string> lines;
  for (const HowTo& how_to : kHowTo) {
    const auto gone = std::ranges::find_if(peers_, [&](auto& peer) {
      return peer->name().starts_with(how_to.library) && !peer->is_there();
    });
    if (gone == peers_.end()) continue;
    lines.push_back((*gone)->name() + ": " + (*gone)->why().substr(0, kLongestReason));
    const bool no_files = how_to.library == std::string_view(kOnnxruntime) && !can_write_onnx();
    lines.push_back(std::string("  to have it: ") + (no_files ? kNoFiles : how_to.line));
  }
  return lines;
}

void PeerSet::forget() {
  for (const auto& peer : peers_) peer->ask("forget");
}

}  // namespace qfs::bench
