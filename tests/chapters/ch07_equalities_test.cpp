// Chapter 07: on all 2000 test digits, every layer, the fused net gives the integers of PyTorch's
// LinearReLU (qnnpack).
#include "07_layer_fusion/fuse.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
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

// ch06.py, hashes: one number per row, which changes with any integer of it.
std::vector<std::int32_t> hashes(const Matrix<std::uint8_t>& q) {
  std::vector<std::int32_t> result;
  for (std::size_t m = 0; m < q.shape(0); ++m) {
    std::uint32_t h = 0;
    for (std::uint8_t value : row(q, m)) h = h * 0x01000193U + value;
    result.push_back(static_cast<std::int32_t>(h));
  }
  return result;
}

// Every file that save_net of ch07.py keeps under `name`.
void check_equal_to_pytorch(const QuantizedMlp& net, const std::string& name) {
  const auto scale = load_reference<float, 1>("ch07/" + name + "_scale");
  const auto zero_point = load_reference<std::int32_t, 1>("ch07/" + name + "_zero_point");
  const auto hash = load_reference<std::int32_t, 2>("ch07/" + name + "_hash");
  const auto first = load_reference<std::uint8_t, 2>("ch07/" + name + "_first");
  REQUIRE(scale.size() == net.layers.size() + 1);
  CHECK(net.input == QuantParams{scale(0), zero_point(0)});
  const PackedMlp packed = pack(net);
  const TestDigits& digits = bundled().data.test;
  std::vector<Matrix<std::uint8_t>> outputs;
  forward_u8(packed, quantize_input(packed, normalized(digits.pixels, 0, digits.size())), &outputs);
  REQUIRE(hash.shape(0) == digits.size());
  REQUIRE(hash.shape(1) == outputs.size());
  std::size_t column = 0, mismatches = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    CHECK(net.layers[i].output == QuantParams{scale(i + 1), zero_point(i + 1)});
    const auto got = hashes(outputs[i]);
    for (std::size_t m = 0; m < digits.size(); ++m) mismatches += got[m] != hash(m, i) ? 1 : 0;
    for (std::size_t m = 0; m < first.shape(0); ++m)
      for (std::size_t n = 0; n < outputs[i].shape(1); ++n)
        mismatches += outputs[i](m, n) != first(m, column + n) ? 1 : 0;
    column += outputs[i].shape(1);
  }
  CHECK(column == first.shape(1));
  CHECK(mismatches == 0);
  CHECK(difference(outputs.back(), load_reference<std::uint8_t, 2>("ch07/" + name + "_logits")) ==
        "");
}

QuantizedMlp fused_by_the_clamp_alone() {
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
  const QuantizedMlp net = fused_by_the_clamp_alone();
  CHECK(net.layers[0].output_range == QuantRange{164, 255});
  CHECK(net.layers[1].output_range == QuantRange{113, 255});
}
