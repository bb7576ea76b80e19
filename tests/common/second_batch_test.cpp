// A quantized net that has run once takes no more memory for the next batch of that size, be its
// scales fixed or found at run time, and neither does a training step. A rung of the ladder takes
// none.
#include "04_mnist_mlp/adam.hpp"
#include "04_mnist_mlp/mlp.hpp"
#include "08_dynamic_quantization/dynamic.hpp"
#include "10_kernel_ladder/ladder.hpp"
#include "11_avx2_kernel/avx2_backend.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_requests.hpp"
#include "tests/support/random_mlp.hpp"

namespace {

using namespace qfs;

template <class Work>
std::size_t requests_of(Work&& work) {
  const std::size_t before = qfs::test::requests_so_far().count;
  work();
  return qfs::test::requests_so_far().count - before;
}

constexpr std::size_t kRows = 20;

// Of widths 23, 17, 9 and 10: no layer is as wide as the one before it.
const Mlp kMlp = qfs::test::random_mlp(71);

QuantizedNet static_net(WeightGranularity weights) {
  return quantize_mlp(kMlp, {{-1.0F, 2.0F}, {{-9.0F, 9.0F}, {-9.0F, 9.0F}, {-9.0F, 9.0F}}},
                      {unsigned_range(8), weights});
}

// The first batch finds its places; the second and third, of other numbers, and a fourth after a
// smaller net of the same kind has run in between, ask for nothing.
void check(const PackedNet& net, const PackedNet& smaller) {
  NetBuffers buffers, others;
  const Matrix<float> first = qfs::test::random_input(72, kRows, 23),
                      second = qfs::test::random_input(73, kRows, 23),
                      few = qfs::test::random_input(74, 1, smaller.input().size());
  CHECK(requests_of([&] { run(net, first, buffers); }) > 0);
  CHECK(requests_of([&] { run(net, second, buffers); }) == 0);
  CHECK(requests_of([&] { run(net, first, buffers); }) == 0);
  run(smaller, few, others);
  CHECK(requests_of([&] { run(net, second, buffers); }) == 0);
  CHECK(requests_of([&] { run(smaller, few, others); }) == 0);
}

std::vector<const Backend*> backends() {
  std::vector<const Backend*> all = {&ref_backend(), &ref_backend(RequantizeRule::fixed_point)};
  if (has_avx2_kernel())
    all.push_back(&avx2_backend());
  else
    WARN("this CPU has no AVX2: its backend is not tested");
  return all;
}

Mlp last_layer() {
  Mlp mlp;
  mlp.layers = {kMlp.layers.back()};
  return mlp;
}

}  // namespace

TEST_CASE("The count of requests sees those of tensors and vectors", "[hand]") {
  static Matrix<float> x;  // static, so that no compiler proves the memory unnecessary
  static std::vector<std::uint8_t> numbers;
  CHECK(requests_of([] {}) == 0);
  CHECK(requests_of([] { fit_shape(x, 3, 2); }) > 0);
  CHECK(requests_of([] { fit_shape(x, 3, 2); }) == 0);
  CHECK(requests_of([] { fit_shape(x, 2, 2); }) > 0);  // a Matrix that shrinks, too
  CHECK(requests_of([] { numbers.resize(5); }) > 0);
  CHECK(requests_of([] { numbers.resize(4); }) == 0);
  struct alignas(64) CacheLine {
    std::byte bytes[64];
  };
  static std::vector<CacheLine> lines;
  CHECK(requests_of([] { lines.resize(3); }) == 1);
}

TEST_CASE("Training: the second step on a batch of the same size allocates nothing", "[prop]") {
  Mlp mlp = kMlp;
  MlpBuffers buffers;
  Adam adam(parameters(mlp), {});
  const std::vector<std::uint8_t> labels(kRows, 3);
  const Matrix<float> first = qfs::test::random_input(75, kRows, 23),
                      second = qfs::test::random_input(76, kRows, 23);
  const auto step = [&](const Matrix<float>& x) {
    forward_backward(mlp, x, labels, buffers);
    adam.step();
  };
  CHECK(requests_of([&] { step(first); }) > 0);
  CHECK(requests_of([&] { step(second); }) == 0);
}

TEST_CASE("Static: the second batch of the same size allocates nothing", "[prop]") {
  for (const Backend* backend : backends())
    for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
      const QuantizedNet smaller = quantize_mlp(last_layer(), {{0.0F, 2.0F}, {{-9.0F, 9.0F}}}, {});
      check(pack(static_net(weights), *backend), pack(smaller, *backend));
    }
}

TEST_CASE("Dynamic: the second batch of the same size allocates nothing", "[prop]") {
  for (auto granularity : {InputGranularity::per_tensor, InputGranularity::per_row})
    for (auto rule : {RangeRule::pytorch, RangeRule::onnx})
      for (auto weights : {WeightGranularity::per_tensor, WeightGranularity::per_channel}) {
        const DynamicInput input = {unsigned_range(8), {granularity, rule}};
        for (const Backend* backend : backends()) {
          const auto packed = [&](const Mlp& mlp) {
            return pack(quantize_dynamic(mlp, weights, input), *backend, dynamic_operations());
          };
          check(packed(kMlp), packed(last_layer()));
        }
      }
}

TEST_CASE("One product, from integers to sums, to 8 bits and to reals, allocates nothing twice",
          "[prop]") {
  const QuantizedNet net = static_net(WeightGranularity::per_channel);
  const OperationParts layer = layers_of(net)[0];
  const ToU8 to_u8 = make_to_u8(layer);
  const ToF32 to_f32 = {row_sums(layer.weights->weight.q), kMlp.layers[0].bias};
  const std::vector<std::uint8_t> q_x(kRows * 23, 200);
  const QuantParams params = {0.1F, 100};
  std::vector<std::int32_t> acc(kRows * 17);
  std::vector<std::uint8_t> y(kRows * 17);
  std::vector<float> reals(kRows * 17);
  for (const Backend* backend : backends()) {
    const PackedProduct product = backend->pack({.weight = &layer.weights->weight,
                                                 .input_range = unsigned_range(8),
                                                 .to_u8 = &to_u8,
                                                 .to_f32 = &to_f32});
    const auto run_all = [&] {
      const LeftSide x = matrix_left_side(q_x, kRows);
      backend->run_s32(product, x, acc);
      backend->run_u8(product, x, y);
      backend->run_f32(product, x, {&params, 1}, reals);
    };
    run_all();
    CHECK(requests_of(run_all) == 0);
  }
}

TEST_CASE("The ladder: weights are packed once, and a product allocates nothing", "[prop]") {
  const auto x = make_tensor<std::uint8_t>({5, 37}, 200);
  const auto w = make_tensor<std::int8_t>({19, 37}, 3);
  auto acc = make_tensor<std::int32_t>({5, 19});
  for (const ladder::Rung& rung : ladder_rungs()) {
    if (!can_run(rung)) continue;
    INFO(rung.name);
    CHECK(requests_of([&] { const LadderWeights packed(rung, w); }) == 1);
    const LadderWeights weights(rung, w);
    CHECK(requests_of([&] { weights.run(x, acc); }) == 0);
    CHECK(acc(4, 18) == 37 * 600);
  }
}
