// Chapter 07: on all 2000 test digits, every layer, the fused net gives the integers of PyTorch's
// LinearReLU (qnnpack).
#include "07_layer_fusion/fuse.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/integer_outputs.hpp"
#include "tests/support/quantized_nets.hpp"
#include "tests/support/reference.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;
using qfs::test::load_reference;

// What calibration and the float net need, read once.
struct Bundled {
  Dataset data = load_dataset("");
  Mlp mlp = load_mlp(qfs::test::reference_weights());
  ActivationIntervals intervals(OutputPoint point) const {
    return calibrate<MinMaxObserver>(mlp, CalibrationSet(data.train), point, 100);
  }
};
const Bundled& bundled() {
  static const Bundled instance;
  return instance;
}

// Every file that save_net of ch07.py keeps under `name`.
void check_equal_to_pytorch(const QuantizedNet& net, const std::string& name) {
  const auto scale = load_reference<float, 1>("ch07/" + name + "_scale");
  const auto zero_point = load_reference<std::int32_t, 1>("ch07/" + name + "_zero_point");
  const auto hash = load_reference<std::int32_t, 2>("ch07/" + name + "_hash");
  const auto first = load_reference<std::uint8_t, 2>("ch07/" + name + "_first");
  const std::vector<OperationParts> layers = layers_of(net);
  REQUIRE(scale.size() == layers.size() + 1);
  CHECK(layers[0].input.params == QuantParams{scale(0), zero_point(0)});
  const TestDigits& digits = bundled().data.test;
  const std::vector<Matrix<std::uint8_t>> outputs =
      qfs::test::layer_outputs(net, normalized(digits.pixels, 0, digits.size()));
  CHECK(std::ranges::count(net.operations, "relu", &Operation::kind) == 0);
  REQUIRE(hash.shape(0) == digits.size());
  REQUIRE(hash.shape(1) == outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i)
    CHECK(layers[i].output.params == QuantParams{scale(i + 1), zero_point(i + 1)});
  CHECK(qfs::test::count_mismatches(outputs, hash, first) == 0);
  CHECK(difference(outputs.back(), load_reference<std::uint8_t, 2>("ch07/" + name + "_logits")) ==
        "");
}

QuantizedNet fused_by_the_clamp_alone() {
  return fuse(quantize_mlp(bundled().mlp, bundled().intervals(OutputPoint::after_linear), {}));
}

}  // namespace

TEST_CASE("fused, with parameters of its own, is PyTorch's LinearReLU", "[ref]") {
  // ch07.py, generate: per_tensor, per_channel, seven_bits.
  const ActivationIntervals after = bundled().intervals(OutputPoint::after_relu);
  const auto fused = [&](int bits, WeightGranularity weights) {
    return quantize_fused_mlp(bundled().mlp, after, {unsigned_range(bits), weights});
  };
  check_equal_to_pytorch(fused(8, WeightGranularity::per_tensor), "per_tensor");
  check_equal_to_pytorch(fused(8, WeightGranularity::per_channel), "per_channel");
  check_equal_to_pytorch(fused(7, WeightGranularity::per_channel), "seven_bits");
}

TEST_CASE("fused, with the parameters from before the ReLU, is PyTorch's LinearReLU", "[ref]") {
  // ch07.py, generate: same_params.
  check_equal_to_pytorch(fused_by_the_clamp_alone(), "same_params");
}

TEST_CASE("there the zero points lie inside the range", "[ref][committed]") {
  // So that a clamp at 0 and a clamp at the zero point differ.
  const QuantizedNet net = fused_by_the_clamp_alone();
  CHECK(layers_of(net)[0].output.range == QuantRange{164, 255});
  CHECK(layers_of(net)[1].output.range == QuantRange{113, 255});
}
