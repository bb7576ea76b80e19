// Nets of convolutions on every backend of chapters 11 and 12, AMX emulated where there is none:
// every tensor equal to ref's; and the second batch of one size asks for no memory.
#include "11_avx2_kernel/avx2_backend.hpp"
#include "12_wider_instructions/wide_backends.hpp"
#include "20_float_cnn/nets.hpp"
#include "21_int8_cnn/quantized_cnn.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/memory_requests.hpp"
#include "tests/support/wide_kernels.hpp"

namespace {

using namespace qfs;
using qfs::test::difference;

std::vector<Backend> backends_here() {
  std::vector<Backend> backends = {ref_backend()};
  if (has_avx2_kernel()) backends.push_back(avx2_backend());
  std::ranges::copy(qfs::test::wide_backends(), std::back_inserter(backends));
  return backends;
}

// Two groups, a border, a stride; a run of 66 bytes, which four do not divide, without a border;
// then what the residual net has.
QuantizedNet some_net(const Matrix<float>& x, const PtqOptions& options) {
  Rng rng(1);
  Cnn cnn{.tensors = {{9, 7, 3}}};
  std::size_t t = add_relu(cnn, add_conv2d(cnn, 0, {.channels = 20, .window = {3, 3, 1, 1}}, &rng));
  const std::size_t grouped =
      add_conv2d(cnn, t, {.channels = 20, .window = {3, 3, 1, 1}, .groups = 2}, &rng);
  t = add_relu(cnn, add_sum(cnn, grouped, t));
  t = add_conv2d(cnn, t, {.channels = 33, .window = {1, 1, 2, 0}}, &rng);
  t = add_conv2d(cnn, t, {.channels = 7, .window = {2, 2, 1, 0}}, &rng);
  t = add_max_pool(cnn, t, {2, 2, 2, 0});
  t = add_average_pool(cnn, t, {2, 1, 1, 0});
  add_linear(cnn, t, 5, &rng);
  std::vector<MinMaxObserver> observers(cnn.tensors.size());
  forward_ref(cnn, x, [&](std::size_t i, std::span<const float> v) { observers[i].observe(v); });
  TensorIntervals intervals;
  for (const MinMaxObserver& observer : observers) intervals.push_back(observer.interval());
  return quantize_fused_cnn(cnn, intervals, options);
}

Matrix<float> some_pictures(std::size_t count) {
  Rng rng(2);
  auto x = make_tensor<float>({count, 9 * 7 * 3});
  for (float& pixel : values(x)) pixel = static_cast<float>(rng.uniform(-1.0, 2.0));
  return x;
}

TEST_CASE("every tensor is ref's, and the second batch asks for no memory", "[isa]") {
  const Matrix<float> x = some_pictures(9);
  const qfs::test::WideKernels kernels;
  for (const PtqOptions& options :
       {PtqOptions{unsigned_range(8), WeightGranularity::per_tensor},
        PtqOptions{unsigned_range(8), WeightGranularity::per_channel},
        PtqOptions{unsigned_range(7), WeightGranularity::per_tensor},
        PtqOptions{unsigned_range(7), WeightGranularity::per_channel}}) {
    const QuantizedNet net = some_net(x, options);
    NetBuffers expected;
    run(pack(net, ref_backend(), cnn_operations()), x, expected);
    for (const Backend& backend : backends_here()) {
      INFO(backend.name);
      NetBuffers ours;
      const PackedNet packed = pack(net, backend, cnn_operations());
      run(packed, x, ours);
      const std::size_t before = qfs::test::requests_so_far().count;
      run(packed, x, ours);
      const std::size_t requests = qfs::test::requests_so_far().count - before;
      CHECK(requests == 0);
      for (std::size_t t = 1; t < net.tensors.size(); ++t) {
        INFO("tensor " << t);
        CHECK(difference(ours.u8[t], expected.u8[t]) == "");
      }
    }
  }
}

}  // namespace
