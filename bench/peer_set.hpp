// All peers of a run: which processes there are, and what is said of those that are missing.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "bench/backends.hpp"
#include "bench/peer.hpp"

namespace qfs::bench {

// Programs, by ./learn bench; an empty one: that peer is left out.
struct PeerPrograms {
  std::string onednn, openblas, python, node;
};

class PeerSet {
 public:
  // Starts those that `backends` are compared with. `folder` is where they find what they read, and
  // where their stderr goes.
  PeerSet(const PeerPrograms& programs, const std::string& folder,
          const std::vector<TimedBackend>& backends);

  // null where there is none to compare with; a peer that is missing answers nothing.
  Peer* onednn(const TimedBackend& backend);
  Peer* openblas(bool held_to_avx2) { return find(held_to_avx2 ? kOpenblasHeld : kOpenblas); }
  Peer* pytorch(bool held_to_avx2) { return find(held_to_avx2 ? kPytorchHeld : kPytorch); }
  Peer* onnxruntime() { return find(kOnnxruntime); }

  std::vector<const Peer*> all() const;
  // For people, two lines of each library that is missing: why, and how to have it.
  std::vector<std::string> missing() const;
  // All forget what they have made ready.
  void forget();

  static constexpr const char* kOpenblas = "OpenBLAS";
  static constexpr const char* kOpenblasHeld = "OpenBLAS, held to AVX2";
  static constexpr const char* kPytorch = "PyTorch";
  static constexpr const char* kPytorchHeld = "PyTorch, held to AVX2";
  static constexpr const char* kOnnxruntime = "ONNX Runtime";

 private:
  Peer* find(const std::string& name);
  std::string folder_;
  std::vector<std::unique_ptr<Peer>> peers_;  // in the order they were started
  void add(PeerCommand command);
};

}  // namespace qfs::bench
