// The MLP with weights in groups: bytes in, reals out of every layer, bytes again.
#pragma once

#include <span>
#include <vector>

#include "04_mnist_mlp/mlp.hpp"
#include "05_observers/calibrate.hpp"
#include "06_static_ptq/backend.hpp"
#include "17_int4_weights/group_weight.hpp"
#include "17_int4_weights/packed_int4.hpp"

namespace qfs {

struct GroupLayer {
  GroupWeight weight{};
  Vector<float> bias{};  // reals: sums of groups are reals already
  QuantParams input{};   // of the bytes that it reads, 0..255
};

struct GroupMlp {
  std::vector<GroupLayer> layers{};
};

struct GroupOptions {
  int bits = 4;
  Granularity granularity{GranularityKind::per_group, 0, 128};
  ScaleFormat scales = ScaleFormat::float16;
};

// Weights by quantize_groups, activations by the intervals after ReLU (chapter 07).
GroupMlp quantize_groups(const Mlp& mlp, const ActivationIntervals& after_relu,
                         const GroupOptions& options);

// Normalized x, B x inputs, to logits, by the plain loops of group_linear_ref.
Matrix<float> forward_ref(const GroupMlp& net, const Matrix<float>& x);

// The same bits by a kernel, whose buffers it keeps.
class PackedGroupMlp {
 public:
  explicit PackedGroupMlp(const GroupMlp& net, u8s4::Multiply* multiply = choose_u8s4());
  std::size_t outputs() const { return layers_.back().weight.N; }
  // rows x inputs to rows x outputs(), as many rows together as chapter 13 takes. Throws Error
  // where a size does not fit.
  void run(std::span<const float> x, std::size_t rows, std::span<float> y);

 private:
  struct Layer {
    PackedInt4 weight;
    std::vector<float> bias;
    QuantParams input;
  };
  void run_rows(std::span<const float> x, std::size_t rows, std::span<float> y);

  std::vector<Layer> layers_{};
  u8s4::Multiply* multiply_;
  const Backend* edges_;  // reals to bytes, as chapter 13 does it
  InputChunks chunks_{};
  std::vector<std::uint8_t> bytes_{};
  std::vector<float> hidden_{};
};

}  // namespace qfs
