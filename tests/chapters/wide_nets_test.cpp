// The nets of chapters 06 to 09 on the backends of chapter 12, AMX emulated where there is none,
// every number equal to ref's; and the second batch of one size asks for no memory.
#include "05_observers/calibrate.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "09_qat/convert.hpp"
#include "12_wider_instructions/kernels.hpp"
#include "12_wider_instructions/wide_backends.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/memory_requests.hpp"
#include "tests/support/random_mlp.hpp"
#include "tests/support/wide_kernels.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;

constexpr WeightGranularity kGranularities[] = {WeightGranularity::per_tensor,
                                                WeightGranularity::per_channel};

// 23, 17, 9, 10: no multiple of 4 or 16; 37 rows: 6 tiles of 6 and a row, a tile of 32 and 5.
struct Given {
  Mlp mlp = qfs::test::random_mlp(131);
  Matrix<float> x = qfs::test::random_input(132, 37, 23);
};
const Given& given() {
  static const Given once;
  return once;
}

ActivationIntervals intervals(OutputPoint point) {
  Matrix<float> x = given().x;
  ActivationIntervals all{min_max(values(x)), {}};
  const std::vector<Linear>& layers = given().mlp.layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    x = linear_forward_ref(layers[i], x);
    if (point == OutputPoint::after_relu && i + 1 < layers.size()) relu_forward(x);
    all.outputs.push_back(min_max(values(x)));
    relu_forward(x);
  }
  return all;
}

// Every tensor of the net. The second run, on buffers that are there, asks for nothing.
void expect_equal(const QuantizedNet& net,
                  std::span<const OperationKind> table = static_operations()) {
  NetBuffers expected;
  run(pack(net, ref_backend(), table), given().x, expected);
  const qfs::test::WideKernels kernels;
  for (const Backend& backend : qfs::test::wide_backends()) {
    NetBuffers ours;
    const PackedNet packed = pack(net, backend, table);
    run(packed, given().x, ours);
    const std::size_t before = qfs::test::requests_so_far().count;
    run(packed, given().x, ours);
    const std::size_t requests = qfs::test::requests_so_far().count - before;
    CHECK(requests == 0);
    for (std::size_t t = 1; t < net.tensors.size(); ++t) {
      INFO(backend.name << ", tensor " << t);
      CHECK(difference(ours.u8[t], expected.u8[t]) == "");
      CHECK(difference(ours.f32[t], expected.f32[t]) == "");
    }
  }
}

}  // namespace

TEST_CASE("static and fused nets", "[isa]") {
  for (WeightGranularity weights : kGranularities)
    for (int bits : {8, 7, 4}) {
      const PtqOptions options = {unsigned_range(bits), weights};
      const QuantizedNet net =
          quantize_mlp(given().mlp, intervals(OutputPoint::after_linear), options);
      expect_equal(net);
      expect_equal(fuse(net));
      expect_equal(quantize_fused_mlp(given().mlp, intervals(OutputPoint::after_relu), options));
    }
}

TEST_CASE("dynamic nets", "[isa]") {
  for (WeightGranularity weights : kGranularities)
    for (InputGranularity granularity : {InputGranularity::per_tensor, InputGranularity::per_row})
      for (RangeRule rule : {RangeRule::pytorch, RangeRule::onnx})
        for (const QuantRange range : {unsigned_range(8), reduced(unsigned_range(8))})
          expect_equal(quantize_dynamic(given().mlp, weights, {range, {granularity, rule}}),
                       dynamic_operations());
}

TEST_CASE("converted nets", "[isa]") {
  for (WeightGranularity weights : kGranularities)
    for (int bits : {8, 4, 2}) {
      QatOptions options;
      options.weight_bits = options.activation_bits = bits;
      options.weights = weights;
      expect_equal(convert(make_qat(given().mlp, intervals(OutputPoint::after_relu), options)));
    }
}

TEST_CASE("a kernel's second product of one size asks for no memory, nor does a smaller one",
          "[isa]") {
  const qfs::test::WideKernels kernels;
  const PackedFours w = pack_fours(make_tensor<std::int8_t>({37, 70}, std::int8_t{3})),
                    smaller = pack_fours(make_tensor<std::int8_t>({20, 30}, std::int8_t{3}));
  const std::vector<std::uint8_t> x(100 * 70, 2);
  const std::vector<std::int32_t> start(37, 1);
  for (const fours::Kernel* kernel : kernels.all()) {
    INFO(kernel->name);
    BlockOfSums block;
    std::int64_t sum = 0;
    const auto requests_of = [&](const PackedFours& weights, std::size_t rows) {
      const std::size_t before = qfs::test::requests_so_far().count;
      multiply_fours(*kernel, weights, {rows, weights.K, x.data()},
                     std::span(start).first(weights.N), block,
                     [&](const SumRows& sums) { sum += sums.of(0)[0]; });
      return qfs::test::requests_so_far().count - before;
    };
    CHECK(requests_of(w, 100) > 0);
    CHECK(requests_of(w, 100) == 0);
    CHECK(requests_of(smaller, 50) == 0);
    CHECK(requests_of(w, 1) == 0);
    CHECK(sum > 0);
  }
}
