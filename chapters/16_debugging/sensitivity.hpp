// Which layer suffers most from few bits, and which to leave in float until a target is met.
//
// A layer's quantizers are those of its weights and of its input. In b bits: weights symmetric,
// hidden activations 0 to 2^b - 1; the pixels keep eight bits, and the logits stay in float, as in
// chapter 09. Everything is float arithmetic in fixed order: fake quantization (chapter 03).
#pragma once

#include <cstdint>
#include <vector>

#include "04_mnist_mlp/mcnemar.hpp"
#include "05_observers/calibrate.hpp"

namespace qfs {

// One entry a layer: whether it stays in float.
using InFloat = std::vector<bool>;

// The net with the layers that are not in_float in b bits.
struct PartlyQuantized {
  Mlp mlp;                          // the weights, on their grids where the layer is quantized
  std::vector<QuantParams> inputs;  // of every layer's input
  std::vector<QuantRange> ranges;
  InFloat in_float;
};

// `intervals` are those after ReLU. Throws Error unless bits are 2 to 8, in_float has one entry a
// layer, and the intervals are this net's.
PartlyQuantized quantize_partly(const Mlp& mlp, const ActivationIntervals& intervals, int bits,
                                const InFloat& in_float);
Matrix<float> forward_ref(const PartlyQuantized& net, const Matrix<float>& x);

// What one choice of layers costs.
struct Cost {
  PairedResult pair{};  // a: the float net, b: this one
  std::size_t digits = 0;
  // Points of accuracy that are lost (eq. 16.5); negative where the rounded net is better.
  double points() const;
};

// The training digits that choices are made on, and the float net's classes for them. Test digits
// are for the result: a choice that has seen them would flatter itself.
class ChoiceDigits {
 public:
  // The first `count` of the training digits, or all.
  ChoiceDigits(const Mlp& mlp, const TrainDigits& digits, std::size_t count);
  Cost cost(const PartlyQuantized& net) const;
  // Two nets on the same digits: whether one loses more than the other.
  PairedResult compare(const PartlyQuantized& a, const PartlyQuantized& b) const;
  std::size_t size() const { return labels_.size(); }

 private:
  Matrix<float> x_;
  std::vector<std::uint8_t> labels_, by_float_;
};

// Each layer quantized alone, all others in float; the costliest first, of equal ones the earlier.
struct Sensitivity {
  std::size_t layer = 0;
  Cost cost{};
};
std::vector<Sensitivity> rank_layers(const Mlp& mlp, const ActivationIntervals& intervals, int bits,
                                     const ChoiceDigits& digits);

// All layers quantized; then the costliest goes back to float, then the next, until no more than
// `target` points are lost (eq. 16.5). The steps of that, the last of which meets the target.
// Throws Error where even with one layer left in bits more is lost: then this number of bits cannot
// do it.
struct Step {
  InFloat in_float{};
  Cost cost{};
};
std::vector<Step> leave_in_float(const Mlp& mlp, const ActivationIntervals& intervals, int bits,
                                 double target, const ChoiceDigits& digits);

}  // namespace qfs
