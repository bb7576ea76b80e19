// A backend that no chapter knows, and that of chapter 11, run the nets of chapters 06 to 09, every
// number equal to ref's.
#include "05_observers/calibrate.hpp"
#include "07_layer_fusion/fuse.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "09_qat/convert.hpp"
#include "11_avx2_kernel/avx2_backend.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/chunked_backend.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_mlp.hpp"

namespace {

using namespace qfs;
using qfs::test::chunked;
using qfs::test::difference;
using qfs::test::kChunkedBackend;

constexpr WeightGranularity kGranularities[] = {WeightGranularity::per_tensor,
                                                WeightGranularity::per_channel};

// 23, 17, 9, 10: no multiple of 4 or 16; 21 rows, no multiple of 8.
struct Given {
  Mlp mlp = qfs::test::random_mlp(31);
  Matrix<float> x = qfs::test::random_input(32, 21, 23);
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

std::vector<const Backend*> backends() {
  std::vector<const Backend*> all = {&kChunkedBackend};
  if (has_avx2_kernel())
    all.push_back(&avx2_backend());
  else
    WARN("this CPU has no AVX2: its backend is not tested");
  return all;
}

// Every tensor of the net.
void expect_equal(const QuantizedNet& net,
                  std::span<const OperationKind> table = static_operations()) {
  NetBuffers ours, expected;
  run(pack(net, ref_backend(), table), given().x, expected);
  for (const Backend* backend : backends()) {
    const std::size_t before = qfs::test::products_run;
    run(pack(net, *backend, table), given().x, ours);
    CHECK(qfs::test::products_run ==
          before + (backend == &kChunkedBackend ? layers_of(net).size() : 0));
    for (std::size_t t = 1; t < net.tensors.size(); ++t) {
      INFO("backend " << backend->name << ", tensor " << t);
      CHECK(difference(ours.u8[t], expected.u8[t]) == "");
      CHECK(difference(ours.f32[t], expected.f32[t]) == "");
    }
  }
}

}  // namespace

TEST_CASE("its object is aligned, and tells what it packed", "[hand]") {
  // 10 x 23: 3 blocks of outputs by 2 of inputs.
  const QuantizedWeight weight = {make_tensor<std::int8_t>({10, 23}, std::int8_t{5}), {1.0F}};
  const PackedProduct packed =
      kChunkedBackend.pack({.weight = &weight, .input_range = unsigned_range(8)});
  CHECK((packed.backend == "chunked" && packed.inputs == 23 && packed.outputs == 10));
  CHECK(kChunkedBackend.describe(packed) == "6 chunks of 4 x 16 for 10 x 23");
  CHECK(reinterpret_cast<std::uintptr_t>(packed.object.get()) % 128 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(chunked(packed).chunks.data()) % 64 == 0);
  CHECK(chunked(packed).chunks[5].q[4 + 16] == 5);      // row 9, column 20
  CHECK(chunked(packed).chunks[5].q[7 + 16] == 0);      // row 9, column 23
  CHECK(chunked(packed).chunks[5].q[4 + 2 * 16] == 0);  // row 10, column 20
  // ref does not run what another backend laid out, nor the other way round.
  std::vector<std::uint8_t> x(23);
  std::vector<std::int32_t> acc(10);
  CHECK_THROWS_WITH(ref_backend().run_u8(packed, matrix_left_side(x, 1), x),
                    QFS_CONTAINS("another backend"));
  CHECK_THROWS_WITH(kChunkedBackend.run_s32(
                        ref_backend().pack({.weight = &weight, .input_range = unsigned_range(8)}),
                        matrix_left_side(x, 1), acc),
                    QFS_CONTAINS("another backend"));
}

TEST_CASE("a packed net tells what its operations packed, whatever their kind", "[hand]") {
  const std::vector<std::string> chunks = {"10 chunks of 4 x 16 for 17 x 23",
                                           "6 chunks of 4 x 16 for 9 x 17",
                                           "3 chunks of 4 x 16 for 10 x 9"};
  const QuantizedNet net = quantize_mlp(given().mlp, intervals(OutputPoint::after_linear), {});
  CHECK(describe(pack(net, kChunkedBackend)) ==
        std::vector<std::string>{"operation 2 (linear): " + chunks[0],
                                 "operation 4 (linear): " + chunks[1],
                                 "operation 6 (linear): " + chunks[2]});
  const QuantizedNet dynamic =
      quantize_dynamic(given().mlp, WeightGranularity::per_tensor, {unsigned_range(8), {}});
  CHECK(describe(pack(dynamic, kChunkedBackend, dynamic_operations())) ==
        std::vector<std::string>{"operation 1 (dynamic_linear): " + chunks[0],
                                 "operation 3 (dynamic_linear): " + chunks[1],
                                 "operation 5 (dynamic_linear): " + chunks[2]});
}

TEST_CASE("a net packed by avx2 tells what was proved of every layer", "[hand]") {
  if (!has_avx2_kernel()) return;
  const QuantizedNet net = quantize_mlp(given().mlp, intervals(OutputPoint::after_linear), {});
  const std::vector<std::string> lines = describe(pack(net, avx2_backend()));
  REQUIRE(lines.size() == 3);
  for (const std::string& line : lines) {
    CHECK_THAT(line, QFS_CONTAINS("(linear): inputs to 255: "));
    CHECK_THAT(line, QFS_CONTAINS(" products a lane (2 to "));
  }
}

TEST_CASE("a backend with nothing to tell adds no line", "[hand]") {
  Backend silent = kChunkedBackend;
  silent.describe = [](const PackedProduct&) { return std::string(); };
  const QuantizedNet net = quantize_mlp(given().mlp, intervals(OutputPoint::after_linear), {});
  CHECK(describe(pack(net, silent)).empty());
}

TEST_CASE("a backend is told which integers occur", "[hand]") {
  static std::vector<QuantRange> ranges;
  Backend curious = kChunkedBackend;
  curious.pack = [](const Product& product) {
    ranges.push_back(product.input_range);
    return qfs::test::pack_chunked(product);
  };
  const auto ranges_of = [&](const QuantizedNet& net) {
    ranges.clear();
    pack(net, curious, dynamic_operations());
    return ranges;
  };
  const QuantRange seven = unsigned_range(7);
  const QuantizedNet net =
      quantize_mlp(given().mlp, intervals(OutputPoint::after_linear), {.activations = seven});
  // Behind a ReLU nothing lies below the zero point.
  CHECK(ranges_of(net) == std::vector<QuantRange>{seven,
                                                  {net.tensors[2].params.zero_point, 127},
                                                  {net.tensors[4].params.zero_point, 127}});
  const QuantizedNet dynamic =
      quantize_dynamic(given().mlp, WeightGranularity::per_tensor, {seven, {}});
  CHECK(ranges_of(dynamic) == std::vector<QuantRange>{seven, seven, seven});
}

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
