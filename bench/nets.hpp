// The nets that are timed: the MLP of chapters 04 to 19, chapter 20's two nets, ResNet-18.
#pragma once

#include <string>
#include <vector>

#include "06_static_ptq/quantized_net.hpp"
#include "20_float_cnn/cnn.hpp"

namespace qfs::bench {

struct TimedNet {
  std::string name;        // in requests, in the names of files and in the JSON
  double products = 0;     // of one row: the multiplications of reals or integers that it needs
  Matrix<float> x{};       // as many rows as the largest batch
  Matrix<float> logits{};  // of x, in float and in fixed order: what everybody's are held against
  // Fused, by the bits of their activations.
  QuantizedNet eight{.tensors = {}}, seven{.tensors = {}};
};

// The products of one row.
double products_of(const QuantizedNet& net);

// The MLP 784-100-100-10, one scale for all weights of a layer, on test digits.
TimedNet make_mlp();

// The names of the nets of convolutions.
inline const std::vector<std::string> kConvNets = {"small", "residual", "resnet18_32",
                                                   "resnet18_224"};

// The float net of that name without its numbers: what load_cnn wants. Throws Error where there is
// none.
Cnn shape_of_conv_net(const std::string& name);

// The float net: trained weights of chapter 20, or seeded ones.
Cnn load_conv_net(const std::string& name);

// One scale for the weights of an output. Calibrated on the rows that are timed: what scales they
// give changes no time.
TimedNet make_conv_net(const std::string& name, const Cnn& cnn);

// The files of a net that peers read, FOLDER/NAME.ENDING: npy, the rows; qfs, the float net
// (chapter 20; of the MLP there is none); float.onnx and static.onnx.
inline std::string net_file(const std::string& folder, const std::string& name,
                            const std::string& ending) {
  return folder + "/" + name + "." + ending;
}

}  // namespace qfs::bench
