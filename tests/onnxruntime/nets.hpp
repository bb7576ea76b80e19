// The nets that ONNX Runtime is to run as we do.
#pragma once

#include <string>
#include <vector>

#include "23_onnx_export/onnx_write.hpp"
#include "common/dataset.hpp"

namespace qfs {

struct NamedNet {
  std::string name;  // "fused_per_channel"
  int activation_bits = 8;
  QuantizedNet net{};
  bool portable =
      true;  // false: with the scales of calibration, on which the runtimes may disagree
};

// The MLP: static, fused, per channel, trained with quantization, dynamic; with 8 and 7 bits.
std::vector<NamedNet> make_mlp_nets(const Mlp& mlp, const TrainDigits& digits);

// A net of chapter 20, its batch norm folded: static, fused; with 8 and 7 bits, a scale an output.
std::vector<NamedNet> make_cnn_nets(const std::string& name, const Cnn& folded,
                                    const TrainDigits& digits);

}  // namespace qfs
